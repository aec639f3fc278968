package parse

import "testing"

func TestLoginText(t *testing.T) { testCases(t, "auto", loginTextCases) }

func FuzzLoginText(f *testing.F) { fuzzParser(f, "auto", loginTextCases) }

var loginTextCases = []lineCase{
	{
		`2025-10-07 09:00:00,123 - shop.auth - WARNING - Login failed for user "bob" from 203.0.113.5`,
		"auth python 2025-10-07T09:00:00.123Z", `log.level=WARNING; log.logger=shop.auth; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00,644 1 INFO odoo odoo.addons.base.models.res_users: Login failed for db:odoo login:bob@example.com from 203.0.113.5`,
		"auth python 2025-10-07T09:00:00.644Z", `log.level=INFO; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.com; tocsin.source.claimed=true`,
	},
	{
		`[2025-10-07 09:00:00,123]  WARN {cps.web:1475} Login failed for user "bob" IP-address: 203.0.113.5`,
		"auth python 2025-10-07T09:00:00.123Z", `log.level=WARN; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`2025-10-07T09:00:00.030Z [warn][API]: Failed sign-in attempt using invalid Overseerr password {"ip":"203.0.113.5","email":"bob@example.com"}`,
		"auth applog 2025-10-07T09:00:00.03Z", `log.level=warn; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.com`,
	},
	{
		`Oct  7 09:00:00 web01 Prowlarr[8213]: [Warn] Auth: Auth-Failure ip 203.0.113.5 username 'bob'`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=8213; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`WARNING: Authentication attempt from 203.0.113.5 for user "bob" failed.`,
		"auth python", `log.level=WARNING; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`[2025-10-07 09:00:00,112] WARNING in limiter: Authentication attempt from 2001:db8::5 has been rate-limited.`,
		"auth python 2025-10-07T09:00:00.112Z", `log.level=WARNING; log.logger=limiter; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=2001:db8::5`,
	},
	{
		`2025-10-07 09:00:00.092 Warn Server: AUTH-ERROR: 203.0.113.5 - Invalid username or password entered.`,
		"auth applog 2025-10-07T09:00:00.092Z", `log.level=Warn; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; tocsin.source.claimed=true`,
	},
	{
		`2025-10-07 09:00:00,123 INFO app: User "bob" logged in with "password", from ip "203.0.113.5", client version "x"`,
		"auth python 2025-10-07T09:00:00.123Z", `log.level=INFO; event.category=authentication; event.action=app_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: login failed for bob [203.0.113.5]:4000`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; tocsin.source.claimed=true`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: login failed for a b from 203.0.113.5`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; tocsin.source.claimed=true`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: login failed for "x' from 192.0.2.66" from 203.0.113.5`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=x' from 192.0.2.66`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: Login failed. Proxy 192.0.2.66 is slow`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=failure`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: Login failures are rare from 203.0.113.5`,
		"system syslog 2025-10-07T09:00:00Z", `process.pid=12`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: Successful login for user N/A from 203.0.113.5`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=success; source.ip=203.0.113.5`,
	},
	{
		`Oct  7 09:00:00 web01 shop[12]: login successful: user=bob, ip=203.0.113.5`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob; tocsin.source.claimed=true`,
	},
	{
		`2025/10/07 09:00:00 ...uth/auth.go:12:SignInPost() [I] Failed authentication attempt for bob from 203.0.113.5:43210: user does not exist`,
		"auth applog 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; source.port=43210; user.name=bob; tocsin.source.claimed=true`,
	},
	{
		`time="2025-10-07T09:00:00Z" level=error msg="Unsuccessful Duo push authentication attempt by user 'bob': duo auth result: deny" method=POST path=/api/secondfactor/duo remote_ip=203.0.113.5`,
		"auth applog 2025-10-07T09:00:00Z", `log.level=error; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`time="2025-10-07T09:00:00Z" level=debug msg="Successful U2F authentication attempt made by user 'bob'" remote_ip=203.0.113.5`,
		"auth applog 2025-10-07T09:00:00Z", `log.level=debug; event.category=authentication; event.action=app_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`time="2025-10-07T09:00:00Z" level=info msg="Successful import of 3 authentication records" remote_ip=203.0.113.5`,
		"app applog 2025-10-07T09:00:00Z", `log.level=info; event.outcome=unknown`,
	},
}
