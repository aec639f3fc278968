package parse

import "testing"

func TestModsecurity(t *testing.T) { testCases(t, "modsecurity", modsecurityCases) }

func FuzzModsecurity(f *testing.F) { fuzzParser(f, "modsecurity", modsecurityCases) }

var modsecurityCases = []lineCase{
	{
		`[client "203.0.113.5"] ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:q. [file "/etc/crs/x.conf"] [line "8786"] [id "942100"] [msg "SQL Injection"] [hostname "example.org"] [uri "/a"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=203.0.113.5; event.code=942100; event.reason=SQL Injection; url.original=/a; url.path=/a`,
	},
	{
		`[client "203.0.113.5"] Coraza: Warning. Missing User Agent Header [file "x"] [line "3242"] [id "920320"] [msg "Missing User Agent Header"] [data "[id \"1\"]"] [uri "/"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; event.code=920320; event.reason=Missing User Agent Header; url.original=/; url.path=/`,
	},
	{
		`{"level":"warn","ts":1759827600.5,"logger":"http.handlers.waf","msg":"[client \"203.0.113.5\"] Coraza: Warning. x [id \"942431\"] [msg \"y\"] [uri \"/a?b=c\"]"}`,
		"web modsecurity 2025-10-07T09:00:00.5Z", `event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; event.code=942431; event.reason=y; url.original=/a?b=c; url.path=/a; url.query=b=c; log.level=warn`,
	},
	{
		`{"transaction":{"client_ip":"203.0.113.5","time_stamp":"Tue Oct  7 09:00:00 2025","server_id":"a","client_port":4000,"host_ip":"198.51.100.1","host_port":443,"request":{"method":"GET","http_version":1.1,"uri":"/a?b=c","headers":{}},"response":{"http_code":403},"messages":[]}}`,
		"web modsecurity", `event.category=web; event.action=waf_audit; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=403`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] ZFx8n38AAQEAACGg7LEAAAAE 203.0.113.5 4000 198.51.100.1 80`,
		"web modsecurity 2025-10-07T09:00:00Z", `event.category=web; event.action=waf_audit; event.outcome=unknown; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=80`,
	},
	{
		`[client "203.0.113.5"] something else`,
		"system plain", ``,
	},
}
