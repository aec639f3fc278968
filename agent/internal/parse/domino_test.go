package parse

import "testing"

func TestDomino(t *testing.T) { testCases(t, "domino", dominoCases) }

func FuzzDomino(f *testing.F) { fuzzParser(f, "domino", dominoCases) }

var dominoCases = []lineCase{
	{
		`07-10-2025 09:00:00   SMTP Server: Authentication failed for user bob ; connecting host 203.0.113.5`,
		"auth domino", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00   SMTP Server [0D14:0027-1334] Authentication failed for user Bob Example ; connecting host [203.0.113.5]`,
		"auth domino 2025-10-07T09:00:00Z", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=Bob Example`,
	},
	{
		`2025-10-07 09:00:00   SMTP Server: Listener started for the default port`,
		"system plain 2025-10-07T09:00:00Z", ``,
	},
}
