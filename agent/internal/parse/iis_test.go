package parse

import "testing"

func TestIis(t *testing.T) { testCases(t, "iis", iisCases) }

func FuzzIis(f *testing.F) { fuzzParser(f, "iis", iisCases) }

var iisCases = []lineCase{
	{
		`2025-10-07 09:00:00 198.51.100.1 GET /a b=c 443 - 203.0.113.9 Mozilla/5.0+(X11) - 404 0 2 15`,
		"web iis 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.9; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404; user_agent.original=Mozilla/5.0+(X11); destination.ip=198.51.100.1; destination.port=443`,
	},
	{
		`2025-10-07 09:00:00 198.51.100.1 POST /login - 443 CORP\bob 2001:db8::9 curl/8 https://a.example/ 200 0 0 15`,
		"web iis 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=2001:db8::9; http.request.method=POST; url.original=/login; url.path=/login; http.response.status_code=200; user_agent.original=curl/8; http.request.referrer=https://a.example/; user.name=CORP\bob; destination.ip=198.51.100.1; destination.port=443`,
	},
	{
		`2025-10-07 09:00:00 198.51.100.1 GET / - 80 - 203.0.113.9 curl/8 401 2 5 15`,
		"web iis 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.9; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=401; user_agent.original=curl/8; destination.ip=198.51.100.1; destination.port=80`,
	},
	{
		`#Software: Microsoft Internet Information Services 10.0`,
		"system plain", ``,
	},
	{
		`2025-10-07 09:00:00 W3SVC1 WEB01 198.51.100.1 GET /a b=c 443 bob 203.0.113.9 HTTP/1.1 Mozilla/5.0 sid=1 https://example.org/ www.example.org 404 0 2 1234 456 15`,
		"web iis 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.9; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404; user_agent.original=Mozilla/5.0; http.request.referrer=https://example.org/; user.name=bob; destination.ip=198.51.100.1; destination.port=443`,
	},
	{
		`2025-10-07 09:00:00 W3SVC1 198.51.100.1 GET /a - 80 - 203.0.113.9 curl/8 - 200 0 0 15`,
		"web iis 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.9; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; user_agent.original=curl/8; destination.ip=198.51.100.1; destination.port=80`,
	},
	{
		`2025-10-07 09:00:00 198.51.100.1 GET /a - 80 - 203.0.113.9 curl/8 404 200 0 0 15`,
		"web iis 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.9; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; user_agent.original=curl/8; http.request.referrer=404; destination.ip=198.51.100.1; destination.port=80`,
	},
	{
		`2025-10-07 09:00:00 198.51.100.1 GET /a - 80 - 203.0.113.9 curl/8 a b c d e f`,
		"system plain 2025-10-07T09:00:00Z", ``,
	},
}
