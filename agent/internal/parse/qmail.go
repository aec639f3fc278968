package parse

// qmail reads qmail 1.03 and netqmail with what usually stands around it: ucspi-tcp's
// rblsmtpd.c and tcpserver.c, vpopmail 5.4's vchkpw.c, spamdyke 5's log_level verbose,
// solid-pop3d 0.15's authentication.
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
