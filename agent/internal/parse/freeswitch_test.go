package parse

import "testing"

func TestFreeswitch(t *testing.T) { testCases(t, "freeswitch", freeswitchCases) }

func FuzzFreeswitch(f *testing.F) { fuzzParser(f, "freeswitch", freeswitchCases) }

var freeswitchCases = []lineCase{
	{
		`2025-10-07 09:00:00.123456 [WARNING] sofia_reg.c:1478 SIP auth failure (INVITE) on sofia profile 'internal' for [1000@198.51.100.1] from ip 203.0.113.5`,
		"auth freeswitch 2025-10-07T09:00:00.123456Z", `event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.5; user.name=1000; log.level=WARNING`,
	},
	{
		`2025-10-07 09:00:00.123456 97.60% [WARNING] sofia_reg.c:2889 Can't find user [201@198.51.100.1] from 203.0.113.5`,
		"auth freeswitch 2025-10-07T09:00:00.123456Z", `event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.5; user.name=201; log.level=WARNING`,
	},
	{
		`2025-10-07 09:00:00.123456 97.60% [WARNING] sofia_reg.c:3223 IP 203.0.113.5 Rejected by register acl "domains"`,
		"system freeswitch 2025-10-07T09:00:00.123456Z", `event.category=network; event.action=sip_rejected; event.outcome=failure; source.ip=203.0.113.5; log.level=WARNING`,
	},
	{
		`2025-10-07 09:00:00.123456 [NOTICE] switch_channel.c:1118 New Channel sofia/internal/1000@198.51.100.1`,
		"system plain 2025-10-07T09:00:00.123456Z", ``,
	},
}
