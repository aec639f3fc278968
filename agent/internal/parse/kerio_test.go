package parse

import "testing"

func TestKerio(t *testing.T) { testCases(t, "kerio", kerioCases) }

func FuzzKerio(f *testing.F) { fuzzParser(f, "kerio", kerioCases) }

var kerioCases = []lineCase{
	{
		`[07/Oct/2025 09:00:00] Failed SMTP login from 203.0.113.5 with SASL method CRAM-MD5.`,
		"auth kerio 2025-10-07T09:00:00Z", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`[07/Oct/2025 09:00:00] SMTP: User bob@example.org doesn't exist. Attempt from IP address 203.0.113.5.`,
		"auth kerio 2025-10-07T09:00:00Z", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.org`,
	},
	{
		`[07/Oct/2025 09:00:00] Relay attempt from IP address 203.0.113.5, mail from <a@example.com> to <b@example.org> rejected`,
		"system kerio 2025-10-07T09:00:00Z", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`[07/Oct/2025 09:00:00] Attempt to deliver to unknown recipient <b@example.org>, from <a@example.com>, IP address 203.0.113.5`,
		"system kerio 2025-10-07T09:00:00Z", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`[07/Oct/2025 09:00:00] Update of the antivirus finished`,
		"system plain", ``,
	},
}
