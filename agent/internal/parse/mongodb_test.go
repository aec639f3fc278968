package parse

import "testing"

func TestMongodb(t *testing.T) { testCases(t, "mongodb", mongodbCases) }

func FuzzMongodb(f *testing.F) { fuzzParser(f, "mongodb", mongodbCases) }

var mongodbCases = []lineCase{
	{
		`{"t":{"$date":"2025-10-07T09:00:00.123+00:00"},"s":"I","c":"ACCESS","id":20249,"ctx":"conn1","msg":"Authentication failed","attr":{"mechanism":"SCRAM-SHA-256","speculative":false,"principalName":"bob","authenticationDatabase":"admin","remote":"203.0.113.9:56000","extraInfo":{},"error":"UserNotFound: Could not find user"}}`,
		"auth mongodb 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; source.port=56000; user.name=bob; event.reason=UserNotFound: Could not find user`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.123+00:00"},"s":"I","c":"ACCESS","id":5286307,"ctx":"conn1","msg":"Failed to authenticate","attr":{"client":"203.0.113.9:56000","isSpeculative":false,"mechanism":"SCRAM-SHA-256","user":"bob","db":"admin","result":"AuthenticationFailed: storedKey mismatch"}}`,
		"auth mongodb 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; source.port=56000; user.name=bob; event.reason=AuthenticationFailed: storedKey mismatch`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.123+00:00"},"s":"I","c":"ACCESS","id":20250,"ctx":"conn1","msg":"Authentication succeeded","attr":{"mechanism":"SCRAM-SHA-256","principalName":"bob","authenticationDatabase":"admin","remote":"[2001:db8::9]:56000"}}`,
		"auth mongodb 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=success; source.ip=2001:db8::9; source.port=56000; user.name=bob`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.123+00:00"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":"Connection accepted","attr":{"remote":"203.0.113.9:56000","connectionId":1,"connectionCount":1}}`,
		"system mongodb 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.123+00:00"},"s":"I","c":"NETWORK","id":22944,"ctx":"conn1","msg":"Connection ended","attr":{"remote":"203.0.113.9:56000","connectionId":1,"connectionCount":0}}`,
		"system mongodb 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.123+00:00"},"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}`,
		"system mongodb 2025-10-07T09:00:00.123Z", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I ACCESS   [conn1] SASL SCRAM-SHA-1 authentication failed for bob on admin from client 203.0.113.9:56000 ; UserNotFound: Could not find user bob@admin`,
		"auth mongodb 2025-10-07T07:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; source.port=56000; user.name=bob`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I  ACCESS   [conn1] Successfully authenticated as principal bob on admin from client 203.0.113.9:56000`,
		"auth mongodb 2025-10-07T07:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=success; source.ip=203.0.113.9; source.port=56000; user.name=bob`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I ACCESS   [conn1] Successfully authenticated as principal bob on admin`,
		"auth mongodb 2025-10-07T07:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=success; user.name=bob`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I ACCESS   [conn1] SASL SCRAM-SHA-1 authentication failed for x on y from client 192.0.2.66:1 ; on admin from client 203.0.113.9:2 ; UserNotFound`,
		"auth mongodb 2025-10-07T07:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=failure`,
	},
	{
		`2025-10-07T09:00:00.123+0200 [conn1] Failed to authenticate bob@admin with mechanism MONGODB-CR: AuthenticationFailed UserNotFound`,
		"auth mongodb 2025-10-07T07:00:00.123Z", `event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I NETWORK  [listener] connection accepted from 203.0.113.9:56000 #1 (1 connection now open)`,
		"system mongodb 2025-10-07T07:00:00.123Z", `event.category=network; event.action=db_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000`,
	},
	{
		`2025-10-07T09:00:00.123+0200 [conn1] end connection 203.0.113.9:56000 (0 connections now open)`,
		"system mongodb 2025-10-07T07:00:00.123Z", `event.category=network; event.action=db_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I NETWORK  [initandlisten] waiting for connections on port 27017`,
		"system mongodb 2025-10-07T07:00:00.123Z", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`2025-10-07T09:00:00.123+0200 I STORAGE  [initandlisten] wiredtiger_open config`,
		"app mongodb 2025-10-07T07:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07T09:00:00.123+0000 E QUERY    [conn5] no such plan`,
		"app mongodb 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_error; event.outcome=failure; event.reason=no such plan`,
	},
	{
		`2025-10-07T09:00:00.123+0000 I ACCESS   [conn5] Unauthorized: not authorized on admin to execute command { listDatabases: 1 }`,
		"app mongodb 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_error; event.outcome=failure; event.reason=Unauthorized: not authorized on admin to execute command { listDatabases: 1 }`,
	},
	{
		`Tue Oct  7 09:00:00.123 [initandlisten] connection accepted from 203.0.113.9:4000 #5 (3 connections now open)`,
		"system mongodb 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`2025-10-07T09:00:00.123+0000 I x [conn5] whatever`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},"s":"I","c":"ACCESS","id":20436,"ctx":"conn1","msg":"Checking authorization failed","attr":{"error":{"code":13,"codeName":"Unauthorized","errmsg":"not authorized on admin to execute command"}}}`,
		"app mongodb 2025-10-07T09:00:00Z", `event.category=database; event.action=db_error; event.outcome=failure; event.reason=not authorized on admin to execute command`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},"s":"I","c":"COMMAND","id":51803,"ctx":"conn1","msg":"Slow query","attr":{"type":"command","ns":"app.users","remote":"203.0.113.9:4000","durationMillis":120}}`,
		"app mongodb 2025-10-07T09:00:00Z", `event.category=database; event.action=db_statement; event.outcome=unknown; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},"s":"I","c":"NETWORK","id":51800,"ctx":"conn1","msg":"client metadata","attr":{"remote":"203.0.113.9:4000","client":"conn1","doc":{"application":{"name":"x"}}}}`,
		"app mongodb 2025-10-07T09:00:00Z", `event.category=database; event.action=db_message; event.outcome=unknown; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},"s":"E","c":"STORAGE","id":20557,"ctx":"initandlisten","msg":"DBException in initAndListen, terminating","attr":{"error":"x"}}`,
		"app mongodb 2025-10-07T09:00:00Z", `event.category=database; event.action=db_error; event.outcome=failure; event.reason=DBException in initAndListen, terminating`,
	},
	{
		`{ "atype" : "authenticate", "ts" : { "$date" : "2025-10-07T09:00:00.000+00:00" }, "local" : { "ip" : "198.51.100.1", "port" : 27017 }, "remote" : { "ip" : "203.0.113.9", "port" : 4000 }, "users" : [], "roles" : [], "param" : { "user" : "bob", "db" : "admin", "mechanism" : "SCRAM-SHA-1" }, "result" : 18 }`,
		"auth mongodb 2025-10-07T09:00:00Z", `event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob; event.code=authenticate; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`{ "atype" : "createUser", "ts" : { "$date" : "2025-10-07T09:00:00.000+00:00" }, "local" : { "ip" : "198.51.100.1", "port" : 27017 }, "remote" : { "ip" : "203.0.113.9", "port" : 4000 }, "param" : { "user" : "carol", "db" : "admin" }, "result" : 0 }`,
		"auth mongodb 2025-10-07T09:00:00Z", `event.category=iam; event.action=db_account_changed; event.outcome=success; user.target.name=carol; event.code=createUser; source.ip=203.0.113.9; source.port=4000`,
	},
	{
		`{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},"a":1,"b":2,"msg":"x"}`,
		"system plain", ``,
	},
}
