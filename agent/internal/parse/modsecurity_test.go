package parse

import "testing"

func TestModsecurity(t *testing.T) { testCases(t, "modsecurity", modsecurityCases) }

func FuzzModsecurity(f *testing.F) { fuzzParser(f, "modsecurity", modsecurityCases) }

var modsecurityCases = []lineCase{
	{
		`[client "203.0.113.5"] ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:q. [file "/etc/crs/x.conf"] [line "8786"] [id "942100"] [msg "SQL Injection"] [hostname "example.org"] [uri "/a"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=203.0.113.5; http.response.status_code=403; event.code=942100; event.reason=SQL Injection; url.original=/a; url.path=/a`,
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
		"web modsecurity 2025-10-07T09:00:00Z", `event.category=web; event.action=waf_audit; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=443; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=403`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] ZFx8n38AAQEAACGg7LEAAAAE 203.0.113.5 4000 198.51.100.1 80`,
		"web modsecurity 2025-10-07T09:00:00Z", `event.category=web; event.action=waf_audit; event.outcome=unknown; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=80`,
	},
	{
		`[client "203.0.113.5"] something else`,
		"system plain", ``,
	},
	{
		`[client 203.0.113.5] ModSecurity: Access denied with code 403 (phase 2). Matched "Operator ` + "`Rx' with parameter `a' against variable `ARGS:q' (Value: `b' )" + ` [file "/etc/crs/x.conf"] [line "5"] [id "942100"] [rev ""] [msg "SQL Injection"] [data ""] [severity "2"] [hostname "example.org"] [uri "/a"] [unique_id "17"] [ref "v5,1"], client`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=203.0.113.5; http.response.status_code=403; event.code=942100; event.reason=SQL Injection; url.original=/a; url.path=/a`,
	},
	{ // version 3 writes the client's quotes as they are: before its keys …
		`[client 203.0.113.5] ModSecurity: Warning. Matched "Operator x (Value: y"] [id "1"] [msg "z"] ) [file "x"] [line "5"] [id "942100"] [msg "SQL Injection"] [uri "/a"] [unique_id "17"]`,
		"web modsecurity", `event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; url.original=/a; url.path=/a`,
	},
	{ // … and after them
		`[client 203.0.113.5] ModSecurity: Warning. Matched x [id "942100"] [msg "a"] [uri "/a"] [id "1"] [uri "/b"] [unique_id "17"]`,
		"web modsecurity", `event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; event.reason=a`,
	},
	{
		`[client 203.0.113.5] ModSecurity: Warning. Matched x [id "942100"] [msg "a"] [uri "/a"] [unique_id "1"] [x"] [unique_id "17"]`,
		"web modsecurity", `event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; event.code=942100; event.reason=a`,
	},
	{ // the words of the client's do not decide
		`[client 203.0.113.5] ModSecurity: Warning. Pattern match "x" at ARGS:ModSecurity: Access denied with code 403. [id "942100"] [uri "/a"] [unique_id "17"]`,
		"web modsecurity", `event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; event.code=942100; url.original=/a; url.path=/a`,
	},
	{
		`ModSecurity: Access denied with connection close (phase 1). Match of "x" against "y" required. [id "5"] [hostname "h"] [uri "/a"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; event.code=5; url.original=/a; url.path=/a`,
	},
	{
		`ModSecurity: Access denied with redirection to http://example.org/ using status 302 (phase 2). x [id "5"] [uri "/a"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; event.code=5; url.original=/a; url.path=/a`,
	},
	{
		`ModSecurity: Access allowed (phase 1). x [id "5"] [uri "/a"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_allowed; event.outcome=success; event.code=5; url.original=/a; url.path=/a`,
	},
	{
		`ModSecurity: Access denied with code 400. Too many threads [50] of 40 allowed in READ state from 203.0.113.5 - Possible DoS Consumption Attack [Rejected]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; http.response.status_code=400`,
	},
	{
		`[client "2001:db8::5"] Coraza: Access denied (phase 2). SQL Injection [file "x"] [line "5"] [id "942100"] [rev ""] [msg "SQL \"Injection\""] [data ""] [hostname ""] [uri "/a?b=\"c"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=2001:db8::5; event.code=942100; event.reason=SQL \"Injection\"; url.original=/a?b=\"c; url.path=/a; url.query=b=\"c`,
	},
	{
		`[client "203.0.113.5"] Coraza: Access dropped (phase 1). x [id "5"] [uri "/a"] [unique_id "abc"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=203.0.113.5; event.code=5; url.original=/a; url.path=/a`,
	},
	{
		`Message: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:q. [file "x"] [line "5"] [id "942100"] [msg "SQL Injection"]`,
		"web modsecurity", `event.category=web; event.action=waf_denied; event.outcome=failure; http.response.status_code=403; event.code=942100; event.reason=SQL Injection`,
	},
	{
		`Message: Warning. The disk is nearly full`,
		"system plain", ``,
	},
	{
		`ModSecurity: Audit log: Failed writing (requested 83 bytes, written 24): No space left on device [hostname "h"] [uri "/a"] [unique_id "abc"]`,
		"system plain", ``,
	},
	{
		`[07/Oct/2025:05:00:00.123456 --0400] ZFx8n38AAQEAACGg7LEAAAAE 203.0.113.5 4000 198.51.100.1 80`,
		"web modsecurity 2025-10-07T09:00:00.123456Z", `event.category=web; event.action=waf_audit; event.outcome=unknown; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=80`,
	},
	{
		`[2025/10/07 09:00:00] abcdefghijklmnop 2001:db8::5 4000 2001:db8::1 80`,
		"web modsecurity 2025-10-07T09:00:00Z", `event.category=web; event.action=waf_audit; event.outcome=unknown; source.ip=2001:db8::5; source.port=4000; destination.ip=2001:db8::1; destination.port=80`,
	},
	{
		`[2025/10/07 09:00:00] abcdefghijklmnop somebody's 4000 elsewhere 80 and more`,
		"system plain 2025-10-07T09:00:00Z", ``,
	},
	{
		`{"transaction":{"time":"07/Oct/2025:09:00:00.123456 +0000","transaction_id":"abc","remote_address":"203.0.113.5","remote_port":4000,"local_address":"198.51.100.1","local_port":80},"request":{"request_line":"GET /a?b=c HTTP/1.1","headers":{"Host":"example.org","User-Agent":"curl/8"}},"response":{"protocol":"HTTP/1.1","status":403,"headers":{}},"audit_data":{"messages":["Access denied with code 403 (phase 2). x [id \"942100\"] [msg \"SQL Injection\"]"],"action":{"intercepted":true,"phase":2,"message":"x"}}}`,
		"web modsecurity 2025-10-07T09:00:00.123456Z", `event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=80; http.version=1.1; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=403; user_agent.original=curl/8; event.code=942100; event.reason=SQL Injection`,
	},
	{
		`{"transaction":{"timestamp":"2025/10/07 09:00:00","unix_timestamp":1759827600123456789,"id":"abc","client_ip":"203.0.113.5","client_port":4000,"host_ip":"198.51.100.1","host_port":80,"server_id":"","request":{"method":"GET","protocol":"HTTP/1.1","uri":"/a","headers":{"user-agent":["curl/8"]}},"response":{"protocol":"","status":200,"headers":{}},"is_interrupted":false}}`,
		"web modsecurity 2025-10-07T09:00:00Z", `event.category=web; event.action=waf_audit; event.outcome=success; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=80; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; user_agent.original=curl/8`,
	},
}
