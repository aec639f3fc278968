package parse

import "testing"

func TestDovecot(t *testing.T) { testCases(t, "dovecot", dovecotCases) }

func FuzzDovecot(f *testing.F) { fuzzParser(f, "dovecot", dovecotCases) }

var dovecotCases = []lineCase{
	{
		`imap-login: Login: user=<alice@example.org>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, mpid=4711, TLS, session=<qZ8d1hMGoM/LAHEJ>`,
		"auth dovecot", `event.category=authentication; event.category=session; event.action=mail_login; event.outcome=success; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=alice@example.org`,
	},
	{
		`imap-login: Logged in: user=<alice>, method=LOGIN, rip=2001:db8::9, lip=2001:db8::1, mpid=12, secured, session=<a>`,
		"auth dovecot", `event.category=authentication; event.category=session; event.action=mail_login; event.outcome=success; tocsin.auth.method=LOGIN; source.ip=2001:db8::9; user.name=alice`,
	},
	{
		`imap-login: Info: Disconnected (auth failed, 3 attempts in 12 secs): user=<bob>, method=LOGIN, rip=203.0.113.9, lip=198.51.100.1, TLS: Disconnected, session=<b>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=auth failed; tocsin.repeated=3; tocsin.auth.method=LOGIN; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`pop3-login: Disconnected: Inactivity (auth failed, 1 attempts in 178 secs): user=<bob>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, session=<b>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=auth failed; tocsin.repeated=1; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`submission-login: Login aborted: Connection closed (authorization failed, 2 attempts in 5 secs) (authz_failed): user=<bob>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, TLS, session=<c>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=authorization failed; tocsin.repeated=2; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`managesieve-login: Aborted login (tried to use disallowed plaintext auth): user=<>, rip=203.0.113.9, lip=198.51.100.1, session=<d>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=tried to use disallowed plaintext auth; source.ip=203.0.113.9`,
	},
	{
		`imap-login: Disconnected (client didn't send a cert): user=<carol>, method=EXTERNAL, rip=203.0.113.9, lip=198.51.100.1, TLS`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=client didn't send a cert; tocsin.auth.method=EXTERNAL; source.ip=203.0.113.9; user.name=carol`,
	},
	{
		`imap-login: Disconnected (password expired): user=<carol>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, TLS`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=password expired; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=carol`,
	},
	{
		`imap-login: Disconnected (client didn't finish SASL auth, waited 9 secs): user=<>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, TLS`,
		"auth dovecot", `event.category=authentication; event.action=mail_login_incomplete; event.outcome=unknown; tocsin.auth.method=PLAIN; source.ip=203.0.113.9`,
	},
	{
		`imap-login: Disconnected (no auth attempts in 2 secs): user=<>, rip=203.0.113.9, lip=198.51.100.1, session=<e>`,
		"system dovecot", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`imap-login: Disconnected: SSL_accept() failed: error:14094416:SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown (no auth attempts in 0 secs): user=<>, rip=203.0.113.9, lip=198.51.100.1, TLS handshaking, session=<f>`,
		"system dovecot", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`imap-login: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10): user=<dave>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, TLS, session=<g>`,
		"system dovecot", `event.category=network; event.action=mail_rate_limited; event.outcome=failure; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=dave`,
	},
	{
		`imap-login: Login failed: User is not allowed to log in: user=<dave>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, TLS, session=<g>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=Login failed: User is not allowed to log in; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=dave`,
	},
	// A name that imitates all that follows it.
	{
		`imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=192.0.2.66, lip=1>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, session=<h>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=auth failed; tocsin.repeated=1; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=x>, method=PLAIN, rip=192.0.2.66, lip=1`,
	},
	{
		`imap-login: proxy(erin,203.0.113.9): started proxying to 192.0.2.20:143: user=<erin>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.9; user.name=erin`,
	},
	{
		`imap-login: Error: proxy(erin,203.0.113.9): Login failed to 192.0.2.20:143: [AUTHENTICATIONFAILED] no`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.9; user.name=erin`,
	},
	{
		`auth: pam(bob,203.0.113.9,<qZ8d1hMG>): pam_authenticate() failed: Authentication failure (Password mismatch?)`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=pam_authenticate() failed: Authentication failure (Password mismatch?); source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`auth-worker(5787): conn unix:auth-worker (pid=27359,uid=97): auth-worker<55>: sql(bob@example.org,203.0.113.9): Password mismatch`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=Password mismatch; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`auth-worker(18): Info: conn unix:auth-worker (pid=27359,uid=97): auth-worker<55>: pam(bob,203.0.113.9): unknown user (given password: x)`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=unknown user; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`auth(default): passwd-file(bob,203.0.113.9): unknown user`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=unknown user; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`auth: ldap(bob,203.0.113.9,master,<s>): invalid credentials`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=invalid credentials; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`auth: policy(bob,203.0.113.9,<s>): Authentication failure due to policy server refusal`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=Authentication failure due to policy server refusal; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`auth: login(?,203.0.113.9,<s>): Username character disallowed by auth_username_chars: 0x27 (username: x'y)`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=Username character disallowed by auth_username_chars: 0x27 (username: x'y); source.ip=203.0.113.9`,
	},
	{
		`auth: static(bob): Password mismatch`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=Password mismatch; user.name=bob`,
	},
	// Two identifiers: the name, or the password, is a lie.
	{
		`auth: sql(x,192.0.2.66): unknown user,203.0.113.9,<s>): unknown user`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure`,
	},
	{
		`auth: sql(bob,203.0.113.9,<s>): unknown user (given password: a,192.0.2.66): )`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure`,
	},
	{
		`auth: Debug: client passdb out: FAIL`,
		"system plain", ``,
	},
	{
		`imap(alice)<4711><qZ8d1hMG>: Disconnected: Logged out in=72 out=1033 deleted=0`,
		"auth dovecot", `event.category=session; event.action=mail_session_closed; event.outcome=unknown; user.name=alice`,
	},
	{
		`pop3(alice): Disconnected: Logged out top=0/0, retr=0/0, del=0/0, size=0`,
		"auth dovecot", `event.category=session; event.action=mail_session_closed; event.outcome=unknown; user.name=alice`,
	},
	{
		`imap(alice)<4711><qZ8d1hMG>: Error: Mailbox INBOX: read failed`,
		"system plain", ``,
	},
	{
		`master: Dovecot v2.3.19.1 (9b53102964) starting up for imap, pop3 (core dumps disabled)`,
		"system dovecot", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`master: Warning: Killed with signal 15 (by pid=1 uid=0 code=kill)`,
		"system dovecot", `event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	{
		`lmtp(4712): Connect from local`,
		"system plain", ``,
	},
	{
		`auth(default): Warn: userdb(bob,::ffff:203.0.113.9): user not found from userdb`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=user not found from userdb; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`pop3-login: Aborted login (1 authentication attempts): user=<bob>, method=PLAIN, rip=::ffff:203.0.113.9, lip=::ffff:198.51.100.1, secured`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=1 authentication attempts; tocsin.repeated=1; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`IMAP(bob): Disconnected: Logged out bytes=59/566`,
		"auth dovecot", `event.category=session; event.action=mail_session_closed; event.outcome=unknown; user.name=bob`,
	},
	{
		`Oct  7 09:00:00 Info: imap-login: Aborted login (2 authentication attempts): user=<bob>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1`,
		"auth dovecot 2025-10-07T09:00:00Z", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=2 authentication attempts; tocsin.repeated=2; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 12 secs) (auth_failed): user=<bob>, method=PLAIN, rip=203.0.113.5, lip=198.51.100.1, TLS, session=<a>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=auth failed; tocsin.repeated=3; tocsin.auth.method=PLAIN; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`imap-login: Login aborted: Connection closed (tried to use disallowed cleartext auth, 2 attempts in 1 secs) (cleartext_auth_disabled): user=<>, rip=203.0.113.5, lip=198.51.100.1, session=<a>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=tried to use disallowed cleartext auth; tocsin.repeated=2; source.ip=203.0.113.5`,
	},
	{
		`imap-login: Login aborted: Connection closed (auth aborted by client, 1 attempts in 1 secs) (auth_aborted_by_client): user=<>, method=PLAIN, rip=203.0.113.5, lip=198.51.100.1, session=<a>`,
		"auth dovecot", `event.category=authentication; event.action=mail_login_incomplete; event.outcome=unknown; tocsin.auth.method=PLAIN; source.ip=203.0.113.5`,
	},
	{
		`auth: oauth2(bob,203.0.113.5,<a>): oauth2 failed: Invalid token`,
		"auth dovecot", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=oauth2 failed: Invalid token; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`auth: cram-md5(?,203.0.113.5,<a>): Request timed out waiting for client to continue authentication (150 secs)`,
		"auth dovecot", `event.category=authentication; event.action=mail_login_incomplete; event.outcome=unknown; event.reason=Request timed out waiting for client to continue authentication (150 secs); source.ip=203.0.113.5`,
	},
	{
		`auth: passwd-file(bob,203.0.113.5): Invalid password in passdb: Invalid base64`,
		"system plain", ``,
	},
	{
		`lmtp(bob@example.org)<12><abc>: msgid=<x@y>: saved mail to INBOX`,
		"system dovecot", `event.category=network; event.action=mail_delivery; event.outcome=success`,
	},
	{
		`lmtp(bob@example.org)<12><abc>: sieve: msgid=<x@y>: stored mail into mailbox 'Junk'`,
		"system dovecot", `event.category=network; event.action=mail_delivery; event.outcome=success`,
	},
	{
		`lda(bob)<12><abc>: msgid=<x@y>: save failed to INBOX: Quota exceeded`,
		"system dovecot", `event.category=network; event.action=mail_delivery; event.outcome=failure`,
	},
	{
		`lmtp(bob)<12><abc>: msgid=<x: save failed to INBOX: y>: saved mail to INBOX`,
		"system dovecot", `event.category=network; event.action=mail_delivery; event.outcome=success`,
	},
	{
		`lmtp(12): Connect from local`,
		"system plain", ``,
	},
}
