package parse

import "testing"

func TestCEF(t *testing.T) { testCases(t, "cef", cefCases) }

func FuzzCEF(f *testing.F) { fuzzParser(f, "cef", cefCases) }

var cefCases = []lineCase{
	{
		`CEF:0|Example|Firewall|1.0|100|Packet dropped|5|src=203.0.113.5 spt=40000 dst=198.51.100.1 dpt=22 act=Drop suser=a\=b msg=a text with src inside`,
		"system cef", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=40000; destination.ip=198.51.100.1; destination.port=22; user.name=a=b; event.code=100; event.reason=Packet dropped`,
	},
	{
		`CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5 duser=bob msg=Login failed for user bob`,
		"auth cef", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.code=401; event.reason=Login failed`,
	},
	{
		`CEF:0|Example|Proxy|1.0|200|Web request|1|src=203.0.113.5 requestMethod=GET request=http://example.org/a?b\=c act=allowed`,
		"web cef", `event.category=web; event.action=http_request; event.outcome=success; http.request.method=GET; url.original=http://example.org/a?b=c; url.scheme=http; url.domain=example.org; url.path=/a; url.query=b=c; source.ip=203.0.113.5; event.code=200; event.reason=Web request`,
	},
	{
		`LEEF:1.0|Example|Firewall|1.0|100|src=203.0.113.5	dst=198.51.100.1	action=allow	usrName=bob`,
		"system cef", `event.category=network; event.action=firewall_allowed; event.outcome=success; source.ip=203.0.113.5; destination.ip=198.51.100.1; user.name=bob; event.code=100`,
	},
	{
		`LEEF:2.0|Example|Firewall|1.0|100|^|src=203.0.113.5^dst=198.51.100.1^action=deny`,
		"system cef", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; destination.ip=198.51.100.1; event.code=100`,
	},
	{
		`CEF:0|Example|broken`,
		"system plain", ``,
	},
	{
		`CEF:0|Example|Vault|1.0|7|Key rotated|3|outcome=success src=203.0.113.5`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=success; source.ip=203.0.113.5; event.code=7; event.reason=Key rotated`,
	},
	{
		`CEF:0|Example|Vault|1.0|8|Policy changed|3|src=203.0.113.5`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=unknown; source.ip=203.0.113.5; event.code=8; event.reason=Policy changed`,
	},
}
