package parse

// nginxMail reads what nginx logs as a proxy of mail: "client IP:PORT connected to SERVER",
// and with the client behind it "client logged in" and `client login failed: "WHY" while in
// http auth state`, ", client: IP[ using starttls], server: S[, login: "NAME"]"; as in 1.26:
// src/mail/ngx_mail_handler.c (ngx_mail_init_connection, ngx_mail_log_error),
// src/mail/ngx_mail_auth_http_module.c, src/mail/ngx_mail_proxy_module.c. A name in a
// login is the client's and not escaped, so it is taken where no quote is in it.
func (e *entry) nginxMail(text, tail []byte) bool {
	if rest, ok := cut(text, "client "); ok && tail == nil {
		peer, server := token(rest)
		host, port, ported := splitLast(peer, ":")
		if _, ok := cut(server, "connected to "); !ok || !ported || !isPort(port) {
			return false
		}
		e.did(network, "mail_connection", unknown)
		e.address(host)
		e.port(port)
		return true
	}
	outcome := success
	if !has(text, "client logged in") {
		if outcome = failure; !has(text, `client login failed: "`) {
			return false
		}
	}
	host, rest, ok := split(tail, ", server: ")
	if !ok || contains(rest, ", client: ") {
		return false
	}
	host, _ = cutEnd(host, " using starttls")
	e.did(authentication, "mail_login", outcome)
	e.address(host)
	if _, name, ok := split(rest, `, login: "`); ok {
		if name, after, ok := split(name, `"`); ok && (len(after) == 0 || has(after, ", upstream: ")) {
			e.user(name)
		}
	}
	return true
}
