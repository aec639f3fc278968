package parse

import "testing"

func TestBare(t *testing.T) { testCases(t, "auto", bareCases) }

func FuzzBare(f *testing.F) { fuzzParser(f, "auto", bareCases) }

var bareCases = []lineCase{
	{
		`Failed password for invalid user x from 192.0.2.66 from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=x from 192.0.2.66`,
	},
	{
		` Accepted publickey for bob from 203.0.113.5 port 44465 ssh2: ED25519 SHA256:AbC`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=publickey; source.ip=203.0.113.5; source.port=44465; tocsin.ssh.key.fingerprint=SHA256:AbC; user.name=bob`,
	},
	{
		`fatal: Timeout before authentication for 203.0.113.5 port 52076`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_authentication_timeout; event.outcome=failure; source.ip=203.0.113.5; source.port=52076`,
	},
	{
		` error: kex_exchange_identification: Connection closed by remote host`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
	{
		`Connection closed by 203.0.113.5`,
		"app plain", ``,
	},
	{
		`Received disconnect from 203.0.113.5: 11: disconnected by user`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_disconnect; event.outcome=unknown; source.ip=203.0.113.5; event.reason=11: disconnected by user`,
	},
	{
		`Invalid user input on port 80 of the form`,
		"app plain", ``,
	},
	{
		`pam_unix(sshd:session): session closed for user bob`,
		"auth pam", `event.category=session; event.action=pam_session_closed; event.outcome=unknown; user.name=bob`,
	},
	{
		`PAM service(sshd) ignoring max retries; 6 > 3`,
		"auth pam", `event.category=authentication; event.action=pam_max_retries; event.outcome=failure`,
	},
	{
		` bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=bob; process.tty.name=pts/0; process.working_directory=/; user.effective.name=root; process.command_line=/bin/sh`,
	},
	{
		`conn=11 op=1 BIND dn="uid=bob,ou=people,dc=example,dc=com" method=128`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_request; event.outcome=unknown; user.name=bob`,
	},
	{
		`conn=11 op=3 UNBIND`,
		"system slapd", `event.category=network; event.action=ldap_unbind; event.outcome=unknown`,
	},
	{
		`conn=11 is a connection`,
		"app plain", ``,
	},
	{
		`Invalid user bob from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Invalid user bob from 203.0.113.5 in the queue`,
		"app plain", ``,
	},
	{
		`Did not receive identification string from 203.0.113.5`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_no_identification; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`Connection closed by 203.0.113.5 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`ROOT LOGIN REFUSED FROM 203.0.113.5 port 4242`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; user.name=root; source.ip=203.0.113.5; source.port=4242`,
	},
	{
		`User bob from 203.0.113.5 not allowed because not listed in AllowUsers`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not listed in AllowUsers; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`User bob not allowed because of the weather`,
		"app plain", ``,
	},
	{
		`error: PAM: Authentication failure for bob from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Authentication failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`reverse mapping checking getaddrinfo for host.example.org [203.0.113.5] failed - POSSIBLE BREAK-IN ATTEMPT!`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`Starting session: shell on pts/1 for bob from 203.0.113.5 port 4242 id 0`,
		"auth sshd", `event.category=session; event.action=ssh_session_opened; event.outcome=success; source.ip=203.0.113.5; source.port=4242; user.name=bob`,
	},
}
