package parse

import "testing"

func TestWebapps(t *testing.T) { testCases(t, "webapps", webappsCases) }

func FuzzWebapps(f *testing.F) { fuzzParser(f, "webapps", webappsCases) }

var webappsCases = []lineCase{
	{
		`user denied: root (mysql-denied) from 203.0.113.5`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=root`,
	},
	{
		`https://example.org|1759827600|user|203.0.113.5|https://example.org/user|https://example.org/user|0||Login attempt failed from 203.0.113.5.`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`https://example.org|1759827600|user|203.0.113.5|https://example.org/user|https://example.org/user|1||Session opened for bob.`,
		"auth webapps", `event.category=session; event.action=web_session_opened; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`SOGoRootPage Login from '203.0.113.5' for user 'bob' might not have worked - password policy: 65535  grace: -1  expire: -1  bound: 0`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`SOGoRootPage successful login from '203.0.113.5' for user 'bob' - expire = -1  grace = -1`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`[error] [horde] FAILED LOGIN for bob [203.0.113.5] to Horde [on line 116 of "/srv/login.php"]`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`[warn] Bad password for bob (203.0.113.5)`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Authentication failure for x from 192.0.2.66 from 203.0.113.5`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=x from 192.0.2.66`,
	},
	{
		`XML-RPC multicall authentication failure from 203.0.113.5`,
		"auth webapps", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`info main::do_signoff() [robot lists.example.org] [session 03768507431870] [client 203.0.113.5] [list abc]`,
		"system webapps", `event.category=network; event.action=web_action; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`Nothing about anybody`,
		"system plain", ``,
	},
}
