package parse

import "testing"

func TestSSHDKin(t *testing.T) { testCases(t, "sshd", sshdKinCases) }

var sshdKinCases = []lineCase{
	{
		`log: Connection from 203.0.113.5 port 1020`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=1020`,
	},
	{
		`log: Password authentication for bob accepted.`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; user.name=bob; tocsin.auth.method=Password`,
	},
	{
		`log: RSA authentication for bob accepted.`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; user.name=bob; tocsin.auth.method=RSA`,
	},
	{
		`log: Closing connection to 203.0.113.5`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_closed; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`log: Could not reverse map address 203.0.113.5.`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`User bob, coming from host.example.com, authenticated.`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; user.name=bob; source.address=host.example.com; source.domain=host.example.com`,
	},
	{
		`User bob, coming from 198.51.100.1, coming from 203.0.113.5, authenticated.`,
		"system plain", ``,
	},
	{
		`Failed keyboard-interactive for <invalid username> from 203.0.113.5 port 22 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=keyboard-interactive; source.ip=203.0.113.5; source.port=22`,
	},
	{
		`Keyboard-interactive (PAM) userauth failed[7] while authenticating: Permission denied`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Permission denied`,
	},
	{
		`Magic value check failed (1234567890) on obfuscated handshake from 203.0.113.5 port 4242`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=4242`,
	},
	{
		`connect from 203.0.113.5`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`Found matching RSA key: 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_accepted; event.outcome=unknown; tocsin.ssh.key.fingerprint=00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff`,
	},
	{
		`Found matching words, no more`,
		"system plain", ``,
	},
	{
		`Password authentication is disabled for bob.`,
		"system plain", ``,
	},
	{
		`Failed Duo login for 'bob' from 203.0.113.5: Login request denied.`,
		"auth sshd", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; event.reason=Login request denied.`,
	},
}
