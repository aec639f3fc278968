package parse

import "testing"

func TestAmavis(t *testing.T) { testCases(t, "amavis", amavisCases) }

func FuzzAmavis(f *testing.F) { fuzzParser(f, "amavis", amavisCases) }

var amavisCases = []lineCase{
	{
		`(4051607-09) Blocked INFECTED (Eicar-Test-Signature) {DiscardedInbound,Quarantined}, [203.0.113.5]:1434 [203.0.113.5] <a@example.com> -> <b@example.org>, quarantine: 2/virus-26W2lJY63nCZ`,
		"system amavis", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=INFECTED; source.ip=203.0.113.5; source.port=1434`,
	},
	{
		`(4051607-09) Passed CLEAN {RelayedInbound}, MYNETS [203.0.113.5]:1434 <a@example.com> -> <b@example.org>, Queue-ID: 1`,
		"system amavis", `event.category=network; event.action=mail_accepted; event.outcome=success; event.reason=CLEAN; source.ip=203.0.113.5; source.port=1434`,
	},
	{
		`(4051607-09-2) Blocked SPAM {NoBounceInbound,Quarantined}, MYNETS LOCAL [2001:db8::5]:1434 [192.0.2.7] ESMTP/ESMTP <a@example.com> -> <b@example.org>, Hits: 25`,
		"system amavis", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=SPAM; source.ip=2001:db8::5; source.port=1434`,
	},
	{
		`(4051607-09) Passed BAD-HEADER-7 {RelayedInbound}, [203.0.113.5] [192.0.2.7] <a@example.com> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_accepted; event.outcome=success; event.reason=BAD-HEADER-7; source.ip=203.0.113.5`,
	},
	{ // which of the two it is, nobody knows
		`(4051607-09) Passed SPAMMY {RelayedInbound}, [203.0.113.5] <a@example.com> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_accepted; event.outcome=success; event.reason=SPAMMY`,
	},
	{
		`(4051607-09) Passed UNCHECKED-ENCRYPTED {RelayedOutbound}, LOCAL [203.0.113.5] <a@example.com> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_accepted; event.outcome=success; event.reason=UNCHECKED-ENCRYPTED; source.ip=203.0.113.5`,
	},
	{
		`(4051607-09) Blocked MTA-BLOCKED {TempFailedInbound}, [203.0.113.5]:1434 <> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=MTA-BLOCKED; source.ip=203.0.113.5; source.port=1434`,
	},
	{
		`(4051607-09) Passed CLEAN, LOCAL [203.0.113.5] [203.0.113.5] <a@example.com> -> <b@example.org>, Hits: -1`,
		"system amavis", `event.category=network; event.action=mail_accepted; event.outcome=success; event.reason=CLEAN; source.ip=203.0.113.5`,
	},
	{
		`(4051607-09) Blocked BANNED (application/x-msdownload,.exe,a.exe) {NoBounceInbound}, [203.0.113.5]:1434 <a@example.com> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=BANNED; source.ip=203.0.113.5; source.port=1434`,
	},
	{ // a file's name that imitates a client
		`(4051607-09) Blocked BANNED (.exe,a) {X}, [192.0.2.66]:1 <x>.exe) {NoBounceInbound}, [203.0.113.5]:1434 <a@example.com> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=BANNED`,
	},
	{ // a sender that does comes too late
		`(4051607-09) Passed CLEAN {RelayedInbound}, [203.0.113.5]:1434 <"}, [192.0.2.66]:1 "@example.com> -> <b@example.org>`,
		"system amavis", `event.category=network; event.action=mail_accepted; event.outcome=success; event.reason=CLEAN; source.ip=203.0.113.5; source.port=1434`,
	},
	{
		`(4051607-09) Passed CLEAN, <a@example.com> -> <b@example.org>, Hits: -1, tag=-999, tag2=5, kill=6, 0/0/0/0`,
		"system plain", ``,
	},
	{
		`(4051607-09) Checking: abc`,
		"system plain", ``,
	},
	{
		`(4051607-09) Passed something else`,
		"system plain", ``,
	},
}
