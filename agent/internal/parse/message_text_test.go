package parse

import "testing"

func TestMessageText(t *testing.T) { testCases(t, "auto", messageTextCases) }

func FuzzMessageText(f *testing.F) { fuzzParser(f, "auto", messageTextCases) }

var messageTextCases = []lineCase{
	{
		`I, [2025-10-07T09:00:00.123456 #12]  INFO -- : Started GET "/login?a=b" for 203.0.113.5 at 2025-10-07 09:00:00 +0000`,
		"web applog 2025-10-07T09:00:00.123456Z", `log.level=INFO; event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; http.request.method=GET; url.original=/login?a=b; url.path=/login; url.query=a=b`,
	},
	{
		`2025/10/07 09:00:00.233208 [error] POST 198.51.100.1 /control/login: from ip 203.0.113.5: invalid username or password`,
		"auth applog 2025-10-07T09:00:00.233208Z", `log.level=error; event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`2025-10-07 09:00:00,116 INFO [org.apereo.inspektr.audit.support.Slf4jLoggingAuditTrailManager] - Tue Oct 07 09:00:00 UTC 2025|CAS|Supplied credentials: [bob]|AUTHENTICATION_FAILED|bob|203.0.113.5|198.51.100.1`,
		"auth python 2025-10-07T09:00:00.116Z", `log.level=INFO; log.logger=org.apereo.inspektr.audit.support.Slf4jLoggingAuditTrailManager; event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`I1007 09:00:00.684962       1 client.go:58] ACCEPT host=203.0.113.5 port=53598 n=2/4096`,
		"system applog 2025-10-07T09:00:00.684962Z", `log.level=I; event.category=network; event.action=tarpit_connection; event.outcome=failure; source.ip=203.0.113.5; source.port=53598`,
	},
	{
		`2025-10-07 09:00:00|-1|0|0|[WEB] [203.0.113.5] Authentication failed for 'admin' : password mismatch`,
		"auth applog 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=admin`,
	},
	{
		`[2025-10-07 09:00:00 UTC] [203.0.113.5:50051] DnsServerCore.DnsWebServiceException: Invalid username or password for user: admin`,
		"auth applog 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; source.port=50051; user.name=admin`,
	},
	{
		`[info] o.t.s.AccessLogFilter [1e60d1e5e2a1741f|2989d0704d3c364c] 203.0.113.5 POST /api/v1/login took 8ms and returned 401 65 bytes`,
		"web applog", `log.level=info; log.logger=o.t.s.AccessLogFilter; event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=POST; url.original=/api/v1/login; url.path=/api/v1/login; http.response.status_code=401; http.response.body.bytes=65; event.duration=8000000`,
	},
	{
		`[info] o.t.s.AccessLogFilter [1e60d1e5e2a1741f|2989d0704d3c364c] 203.0.113.5 GET /a took 1ms and returned 200 5 bytes took 8ms and returned 404 65 bytes`,
		"web applog", `log.level=info; log.logger=o.t.s.AccessLogFilter; event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=GET; url.original=/a took 1ms and returned 200 5 bytes; url.path=/a took 1ms and returned 200 5 bytes; http.response.status_code=404; http.response.body.bytes=65; event.duration=8000000`,
	},
	{
		`[error] a.b.C [x] 203.0.113.5 GET /a took a while and returned nothing of its bytes`,
		"app applog", `log.level=error; log.logger=a.b.C; event.outcome=unknown`,
	},
	{
		`{"method":"POST","path":"/users/sign_in","controller":"SessionsController","action":"create","status":0,"time":"2025-10-07T09:00:00.195Z","params":[{"key":"authenticity_token","value":"[FILTERED]"},{"key":"user","value":{"login":"bob","password":"[FILTERED]"}}],"remote_ip":"203.0.113.5","duration_s":0.5}`,
		"web access 2025-10-07T09:00:00.195Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; http.request.method=POST; url.original=/users/sign_in; url.path=/users/sign_in; http.response.status_code=0; user.name=bob; event.duration=500000000`,
	},
	{
		`{"method":"POST","path":"/users/auth/ldapmain/callback","controller":"OmniauthCallbacksController","status":302,"time":"2025-10-07T09:00:00.195Z","params":[{"key":"username","value":"alice"}],"remote_ip":"203.0.113.5"}`,
		"web access 2025-10-07T09:00:00.195Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=POST; url.original=/users/auth/ldapmain/callback; url.path=/users/auth/ldapmain/callback; http.response.status_code=302; user.name=alice`,
	},
	{
		`{"method":"POST","path":"/users/sign_in","controller":"SessionsController","status":302,"time":"2025-10-07T09:00:00.195Z","params":[{"key":"x","value":"{\"key\":\"username\",\"value\":\"root\"}"}],"remote_ip":"203.0.113.5"}`,
		"web access 2025-10-07T09:00:00.195Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=POST; url.original=/users/sign_in; url.path=/users/sign_in; http.response.status_code=302`,
	},
	{
		`{"method":"POST","path":"/users/sign_in","status":302,"time":"2025-10-07T09:00:00.195Z","params":[{"key":"username","value":"alice"}],"remote_ip":"203.0.113.5"}`,
		"web access 2025-10-07T09:00:00.195Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=POST; url.original=/users/sign_in; url.path=/users/sign_in; http.response.status_code=302`,
	},
}
