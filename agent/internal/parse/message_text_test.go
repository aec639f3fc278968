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
}
