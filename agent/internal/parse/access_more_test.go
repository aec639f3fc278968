package parse

import "testing"

func TestAccessOther(t *testing.T) { testCases(t, "auto", accessOtherCases) }

func FuzzAccessOther(f *testing.F) { fuzzParser(f, "auto", accessOtherCases) }

var accessOtherCases = []lineCase{
	{
		`INFO:     203.0.113.5:5000 - "GET /a?b=c HTTP/1.1" 401 Unauthorized`,
		"web access", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=5000; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=401; http.version=1.1`,
	},
	{
		`[GIN] 2025/10/07 - 09:00:00 | 404 |     1.2ms |   203.0.113.5 | GET      "/a?b=c"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025 09:00:00] "GET /a?b=c HTTP/1.1" 200 -`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=200`,
	},
	{
		`INFO:werkzeug:203.0.113.5 - - [07/Oct/2025 09:00:00] "POST /login HTTP/1.1" 401 -`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=POST; url.original=/login; url.path=/login; http.response.status_code=401; http.version=1.1`,
	},
	{
		`203.0.113.5 -  07/Oct/2025:09:00:00 +0000 "GET /index.php" 200`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; url.original=/index.php; url.path=/index.php; http.response.status_code=200`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] - 404 404 - GET http example.org "/a?b=c" [Client 203.0.113.5] [Length 192] [Gzip 3.10] [Sent-to app] "Mozilla/5.0" "-"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404; url.scheme=http; url.domain=example.org; http.response.body.bytes=192; user_agent.original=Mozilla/5.0`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] 444 - GET https example.org "/.env" [Client 203.0.113.5] [Length 0] [Gzip -] "x \x22y" "https://example.com/"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=GET; url.original=/.env; url.path=/.env; http.response.status_code=444; url.scheme=https; url.domain=example.org; http.response.body.bytes=0; http.request.referrer=https://example.com/; user_agent.original=x "y`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] HIT 200 200 - GET https example.org "/a [Client 192.0.2.66] b" [Client 203.0.113.5] [Length 1] [Gzip -] [Sent-to app] "x" "-"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; url.original=/a [Client 192.0.2.66] b; url.path=/a [Client 192.0.2.66] b; http.response.status_code=200; url.scheme=https; url.domain=example.org; http.response.body.bytes=1; user_agent.original=x`,
	},
	{
		`{"type":"response","@timestamp":"2025-10-07T09:00:00Z","method":"post","statusCode":401,"req":{"url":"/auth/login","method":"post","remoteAddress":"203.0.113.5"}}`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=POST; url.original=/auth/login; url.path=/auth/login; http.response.status_code=401`,
	},
	{ // GitLab's api_json.log: the list is a header, which a client may begin
		`{"time":"2025-10-07T09:00:00.123Z","severity":"INFO","duration_s":0.05,"status":200,"method":"GET","path":"/api/v4/projects","params":[],"host":"gitlab.example.org","remote_ip":"203.0.113.9, 127.0.0.1","ua":"curl/8","route":"/api/:version/projects","user_id":5,"username":"bob"}`,
		"web access 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=success; http.request.method=GET; url.original=/api/v4/projects; url.path=/api/v4/projects; http.response.status_code=200; url.domain=gitlab.example.org; network.forwarded_ip=203.0.113.9; event.duration=50000000`,
	},
	{
		`{"level":"info","ts":1759827600.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"198.51.100.1","client_ip":"203.0.113.5","proto":"HTTP/1.0","method":"GET","host":"example.org","uri":"/"},"size":0,"status":0}`,
		"web access 2025-10-07T09:00:00.5Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; http.request.method=GET; http.version=1.0; url.original=/; url.path=/; http.response.status_code=0; http.response.body.bytes=0; url.domain=example.org`,
	},
}
