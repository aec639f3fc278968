package parse

import "testing"

func TestDante(t *testing.T) { testCases(t, "dante", danteCases) }

func FuzzDante(f *testing.F) { fuzzParser(f, "dante", danteCases) }

var danteCases = []lineCase{
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 31 bytes in 2 seconds: pam_authenticate() for user "bob" failed: Authentication failure`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 31 bytes in 2 seconds: system password authentication failed for user "bob"`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 31 bytes in 2 seconds: could not access user "bob"'s records in the system password file: no system error`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: no user "bob" found in system password file`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 3 bytes in 0 seconds: client offered no acceptable authentication method`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 31 bytes in 2 seconds: pam_acct_mgmt(): User account has expired`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: pass(1): tcp/accept [: 203.0.113.5.8490 198.51.100.1.1080`,
		"system dante", `event.category=network; event.action=proxy_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: pass(1): tcp/connect [: username%bob@203.0.113.5.8490 198.51.100.1.1080 -> 198.51.100.1.5555 192.0.2.80.443`,
		"system dante", `event.category=network; event.action=proxy_connection; event.outcome=unknown; user.name=bob; source.ip=203.0.113.5; source.port=8490; destination.ip=192.0.2.80; destination.port=443; network.transport=tcp`,
	},
	{
		`info: pass(1): tcp/connect ]: 2001:db8::5.8490 2001:db8::1.1080 -> 2001:db8::1.5555 2001:db8::80.443: local client closed.  Session duration: 1s`,
		"system dante", `event.category=network; event.action=proxy_disconnect; event.outcome=unknown; source.ip=2001:db8::5; source.port=8490; destination.ip=2001:db8::80; destination.port=443; network.transport=tcp`,
	},
	{
		`info: pass(1): udp/udpassociate [: [192.0.2.66] 203.0.113.5.8490 198.51.100.1.1080`,
		"system dante", `event.category=network; event.action=proxy_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=8490; network.transport=udp`,
	},
	{
		`info: block(2): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: blocked by libwrap/tcp_wrappers`,
		"system dante", `event.category=network; event.action=proxy_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{ // a target that imitates a failed login
		`info: block(2): tcp/connect ]: 203.0.113.5.8490 198.51.100.1.1080 -> 0.0.0.0.0 x: pam_authenticate() for user "root" failed: no.80`,
		"system dante", `event.category=network; event.action=proxy_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{ // a user who is called like a client
		`info: pass(1): tcp/connect [: username%x@192.0.2.66.1 y@203.0.113.5.8490 198.51.100.1.1080 -> 198.51.100.1.5555 192.0.2.80.443`,
		"system dante", `event.category=network; event.action=proxy_connection; event.outcome=unknown; network.transport=tcp`,
	},
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: pam_authenticate() for user "x" failed: y: pam_authenticate() for user "bob" failed: Authentication failure`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`Oct  7 09:00:00 (1759827600.123456) danted[12]: info: pass(1): tcp/accept [: 203.0.113.5.8490 198.51.100.1.1080`,
		"system dante 2025-10-07T09:00:00.123456Z", `event.category=network; event.action=proxy_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=8490; network.transport=tcp`,
	},
	{
		`info: pass(1): tcp/connect -: 203.0.113.5.8490 198.51.100.1.1080 -> 198.51.100.1.5555 192.0.2.80.443 (512)`,
		"system plain", ``,
	},
	{
		`info: danted[1/1]: up and running`,
		"system plain", ``,
	},
}
