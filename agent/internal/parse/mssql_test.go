package parse

import "testing"

func TestMssql(t *testing.T) { testCases(t, "mssql", mssqlCases) }

func FuzzMssql(f *testing.F) { fuzzParser(f, "mssql", mssqlCases) }

var mssqlCases = []lineCase{
	{
		`2025-10-07 09:00:00.00 Logon       Login failed for user 'bob'. Reason: Password did not match that for the login provided. [CLIENT: 203.0.113.9]`,
		"auth mssql 2025-10-07T09:00:00Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob; event.reason=Password did not match that for the login provided.`,
	},
	{
		`2025-10-07 09:00:00.00 Logon       Login failed for user 'O'Neil'. Reason: Could not find a login matching the name provided. [CLIENT: 2001:db8::9]`,
		"auth mssql 2025-10-07T09:00:00Z", `event.category=authentication; event.action=db_login; event.outcome=failure; source.ip=2001:db8::9; user.name=O'Neil; event.reason=Could not find a login matching the name provided.`,
	},
	{
		`2025-10-07 09:00:00.00 Logon       Login failed for user 'bob'. [CLIENT: <local machine>]`,
		"auth mssql 2025-10-07T09:00:00Z", `event.category=authentication; event.action=db_login; event.outcome=failure; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.00 Logon       Login succeeded for user 'bob'. Connection made using SQL Server authentication. [CLIENT: 203.0.113.9]`,
		"auth mssql 2025-10-07T09:00:00Z", `event.category=authentication; event.action=db_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.00 Logon       Error: 18456, Severity: 14, State: 8.`,
		"app mssql 2025-10-07T09:00:00Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.00 spid51      Starting up database 'app'.`,
		"app mssql 2025-10-07T09:00:00Z", `event.category=database; event.action=db_message; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.00 spid51      Error: 1205, Severity: 13, State: 51.`,
		"app mssql 2025-10-07T09:00:00Z", `event.category=database; event.action=db_error; event.outcome=failure; event.reason=Error: 1205, Severity: 13, State: 51.`,
	},
	{
		`2025-10-07 09:00:00.00 Server ready`,
		"system plain 2025-10-07T09:00:00Z", ``,
	},
}
