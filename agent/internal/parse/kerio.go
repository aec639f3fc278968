package parse

// kerio reads the logs "security" and "warning" of Kerio Connect, "[07/Oct/2025
// 09:00:00] TEXT". Its source is not public: it is as logs have it.
func (e *entry) kerio(c *clock, m []byte) bool {
	if len(m) < 30 || m[0] != '[' || m[12] != ' ' || m[21] != ']' {
		return false
	}
	t := stamp{day: two(m[1:]), month: monthOf(m[4:]), year: four(m[8:])}
	if _, ok := t.clockTime(m[13:21]); !ok || t.day < 1 || t.month == 0 || t.year < 0 {
		return false
	}
	unix, ok := c.unix(&t)
	if !ok || !e.readTemplate(m[23:], []templated{
		{"Failed %w login from %h with SASL method %w.", authentication, "mail_login", failure},
		{"Failed %w login from %h, user %u", authentication, "mail_login", failure},
		{"Failed %w login from %h", authentication, "mail_login", failure},
		{"%w: User %u doesn't exist. Attempt from IP address %h.", authentication, "mail_login", failure},
		{"%w: Invalid password for user %u. Attempt from IP address %h.", authentication, "mail_login", failure},
		{"User %u doesn't exist. Attempt from IP address %h.", authentication, "mail_login", failure},
		{"Invalid password for user %u. Attempt from IP address %h.", authentication, "mail_login", failure},
		{"Account lockout: %*IP address %h%*", authentication, "mail_login", failure},
		{"SMTP Spam attack detected from %h, client closed connection before SMTP greeting", network, "mail_protocol_error", failure},
		{"Client with IP address %h has no reverse DNS entry, connection rejected before SMTP greeting", network, "mail_rejected", failure},
		{"Relay attempt from IP address %h, mail from <%*> to <%*> rejected", network, "mail_rejected", failure},
		{"Attempt to deliver to unknown recipient <%*>, from <%*>, IP address %h", network, "mail_rejected", failure},
		{"IP address %h found in DNS blacklist %*, mail from <%*> to <%*> rejected", network, "mail_client_listed", failure},
		{"Directory harvest attack from %h detected%*", network, "mail_too_many_errors", failure},
	}) {
		return false
	}
	e.at(unix)
	return true
}
