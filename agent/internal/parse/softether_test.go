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
}
