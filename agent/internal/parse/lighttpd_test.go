package parse

import "testing"

func TestLighttpd(t *testing.T) { testCases(t, "lighttpd", lighttpdCases) }

func FuzzLighttpd(f *testing.F) { fuzzParser(f, "lighttpd", lighttpdCases) }

var lighttpdCases = []lineCase{
	{
		`2025-10-07 09:00:00: (mod_auth.c.525) password doesn't match for /x username: bob, IP: 203.0.113.9`,
		"auth lighttpd 2025-10-07T09:00:00Z", `event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00: mod_auth.c.828) password doesn't match for /secure/ username: bob IP: 203.0.113.9`,
		"auth lighttpd 2025-10-07T09:00:00Z", `event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00: (http_auth.c.877) get_password failed, IP: 203.0.113.9`,
		"auth lighttpd 2025-10-07T09:00:00Z", `event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07 09:00:00: (mod_auth.c.901) digest: auth failed for bob: wrong password, IP: 2001:db8::9`,
		"auth lighttpd 2025-10-07T09:00:00Z", `event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; source.ip=2001:db8::9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00: (server.c.1511) server started (lighttpd/1.4.69)`,
		"system lighttpd 2025-10-07T09:00:00Z", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`2025-10-07 09:00:00: (connections.c.764) invalid request-line -> sending Status 400`,
		"web lighttpd 2025-10-07T09:00:00Z", `event.category=web; event.action=http_error; event.outcome=unknown`,
	},
}
