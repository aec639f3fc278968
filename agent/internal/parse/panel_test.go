package parse

import "testing"

func TestPanel(t *testing.T) { testCases(t, "panel", panelCases) }

func FuzzPanel(f *testing.F) { fuzzParser(f, "panel", panelCases) }

var panelCases = []lineCase{
	{
		`2025:10:07-09:00:00: '203.0.113.5' 2 failed login attempts. Account 'bob' via 'admin'`,
		"auth panel 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025:10:07-09:00:00: '203.0.113.5' successful login to 'bob' after 1 attempts`,
		"auth panel 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025:10:07-09:00:00: nothing of interest here`,
		"system plain", ``,
	},
	{
		`[2025-10-07 09:00:00 +0200] info [cpsrvd] 203.0.113.5 - bob "POST /login/?login_only=1 HTTP/1.1" FAILED LOGIN whostmgrd: user password hash is missing from system`,
		"auth panel 2025-10-07T07:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`[2025-10-07 09:00:00 +0200] info [cpsrvd] started and ready for requests`,
		"system plain 2025-10-07T07:00:00Z", ``,
	},
}
