package parse

import "testing"

func TestDante(t *testing.T) { testCases(t, "dante", danteCases) }

func FuzzDante(f *testing.F) { fuzzParser(f, "dante", danteCases) }

var danteCases = []lineCase{
	{
		`info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 31 bytes in 2 seconds: pam_authenticate() for user "bob" failed: Authentication failure`,
		"auth dante", `event.category=authentication; event.action=proxy_login; event.outcome=failure; source.ip=203.0.113.5; source.port=8490; user.name=bob`,
	},
	{
		`info: pass(1): tcp/accept [: 203.0.113.5.8490 198.51.100.1.1080`,
		"system dante", `event.category=network; event.action=proxy_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=8490`,
	},
	{
		`info: block(2): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: blocked`,
		"system dante", `event.category=network; event.action=proxy_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=8490`,
	},
	{
		`info: danted[1/1]: up and running`,
		"system plain", ``,
	},
}
