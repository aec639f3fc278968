package parse

import "testing"

func TestSoftether(t *testing.T) { testCases(t, "softether", softetherCases) }

func FuzzSoftether(f *testing.F) { fuzzParser(f, "softether", softetherCases) }

var softetherCases = []lineCase{
	{
		`2025-10-07 09:00:00.123 Connection "CID-594": User authentication failed. The user name that has been provided was "bob", from 203.0.113.5.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025-10-07T09:00:00 localhost  [example.org/VPN/vpn] (2025-10-07 09:00:00.591) <SECURITY_LOG>: Connection "CID-594": User authentication failed. The user name that has been provided was "bob", from 203.0.113.5.`,
		"auth softether 2025-10-07T09:00:00Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-594": Successfully authenticated as user "bob".`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_login; event.outcome=success; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-594": Session closed`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": User authentication failed. The user name that has been provided was "bob".`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; user.name=bob`,
	},
	{ // a name that imitates the end
		`2025-10-07 09:00:00.123 Connection "CID-1": User authentication failed. The user name that has been provided was "x", from 192.0.2.66.", from 203.0.113.5.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; source.ip=203.0.113.5; user.name=x", from 192.0.2.66.`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": The remote login has been refused because of the password for user "bob" is blank.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_access_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": Access has beens refused to user "bob" based on the security policy.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_access_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": Access has been refused to user "bob" because of the expiration date has been expired.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_access_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": The authentication method of the user "bob" has been specified as RADIUS Authentication. The connection will be denied.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_access_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": The new session "SID-BOB-1" has been created. (IP address: 203.0.113.5, Port number: 4000, Physical underlying protocol: "Standard TCP/IP (IPv4)")`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=session; event.action=vpn_session_opened; event.outcome=success; source.ip=203.0.113.5; source.port=4000`,
	},
	{
		`2025-10-07 09:00:00.123 Session "SID-BOB-1": The session has been terminated. The statistical information is as follows: Total outgoing data size: 1 bytes, Total incoming data size: 2 bytes.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=session; event.action=vpn_session_closed; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 Session "SID-BOB-1": A new MAC address "5E-00-00-00-00-01" has been assigned.`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": Changing of password failed. The specified user "bob" does not exist.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=password_changed; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": Changing of password failed. The auth type of user "bob" is not password authentication.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=password_changed; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": Changing of password failed. The old password of user "bob" is incorrect.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=password_changed; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": The password of user "bob" has been changed.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=password_changed; event.outcome=success; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": Virtual Hub "X" that the client is trying to connect to does not exist on the server.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection_refused; event.outcome=failure`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": The source IP address "203.0.113.5" of the client has refused based on the Source IP Address Limit List defined for the Virtual Hub.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection_refused; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1": The maximum number of sessions (5) that can be set by the Virtual Hub has been reached. Unable to create a new session.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection_refused; event.outcome=failure`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1" terminated by the cause "User authentication failed." (code 9).`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_disconnect; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 Connection "CID-1" has been terminated.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_disconnect; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 The connection "CID-1" (IP address: 203.0.113.5, Host name: a.example.org, Port number: 4000, Client name: "x", Version: 4.38, Build: 9760) is attempting to connect to the Virtual Hub. The auth type provided is "Password authentication" and the user name is "bob".`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection; event.outcome=unknown; user.name=bob; source.ip=203.0.113.5`,
	},
	{ // a client that names itself so
		`2025-10-07 09:00:00.123 The connection "CID-1" (IP address: 203.0.113.5, Host name: a, Port number: 4000, Client name: "" and the user name is "alice", Version: 4.38, Build: 9760) is attempting to connect to the Virtual Hub. The auth type provided is "x" and the user name is "bob".`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`2025-10-07 09:00:00.123 The connection "CID-1" (IP address 203.0.113.5) connected to Virtual Hub in change password mode.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`2025-10-07 09:00:00.123 On the TCP Listener (Port 443), a Client (IP address 203.0.113.5, Host name "a.example.org", Port number 4000) has connected.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`2025-10-07 09:00:00.123 For the client (IP address: 203.0.113.5, host name: "a.example.org", port number: 4000), connection "CID-1" has been created.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`2025-10-07 09:00:00.123 The connection with the client (IP address 203.0.113.5, Port number 4000) has been disconnected.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_disconnect; event.outcome=unknown; source.ip=203.0.113.5; source.port=4000`,
	},
	{
		`2025-10-07 09:00:00.123 A DoS attack on the TCP Listener (port 443) has been detected. The connecting source IP address is 203.0.113.5, port number is 4000. This connection will be forcefully disconnected now.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=4000`,
	},
	{
		`2025-10-07 09:00:00.123 Although the Virtual Hub's Security Account Manager has received the following certificate, has refused its contents as the certificate for when user "bob" logs in because this certificate's contents matches the contents that are registered in the Virtual Hub's certificates revocation list: CN=bob`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_certificate_refused; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 L2TP PPP Session [203.0.113.5:1701]: "MS-CHAP v2" (Microsoft Challenge and Response Protocol Version 2.0) user authentication failed.`,
		"auth softether 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=vpn_authentication; event.outcome=failure; source.ip=203.0.113.5; source.port=1701`,
	},
	{
		`2025-10-07 09:00:00.123 L2TP PPP Session [203.0.113.5:1701]: A new PPP session (Upper protocol: L2TP) is started. IP Address of PPP Client: 203.0.113.5 (Hostname: "a")`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=1701`,
	},
	{
		`2025-10-07 09:00:00.123 L2TP PPP Session [203.0.113.5:1701]: The PPP session is disconnected.`,
		"system softether 2025-10-07T09:00:00.123Z", `event.category=network; event.action=vpn_disconnect; event.outcome=unknown; source.ip=203.0.113.5; source.port=1701`,
	},
	{
		`2025-10-07 09:00:00.123 L2TP PPP Session [203.0.113.5:1701]: Trying to request an IP address from the DHCP server.`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
}
