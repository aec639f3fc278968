package parse

import "testing"

func TestHaproxy(t *testing.T) { testCases(t, "haproxy", haproxyCases) }

func FuzzHaproxy(f *testing.F) { fuzzParser(f, "haproxy", haproxyCases) }

var haproxyCases = []lineCase{
	{
		`203.0.113.9:58430 [07/Oct/2025:09:00:00.608] main app/web1 0/0/1/2/3 200 248 - - ---- 1/1/0/0/0 0/0 "GET /a?b=c HTTP/1.1"`,
		"web haproxy 2025-10-07T09:00:00.608Z", `event.category=web; event.action=http_request; event.outcome=success; http.version=1.1; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=200; http.response.bytes=248; source.ip=203.0.113.9; source.port=58430`,
	},
	{
		`2001:db8::9:58430 [07/Oct/2025:09:00:00.608] main~ main/<NOSRV> -1/-1/-1/-1/0 401 248 - - PR-- 0/0/0/0/0 0/0 {example.com|curl} {} "POST /login HTTP/2.0"`,
		"web haproxy 2025-10-07T09:00:00.608Z", `event.category=web; event.action=http_request; event.outcome=failure; http.version=2.0; http.request.method=POST; url.original=/login; url.path=/login; http.response.status_code=401; http.response.bytes=248; source.ip=2001:db8::9; source.port=58430`,
	},
	{
		`203.0.113.9:58430 [07/Oct/2025:09:00:00.608] main main/<NOSRV> -1/-1/-1/-1/0 400 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"`,
		"web haproxy 2025-10-07T09:00:00.608Z", `event.category=web; event.action=http_request; event.outcome=failure; http.response.status_code=400; http.response.bytes=0; source.ip=203.0.113.9; source.port=58430`,
	},
	{
		`203.0.113.9:58430 [07/Oct/2025:09:00:00.608] ssh ssh/server1 0/0/5007 212 -- 0/0/0/0/3 0/0`,
		"system haproxy 2025-10-07T09:00:00.608Z", `event.category=network; event.action=proxy_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=58430`,
	},
	{
		`203.0.113.9:58430 [07/Oct/2025:09:00:00.608] main/1: SSL handshake failure`,
		"system haproxy 2025-10-07T09:00:00.608Z", `event.category=network; event.action=proxy_tls_failed; event.outcome=unknown; event.reason=SSL handshake failure; source.ip=203.0.113.9; source.port=58430`,
	},
	{
		`Server app/web1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. 0 active and 0 backup servers left.`,
		"system haproxy", `event.category=network; event.action=proxy_server_down; event.outcome=failure`,
	},
	{
		`Server app/web1 is UP, reason: Layer4 check passed, check duration: 0ms.`,
		"system haproxy", `event.category=network; event.action=proxy_server_up; event.outcome=success`,
	},
	{
		`backend app has no server available!`,
		"system haproxy", `event.category=network; event.action=proxy_server_down; event.outcome=failure`,
	},
	{
		`Proxy main started.`,
		"system haproxy", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`Connect from 203.0.113.9:4000 to 198.51.100.1:80 (main/HTTP)`,
		"system haproxy", `event.category=network; event.action=proxy_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`[WARNING]  (1) : Server app/web1 is DOWN, reason: Layer4 timeout, check duration: 2000ms.`,
		"system haproxy", `event.category=network; event.action=proxy_server_down; event.outcome=failure`,
	},
	{
		`Server app/web1 is going DOWN for maintenance. 0 active and 0 backup servers left.`,
		"system haproxy", `event.category=network; event.action=proxy_server_down; event.outcome=failure`,
	},
	{
		`203.0.113.9:4000 [07/Oct/2025:09:00:00.123] main/1: Timeout during SSL handshake`,
		"system haproxy 2025-10-07T09:00:00.123Z", `event.category=network; event.action=proxy_tls_failed; event.outcome=unknown; event.reason=Timeout during SSL handshake; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`203.0.113.9:4000 [07/Oct/2025:09:00:00.123] main/1: Received something which does not look like a PROXY protocol header`,
		"system haproxy 2025-10-07T09:00:00.123Z", `event.category=network; event.action=proxy_protocol_error; event.outcome=failure; event.reason=Received something which does not look like a PROXY protocol header; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`203.0.113.9:4000 [07/Oct/2025:09:00:00.123] main/1: whatever`,
		"system plain", ``,
	},
	{
		`203.0.113.9:4000 [07/Oct/2025:09:00:00.123] main~ main/<NOSRV> 0/-1/-1/-1/0 401 300 - - PR-- 8/1/0/0/0 0/0 {a|b} {} "GET /x HTTP/1.1" 0/0/0/0/1 example.org/TLSv1.3/TLS_AES_256_GCM_SHA384`,
		"web haproxy 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=failure; http.version=1.1; http.request.method=GET; url.original=/x; url.path=/x; http.response.status_code=401; http.response.bytes=300; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`203.0.113.9 - - [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 58 "" "" 4000 123 "http-in" "app" "web1" 0 0 10 11 21 ---- 1 1 0 0 0 0 0 "" ""`,
		"web haproxy 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.9; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=58`,
	},
}
