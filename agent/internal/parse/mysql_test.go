package parse

import "testing"

func TestMysql(t *testing.T) { testCases(t, "mysql", mysqlCases) }

func FuzzMysql(f *testing.F) { fuzzParser(f, "mysql", mysqlCases) }

var mysqlCases = []lineCase{
	{
		`2025-10-07T09:00:00.123456Z 113 [Note] [MY-010926] [Server] Access denied for user 'root'@'203.0.113.9' (using password: NO)`,
		"auth mysql 2025-10-07T09:00:00.123456Z", `log.level=Note; event.code=MY-010926; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=root`,
	},
	{
		`2025-10-07T09:00:00.123456Z 6 [Note] Access denied for user 'bob'@'mail.example.com' (using password: YES)`,
		"auth mysql 2025-10-07T09:00:00.123456Z", `log.level=Note; event.category=authentication; event.action=db_login; event.outcome=failure; source.address=mail.example.com; source.domain=mail.example.com; user.name=bob`,
	},
	{
		`2025-10-07  9:00:00 140581192722176 [Warning] Access denied for user 'bob'@'2001:db8::9' (using password: YES)`,
		"auth mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=2001:db8::9; user.name=bob`,
	},
	{
		`251007  9:00:00 [Warning] Access denied for user 'bob'@'203.0.113.9' (using password: YES)`,
		"auth mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`251007 19:00:00 [Warning] Access denied for user ''@'localhost' to database 'app'`,
		"auth mysql 2025-10-07T19:00:00Z", `log.level=Warning; event.category=authentication; event.action=db_login; event.outcome=failure; source.address=localhost; source.domain=localhost`,
	},
	{
		`2025-10-07T09:00:00.123456Z	   14 Connect	Access denied for user 'bob'@'203.0.113.9' (using password: YES)`,
		"auth mysql 2025-10-07T09:00:00.123456Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`Access denied for user 'bob'@'203.0.113.9'. Account is locked.`,
		"auth mysql", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`Access denied trying to change to user 'bob'@'203.0.113.9' (using password: YES). Disconnecting`,
		"auth mysql", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07  9:00:00 12 [Warning] Access denied for user 'x'@'192.0.2.66' (using password: YES)'@'203.0.113.9' (using password: YES)`,
		"auth mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x'@'192.0.2.66' (using password: YES)`,
	},
	{
		`2025-10-07  9:00:00 12 [Warning] Access denied for user 'x'@'203.0.113.9' to database 'y'@'192.0.2.66'`,
		"auth mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x`,
	},
	{
		`2025-10-07  9:00:00 12 [Warning] Aborted connection 12 to db: 'app' user: 'bob' host: '203.0.113.9' (Got timeout reading communication packets)`,
		"system mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=network; event.action=db_disconnect; event.outcome=unknown; event.reason=Got timeout reading communication packets; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07  9:00:00 12 [Warning] Aborted connection 12 to db: 'unconnected' user: 'unauthenticated' host: '203.0.113.9' (This connection closed normally without authentication)`,
		"system mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=network; event.action=db_disconnect; event.outcome=unknown; event.reason=This connection closed normally without authentication; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07  9:00:00 12 [Warning] IP address '203.0.113.9' could not be resolved: Name or service not known`,
		"system mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=network; event.action=db_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07  9:00:00 12 [Warning] Host '203.0.113.9' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'`,
		"system mysql 2025-10-07T09:00:00Z", `log.level=Warning; event.category=network; event.action=db_connection_refused; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07  9:00:00 0 [Note] /usr/sbin/mariadbd: ready for connections.`,
		"system mysql 2025-10-07T09:00:00Z", `log.level=Note; event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`2025-10-07  9:00:00 0 [Note] /usr/sbin/mariadbd (initiated by: root[root] @ localhost []): Normal shutdown`,
		"system mysql 2025-10-07T09:00:00Z", `log.level=Note; event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	{
		`2025-10-07T09:00:00.123456Z        12 Connect   Access denied for user 'bob'@'203.0.113.9' (using password: YES)`,
		"auth mysql 2025-10-07T09:00:00.123456Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
}
