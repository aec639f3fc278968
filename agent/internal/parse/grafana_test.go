package parse

import "testing"

func TestGrafana(t *testing.T) { testCases(t, "grafana", grafanaCases) }

func FuzzGrafana(f *testing.F) { fuzzParser(f, "grafana", grafanaCases) }

var grafanaCases = []lineCase{
	{
		`t=2025-10-07T09:00:00+0200 lvl=eror msg="Invalid username or password" logger=context userId=0 orgId=0 uname= error="User not found" remote_addr=203.0.113.9`,
		"auth grafana 2025-10-07T07:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; event.reason=User not found; log.level=eror; log.logger=context; source.ip=203.0.113.9`,
	},
	{
		`logger=context userId=0 orgId=0 uname= t=2025-10-07T09:00:00.123Z level=info msg="Request Completed" method=POST path=/login status=401 remote_addr=203.0.113.9 time_ms=5 duration=5.1ms size=105 referer=http://a.example/login`,
		"web grafana 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_request; event.outcome=failure; http.request.method=POST; url.original=/login; url.path=/login; http.response.status_code=401; log.level=info; log.logger=context; source.ip=203.0.113.9`,
	},
	{
		`logger=authn.service t=2025-10-07T09:00:00.123Z level=warn msg="Failed to authenticate request" client=auth.client.form error="[password-auth.failed] user not found: remote_addr=192.0.2.66"`,
		"auth grafana 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; event.reason=[password-auth.failed] user not found: remote_addr=192.0.2.66; log.level=warn; log.logger=authn.service`,
	},
	{
		`logger=sqlstore t=2025-10-07T09:00:00.123Z level=info msg="Connecting to DB" dbtype=sqlite3`,
		"system plain", ``,
	},
	{
		`t=x y`,
		"system plain", ``,
	},
}
