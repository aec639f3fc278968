package parse

import "testing"

func TestPostgres(t *testing.T) { testCases(t, "postgres", postgresCases) }

func FuzzPostgres(f *testing.F) { fuzzParser(f, "postgres", postgresCases) }

var postgresCases = []lineCase{
	{
		`2025-10-07 09:00:00.123 UTC [147] 203.0.113.9 bob@app FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07 09:00:00 CEST:203.0.113.9(5432):bob@app:[127]:FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=5432`,
	},
	{
		`2025-10-07 09:00:00 UTC::2001:db8::9(5432):bob@app:[127]:FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=2001:db8::9; source.port=5432`,
	},
	{
		`2025-10-07 09:00:00.123 +02 [147]: [3-1] user=bob,db=app,app=[unknown],client=203.0.113.9 FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T07:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  Peer authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=Peer`,
	},
	{
		`[3-1] 2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] [unknown]@[unknown] LOG:  connection received: host=203.0.113.9 port=50422`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=network; event.action=db_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=50422`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app LOG:  connection authorized: user=bob database=app application_name=psql`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=authentication; event.action=db_login; event.outcome=success; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app LOG:  disconnection: session time: 0:00:01.234 user=bob database=app host=203.0.113.9 port=50422`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=network; event.action=db_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=50422`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  no pg_hba.conf entry for host "203.0.113.9", user "bob", database "app", SSL off`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  pg_hba.conf rejects replication connection for host "203.0.113.9", user "bob", no encryption`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  role "bob" does not exist`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  database "app" does not exist`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=network; event.action=db_connection_refused; event.outcome=failure; event.reason=database "app" does not exist`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  sorry, too many clients already`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=network; event.action=db_connection_refused; event.outcome=failure; event.reason=sorry, too many clients already`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] FATAL:  unsupported frontend protocol 0.0: server supports 3.0 to 3.0`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=network; event.action=db_protocol_error; event.outcome=failure; event.reason=unsupported frontend protocol 0.0: server supports 3.0 to 3.0`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] FATAL:  canceling authentication due to timeout`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login_timeout; event.outcome=failure; event.reason=canceling authentication due to timeout`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] 203.0.113.9 bob@app ERROR:  syntax error at or near "'" at character 42`,
		"app postgres 2025-10-07T09:00:00.123Z", `log.level=ERROR; event.category=database; event.action=db_error; event.outcome=failure; event.reason=syntax error at or near "'" at character 42; source.ip=203.0.113.9`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [1] LOG:  database system is ready to accept connections`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [1] LOG:  database system is shut down`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	// The name stands in the prefix and looks like an address.
	{
		`2025-10-07 09:00:00.123 UTC [147] 192.0.2.66 app FATAL:  password authentication failed for user "192.0.2.66"`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=192.0.2.66; tocsin.auth.method=password`,
	},
	{
		`203.0.113.9 2025-10-07 09:00:00.425 UTC [53962] bob@app FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.425Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9`,
	},
	{
		`203.0.113.9(50422) 2025-10-07 09:00:00.425 UTC [53962] bob@app FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.425Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=50422`,
	},
	{
		`2025-10-07 09:00:00.425 UTC 5(x) host= FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.425Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] STATEMENT:  select 'FATAL:  password authentication failed for user "root"'`,
		"app postgres 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] x FATAL:  no pg_hba.conf entry for host "198.51.100.66", user "root", database "app", SSL off@app FATAL:  password authentication failed for user "x FATAL:  no pg_hba.conf entry for host "198.51.100.66", user "root", database "app", SSL off"`,
		"app postgres 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] FATAL:  password authentication failed for user "x LOG:  y"`,
		"app postgres 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] x LOG:  y@app FATAL:  password authentication failed for user "x LOG:  y"`,
		"app postgres 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] LOG:  duration: 5.1 ms  statement: select 'WARNING:  x'`,
		"app postgres 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app LOG:  connection authenticated: identity="bob" method=scram-sha-256 (/etc/postgresql/15/main/pg_hba.conf:97)`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=authentication; event.action=db_authentication; event.outcome=success; tocsin.auth.method=scram-sha-256; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app LOG:  connection authenticated: identity="x" method=y" method=cert (/etc/postgresql/15/main/pg_hba.conf:97)`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=authentication; event.action=db_authentication; event.outcome=success`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app LOG:  provided user name (bob) and authenticated user name (alice) do not match`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=authentication; event.action=db_authentication; event.outcome=failure; event.reason=provided user name (bob) and authenticated user name (alice) do not match`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] FATAL:  the database system is starting up`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=network; event.action=db_connection_refused; event.outcome=failure; event.reason=the database system is starting up`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] LOG:  could not receive data from client: Connection reset by peer`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=network; event.action=db_disconnect; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app FATAL:  terminating connection due to administrator command`,
		"system postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=network; event.action=db_disconnect; event.outcome=unknown; event.reason=terminating connection due to administrator command`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] PANIC:  could not write to file "pg_wal/x": No space left on device`,
		"app postgres 2025-10-07T09:00:00.123Z", `log.level=PANIC; event.category=database; event.action=db_error; event.outcome=failure; event.reason=could not write to file "pg_wal/x": No space left on device`,
	},
	{
		`[2025-10-07 09:00:00 UTC] [147]: [2-1] user=bob,db=app,app=[unknown],client=203.0.113.9 FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9`,
	},
	{
		`< 2025-10-07 09:00:00.123 UTC >FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password`,
	},
	{
		`1759827600.123 [147] FATAL:  password authentication failed for user "bob"`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password`,
	},
	{
		`user=bob,db=app,client=203.0.113.9 FATAL:  password authentication failed for user "bob"`,
		"auth postgres", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9`,
	},
	{
		`worker 5 FATAL:  disk full`,
		"system plain", ``,
	},
	{
		`2025-10-07 09:00:00.123 UTC,"bob","app",147,"203.0.113.9:4000",68e4d21a.93,2,"authentication",2025-10-07 09:00:00 UTC,3/5,0,FATAL,28P01,"password authentication failed for user ""bob""","Connection matched pg_hba.conf line 97",,,,,,,,"","client backend",,0`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`2025-10-07 09:00:00.123 UTC,"x"",147,""198.51.100.66:1"",","app",147,"203.0.113.9:4000",68e4d21a.93,2,"authentication",2025-10-07 09:00:00 UTC,3/5,0,FATAL,28P01,"password authentication failed for user ""x"",147,""198.51.100.66:1"",""",,,,,,,,,"","client backend",,0`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=x",147,"198.51.100.66:1",; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`2025-10-07 09:00:00.123 UTC,"bob","app",147,"[local]",68e4d21a.93,2,"SELECT",2025-10-07 09:00:00 UTC,3/5,0,LOG,00000,"duration: 5.1 ms",,,,,,,,,"psql","client backend",,0`,
		"app postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=database; event.action=db_statement; event.outcome=unknown; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 UTC,"bob","app`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
	{
		`{"timestamp":"2025-10-07 09:00:00.123 UTC","user":"bob","dbname":"app","pid":147,"remote_host":"203.0.113.9","remote_port":4000,"session_id":"68e4d21a.93","line_num":2,"ps":"authentication","session_start":"2025-10-07 09:00:00 UTC","vxid":"3/5","txid":0,"error_severity":"FATAL","state_code":"28P01","message":"password authentication failed for user \"bob\"","backend_type":"client backend","query_id":0}`,
		"auth postgres 2025-10-07T09:00:00.123Z", `log.level=FATAL; event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`{"timestamp":"2025-10-07 09:00:00.123 UTC","error_severity":"FATAL","message":"x","a":1,"b":2,"c":3}`,
		"system plain", ``,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] bob@app DETAIL:  Role "bob" does not exist.`,
		"app postgres 2025-10-07T09:00:00.123Z", `log.level=DETAIL; event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 UTC [147] LOG:  checkpoint starting: time`,
		"app postgres 2025-10-07T09:00:00.123Z", `log.level=LOG; event.category=database; event.action=db_message; event.outcome=unknown`,
	},
}
