package parse

import (
	"slices"
	"testing"
)

func TestSSHD(t *testing.T) { testCases(t, "sshd", sshdCases) }

func FuzzSSHD(f *testing.F) {
	fuzzParser(f, "sshd", slices.Concat(sshdCases, sshdNoticeCases, sshdKinCases))
}

var sshdCases = []lineCase{
	{
		`Failed password for root from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=root`,
	},
	{
		`Failed password for invalid user admin from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=admin`,
	},
	{
		`Failed password for illegal user admin from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=admin`,
	},
	{
		`Failed password for alice from 2001:DB8:0:0::1 port 9 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=2001:db8::1; source.port=9; user.name=alice`,
	},
	{
		`Failed password for alice from ::ffff:203.0.113.5 port 9 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=9; user.name=alice`,
	},
	{
		`Failed password for alice from host.example.com port 9 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.address=host.example.com; source.domain=host.example.com; source.port=9; user.name=alice`,
	},
	{
		`Failed none for invalid user guest from 203.0.113.5 port 1 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login_none; event.outcome=failure; tocsin.auth.method=none; source.ip=203.0.113.5; source.port=1; user.name=guest`,
	},
	{
		`Failed keyboard-interactive/pam for alice from 203.0.113.5 port 2 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=keyboard-interactive/pam; source.ip=203.0.113.5; source.port=2; user.name=alice`,
	},
	{
		`Failed publickey for git from 203.0.113.5 port 3 ssh2: ED25519 SHA256:AbC+/9`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; tocsin.auth.method=publickey; source.ip=203.0.113.5; source.port=3; tocsin.ssh.key.fingerprint=SHA256:AbC+/9; user.name=git`,
	},
	{
		`Failed publickey for git from 203.0.113.5 port 3 ssh2: RSA-CERT SHA256:AbC ID laptop (serial 7) CA ED25519 SHA256:xyz`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; tocsin.auth.method=publickey; source.ip=203.0.113.5; source.port=3; tocsin.ssh.key.fingerprint=SHA256:AbC; user.name=git`,
	},
	{
		`Failed hostbased for dan from 203.0.113.5 port 3 ssh2: RSA SHA256:AbC, client user "dan", client host "h.example"`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=hostbased; source.ip=203.0.113.5; source.port=3; user.name=dan`,
	},
	{
		`Failed password for invalid user a from 198.51.100.1 port 7 ssh2 from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=a from 198.51.100.1 port 7 ssh2`,
	},
	{
		`Failed password for invalid user root from 198.51.100.1 port 7 ssh2: RSA SHA256:AbC from 203.0.113.5 port 8 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=8; user.name=root from 198.51.100.1 port 7 ssh2: RSA SHA256:AbC`,
	},
	{
		`Failed hostbased for dan from 203.0.113.5 port 3 ssh2: RSA SHA256:AbC, client user "x from 198.51.100.1 port 7 ssh2: RSA SHA256:q", client host "h"`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=hostbased`,
	},
	{
		`Failed password for user from 203.0.113.5 port 20000 ssh1: ruser from 198.51.100.1`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=20000; user.name=user`,
	},
	{
		`Failed password for invalid user  from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465`,
	},
	{
		`Failed password for invalid user two words from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=two words`,
	},
	{
		`Accepted password for bob from 198.51.100.7 port 22022 ssh2`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=password; source.ip=198.51.100.7; source.port=22022; user.name=bob`,
	},
	{
		`Accepted publickey for bob from 198.51.100.7 port 22022 ssh2: RSA SHA256:Zm9v`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=publickey; source.ip=198.51.100.7; source.port=22022; tocsin.ssh.key.fingerprint=SHA256:Zm9v; user.name=bob`,
	},
	{
		`Postponed keyboard-interactive for bob from 198.51.100.7 port 22022 ssh2 [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_login_partial; event.outcome=unknown; tocsin.auth.method=keyboard-interactive; source.ip=198.51.100.7; source.port=22022; user.name=bob`,
	},
	{
		`Partial publickey for bob from 198.51.100.7 port 22022 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login_partial; event.outcome=unknown; tocsin.auth.method=publickey; source.ip=198.51.100.7; source.port=22022; user.name=bob`,
	},
	{
		`Invalid user admin from 203.0.113.5 port 44465`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=44465; user.name=admin`,
	},
	{
		`Invalid user admin from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; user.name=admin`,
	},
	{
		`Invalid user  from 203.0.113.5 port 44465`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=44465`,
	},
	{
		`Invalid user x from 198.51.100.1 port 1 from 203.0.113.5 port 44465`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=44465; user.name=x from 198.51.100.1 port 1`,
	},
	{
		`input_userauth_request: invalid user admin [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; user.name=admin`,
	},
	{
		`error: maximum authentication attempts exceeded for root from 203.0.113.5 port 5 ssh2 [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; source.ip=203.0.113.5; source.port=5; user.name=root`,
	},
	{
		`error: maximum authentication attempts exceeded for invalid user x from 203.0.113.5 port 5 ssh2 [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; source.ip=203.0.113.5; source.port=5; user.name=x`,
	},
	{
		`Disconnecting authenticating user root 203.0.113.5 port 5: Too many authentication failures [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; source.ip=203.0.113.5; source.port=5; user.name=root`,
	},
	{
		`Disconnecting: Too many authentication failures for root [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; user.name=root`,
	},
	{
		`Disconnecting invalid user a 203.0.113.5 port 5: Change of username or service not allowed: (a,ssh-connection) -> (b,ssh-connection) [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=5; user.name=a; event.reason=Change of username or service not allowed: (a,ssh-connection) -> (b,ssh-connection)`,
	},
	{
		`error: PAM: Authentication failure for root from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Authentication failure; source.ip=203.0.113.5; user.name=root`,
	},
	{
		`error: PAM: User not known to the underlying authentication module for illegal user x from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=User not known to the underlying authentication module; source.ip=203.0.113.5; user.name=x`,
	},
	{
		`error: PAM: Authentication failure for alice from 010.1.2.3`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Authentication failure; user.name=alice`,
	},
	{
		`User bob from 203.0.113.5 not allowed because not listed in AllowUsers`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not listed in AllowUsers; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`User bob from host.example.com not allowed because listed in DenyUsers`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=listed in DenyUsers; source.address=host.example.com; source.domain=host.example.com; user.name=bob`,
	},
	{
		`User bob not allowed because account is locked`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=account is locked; user.name=bob`,
	},
	{
		`User a from 198.51.100.1 not allowed because x from 203.0.113.5 not allowed because not listed in AllowUsers`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not listed in AllowUsers; source.ip=203.0.113.5; user.name=a from 198.51.100.1 not allowed because x`,
	},
	{
		`ROOT LOGIN REFUSED FROM 203.0.113.5 port 6 [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; user.name=root; source.ip=203.0.113.5; source.port=6`,
	},
	{
		`Account eve has expired`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=account has expired; user.name=eve`,
	},
	{
		`Authentication tried for root with correct key but not from a permitted host (host=h.example, ip=203.0.113.5, required options: x).`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not from a permitted address; user.name=root; source.ip=203.0.113.5`,
	},
	{
		`Authentication refused: bad ownership or modes for directory /home/bob`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=bad ownership or modes for directory /home/bob`,
	},
	{
		`userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms`,
	},
	{
		`error: Authentication key RSA SHA256:Zm9v revoked by file /etc/ssh/revoked`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; tocsin.ssh.key.fingerprint=SHA256:Zm9v`,
	},
	{
		`Could not get shadow information for NOUSER`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=no shadow information`,
	},
	{
		`Accepted key ED25519 SHA256:Zm9v found at /root/.ssh/authorized_keys:1`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_accepted; event.outcome=unknown; tocsin.ssh.key.fingerprint=SHA256:Zm9v`,
	},
	{
		`Connection closed by authenticating user root 203.0.113.5 port 7 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=7; user.name=root`,
	},
	{
		`Connection closed by invalid user a b 203.0.113.5 port 7 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=7; user.name=a b`,
	},
	{
		`Connection closed by invalid user 198.51.100.1 port 1 [preauth] 203.0.113.5 port 7 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=7; user.name=198.51.100.1 port 1 [preauth]`,
	},
	{
		`Connection closed by 203.0.113.5 port 7 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=7`,
	},
	{
		`Connection closed by 203.0.113.5 port 7`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_closed; event.outcome=unknown; source.ip=203.0.113.5; source.port=7`,
	},
	{
		`Connection reset by authenticating user root 203.0.113.5 port 7 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=7; user.name=root`,
	},
	{
		` Disconnected from illegal user default 203.0.113.5 port 7`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=7; user.name=default`,
	},
	{
		`Disconnected from user bob 198.51.100.7 port 8`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_disconnect; event.outcome=unknown; source.ip=198.51.100.7; source.port=8; user.name=bob`,
	},
	{
		`Disconnected from authenticating user root 203.0.113.5 port 8 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=8; user.name=root`,
	},
	{
		`Received disconnect from 203.0.113.5 port 8:11: Bye Bye [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=8; event.reason=11: Bye Bye`,
	},
	{
		`Received disconnect from 203.0.113.5: 11: from 198.51.100.1 port 1:11: x`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_disconnect; event.outcome=unknown; source.ip=203.0.113.5; event.reason=11: from 198.51.100.1 port 1:11: x`,
	},
	{
		`Received disconnect from 198.51.100.7 port 8:11: disconnected by user`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_disconnect; event.outcome=unknown; source.ip=198.51.100.7; source.port=8; event.reason=11: disconnected by user`,
	},
	{
		`Connection from 203.0.113.5 port 9 on 198.51.100.2 port 22 rdomain ""`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=9; destination.ip=198.51.100.2; destination.port=22`,
	},
	{
		`refused connect from scanner.example (203.0.113.5)`,
		"auth sshd", `event.category=network; event.action=ssh_connection_refused; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`Did not receive identification string from 203.0.113.5 port 10`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_no_identification; event.outcome=failure; source.ip=203.0.113.5; source.port=10`,
	},
	{
		`Bad protocol version identification 'GET / HTTP/1.1 from 198.51.100.1 port 1' from 203.0.113.5 port 10`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=10`,
	},
	{
		`banner exchange: Connection from 203.0.113.5 port 10: invalid format`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=10; event.reason=invalid format`,
	},
	{
		`error: kex_exchange_identification: Connection closed by remote host`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
	{
		`error: kex_exchange_identification: client sent invalid protocol identifier "GET / HTTP/1.0"`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`ssh_dispatch_run_fatal: Connection from authenticating user root 203.0.113.5 port 11: message authentication code incorrect [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=11; user.name=root; event.reason=message authentication code incorrect`,
	},
	{
		`ssh_dispatch_run_fatal: Connection from 203.0.113.5 port 11: Connection corrupted [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=11; event.reason=Connection corrupted`,
	},
	{
		`fatal: ssh_packet_write_poll: Connection from 203.0.113.5 port 11: Broken pipe`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_reset; event.outcome=unknown; source.ip=203.0.113.5; source.port=11; event.reason=Broken pipe`,
	},
	{
		`Bad packet length 1349676916. [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`Protocol major versions differ for 203.0.113.5 port 12: SSH-2.0-OpenSSH_9.2 vs. SSH-1.5-x`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=12`,
	},
	{
		`Unable to negotiate with 203.0.113.5 port 12: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_negotiation_failed; event.outcome=failure; source.ip=203.0.113.5; source.port=12; event.reason=no matching key exchange method found. Their offer: diffie-hellman-group1-sha1`,
	},
	{
		`fatal: no matching mac found: client a server b [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_negotiation_failed; event.outcome=failure`,
	},
	{
		`reverse mapping checking getaddrinfo for evil.example [203.0.113.5] failed - POSSIBLE BREAK-IN ATTEMPT!`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`Address 203.0.113.5 maps to evil.example, but this does not map back to the address.`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`fatal: Timeout before authentication for 203.0.113.5 port 13`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_authentication_timeout; event.outcome=failure; source.ip=203.0.113.5; source.port=13`,
	},
	{
		`Timeout before authentication for connection from 203.0.113.5 to 198.51.100.2, pid = 77`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_authentication_timeout; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`Timeout, client not responding from user bob 198.51.100.7 port 14`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_reset; event.outcome=unknown; source.ip=198.51.100.7; source.port=14; user.name=bob`,
	},
	{
		`Read error from remote host 203.0.113.5 port 15: Connection reset by peer`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_reset; event.outcome=unknown; source.ip=203.0.113.5; source.port=15`,
	},
	{
		`drop connection #10 from [203.0.113.5]:1000 on [198.51.100.2]:22 past MaxStartups`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=failure; source.ip=203.0.113.5; source.port=1000; event.reason=past MaxStartups`,
	},
	{
		`drop connection #0 from [203.0.113.5]:1000 on [198.51.100.2]:22 penalty: failed authentication`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=failure; source.ip=203.0.113.5; source.port=1000; event.reason=penalty: failed authentication`,
	},
	{
		`error: beginning MaxStartups throttling`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=failure`,
	},
	{
		`Starting session: command for bob from 198.51.100.7 port 22022 id 0`,
		"auth sshd", `event.category=session; event.action=ssh_session_opened; event.outcome=success; source.ip=198.51.100.7; source.port=22022; user.name=bob`,
	},
	{
		`Starting session: subsystem 'sftp' for bob from 198.51.100.7 port 22022 id 0`,
		"auth sshd", `event.category=session; event.action=ssh_session_opened; event.outcome=success; source.ip=198.51.100.7; source.port=22022; user.name=bob`,
	},
	{
		`Close session: user bob from 198.51.100.7 port 22022 id 0`,
		"auth sshd", `event.category=session; event.action=ssh_session_closed; event.outcome=unknown; source.ip=198.51.100.7; source.port=22022; user.name=bob`,
	},
	{
		`session opened for local user bob from [198.51.100.7]`,
		"auth sshd", `event.category=session; event.action=ssh_session_opened; event.outcome=success; source.ip=198.51.100.7; user.name=bob`,
	},
	{
		`subsystem request for sftp by user bob`,
		"auth sshd", `event.category=session; event.action=ssh_subsystem; event.outcome=unknown; user.name=bob`,
	},
	{
		`Server listening on 0.0.0.0 port 22.`,
		"auth sshd", `event.category=process; event.action=ssh_server_start; event.outcome=unknown`,
	},
	{
		`Received signal 15; terminating.`,
		"auth sshd", `event.category=process; event.action=ssh_server_stop; event.outcome=unknown`,
	},
	{
		`error: Bind to port 22 on 0.0.0.0 failed: Address already in use.`,
		"auth sshd", `event.category=process; event.action=ssh_server_error; event.outcome=failure`,
	},
	{
		`scanned from 203.0.113.5 with SSH-1.0-SSH_Version_Mapper.  Don't panic.`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`User child is on pid 99`,
		"system plain", ``,
	},
	{
		`Failed password for`,
		"system plain", ``,
	},
	{
		`Failed password for x`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password`,
	},
	{
		`pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5; user.name=root`,
	},
	{
		`Failed publickey for git from 203.0.113.5 port 3 ssh2: RSA-CERT SHA256:AbC ID x from 198.51.100.1 port 7 ssh2: RSA SHA256:q (serial 7) CA ED25519 SHA256:xyz`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; tocsin.auth.method=publickey`,
	},
}
