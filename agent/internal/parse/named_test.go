package parse

import "testing"

func TestNamed(t *testing.T) { testCases(t, "named", namedCases) }

func FuzzNamed(f *testing.F) { fuzzParser(f, "named", namedCases) }

var namedCases = []lineCase{
	{
		`client 203.0.113.9#4795: query 'example.com/NS/IN' denied`,
		"system named", `event.category=network; event.action=dns_query_denied; event.outcome=failure; event.reason=query 'example.com/NS/IN' denied; source.ip=203.0.113.9; source.port=4795`,
	},
	{
		`client @0x7f6450002ef0 203.0.113.9#23332 (example.com): query (cache) 'example.com/ANY/IN' denied (allow-query-cache did not match)`,
		"system named", `event.category=network; event.action=dns_query_denied; event.outcome=failure; event.reason=query (cache) 'example.com/ANY/IN' denied (allow-query-cache did not match); source.ip=203.0.113.9; source.port=23332`,
	},
	{
		`client @0x7f6450002ef0 2001:db8::9#23332 (example.com): view internal: query: example.com IN A + (198.51.100.1)`,
		"system named", `event.category=network; event.action=dns_query; event.outcome=unknown; source.ip=2001:db8::9; source.port=23332`,
	},
	{
		`client 203.0.113.9#42592 (example.com): bad zone transfer request: 'example.com/IN': non-authoritative zone (NOTAUTH)`,
		"system named", `event.category=network; event.action=dns_transfer_denied; event.outcome=failure; event.reason=bad zone transfer request: 'example.com/IN': non-authoritative zone (NOTAUTH); source.ip=203.0.113.9; source.port=42592`,
	},
	{
		`07-Oct-2025 09:00:00.123 security: error: client 203.0.113.9#52115: zone transfer 'example.com/AXFR/IN' denied`,
		"system named 2025-10-07T09:00:00.123Z", `event.category=network; event.action=dns_transfer_denied; event.outcome=failure; event.reason=zone transfer 'example.com/AXFR/IN' denied; source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`07-Oct-2025 09:00:00.123 error: client 203.0.113.9#52115: zone transfer 'example.com/AXFR/IN' denied`,
		"system named 2025-10-07T09:00:00.123Z", `event.category=network; event.action=dns_transfer_denied; event.outcome=failure; event.reason=zone transfer 'example.com/AXFR/IN' denied; source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115 (example.com): transfer of 'example.com/IN': AXFR started (serial 5)`,
		"system named", `event.category=network; event.action=dns_transfer; event.outcome=unknown; event.reason=transfer of 'example.com/IN': AXFR started (serial 5); source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115: update 'example.com/IN' denied`,
		"system named", `event.category=network; event.action=dns_update_denied; event.outcome=failure; event.reason=update 'example.com/IN' denied; source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115: updating zone 'example.com/IN': adding an RR at 'a.example.com' A 192.0.2.1`,
		"system named", `event.category=network; event.action=dns_update; event.outcome=success; event.reason=updating zone 'example.com/IN': adding an RR at 'a.example.com' A 192.0.2.1; source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115: request has invalid signature: TSIG key: tsig verify failure (BADKEY)`,
		"system named", `event.category=network; event.action=dns_request_invalid; event.outcome=failure; event.reason=request has invalid signature: TSIG key: tsig verify failure (BADKEY); source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115 (example.com): rate limit drop response to 203.0.113.0/24 for example.com IN A`,
		"system named", `event.category=network; event.action=dns_rate_limited; event.outcome=failure; event.reason=rate limit drop response to 203.0.113.0/24 for example.com IN A; source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115 (example.com): query failed (REFUSED) for example.com/IN/A at query.c:5504`,
		"system named", `event.category=network; event.action=dns_query_denied; event.outcome=failure; source.ip=203.0.113.9; source.port=52115`,
	},
	{
		`client @0x1 203.0.113.9#52115 (x (y): query failed (SERVFAIL) for x/IN/A at query.c:7163`,
		"system plain", ``,
	},
	{
		`running`,
		"system named", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`shutting down`,
		"system named", `event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	{
		`zone example.com/IN: loaded serial 5`,
		"system plain", ``,
	},
	{
		`client @0x7f6450002ef0 203.0.113.9#2333/key ns1 (example.org): updating zone 'example.org/IN': adding an RR at 'a.example.org' A 192.0.2.1`,
		"system named", `event.category=network; event.action=dns_update; event.outcome=success; event.reason=updating zone 'example.org/IN': adding an RR at 'a.example.org' A 192.0.2.1; source.ip=203.0.113.9; source.port=2333`,
	},
	{
		`REFUSED unexpected RCODE resolving 'example.com/A/IN': 198.51.100.9#53`,
		"system named", `event.category=network; event.action=dns_resolution_failed; event.outcome=failure; destination.ip=198.51.100.9; destination.port=53`,
	},
	{
		`lame server resolving 'example.com' (in 'example.com'?): 198.51.100.9#53`,
		"system named", `event.category=network; event.action=dns_resolution_failed; event.outcome=failure; destination.ip=198.51.100.9; destination.port=53`,
	},
	{
		`network unreachable resolving 'example.com/AAAA/IN': 2001:db8::1#53`,
		"system named", `event.category=network; event.action=dns_resolution_failed; event.outcome=failure; destination.ip=2001:db8::1; destination.port=53`,
	},
	{
		`invalid command from 203.0.113.9#2333: bad auth`,
		"system named", `event.category=network; event.action=dns_request_invalid; event.outcome=failure; source.ip=203.0.113.9; source.port=2333`,
	},
	{
		`limit responses to 203.0.113.0/24 for example.com IN A  (00000000)`,
		"system named", `event.category=network; event.action=dns_rate_limited; event.outcome=failure`,
	},
	{
		`transfer of 'example.org/IN' from 198.51.100.9#53: failed while receiving responses: REFUSED`,
		"system named", `event.category=network; event.action=dns_transfer; event.outcome=failure`,
	},
	{
		`zone example.org/IN: loaded serial 2025100701`,
		"system plain", ``,
	},
}
