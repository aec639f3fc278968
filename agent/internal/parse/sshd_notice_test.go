package parse

import "testing"

func TestSSHDNotices(t *testing.T) { testCases(t, "sshd", sshdNoticeCases) }

var sshdNoticeCases = []lineCase{
	{
		`error: public key RSA SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG signature for alice from 203.0.113.5 port 4 rejected: user presence (authenticator touch) requirement not met`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=user presence (authenticator touch) requirement not met; source.ip=203.0.113.5; source.port=4; user.name=alice`,
	},
	{
		`public key DSA signature for invalid user x from 192.0.2.1 port 1 ssh2 from 2001:db8::5 port 4 rejected: user verification requirement not met`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=user verification requirement not met; source.ip=2001:db8::5; source.port=4; user.name=x from 192.0.2.1 port 1 ssh2`,
	},
	{
		`administratively prohibited connection for invalid user bob from 203.0.113.5 port 4 [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=administratively prohibited; source.ip=203.0.113.5; source.port=4; user.name=bob`,
	},
	{
		`Rhosts authentication refused for alice: bad modes for /home/alice`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=bad modes for /home/alice; user.name=alice`,
	},
	{
		`Authentication refused for alice: bad owner or modes for /etc/ssh/ssh_known_hosts`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=bad owner or modes for /etc/ssh/ssh_known_hosts; user.name=alice`,
	},
	{
		`fatal: Username too long from 203.0.113.5 port 4`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=4`,
	},
	{
		`error: WARNING: revoked key for 203.0.113.5 attempted authentication`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`error: PAM: pam_open_session(): Cannot make/remove an entry for the specified session`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Cannot make/remove an entry for the specified session`,
	},
	{
		`error: PAM: pam_putenv: Bad item passed to pam_*_item()`,
		"system plain", ``,
	},
	{
		`wrong user name passed to monitor: expected root != x`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure`,
	},
	{
		`refusing previously-used RSA key [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure`,
	},
	{
		`userauth_hostbased: unsupported public key algorithm: x [preauth]`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=unsupported public key algorithm: x`,
	},
	{
		`userauth_hostbased mismatch: client sends x, but we resolve 192.0.2.1 to y, but we resolve 203.0.113.5 to host.example.org`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`User alice password has expired (password aged)`,
		"auth sshd", `event.category=authentication; event.action=ssh_password_expired; event.outcome=unknown; event.reason=password aged; user.name=alice`,
	},
	{
		`fatal: Password expired (unable to change with privsep)`,
		"auth sshd", `event.category=authentication; event.action=ssh_password_expired; event.outcome=failure`,
	},
	{
		`Root login accepted for forced command.`,
		"auth sshd", `event.category=authentication; event.action=ssh_login_partial; event.outcome=unknown; user.name=root`,
	},
	{
		`Authorized to alice, krb5 principal alice@EXAMPLE.ORG (krb5_kuserok)`,
		"auth sshd", `event.category=authentication; event.action=ssh_login_partial; event.outcome=unknown; user.name=alice`,
	},
	{
		`Accepted certificate ID "x from 192.0.2.1 port 2 ssh2" (serial 0) signed by RSA CA SHA256:abc via /etc/ssh/ca.pub`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_accepted; event.outcome=unknown`,
	},
	{
		`Accepted RSA public key SHA256:abc from root@host.example.org`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_accepted; event.outcome=unknown`,
	},
	{
		`Received request from 192.0.2.1 port 4 to connect to host db port 5432, but the request was denied.`,
		"auth sshd", `event.category=session; event.action=ssh_forward_refused; event.outcome=failure`,
	},
	{
		`refused local port forward: originator 192.0.2.1 port 4, target db port 5432`,
		"auth sshd", `event.category=session; event.action=ssh_forward_refused; event.outcome=failure`,
	},
	{
		`session process 77 for connection from 203.0.113.5 to 198.51.100.1 killed by signal 11`,
		"auth sshd", `event.category=process; event.action=ssh_server_error; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`error: Session process 77 unpriv child crash for connection from fe80::5%eth0 to fe80::1%eth0 (pid 4)`,
		"auth sshd", `event.category=process; event.action=ssh_server_error; event.outcome=failure; source.ip=fe80::5`,
	},
	{
		`srclimit_penalise: 203.0.113.5/32: new ipv4 deferred penalty of 1 seconds for penalty: failed authentication`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=unknown; source.ip=203.0.113.5; event.reason=penalty: failed authentication`,
	},
	{
		`srclimit_penalise: 2001:db8::/64: activating ipv6 penalty of 20 seconds for penalty: connections without attempting authentication`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=unknown; event.reason=penalty: connections without attempting authentication`,
	},
	{
		`srclimit_penalise: ipv4 penalty table full, cannot penalise 203.0.113.5/32 for penalty: exceeded LoginGraceTime`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=unknown; source.ip=203.0.113.5; event.reason=penalty: exceeded LoginGraceTime`,
	},
	{
		`Closing connection to 203.0.113.5 port 4`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_closed; event.outcome=unknown; source.ip=203.0.113.5; source.port=4`,
	},
	{
		`terminating inactive connection from user alice 203.0.113.5 port 4`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_closed; event.outcome=unknown; source.ip=203.0.113.5; source.port=4; user.name=alice`,
	},
	{
		`error: Connection timed out during banner exchange`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
	{
		`Finished discarding for 203.0.113.5 port 4`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=4`,
	},
	{
		`dispatch_protocol_error: type 30 seq 3 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`kex protocol error: type 30 seq 4 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`error: Protocol major versions differ: 2 vs. 1`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`error: in MaxStartups throttling for 00:05:00, 12 connections dropped`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=failure`,
	},
	{
		`past MaxStartups logging rate-limited: additional 4 connections dropped`,
		"auth sshd", `event.category=network; event.action=ssh_connection_dropped; event.outcome=failure`,
	},
	{
		`/root/.ssh/authorized_keys:3: Authentication tried for root with correct key but not from a permitted host (host=a.example.org, ip=203.0.113.5, required=192.0.2.0/24).`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not from a permitted address; user.name=root; source.ip=203.0.113.5`,
	},
	{
		`Authentication tried for root with correct key but not from a permitted host (host=a, ip=192.0.2.1). with correct key but not from a permitted host (host=b, ip=203.0.113.5).`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not from a permitted address`,
	},
	{
		`fatal: ssh_packet_send_debug: Connection from authenticating user alice 203.0.113.5 port 4: Broken pipe [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=4; user.name=alice; event.reason=Broken pipe`,
	},
	{
		`fatal: kex_input_kexinit: parse packet: Connection from 203.0.113.5 port 4: incomplete message [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=4; event.reason=incomplete message`,
	},
	{
		`fatal: Connection from 203.0.113.5 port 4 with IP opts:  83 7`,
		"auth sshd", `event.category=network; event.action=ssh_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=4; event.reason= 83 7`,
	},
	{
		`Connection from user alice 203.0.113.5 port 4 timed out`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection_reset; event.outcome=unknown; source.ip=203.0.113.5; source.port=4; user.name=alice`,
	},
	{
		`error: Connection from user alice 203.0.113.5 port 4: refusing non-sftp session`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=4; user.name=alice; event.reason=refusing non-sftp session`,
	},
	{
		`subsystem request for x by user root failed, subsystem not found by user alice failed, subsystem not found`,
		"auth sshd", `event.category=session; event.action=ssh_subsystem; event.outcome=failure; user.name=alice`,
	},
	{
		`subsystem request for sftp by user alice`,
		"auth sshd", `event.category=session; event.action=ssh_subsystem; event.outcome=unknown; user.name=alice`,
	},
	{
		`User x from 192.0.2.1 not allowed because account is locked`,
		"auth sshd", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=account is locked; source.ip=192.0.2.1; user.name=x`,
	},
	{
		`Disconnecting invalid user x 203.0.113.5 port 4: Change of username or service not allowed: (x,ssh-connection) -> (y,ssh-connection) [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=4; user.name=x; event.reason=Change of username or service not allowed: (x,ssh-connection) -> (y,ssh-connection)`,
	},
	{
		`error: kex_exchange_identification: calloc failed`,
		"system plain", ``,
	},
	{
		`error: kex_exchange_identification: read: Connection reset by peer`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
	{
		`fatal: Timeout before authentication for connection from 203.0.113.5 to 198.51.100.1, pid = 77`,
		"auth sshd", `event.category=authentication; event.category=session; event.action=ssh_authentication_timeout; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`error: listen on [0.0.0.0]:22: Address already in use`,
		"auth sshd", `event.category=process; event.action=ssh_server_error; event.outcome=failure`,
	},
	{
		`Authentication failure for bob from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Authentication failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`error: Authentication failure for illegal user bob from host.example.org via 198.51.100.1`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Authentication failure; source.address=host.example.org; source.domain=host.example.org; user.name=bob`,
	},
	{
		`User not known to the underlying authentication module for illegal user x from 192.0.2.1 from 203.0.113.5`,
		"auth sshd", `event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=User not known to the underlying authentication module; source.ip=203.0.113.5; user.name=x from 192.0.2.1`,
	},
	{
		`Invalid user from 203.0.113.5 port 4`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=4`,
	},
	{
		`Invalid user from 192.0.2.1 port 1 from 203.0.113.5 port 4`,
		"auth sshd", `event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=4; user.name=from 192.0.2.1 port 1`,
	},
	{
		`SSH: Server;Ltype: Version;Remote: 203.0.113.5-44;Protocol: 2.0;Client: x;Remote: 192.0.2.1-1`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=44`,
	},
	{
		`SSH: Server;Ltype: Kex;Remote: 2001:db8::5-44;Enc: aes128-ctr [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_connection; event.outcome=unknown; source.ip=2001:db8::5; source.port=44`,
	},
	{
		`error: Hm, kex protocol error: type 30 seq 1 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`error: Certificate invalid: expired`,
		"auth sshd", `event.category=authentication; event.action=ssh_key_refused; event.outcome=failure; event.reason=expired`,
	},
	{
		`fatal: buffer_get_string: bad string length 16777216 [preauth]`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure`,
	},
	{
		`Could not write ident string to 203.0.113.5`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`fatal: Client version "x" uses unsafe key agreement; refusing connection`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_negotiation_failed; event.outcome=failure`,
	},
	{
		`warning: /etc/hosts.allow, line 6: host name/address mismatch: 203.0.113.5 != host.example.org`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`debug1: channel 5: connection failed: Connection refused`,
		"auth sshd", `event.category=session; event.action=ssh_forward_failed; event.outcome=failure; event.reason=Connection refused`,
	},
	{
		`error: connect_to x: Connection from 198.51.100.1 port 22: reset port 80: failed.`,
		"auth sshd", `event.category=session; event.action=ssh_forward_failed; event.outcome=failure; event.reason=connect_to x: Connection from 198.51.100.1 port 22: reset port 80: failed.`,
	},
	{
		`debug1: get_remote_port failed`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
	{
		`debug1: channel x: connection failed: Connection refused`,
		"system plain", ``,
	},
	{
		`warning: /etc/hosts.deny, line 20: can't verify hostname: getaddrinfo(host.example.org, AF_INET) failed`,
		"auth sshd", `event.category=network; event.action=ssh_reverse_mapping; event.outcome=unknown`,
	},
	{
		`error: connect_to db.example.org port 5432: failed.`,
		"auth sshd", `event.category=session; event.action=ssh_forward_failed; event.outcome=failure; event.reason=connect_to db.example.org port 5432: failed.`,
	},
	{
		`error: connect to Connection from 198.51.100.1 port 22: y port 7 failed: Connection refused`,
		"auth sshd", `event.category=session; event.action=ssh_forward_failed; event.outcome=failure; event.reason=connect to Connection from 198.51.100.1 port 22: y port 7 failed: Connection refused`,
	},
	{
		`channel 3: open failed: administratively prohibited: open failed`,
		"auth sshd", `event.category=session; event.action=ssh_forward_failed; event.outcome=failure; event.reason=administratively prohibited: open failed`,
	},
	{
		`debug1: server_input_channel_open: failure direct-tcpip`,
		"auth sshd", `event.category=session; event.action=ssh_forward_failed; event.outcome=failure; event.reason=direct-tcpip`,
	},
	{
		`debug1: getpeername failed: Transport endpoint is not connected`,
		"auth sshd", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
}
