package parse

import "testing"

func TestLogfmt(t *testing.T) { testCases(t, "auto", logfmtCases) }

func FuzzLogfmt(f *testing.F) { fuzzParser(f, "auto", logfmtCases) }

var logfmtCases = []lineCase{
	{
		`time="2025-10-07T09:00:00+02:00" level=error msg="Unsuccessful 1FA authentication attempt by user 'bob'" error="user not found" method=POST path=/api/firstfactor remote_ip=203.0.113.5`,
		"auth applog 2025-10-07T07:00:00Z", `log.level=error; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.reason=user not found`,
	},
	{
		`time=2025-10-07T09:00:00.307Z level=WARN msg="Incorrect username or password" authentication_failed=true client_ip=203.0.113.5 user_agent="x from 192.0.2.66" username=bob error="store: \"bob\""`,
		"auth applog 2025-10-07T09:00:00.307Z", `log.level=WARN; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.reason=store: "bob"`,
	},
	{
		`ts=2025-10-07T09:00:00.307Z level=info caller=main.go:12 msg="Server is ready"`,
		"app applog 2025-10-07T09:00:00.307Z", `log.level=info; event.outcome=unknown`,
	},
	{
		`time="2025-10-07T09:00:00Z" level=info msg="request" remote_addr=203.0.113.5:4000 method=GET uri="/a?b=c" status=404`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404`,
	},
	{
		`level=info msg="a" broken`,
		"app applog", `log.level=info; event.outcome=unknown`,
	},
}
