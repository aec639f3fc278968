package parse

import "testing"

func TestEjabberd(t *testing.T) { testCases(t, "ejabberd", ejabberdCases) }

func FuzzEjabberd(f *testing.F) { fuzzParser(f, "ejabberd", ejabberdCases) }

var ejabberdCases = []lineCase{
	{
		`2025-10-07 09:00:00.123 [info] <0.585.0>@ejabberd_c2s:wait_for_sasl_response:965 ({socket_state,p1_tls,<0.584.0>}) Failed authentication for bob@example.org from 203.0.113.5`,
		"auth ejabberd 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.org; log.level=info`,
	},
	{
		`2025-10-07 09:00:00.123456+02:00 [warning] <0.585.0>@ejabberd_c2s:process_auth_result/3:291 (tls|<0.584.0>) Failed c2s PLAIN authentication for bob@example.org from ::ffff:203.0.113.5: Invalid username or password`,
		"auth ejabberd 2025-10-07T07:00:00.123456Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.org; log.level=warning`,
	},
	{
		`2025-10-07 09:00:00.123456+02:00 [info] <0.585.0>@ejabberd_c2s:process_auth_result/3:270 (tls|<0.584.0>) Accepted c2s PLAIN authentication for bob@example.org by mnesia backend from ::ffff:203.0.113.5`,
		"auth ejabberd 2025-10-07T07:00:00.123456Z", `event.category=authentication; event.action=app_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob@example.org; log.level=info`,
	},
	{
		`2025-10-07 09:00:00.123456+02:00 [info] <0.585.0>@ejabberd_app:start/2:60 ejabberd 23.10 is started`,
		"system plain 2025-10-07T07:00:00.123456Z", ``,
	},
	{
		`2025-10-07 09:00:00.123456+02:00 [warning] <0.585.0>@mod_fail2ban:log_and_disconnect/3:12 (tls|<0.584.0>) Too many (20) failed authentications`,
		"system plain 2025-10-07T07:00:00.123456Z", ``,
	},
}
