package parse

// imapd reads the logins of three IMAP and POP3 servers that call themselves alike,
// and of Courier's mail server:
//
//   - Courier 1.4.1: libs/imap/imaplogin.c, libs/imap/pop3login.c,
//     courier/module.esmtp/courieresmtpd.c
//   - Cyrus 3.10.2: imap/imapd.c
//   - the University of Washington's, as logs have it: not held against its source
func (e *entry) imapd(m []byte) bool {
	if len(m) < 8 {
		return false
	}
	switch m[0] {
	case 'L', 'e', 'D', 'C', 'T':
		return e.courierLogin(m) || e.uwLogin(m)
	case 'b', 'l':
		return e.cyrusLogin(m)
	}
	return e.uwLogin(m)
}

// courierLogin reads "LOGIN …, user=U, ip=[IP], port=[N], …" and the "error,relay=IP,…"
// of courieresmtpd.
func (e *entry) courierLogin(m []byte) bool {
	return e.readTemplate(m, []templated{
		{"LOGIN FAILED, user=%u, ip=[%h], port=[%p]", authentication, "mail_login", failure},
		{"LOGIN FAILED, user=%u, ip=[%h]", authentication, "mail_login", failure},
		{"LOGIN FAILED, method=%w, ip=[%h], port=[%p]", authentication, "mail_login", failure},
		{"LOGIN FAILED, method=%w, ip=[%h]", authentication, "mail_login", failure},
		{"LOGIN FAILED, ip=[%h]", authentication, "mail_login", failure},
		{"LOGIN: ip=[%h], command=%w", network, "mail_connection", unknown},
		{"LOGIN, user=%u, ip=[%h], port=[%p], protocol=%w", authentication, "mail_login", success},
		{"LOGIN, user=%u, ip=[%h], protocol=%w", authentication, "mail_login", success},
		{"LOGIN, user=%u, ip=[%h], %*", authentication, "mail_login", success},
		{"LOGOUT, user=%u, ip=[%h], %*", session, "mail_session_closed", unknown},
		{"LOGOUT, ip=[%h]%*", network, "mail_disconnect", unknown},
		{"DISCONNECTED, user=%u, ip=[%h], %*", session, "mail_session_closed", unknown},
		{"DISCONNECTED, ip=[%h]%*", network, "mail_disconnect", unknown},
		{"TIMEOUT, user=%u, ip=[%h], %*", session, "mail_session_closed", unknown},
		{"Disconnected, ip=[%h]%*", network, "mail_disconnect", unknown},
		{"Connection, ip=[%h]", network, "mail_connection", unknown},
		{"error,relay=%h,%*msg=\"535 Authentication failed.\",cmd: %*", authentication, "mail_login", failure},
		{"error,relay=%h,%*,cmd: %*", network, "mail_protocol_error", failure},
		{"error,relay=%h,%*: 5%*", network, "mail_rejected", failure},
	})
}

// cyrusLogin reads "badlogin: HOST [IP] MECHANISM USER …", where a host that has no
// name is only its address. A mechanism that failed early names nobody.
func (e *entry) cyrusLogin(m []byte) bool {
	return e.readTemplate(m, []templated{
		{"badlogin: [%h] plaintext %u SASL(%*", authentication, "mail_login", failure},
		{"badlogin: %w [%h] plaintext %u SASL(%*", authentication, "mail_login", failure},
		{"badlogin: [%h] plaintext %u invalid user", authentication, "mail_login", failure},
		{"badlogin: %w [%h] plaintext %u invalid user", authentication, "mail_login", failure},
		{"badlogin: [%h] %*", authentication, "mail_login", failure},
		{"badlogin: %w [%h] %*", authentication, "mail_login", failure},
		{"login: [%h] %u %w User logged in%*", authentication, "mail_login", success},
		{"login: %w [%h] %u %w User logged in%*", authentication, "mail_login", success},
	})
}

// uwLogin reads "Login failed user=U auth=A host=HOST [IP]".
func (e *entry) uwLogin(m []byte) bool {
	return e.readTemplate(m, []templated{
		{"Login failed user=%u auth=%* host=%w [%h]", authentication, "mail_login", failure},
		{"Login failed user=%u auth=%* host=[%h]", authentication, "mail_login", failure},
		{"Login disabled user=%u auth=%* host=%w [%h]", authentication, "mail_login", failure},
		{"Login excessive login failures user=%u auth=%* host=%w [%h]", authentication, "mail_login", failure},
		{"Login user=%u host=%w [%h]", authentication, "mail_login", success},
		{"Login user=%u host=%w [%h] nmsgs=%*", authentication, "mail_login", success},
		{"Authenticated user=%u host=%w [%h]%*", authentication, "mail_login", success},
		{"AUTHENTICATE %w failure host=%w [%h]", authentication, "mail_login", failure},
		{"Auth user=%u host=%w [%h]%*", authentication, "mail_login", success},
		{"Logout user=%u host=%w [%h]%*", session, "mail_session_closed", unknown},
		{"Autologout user=%u host=%w [%h]", session, "mail_session_closed", unknown},
		{"imap service init from %h", network, "mail_connection", unknown},
		{"imaps SSL service init from %h", network, "mail_connection", unknown},
		{"pop3 service init from %h", network, "mail_connection", unknown},
		{"pop3s SSL service init from %h", network, "mail_connection", unknown},
	})
}
