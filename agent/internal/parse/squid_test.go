package parse

import "testing"

func TestSquid(t *testing.T) { testCases(t, "squid", squidCases) }

func FuzzSquid(f *testing.F) { fuzzParser(f, "squid", squidCases) }

var squidCases = []lineCase{
	{
		`1759827600.123    456 203.0.113.9 TCP_MISS/200 5123 GET http://example.com/a?b=c bob HIER_DIRECT/198.51.100.7 text/html`,
		"web squid 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.9; http.request.method=GET; url.original=http://example.com/a?b=c; url.scheme=http; url.domain=example.com; url.path=/a; url.query=b=c; http.response.status_code=200; http.response.bytes=5123; user.name=bob`,
	},
	{
		`1759827600.123      0 203.0.113.9 TCP_DENIED/407 4123 CONNECT example.com:443 - HIER_NONE/- text/html`,
		"web squid 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.9; http.request.method=CONNECT; url.original=example.com:443; http.response.status_code=407; http.response.bytes=4123`,
	},
	{
		`1759827600.123     -1 2001:db8::9 NONE_NONE/000 0 NONE error:invalid-request - HIER_NONE/- -`,
		"web squid 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=2001:db8::9; http.request.method=NONE; url.original=error:invalid-request; http.response.bytes=0`,
	},
	{
		`1759827600.123    456 203.0.113.9 TCP_MISS/200 5123 GET http://example.com/`,
		"system plain", ``,
	},
	{
		`squid: not an access line`,
		"system plain", ``,
	},
}
