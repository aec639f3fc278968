package parse

import "testing"

func TestOpenvpn(t *testing.T) { testCases(t, "openvpn", openvpnCases) }

func FuzzOpenvpn(f *testing.F) { fuzzParser(f, "openvpn", openvpnCases) }

var openvpnCases = []lineCase{
	{
		`203.0.113.9:64480 TLS Auth Error: Auth Username/Password verification failed for peer`,
		"auth openvpn", `event.category=authentication; event.action=vpn_login; event.outcome=failure; event.reason=Auth Username/Password verification failed for peer; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`Tue Oct  7 09:00:00 2025 us=123456 203.0.113.9:64480 TLS Auth Error: Auth Username/Password verification failed for peer`,
		"auth openvpn 2025-10-07T09:00:00Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; event.reason=Auth Username/Password verification failed for peer; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`2025-10-07 09:00:00 203.0.113.9:64480 TLS: Username/Password authentication succeeded for username 'bob' [CN SET]`,
		"auth openvpn 2025-10-07T09:00:00Z", `event.category=authentication; event.action=vpn_login; event.outcome=success; user.name=bob; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`2025-10-07 09:00:00 bob/203.0.113.9:64480 TLS: Username/auth-token authentication failed for username 'bob'`,
		"auth openvpn 2025-10-07T09:00:00Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`203.0.113.9:64480 TLS Error: Auth Username/Password was not provided by peer`,
		"auth openvpn", `event.category=authentication; event.action=vpn_login; event.outcome=failure; event.reason=Auth Username/Password was not provided by peer; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`203.0.113.9:64480 VERIFY ERROR: depth=0, error=certificate has expired: CN=bob`,
		"auth openvpn", `event.category=authentication; event.action=vpn_certificate_refused; event.outcome=failure; event.reason=depth=0, error=certificate has expired: CN=bob; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`203.0.113.9:64480 TLS Error: TLS handshake failed`,
		"system openvpn", `event.category=network; event.action=vpn_protocol_error; event.outcome=failure; event.reason=TLS handshake failed; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`203.0.113.9:64480 TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)`,
		"system openvpn", `event.category=network; event.action=vpn_protocol_error; event.outcome=failure; event.reason=TLS key negotiation failed to occur within 60 seconds (check your network connectivity); source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`203.0.113.9:64480 WARNING: Bad encapsulated packet length from peer (5635), which must be > 0 and <= 1627`,
		"system openvpn", `event.category=network; event.action=vpn_protocol_error; event.outcome=failure; event.reason=Bad encapsulated packet length from peer (5635), which must be > 0 and <= 1627; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`TLS Error: cannot locate HMAC in incoming packet from [AF_INET]203.0.113.9:55340`,
		"system openvpn", `event.category=network; event.action=vpn_packet_dropped; event.outcome=failure; source.ip=203.0.113.9; source.port=55340`,
	},
	{
		`TLS Error: tls-crypt unwrapping failed from [AF_INET6]2001:db8::9:55340`,
		"system openvpn", `event.category=network; event.action=vpn_packet_dropped; event.outcome=failure; source.ip=2001:db8::9; source.port=55340`,
	},
	{
		`TLS Error: local/remote TLS keys are out of sync: [AF_INET]203.0.113.9:55340 (received key id: 0)`,
		"system openvpn", `event.category=network; event.action=vpn_packet_dropped; event.outcome=failure; source.ip=203.0.113.9; source.port=55340`,
	},
	{
		`203.0.113.9:64480 TLS: Initial packet from [AF_INET]203.0.113.9:64480, sid=1 2`,
		"system openvpn", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`TCP connection established with [AF_INET]203.0.113.9:64480`,
		"system openvpn", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=64480`,
	},
	{
		`203.0.113.9:64480 [bob] Peer Connection Initiated with [AF_INET]203.0.113.9:64480`,
		"auth openvpn", `event.category=session; event.action=vpn_session_opened; event.outcome=success; source.ip=203.0.113.9; source.port=64480; user.name=bob`,
	},
	{
		`bob/203.0.113.9:64480 SIGTERM[soft,remote-exit] received, client-instance exiting`,
		"auth openvpn", `event.category=session; event.action=vpn_session_closed; event.outcome=unknown; source.ip=203.0.113.9; source.port=64480; user.name=bob`,
	},
	{
		`bob/203.0.113.9:64480 [bob] Inactivity timeout (--ping-restart), restarting`,
		"auth openvpn", `event.category=session; event.action=vpn_session_closed; event.outcome=unknown; source.ip=203.0.113.9; source.port=64480; user.name=bob`,
	},
	{
		`bob/203.0.113.9:64480 MULTI: bad source address from client [192.0.2.66], packet dropped`,
		"system openvpn", `event.category=network; event.action=vpn_packet_dropped; event.outcome=failure; source.ip=203.0.113.9; source.port=64480; user.name=bob`,
	},
	{
		`x/192.0.2.66:1/203.0.113.9:64480 TLS Auth Error: Auth Username/Password verification failed for peer`,
		"auth openvpn", `event.category=authentication; event.action=vpn_login; event.outcome=failure; event.reason=Auth Username/Password verification failed for peer; source.ip=203.0.113.9; source.port=64480; user.name=x/192.0.2.66:1`,
	},
	{
		`Initialization Sequence Completed`,
		"system openvpn", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`bob/203.0.113.9:64480 MULTI_sva: pool returned IPv4=10.8.0.2`,
		"system plain", ``,
	},
	{
		`203.0.113.9:64480 VERIFY OK: depth=0, CN=bob`,
		"system plain", ``,
	},
	{
		`Incorrect password supplied for LDAP DN "CN=bob,OU=people,DC=example,DC=org"`,
		"auth openvpn", `event.category=authentication; event.action=vpn_authentication; event.outcome=failure; user.name=CN=bob,OU=people,DC=example,DC=org`,
	},
	{
		`LDAP user "bob" was not found.`,
		"auth openvpn", `event.category=authentication; event.action=vpn_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`AUTH-PAM: BACKGROUND: user 'bob' failed to authenticate: Authentication failure`,
		"auth openvpn", `event.category=authentication; event.action=vpn_authentication; event.outcome=failure; user.name=bob; event.reason=Authentication failure`,
	},
}
