package parse

import "testing"

func TestAccess(t *testing.T) { testCases(t, "access", accessCases) }

func FuzzAccess(f *testing.F) { fuzzParser(f, "access", accessCases) }

var accessCases = []lineCase{
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0200] "GET /index.html HTTP/1.1" 200 512`,
		"web access 2025-10-07T07:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/index.html; url.path=/index.html; http.response.status_code=200; http.response.body.bytes=512`,
	},
	{
		`203.0.113.5 - alice [07/Oct/2025:09:00:00 +0000] "GET /a?b=c&d=%27 HTTP/2.0" 404 0 "https://example.com/" "Mozilla/5.0 (X11)"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; user.name=alice; http.version=2.0; http.request.method=GET; url.original=/a?b=c&d=%27; url.path=/a; url.query=b=c&d=%27; http.response.status_code=404; http.response.body.bytes=0; http.request.referrer=https://example.com/; user_agent.original=Mozilla/5.0 (X11)`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "POST /login HTTP/1.1" 302 5 "-" "-" "198.51.100.9, 10.0.0.1"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=POST; url.original=/login; url.path=/login; http.response.status_code=302; http.response.body.bytes=5; network.forwarded_ip=198.51.100.9`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" 0.005 0.004 .`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=5; user_agent.original=curl/8`,
	},
	{
		`www.example.com:443 203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; url.domain=www.example.com; url.port=443; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=5; user_agent.original=x`,
	},
	{
		`2001:db8::1 - - [07/Oct/2025:09:00:00 +0000] "HEAD / HTTP/1.0" 500 -`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=2001:db8::1; http.version=1.0; http.request.method=HEAD; url.original=/; url.path=/; http.response.status_code=500`,
	},
	{
		`client.example.com - - [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 5`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.address=client.example.com; source.domain=client.example.com; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=5`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /?q=\x22><script>\x5Cn HTTP/1.1" 200 5 "-" "\x22quoted\x22"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/?q="><script>\n; url.path=/; url.query=q="><script>\n; http.response.status_code=200; http.response.body.bytes=5; user_agent.original="quoted"`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /?q=\"x\" HTTP/1.1" 200 5 "-" "say \"hi\""`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/?q="x"; url.path=/; url.query=q="x"; http.response.status_code=200; http.response.body.bytes=5; user_agent.original=say "hi"`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /a b' OR 1=1 HTTP/1.1" 400 5`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a b' OR 1=1; url.path=/a b' OR 1=1; http.response.status_code=400; http.response.body.bytes=5`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "\x16\x03\x01" 400 157 "-" "-"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.response.status_code=400; http.response.body.bytes=157`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "-" 408 0 "-" "-"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.response.status_code=408; http.response.body.bytes=0`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET http://proxy.example:8080/x?y=1 HTTP/1.1" 200 5`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=http://proxy.example:8080/x?y=1; url.scheme=http; url.port=8080; url.domain=proxy.example; url.path=/x; url.query=y=1; http.response.status_code=200; http.response.body.bytes=5`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "CONNECT mail.example:25 HTTP/1.1" 405 5`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=CONNECT; url.original=mail.example:25; http.response.status_code=405; http.response.body.bytes=5`,
	},
	{
		`203.0.113.5 - x [01/Jan/2020:00:00:00 +0000] y [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 401 5`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; user.name=x [01/Jan/2020:00:00:00 +0000] y; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=401; http.response.body.bytes=5`,
	},
	{
		`{"time_iso8601":"2025-10-07T09:00:00+00:00","remote_addr":"203.0.113.5","request":"GET /x?y=1 HTTP/1.1","status":"403","body_bytes_sent":"12","http_user_agent":"curl","http_referer":"-","remote_user":"-"}`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/x?y=1; url.path=/x; url.query=y=1; http.response.status_code=403; http.response.body.bytes=12; user_agent.original=curl`,
	},
	{
		`{"ts":1759827600.25,"request":{"remote_ip":"203.0.113.5","method":"GET","uri":"/c?d","proto":"HTTP/2.0","host":"example.com","headers":{"User-Agent":["caddy test"]}},"status":200,"size":7}`,
		"web access 2025-10-07T09:00:00.25Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; http.version=2.0; url.original=/c?d; url.path=/c; url.query=d; http.response.status_code=200; http.response.body.bytes=7; user_agent.original=caddy test; url.domain=example.com`,
	},
	{
		`{"remote_addr":"203.0.113.5","request_method":"POST","uri":"/a","args":"b=\"c\"","status":500,"server_protocol":"HTTP/1.1","http_x_forwarded_for":"198.51.100.9"}`,
		"web access", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=POST; http.version=1.1; url.original=/a?b="c"; url.path=/a; url.query=b="c"; http.response.status_code=500; network.forwarded_ip=198.51.100.9`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] no access line "x"`,
		"app plain", ``,
	},
}
