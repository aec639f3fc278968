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
		`(4051607-09) Checking: abc`,
		"system plain", ``,
	},
}
