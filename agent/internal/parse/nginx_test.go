package parse

import "testing"

func TestNginx(t *testing.T) { testCases(t, "nginx", nginxCases) }

func FuzzNginx(f *testing.F) { fuzzParser(f, "nginx", nginxCases) }

var nginxCases = []lineCase{
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0200] "GET /index.html HTTP/1.1" 200 512`,
		"web access 2025-10-07T07:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/index.html; url.path=/index.html; http.response.status_code=200; http.response.body.bytes=512`,
	},
	{
		`203.0.113.5 - alice [07/Oct/2025:09:00:00 +0000] "GET /a?b=c&d=%27 HTTP/2.0" 404 0 "https://example.com/" "Mozilla/5.0 (X11)"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; user.name=alice; http.version=2.0; http.request.method=GET; url.original=/a?b=c&d=%27; url.path=/a; url.query=b=c&d=%27; http.response.status_code=404; http.response.body.bytes=0; http.request.referrer=https://example.com/; user_agent.original=Mozilla/5.0 (X11)`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#12: *456 open() "/var/www/x" failed (2: No such file or directory), client: 203.0.113.5, server: example.com, request: "GET /x?a=1 HTTP/1.1", host: "example.com"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=12; event.category=web; event.action=http_not_found; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/x?a=1; url.path=/x; url.query=a=1; url.domain=example.com`,
	},
	{
		`neither`,
		"app plain", ``,
	},
}
