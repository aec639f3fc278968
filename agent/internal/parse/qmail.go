package parse

// qmail reads what usually stands around qmail: ucspi-tcp 0.88 (rblsmtpd.c, tcpserver.c),
// and vpopmail's vchkpw, spamdyke and solid-pop3d, which are as logs have them, not held
// against their sources.
func (e *entry) qmail(m []byte) bool {
	if len(m) < 8 {
		return false
	}
	if number, rest := digits(m); len(number) > 8 && len(rest) > 8 && rest[0] == '.' {
		_, m = token(m) // multilog's time, and the program's name
		if _, rest, ok := split(m[:min(len(m), 40)], ": "); ok {
			m = m[len(m[:min(len(m), 40)])-len(rest):]
		}
	}
	return e.readTemplate(m, []templated{
		{"rblsmtpd: %h pid %d: 4%*", network, "mail_client_listed", failure},
		{"rblsmtpd: %h pid %d: 5%*", network, "mail_client_listed", failure},
		{"%h pid %d: 451 %*", network, "mail_client_listed", failure},
		{"%h pid %d: 553 %*", network, "mail_client_listed", failure},
		{"421 badiprbl: ip %h rbl: %*", network, "mail_client_listed", failure},
		{"%w blocked %h %*", network, "mail_client_listed", failure},
		{"vchkpw-%w: password fail (pass: '%*') %u:%h", authentication, "mail_login", failure},
		{"vchkpw-%w: password fail %u:%h", authentication, "mail_login", failure},
		{"vchkpw-%w: vpopmail user not found %u:%h", authentication, "mail_login", failure},
		{"vchkpw-%w: No user found %u:%h", authentication, "mail_login", failure},
		{"vchkpw-%w: (PLAIN) login success %u:%h", authentication, "mail_login", success},
		{"vchkpw-%w: (LOGIN) login success %u:%h", authentication, "mail_login", success},
		{"vchkpw-%w: login success %u:%h", authentication, "mail_login", success},
		{"authentication failed: no such user: %u - %h", authentication, "mail_login", failure},
		{"authentication failed: can't map user name: %u - %h", authentication, "mail_login", failure},
		{"authentication failed: %*: %u - %h", authentication, "mail_login", failure},
		{"APOP authentication failed for user %u - %h", authentication, "mail_login", failure},
		{"can't find APOP secret for user %u - %h", authentication, "mail_login", failure},
		{"user %u authenticated - %h", authentication, "mail_login", success},
		{"tcpserver: deny %d %*:%d %*:%h::%p", network, "mail_rejected", failure},
		{"connect from %h", network, "mail_connection", unknown},
	})
}
