package parse

import "testing"

func TestApache(t *testing.T) { testCases(t, "apache", apacheCases) }

func FuzzApache(f *testing.F) { fuzzParser(f, "apache", apacheCases) }

var apacheCases = []lineCase{
	{
		`www.example.com:443 203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; url.domain=www.example.com; url.port=443; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=5; user_agent.original=x`,
	},
	{
		`[Tue Oct 07 09:00:00.123456 2025] [auth_basic:error] [pid 17:tid 140] [client 203.0.113.5:51390] AH01617: user bob: authentication failure for "/x": Password Mismatch`,
		"app apache_error 2025-10-07T09:00:00.123456Z", `log.level=error; process.pid=17; process.thread.id=140; source.ip=203.0.113.5; source.port=51390; event.code=AH01617; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`[neither]`,
		"app plain", ``,
	},
}
