package parse

import "testing"

func TestMonit(t *testing.T) { testCases(t, "monit", monitCases) }

func FuzzMonit(f *testing.F) { fuzzParser(f, "monit", monitCases) }

var monitCases = []lineCase{
	{
		`HttpRequest: access denied -- client [203.0.113.5]: wrong password for user 'bob'`,
		"auth monit", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`HttpRequest: access denied -- client [203.0.113.5]: unknown user ''`,
		"auth monit", `event.category=authentication; event.action=web_login_incomplete; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`[CEST Oct  7 09:00:00] error    : Warning: Client '203.0.113.5' supplied unknown user 'bob' accessing monit httpd`,
		"auth monit 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`[CEST Oct  7 09:00:00] info     : 'web01' Monit started`,
		"system plain", ``,
	},
	{
		`Denied connection from non-authorized client [203.0.113.5]`,
		"system monit", `event.category=network; event.action=http_access_denied; event.outcome=failure; source.ip=203.0.113.5`,
	},
}
