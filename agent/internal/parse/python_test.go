package parse

import "testing"

func TestPython(t *testing.T) { testCases(t, "python", pythonCases) }

func FuzzPython(f *testing.F) { fuzzParser(f, "python", pythonCases) }

var pythonCases = []lineCase{
	{
		`ERROR:app.db:cannot connect: refused`,
		"app python", `log.level=ERROR; log.logger=app.db; event.outcome=unknown`,
	},
	{
		`WARNING:root:careful`,
		"app python", `log.level=WARNING; log.logger=root; event.outcome=unknown`,
	},
	{
		`INFO:     Started server process [1]`,
		"app python", `log.level=INFO; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00,123 - app.db - ERROR - cannot connect - later`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=ERROR; log.logger=app.db; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00,123 - ERROR - cannot connect - later`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=ERROR; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00,123 - 77 - app - WARNING - slow`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=WARNING; log.logger=app; event.outcome=unknown`,
	},
	{
		`[2025-10-07 09:00:00,123] ERROR in views: Exception on /login [POST]`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=ERROR; log.logger=views; event.outcome=unknown`,
	},
	{
		`[2025-10-07 09:00:00 +0200] [1234] [INFO] Booting worker with pid: 7`,
		"app python 2025-10-07T07:00:00Z", `log.level=INFO; event.outcome=unknown`,
	},
	{
		`[2025-10-07 09:00:00,123: WARNING/MainProcess] late`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=WARNING; log.logger=MainProcess; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00.123 | ERROR    | app.main:run:33 - boom`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=ERROR; log.logger=app.main; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00,123 INFO app.jobs: done`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=INFO; log.logger=app.jobs; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00,123 INFO Connected: yes`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=INFO; event.outcome=unknown`,
	},
	{
		`2025-10-07 09:00:00,123 [ERROR] app.jobs: failed`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=ERROR; log.logger=app.jobs; event.outcome=unknown`,
	},
	{
		`INFO 2025-10-07 09:00:00,123 views 12 140 logged in`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=INFO; event.outcome=unknown`,
	},
	{
		`[ERROR] something`,
		"app python", `log.level=ERROR; event.outcome=unknown`,
	},
	{
		`{"asctime": "2025-10-07 09:00:00,123", "levelname": "ERROR", "name": "app", "message": "boom"}`,
		"app json 2025-10-07T09:00:00.123Z", `log.level=ERROR; log.logger=app; event.outcome=unknown`,
	},
	{
		`no shape at all`,
		"app plain", ``,
	},
}
