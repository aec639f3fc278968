package parse

import "testing"

func TestAccessLayout(t *testing.T) { testCases(t, "auto", accessLayoutCases) }

func FuzzAccessLayout(f *testing.F) { fuzzParser(f, "auto", accessLayoutCases) }

var accessLayoutCases = []lineCase{
	{
		`[10/Feb/2024:21:23:32 +0100] mx.example.org 192.0.2.100 0.227 "REPORT /dav/x@example.org/ HTTP/2.0" 207 125 440 - Mozilla/5.0 (Windows NT 10.0)`,
		"web access 2024-02-10T20:23:32Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=192.0.2.100; url.domain=mx.example.org; http.version=2.0; http.request.method=REPORT; url.original=/dav/x@example.org/; url.path=/dav/x@example.org/; http.response.status_code=207`,
	},
	{
		`[21/May/2025:19:28:54 +0800] _ 192.0.2.1 0.811 "\x16\x03\x02\x22x" 400 122 282 - -`,
		"web access 2025-05-21T11:28:54Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=192.0.2.1; http.response.status_code=400`,
	},
	{
		`[21/May/2025:19:28:54 +0800] 198.51.100.66 192.0.2.1 0.811 "GET / HTTP/1.1" 400 122 282 - -`,
		"web access 2025-05-21T11:28:54Z", `event.category=web; event.action=http_request; event.outcome=failure; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=400`,
	},
	{
		`203.0.113.5 - bob [07/Oct/2025:09:00:00 +0000] 404 "GET /a HTTP/1.1" 153 "-" "curl/8" "-"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=404; http.response.body.bytes=153; user_agent.original=curl/8`,
	},
	{
		`203.0.113.5 - bob [07/Oct/2025:09:00:00 +0000] "example.org" "GET /a HTTP/1.1" 200 153 "-" "curl/8" "-"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; user.name=bob; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8`,
	},
	{
		`203.0.113.5 - bob [07/Oct/2025:09:00:00 +0000] https example.org "GET /a HTTP/1.1" 200 153 0.012 "-" "curl/8"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; user.name=bob; url.scheme=https; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8`,
	},
	{
		`203.0.113.5 - [203.0.113.5] - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153 "-" "curl/8" 345 0.012 [ns-app-80] [] 10.0.0.5:80 153 0.012 200 0123456789abcdef`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8; http.request.bytes=345; event.duration=12000000`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153 "-" "curl/8" 12 "app@docker" "http://172.18.0.2:80" 3ms`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8; event.duration=3000000`,
	},
	{
		`203.0.113.5 -  -  [02/sept./2015:00:11:31 +0200] "GET /x HTTP/1.1" 401 1382`,
		"web access 2015-09-01T22:11:31Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/x; url.path=/x; http.response.status_code=401; http.response.body.bytes=1382`,
	},
	{
		`203.0.113.5:4455 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; source.port=4455; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`example.org 203.0.113.5 [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; url.domain=example.org; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`203.0.113.5 example.org - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; url.domain=example.org; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`198.51.100.66 203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`198.51.100.66, 10.0.0.1 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; network.forwarded_ip=198.51.100.66; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`203.0.113.5 "GET /a HTTP/1.1" 200 153`,
		"web access", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`2025-10-07T09:00:00+00:00 203.0.113.5 "GET /a HTTP/1.1" 200 153 "-" "curl/8"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8`,
	},
	{
		`203.0.113.5 - - [2025-10-07T09:00:00+00:00] "GET /a HTTP/1.1" 200 153 "-" "curl/8"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8`,
	},
	{
		`1759827600.123 203.0.113.5 example.org "GET /a HTTP/1.1" 200 153 "-" "curl/8"`,
		"web access 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=curl/8`,
	},
	{
		`https 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 203.0.113.5:2817 10.0.0.1:80 0.086 0.048 0.037 404 404 0 57 "GET https://www.example.com:443/a?b=c HTTP/1.1" "curl/7.46.0" ECDHE-RSA TLSv1.2 arn:aws:x "Root=1" "www.example.com" "arn:x" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"`,
		"web access 2018-07-02T22:23:00.186641Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=2817; destination.ip=10.0.0.1; destination.port=80; http.version=1.1; http.request.method=GET; url.original=https://www.example.com:443/a?b=c; url.scheme=https; url.port=443; url.domain=www.example.com; url.path=/a; url.query=b=c; http.response.status_code=404; http.request.bytes=0; http.response.bytes=57; user_agent.original=curl/7.46.0; event.duration=171000000`,
	},
	{
		`2015-05-13T23:39:43.945958Z my-lb 203.0.113.5:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -`,
		"web access 2015-05-13T23:39:43.945958Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; source.port=2817; destination.ip=10.0.0.1; destination.port=80; http.version=1.1; http.request.method=GET; url.original=http://www.example.com:80/; url.scheme=http; url.port=80; url.domain=www.example.com; url.path=/; http.response.status_code=200; http.request.bytes=0; http.response.bytes=29; user_agent.original=curl/7.38.0; event.duration=1178000`,
	},
	{
		`2015-05-13T23:39:43.945958Z my-lb 203.0.113.5:2817 - -1 -1 -1 503 0 0 0 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -`,
		"web access 2015-05-13T23:39:43.945958Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=2817; http.version=1.1; http.request.method=GET; url.original=http://www.example.com:80/; url.scheme=http; url.port=80; url.domain=www.example.com; url.path=/; http.response.status_code=503; http.request.bytes=0; http.response.bytes=0; user_agent.original=curl/7.38.0`,
	},
	{
		`79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be bkt [06/Feb/2019:00:00:38 +0000] 203.0.113.5 arn:aws:iam::1:user/bob 3E57427F3EXAMPLE REST.GET.OBJECT a.txt "GET /bkt/a.txt HTTP/1.1" 403 AccessDenied 243 - 7 - "-" "S3Console/0.4" - x SigV4 ECDHE AuthHeader b.s3.amazonaws.com TLSV1.1 - -`,
		"web access 2019-02-06T00:00:38Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; user.name=arn:aws:iam::1:user/bob; http.request.id=3E57427F3EXAMPLE; http.version=1.1; http.request.method=GET; url.original=/bkt/a.txt; url.path=/bkt/a.txt; http.response.status_code=403; error.code=AccessDenied; http.response.body.bytes=243; event.duration=7000000; user_agent.original=S3Console/0.4`,
	},
	{
		"2019-12-04\t21:02:31\tLAX1\t392\t203.0.113.5\tGET\td111.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows)\ta=b\t-\tHit\tSOX4xwn4XV6Q4rg==\texample.org\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
		"web access 2019-12-04T21:02:31Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; url.original=/index.html?a=b; url.path=/index.html; url.query=a=b; http.response.status_code=200; http.response.bytes=392; http.request.bytes=23; user_agent.original=Mozilla/5.0 (Windows); url.scheme=https; url.domain=example.org; http.request.id=SOX4xwn4XV6Q4rg==; event.duration=1000000`,
	},
	{
		`[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "203.0.113.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations.example.org" "tcp://10.0.2.1:80"`,
		"web access 2016-04-15T20:17:00.31Z", `event.category=web; event.action=http_request; event.outcome=success; http.version=2; http.request.method=POST; url.original=/api/v1/locations; url.path=/api/v1/locations; http.response.status_code=204; http.request.bytes=154; http.response.body.bytes=0; event.duration=226000000; network.forwarded_ip=203.0.113.28; user_agent.original=nsq2http; http.request.id=cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2; url.domain=locations.example.org`,
	},
	{
		`[2025-10-07T09:00:00.123Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/8" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "10.44.1.27:80" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 203.0.113.9:46520 - default`,
		"web access 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.9; source.port=46520; http.version=1.1; http.request.method=GET; url.original=/status/418; url.path=/status/418; http.response.status_code=418; http.request.bytes=0; http.response.body.bytes=135; event.duration=3000000; user_agent.original=curl/8; http.request.id=84961386-6d84-929d-98bd-c5aee93b5c88; url.port=8000; url.domain=httpbin`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] GET /x HTTP/1.1 "200" 12 "-" "x" "-"`,
		"app plain", ``,
	},
	{
		`some text [07/Oct/2025:09:00:00 +0000] foo "bar" 200 is not a log`,
		"app plain", ``,
	},
	{
		`203.0.113.5 - x 192.0.2.66 [07/Oct/2025:09:00:00 +0000] app.example.org "GET /a HTTP/1.1" 200 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; user.name=x 192.0.2.66; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] 192.0.2.66 203.0.113.5 - "GET /a HTTP/1.1" 200 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] 203.0.113.5 - 192.0.2.66 "GET /a HTTP/1.1" 200 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`"GET /forged HTTP/1.1" 203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 404 153 "-" "x"`,
		"app plain", ``,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] example.org "-" 400 0 "-" "GET /forged HTTP/1.1 200"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.response.status_code=400; http.response.body.bytes=0; user_agent.original=GET /forged HTTP/1.1 200`,
	},
	{
		`[2025-10-07T09:00:00.123Z] "GET /a HTTP/1.1" 200 - 0 0 0 0 "-" "x" HTTP/2" 404 - 0 5 1 1 "-" "x" "-" "h" "-"`,
		"web access 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=unknown`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] 203.0.113.5 250 "GET /a HTTP/1.1" 404 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=404; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] 203.0.113.5 201 "GET /a HTTP/1.1" 404 153 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.body.bytes=153; user_agent.original=x`,
	},
	{
		`192.0.2.66,10.0.0.1 - bob [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; network.forwarded_ip=192.0.2.66; user.name=bob; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`192.0.2.66, 10.0.0.1 - bob [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; network.forwarded_ip=192.0.2.66; user.name=bob; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`198.51.100.1:80 203.0.113.5 - bob [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; url.domain=198.51.100.1; url.port=80; user.name=bob; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`198.51.100.1:50123 203.0.113.5 - bob [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 153`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; user.name=bob; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=153`,
	},
	{
		`[07/Oct/2025:09:00:00 +0000] 203.0.113.5 "GET /a HTTP/1.1" 000 0 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=0; http.response.body.bytes=0; user_agent.original=x`,
	},
}
