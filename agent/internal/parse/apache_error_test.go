package parse

import "testing"

func TestApacheError(t *testing.T) { testCases(t, "apache_error", apacheErrorCases) }

func FuzzApacheError(f *testing.F) { fuzzParser(f, "apache_error", apacheErrorCases) }

var apacheErrorCases = []lineCase{
	{
		`[Tue Oct 07 09:00:00.123456 2025] [auth_basic:error] [pid 17:tid 140] [client 203.0.113.5:51390] AH01617: user bob: authentication failure for "/x": Password Mismatch`,
		"app apache_error 2025-10-07T09:00:00.123456Z", `log.level=error; process.pid=17; process.thread.id=140; source.ip=203.0.113.5; source.port=51390; event.code=AH01617; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`[Tue Oct 07 09:00:00.123456 2025] [auth_basic:error] [pid 17:tid 140] [client [2001:db8::5]:51390] AH01618: user no one not found: /x`,
		"app apache_error 2025-10-07T09:00:00.123456Z", `log.level=error; process.pid=17; process.thread.id=140; source.ip=2001:db8::5; source.port=51390; event.code=AH01618; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=no one`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] user bob not found: /x not found: /y`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] File does not exist: /var/www/favicon.ico`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=web; event.action=http_not_found; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [authz_core:error] [pid 1] [client 203.0.113.5:9] AH01630: client denied by server configuration: /srv`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=9; event.code=AH01630; event.category=web; event.action=http_access_denied; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [core:error] [pid 1] (36)File name too long: [client 203.0.113.5:9] AH00036: access to /x failed`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=9; event.code=AH00036; event.category=web; event.action=http_error; event.outcome=unknown`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [mpm_event:notice] [pid 1:tid 2] AH00489: Apache/2.4 configured -- resuming normal operations`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=notice; process.pid=1; process.thread.id=2; event.code=AH00489; event.outcome=unknown`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [php7:error] [pid 9] [client 203.0.113.5:4] PHP Fatal error:  Uncaught x, referer: [client 198.51.100.1:1] y`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=9; source.ip=203.0.113.5; source.port=4; event.category=web; event.action=http_error; event.outcome=unknown`,
	},
	{
		`[error] [client 203.0.113.5] Directory index forbidden by rule: /home/`,
		"app apache_error", `log.level=error; source.ip=203.0.113.5; event.category=web; event.action=http_access_denied; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] no level`,
		"app plain", ``,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [authz_core:error] [pid 1] [client 2001:db8::5:22] AH01631: user bob: authorization failure for "/x": `,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=2001:db8::5; source.port=22; event.code=AH01631; event.category=web; event.action=http_access_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 2001:db8::5:22] File does not exist: /x`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=2001:db8::5:22; event.category=web; event.action=http_not_found; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [proxy:error] [pid 1:tid 2] [remote 198.51.100.9:443] AH01102: error reading status line`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; process.thread.id=2; event.code=AH01102; event.outcome=unknown`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [auth_form:error] [pid 1] [client 203.0.113.5:4] AH01807: user 'bob': authentication failure for "/x": password Mismatch`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH01807; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		"[Tue Oct 07 09:00:00 2025] [auth_digest:error] [pid 1] [client 203.0.113.5:4] AH01790: user `bob' in realm `x' not found: /x",
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH01790; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [auth_digest:error] [pid 1] [client 203.0.113.5:4] AH01774: Warning, possible replay attack: nonce-count check failed: 1 != 2`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH01774; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [authnz_ldap:info] [pid 1] [client 203.0.113.5:4] AH01695: auth_ldap authenticate: user bob authentication failed; URI /x [User not found][No such object]`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH01695; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] access to /x failed, reason: user 'bob' does not meet 'require'ments for user/valid-user to be allowed access`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=web; event.action=http_access_denied; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] Digest: invalid nonce abc received - length is not 52`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=authentication; event.category=web; event.action=http_authentication; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] Invalid method in request \x16\x03\x01`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] request failed: URI too long (longer than 8190)`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [cgi:error] [pid 1:tid 2] [client 203.0.113.5:4] AH02811: stderr from /usr/lib/cgi-bin/x: script not found or unable to stat`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; process.thread.id=2; source.ip=203.0.113.5; source.port=4; event.code=AH02811; event.category=web; event.action=http_not_found; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [cgi:error] [pid 1] [client 203.0.113.5:4] AH01215: stderr from /usr/lib/cgi-bin/x: ready`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH01215; event.category=web; event.action=http_error; event.outcome=unknown`,
	},
	{
		"[Tue Oct 07 09:00:00 2025] [cgi:error] [pid 1] [client 203.0.113.5:4] AH01215: /bin/bash: error importing function definition for `HTTP_COOKIE'",
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH01215; event.category=web; event.action=http_error; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [ssl:error] [pid 1] [client 203.0.113.5:4] AH02033: No hostname was provided via SNI for a name based virtual host`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=4; event.code=AH02033; event.category=web; event.action=http_access_denied; event.outcome=failure`,
	},
	{
		`[2025-10-07 09:00:00.323610 +0200] [authz_core:error] [pid 1:tid 2] [client 203.0.113.5:9] AH01630: client denied by server configuration: /srv`,
		"app apache_error 2025-10-07T07:00:00.32361Z", `log.level=error; process.pid=1; process.thread.id=2; source.ip=203.0.113.5; source.port=9; event.code=AH01630; event.category=web; event.action=http_access_denied; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [core:info] [pid 1] [client 203.0.113.5:9] AH00561: Request header exceeds LimitRequestFieldSize: Cookie`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=1; source.ip=203.0.113.5; source.port=9; event.code=AH00561; event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [core:info] [pid 1] [client 203.0.113.5:9] AH00563: Number of request headers exceeds LimitRequestFields`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=info; process.pid=1; source.ip=203.0.113.5; source.port=9; event.code=AH00563; event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [ssl:error] [pid 1] [client 203.0.113.5:9] AH02032: Hostname a.example.org provided via SNI and hostname b.example.org provided via HTTP have no compatible SSL setup for policy 'secure'`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=9; event.code=AH02032; event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [core:error] [pid 1] [client 203.0.113.5:9] AH00550: Client sent malformed Host header: a b`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; source.port=9; event.code=AH00550; event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [php7:notice] [pid 1] [client 203.0.113.5:9] ERR [Could not retrieve user bob details], referer: https://zm.example.org/?view=login`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=notice; process.pid=1; source.ip=203.0.113.5; source.port=9; event.category=authentication; event.action=web_login; event.outcome=failure; user.name=bob`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [php7:notice] [pid 1] [client 203.0.113.5:9] ERR [Login denied for user "bob"]`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=notice; process.pid=1; source.ip=203.0.113.5; source.port=9; event.category=authentication; event.action=web_login; event.outcome=failure; user.name=bob`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [php7:notice] [pid 1] [client 203.0.113.5:9] ERR [Could not retrieve user x], referer: y details], referer: https://zm.example.org/`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=notice; process.pid=1; source.ip=203.0.113.5; source.port=9; event.category=authentication; event.action=web_login; event.outcome=failure`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [php7:notice] [pid 1] [client 203.0.113.5:9] ERR [Socket is gone]`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=notice; process.pid=1; source.ip=203.0.113.5; source.port=9; event.category=web; event.action=http_error; event.outcome=unknown`,
	},
	{
		`[2025-10-07 09:00:00] [error] no module`,
		"app plain 2025-10-07T09:00:00Z", ``,
	},
	{
		`[Tue Oct 07 09:00:00.123456 2025] [security2:error] [pid 1:tid 2] [client 203.0.113.5:4000] [client 203.0.113.5] ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:q. [file "x"] [line "5"] [id "942100"] [msg "SQL Injection"] [hostname "example.org"] [uri "/a"] [unique_id "abc"]`,
		"app apache_error 2025-10-07T09:00:00.123456Z", `log.level=error; process.pid=1; process.thread.id=2; source.ip=203.0.113.5; source.port=4000; event.category=web; event.action=waf_denied; event.outcome=failure; http.response.status_code=403; event.code=942100; event.reason=SQL Injection; url.original=/a; url.path=/a`,
	},
	{
		`[Tue Oct 07 09:00:00.123456 2025] [:error] [pid 1] [client 203.0.113.5] ModSecurity: Warning. Operator GE matched 4 at TX:outbound_anomaly_score. [file "x"] [line "40"] [id "981205"] [msg "a \"b\""] [hostname "example.org"] [uri "/a"] [unique_id "abc"]`,
		"app apache_error 2025-10-07T09:00:00.123456Z", `log.level=error; process.pid=1; source.ip=203.0.113.5; event.category=web; event.action=waf_warning; event.outcome=unknown; event.code=981205; event.reason=a \"b\"; url.original=/a; url.path=/a`,
	},
	{
		`[Tue Oct 07 09:00:00.123456 2025] [ssl:info] [pid 1:tid 2] [client 203.0.113.5:9] AH01964: Connection to child 7 established (server a.example.org:443)`,
		"app apache_error 2025-10-07T09:00:00.123456Z", `log.level=info; process.pid=1; process.thread.id=2; source.ip=203.0.113.5; source.port=9; event.code=AH01964; event.category=web; event.action=http_connection; event.outcome=success`,
	},
}
