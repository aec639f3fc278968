package parse

import "testing"

func TestAccessTook(t *testing.T) { testCases(t, "auto", accessTookCases) }

func FuzzAccessTook(f *testing.F) { fuzzParser(f, "auto", accessTookCases) }

var accessTookCases = []lineCase{
	{
		`{"ClientAddr":"198.51.100.7:11029","ClientHost":"192.0.2.66,203.0.113.5","ClientPort":"11029","DownstreamContentSize":0,"DownstreamStatus":204,"Duration":2337877123,"RequestHost":"example.org","RequestMethod":"GET","RequestPath":"/a","RequestProtocol":"HTTP/2.0","RequestScheme":"https","ServiceAddr":"10.0.0.5:8008","StartUTC":"2025-10-07T09:00:00.5Z"}`,
		"web access 2025-10-07T09:00:00.5Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; http.version=2.0; url.original=/a; url.path=/a; http.response.status_code=204; http.response.body.bytes=0; url.domain=example.org; network.protocol=http; url.scheme=https; destination.ip=10.0.0.5; destination.port=8008; event.duration=2337877123`,
	},
	{
		`{"start_time":"2025-10-07T09:00:00.123Z","method":"GET","path":"/a?b","protocol":"HTTP/1.1","response_code":503,"response_flags":"UF","bytes_sent":9,"duration":12,"authority":"example.org","upstream_host":"10.0.0.5:80","downstream_remote_address":"203.0.113.5:4000","x_forwarded_for":"192.0.2.66","user_agent":"curl"}`,
		"web access 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; http.request.method=GET; http.version=1.1; url.original=/a?b; url.path=/a; url.query=b; http.response.status_code=503; http.response.body.bytes=9; user_agent.original=curl; url.domain=example.org; network.forwarded_ip=192.0.2.66; destination.ip=10.0.0.5; destination.port=80; event.duration=12000000`,
	},
	{
		`{"time_local":"07/Oct/2025:09:00:00 +0000","remote_addr":"203.0.113.5","request":"GET /a HTTP/1.1","status":200,"request_time":0.008,"scheme":"https","upstream_addr":"10.0.0.5:8080"}`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; network.protocol=http; url.scheme=https; destination.ip=10.0.0.5; destination.port=8080; event.duration=8000000`,
	},
	{
		`{"ts":1759827600.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.5","proto":"HTTP/2.0","method":"GET","host":"example.org","uri":"/"},"duration":0.0123,"size":5,"status":200}`,
		"web access 2025-10-07T09:00:00.5Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; http.version=2.0; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=5; url.domain=example.org; event.duration=12300000`,
	},
	{
		`{"httpRequest":{"requestMethod":"GET","requestUrl":"https://example.org/a","status":404,"responseSize":"12","userAgent":"curl","remoteIp":"203.0.113.5","latency":"0.25s"},"timestamp":"2025-10-07T09:00:00Z"}`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=GET; url.original=https://example.org/a; url.scheme=https; url.domain=example.org; url.path=/a; http.response.status_code=404; http.response.body.bytes=12; user_agent.original=curl; event.duration=250000000`,
	},
	{
		`{"ClientIP":"203.0.113.5","ClientRequestHost":"example.org","ClientRequestMethod":"GET","ClientRequestURI":"/a","EdgeResponseStatus":403,"EdgeResponseBytes":12,"EdgeStartTimestamp":"2025-10-07T09:00:00Z","ClientRequestUserAgent":"curl"}`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=403; http.response.body.bytes=12; user_agent.original=curl; url.domain=example.org`,
	},
	{
		`{"time":"2025-10-07T09:00:00Z","client_ip":"203.0.113.5","request":{"method":"GET","uri":"/a"},"response":{"status":200},"latency_ms":12.5}`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; event.duration=12500000`,
	},
	{
		`[10/Aug/2018:09:45:56 +0200] 203.0.113.5 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 "GET /a HTTP/1.1" 404`,
		"web access 2018-08-10T07:45:56Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.body.bytes=404`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x" X-Forwarded-For="192.0.2.66, 10.0.0.1"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/a; url.path=/a; http.response.status_code=200; http.response.body.bytes=5; user_agent.original=x; network.forwarded_ip=192.0.2.66`,
	},
}
