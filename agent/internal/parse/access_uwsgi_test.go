package parse

import "testing"

func TestUWSGI(t *testing.T) { testCases(t, "auto", uwsgiCases) }

func FuzzUWSGI(f *testing.F) { fuzzParser(f, "auto", uwsgiCases) }

var uwsgiCases = []lineCase{
	{
		`[pid: 81|app: 0|req: 3/2] 203.0.113.5 () {38 vars in 696 bytes} [Tue Oct  7 09:00:00 2025] POST /a?b=c => generated 47 bytes in 35 msecs (HTTP/1.1 403) 9 headers in 378 bytes (1 switches on core 30)`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; process.pid=81; source.ip=203.0.113.5; http.request.method=POST; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=403; http.response.body.bytes=47; event.duration=35000000`,
	},
	{
		`[pid: 81|app: -1|req: -1/2] 2001:db8::5 (bob) {34 vars in 617 bytes} [Tue Oct  7 09:00:00 2025] GET /s.css => generated 215 bytes in 68 micros via sendfile() (HTTP/2.0 200) 9 headers in 373 bytes (1 switches on core 8)`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; process.pid=81; source.ip=2001:db8::5; user.name=bob; http.request.method=GET; url.original=/s.css; url.path=/s.css; http.response.status_code=200; http.response.body.bytes=215; event.duration=68000`,
	},
	{
		`{address space usage: 41418752 bytes/39MB} {rss usage: 2097152 bytes/2MB} [pid: 81|app: 0|req: 3/2] 203.0.113.5 () {38 vars in 696 bytes} [Tue Oct  7 09:00:00 2025] GET / => generated 47 bytes in 35 msecs (HTTP/1.1 200) 9 headers in 378 bytes (1 switches on core 0)`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; process.pid=81; source.ip=203.0.113.5; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=47; event.duration=35000000`,
	},
	{ // a target that imitates the end: the true end has the status
		`[pid: 81|app: 0|req: 3/2] 203.0.113.5 () {38 vars in 696 bytes} [Tue Oct  7 09:00:00 2025] GET / => generated 1 bytes in 1 msecs (HTTP/1.1 200) 1 headers in 1 bytes (1 switches on core 0) => generated 47 bytes in 35 msecs (HTTP/1.1 404) 9 headers in 378 bytes (1 switches on core 0)`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; process.pid=81; source.ip=203.0.113.5; http.request.method=GET; url.original=/ => generated 1 bytes in 1 msecs (HTTP/1.1 200) 1 headers in 1 bytes (1 switches on core 0); url.path=/ => generated 1 bytes in 1 msecs (HTTP/1.1 200) 1 headers in 1 bytes (1 switches on core 0); http.response.status_code=404; http.response.body.bytes=47; event.duration=35000000`,
	},
	{ // a user who imitates a request
		`[pid: 81|app: 0|req: 3/2] 203.0.113.5 (x) {1 vars in 1 bytes} [Tue Oct  7 08:00:00 2025] GET /forged) {38 vars in 696 bytes} [Tue Oct  7 09:00:00 2025] GET / => generated 47 bytes in 35 msecs (HTTP/1.1 404) 9 headers in 378 bytes (1 switches on core 0)`,
		"web access", `event.category=web; event.action=http_request; event.outcome=failure; process.pid=81; source.ip=203.0.113.5; http.response.status_code=404; http.response.body.bytes=47; event.duration=35000000`,
	},
	{
		`[pid: 81|app: 0|req: 3/2] 203.0.113.5 () {38 vars in 696 bytes} [Tue Oct  7 09:00:00 2025] GET / => generated 47 bytes in 35 msecs`,
		"app plain", ``,
	},
}
