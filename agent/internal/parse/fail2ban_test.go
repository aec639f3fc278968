package parse

import "testing"

func TestFail2ban(t *testing.T) { testCases(t, "fail2ban", fail2banCases) }

func FuzzFail2ban(f *testing.F) { fuzzParser(f, "fail2ban", fail2banCases) }

var fail2banCases = []lineCase{
	{
		`2025-10-07 09:00:00,123 fail2ban.actions        [12]: NOTICE  [sshd] Ban 203.0.113.5`,
		"system fail2ban 2025-10-07T09:00:00.123Z", `process.pid=12; event.category=network; event.action=client_banned; event.outcome=failure; source.ip=203.0.113.5; log.level=NOTICE`,
	},
	{
		`2025-10-07 09:00:00,123 fail2ban.actions        [12]: NOTICE  [sshd] Unban 203.0.113.5`,
		"system fail2ban 2025-10-07T09:00:00.123Z", `process.pid=12; event.category=network; event.action=client_unbanned; event.outcome=unknown; source.ip=203.0.113.5; log.level=NOTICE`,
	},
	{
		`2025-10-07 09:00:00,123 fail2ban.filter         [12]: INFO    [sshd] Found 203.0.113.5 - 2025-10-07 09:00:00`,
		"system fail2ban 2025-10-07T09:00:00.123Z", `process.pid=12; event.category=network; event.action=client_suspected; event.outcome=unknown; source.ip=203.0.113.5; log.level=INFO`,
	},
	{
		`NOTICE [sshd] Ban 2001:db8::5`,
		"system fail2ban", `event.category=network; event.action=client_banned; event.outcome=failure; source.ip=2001:db8::5; log.level=NOTICE`,
	},
	{
		`NOTICE [sshd] Jail started`,
		"system plain", ``,
	},
}
