package parse

import "testing"

func TestWebmin(t *testing.T) { testCases(t, "webmin", webminCases) }

func FuzzWebmin(f *testing.F) { fuzzParser(f, "webmin", webminCases) }

var webminCases = []lineCase{
	{
		`Invalid login as root from 203.0.113.9`,
		"auth webmin", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=root`,
	},
	{
		`Non-existent login as x from 192.0.2.66 from 203.0.113.9 `,
		"auth webmin", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x from 192.0.2.66`,
	},
	{
		`Successful login as root from 203.0.113.9`,
		"auth webmin", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=root`,
	},
	{
		`Security alert: Host 203.0.113.9 blocked after 5 failed logins for user root`,
		"auth webmin", `event.category=authentication; event.action=web_login_blocked; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`1759827600.2161960.0 [07/Oct/2025 09:00:00] admin - 203.0.113.9 global miniserv.pl "failed" "-" "wrongpass"`,
		"auth webmin 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`1759827600.2161960.0 [07/Oct/2025 09:00:00] admin 0123456789abcdef 203.0.113.9 global miniserv.pl "login" "-" "-"`,
		"auth webmin 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`1759827600.2161960.0 [07/Oct/2025 09:00:00] admin 0123456789abcdef 203.0.113.9 global miniserv.pl "logout" "-" "-"`,
		"auth webmin 2025-10-07T09:00:00Z", `event.category=session; event.action=web_logout; event.outcome=unknown; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`1759827600.2161960.0 [07/Oct/2025 09:00:00] admin 0123456789abcdef 203.0.113.9 cron save_cron.cgi "modify" "cron" "x"`,
		"system plain", ``,
	},
	{
		`Webmin starting`,
		"system plain", ``,
	},
	{
		`Logout by bob from 203.0.113.9`,
		"auth webmin", `event.category=session; event.action=web_logout; event.outcome=unknown; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`Timeout of session for bob`,
		"auth webmin", `event.category=session; event.action=web_logout; event.outcome=unknown; user.name=bob`,
	},
}
