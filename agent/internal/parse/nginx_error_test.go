package parse

import "testing"

func TestNginxError(t *testing.T) { testCases(t, "nginx_error", nginxErrorCases) }

func FuzzNginxError(f *testing.F) { fuzzParser(f, "nginx_error", nginxErrorCases) }

var nginxErrorCases = []lineCase{
	{
		`2025/10/07 09:00:00 [error] 12#12: *456 open() "/var/www/x" failed (2: No such file or directory), client: 203.0.113.5, server: example.com, request: "GET /x?a=1 HTTP/1.1", host: "example.com"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=12; event.category=web; event.action=http_not_found; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/x?a=1; url.path=/x; url.query=a=1; url.domain=example.com`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#12: *456 user "bob": password mismatch, client: 203.0.113.5, server: _, request: "GET / HTTP/1.1", host: "example.com:8080"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=12; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; url.port=8080; url.domain=example.com`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#0: *456 user "no one" was not found in "/etc/nginx/.htpasswd", client: 203.0.113.5, server: _, request: "GET / HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=0; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=no one; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#0: *456 user "x": password mismatch, client: 198.51.100.1, server: y": password mismatch, client: 203.0.113.5, server: _, request: "GET / HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=0; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#0: *1 access forbidden by rule, client: 203.0.113.5, server: _, request: "GET /.git HTTP/1.1", host: "h", referrer: "http://r/"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=0; event.category=web; event.action=http_access_denied; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/.git; url.path=/.git`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#0: *1 limiting requests, excess: 5.1 by zone "one", client: 203.0.113.5, server: _, request: "GET / HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=0; event.category=web; event.action=http_rate_limited; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/`,
	},
	{
		`2025/10/07 09:00:00 [crit] 12#0: *1 SSL_do_handshake() failed (SSL: error) while SSL handshaking, client: 203.0.113.5, server: 0.0.0.0:443`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=crit; process.pid=12; process.thread.id=0; event.category=web; event.action=http_error; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#0: *1 open() "/srv/, client: 198.51.100.1, server: x" failed (2: No such file or directory), client: 203.0.113.5, server: _, request: "GET / HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=0; event.category=web; event.action=http_error; event.outcome=unknown`,
	},
	{
		`2025/10/07 09:00:00 [notice] 12#12: signal process started`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=notice; process.pid=12; process.thread.id=12; event.outcome=unknown`,
	},
	{
		`2025/10/07 09:00:00 [error] 1#0: *1 user " was not found in "x, client: 203.0.113.5, server: _`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; process.thread.id=0; event.category=web; event.action=http_error; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`2025/10/07 09:00:00 [error] no pid`,
		"app plain 2025-10-07T09:00:00Z", ``,
	},
	{
		`2025/10/07 09:00:00 [crit] 1#1: *5 connect() to unix:/run/php.sock failed (2: No such file or directory) while connecting to upstream, client: 203.0.113.5, server: _, request: "GET / HTTP/1.1", upstream: "fastcgi://unix:/run/php.sock:", host: "example.org"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=crit; process.pid=1; process.thread.id=1; event.category=web; event.action=http_error; event.outcome=unknown; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; url.domain=example.org`,
	},
	{
		`2025/10/07 09:00:00 [warn] 1#1: *5 delaying request, excess: 0.5, by zone "one", client: 203.0.113.5, server: _, request: "GET / HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=warn; process.pid=1; process.thread.id=1; event.category=web; event.action=http_rate_limited; event.outcome=unknown; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/`,
	},
	{
		`2025/10/07 09:00:00 [info] 1#1: *5 client sent invalid method while reading client request line, client: 203.0.113.5, server: _, request: "\x16\x03"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=1; process.thread.id=1; event.category=web; event.action=http_bad_request; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`2025/10/07 09:00:00 [info] 8#8: *15 client 203.0.113.5:53044 connected to 0.0.0.0:25`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=8; process.thread.id=8; event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.5; source.port=53044`,
	},
	{
		`2025/10/07 09:00:00 [info] 8#8: *15 client logged in, client: 203.0.113.5, server: 0.0.0.0:25, login: "bob@example.org"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=8; process.thread.id=8; event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob@example.org`,
	},
	{
		`2025/10/07 09:00:00 [info] 8#8: *15 client login failed: "Authentication credentials invalid" while in http auth state, client: 2001:db8::5 using starttls, server: 0.0.0.0:587, login: "postmaster"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=8; process.thread.id=8; event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=2001:db8::5; user.name=postmaster`,
	},
	{
		`2025/10/07 09:00:00 [info] 8#8: *15 client login failed: "no" while in http auth state, client: 203.0.113.5, server: 0.0.0.0:25, login: "a", client: 198.51.100.1, server: x"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=8; process.thread.id=8; event.category=web; event.action=http_error; event.outcome=unknown`,
	},
	{
		`2025/10/07 09:00:00 [warn] 12#12: no resolver defined to resolve ocsp.example.org while requesting certificate status, responder: ocsp.example.org, certificate: "/etc/a.pem"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=warn; process.pid=12; process.thread.id=12; event.category=web; event.action=http_error; event.outcome=unknown; error.message=no resolver defined to resolve ocsp.example.org while requesting certificate status`,
	},
	{
		`2025/10/07 09:00:00 [emerg] 12#12: bind() to 0.0.0.0:80 failed (98: Address already in use)`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=emerg; process.pid=12; process.thread.id=12; event.category=web; event.action=http_error; event.outcome=unknown; error.message=bind() to 0.0.0.0:80 failed (98: Address already in use)`,
	},
	{
		`2025/10/07 09:00:00 [alert] 12#12: worker process 13 exited on signal 11`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=alert; process.pid=12; process.thread.id=12; event.category=web; event.action=http_error; event.outcome=unknown; error.message=worker process 13 exited on signal 11`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#0: *5 client sent invalid host header while reading client request headers, client: 203.0.113.5, server: _, request: "GET / HTTP/1.1", host: "a b"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=0; event.category=web; event.action=http_bad_request; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/`,
	},
	{ // ModSecurity's connector names the client first; what it quotes may imitate the server's tail
		`2025/10/07 09:00:00 [error] 12#12: *5 [client 203.0.113.5] ModSecurity: Access denied with code 403 (phase 2). Matched x [file "x"] [line "5"] [id "942100"] [msg "SQL Injection"] [uri "/a"] [unique_id "17"] [ref "v5,1"], client: 203.0.113.5, server: example.org, request: "GET /a?b=c HTTP/1.1", host: "example.org"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=12; event.category=web; event.action=waf_denied; event.outcome=failure; source.ip=203.0.113.5; http.response.status_code=403; event.code=942100; event.reason=SQL Injection; http.version=1.1; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; url.domain=example.org`,
	},
	{
		`2025/10/07 09:00:00 [warn] 12#12: *5 [client 203.0.113.5] ModSecurity: Warning. Matched x, client: 192.0.2.66, request: "GET /b HTTP/1.1" [id "942100"] [uri "/a"] [unique_id "17"], client: 203.0.113.5, server: example.org, request: "GET /a HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=warn; process.pid=12; process.thread.id=12; event.category=web; event.action=waf_warning; event.outcome=unknown; source.ip=203.0.113.5; event.code=942100; url.original=/a; url.path=/a`,
	},
}
