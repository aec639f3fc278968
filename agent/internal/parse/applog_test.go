package parse

import "testing"

func TestAppLog(t *testing.T) { testCases(t, "auto", appLogCases) }

func FuzzAppLog(f *testing.F) { fuzzParser(f, "applog", appLogCases) }

var appLogCases = []lineCase{
	{
		`2026-05-01T12:00:00.123+02:00  INFO 1 --- [shop] [main] c.e.shop.Application : Started in 3 s`,
		"app applog 2026-05-01T10:00:00.123Z", `log.level=INFO; log.logger=c.e.shop.Application; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`2026-05-01 12:00:00.123 ERROR 1 --- [main] c.e.App                                  : failed`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; log.logger=c.e.App; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`2026-05-01 12:00:00.123 [main] WARN  c.e.Shop - slow`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=WARN; log.logger=c.e.Shop; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`2026-05-01 12:00:00,123 ERROR [main] c.e.Shop: failed`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; log.logger=c.e.Shop; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`2026-05-01 12:00:00,123 INFO  [io.quarkus] (main) started`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=INFO; log.logger=io.quarkus; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`[2026-05-01T12:00:00,123][ERROR][o.e.b.Bootstrap          ] [node-1] cannot bind`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; log.logger=o.e.b.Bootstrap; event.outcome=unknown`,
	},
	{
		`01-May-2026 12:00:00.123 SEVERE [main] org.apache.catalina.startup.Catalina.start failed`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=SEVERE; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`ERROR [main] 2026-05-01 12:00:00,123 CassandraDaemon.java:12 - cannot start`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`12:00:00.123 [main] ERROR c.e.Shop - failed`,
		"app applog", `log.level=ERROR; log.logger=c.e.Shop; process.thread.name=main; event.outcome=unknown`,
	},
	{
		`Jul 09, 2026 3:23:29 PM com.example.Shop: started`,
		"app applog 2026-07-09T15:23:29Z", `log.logger=com.example.Shop; event.outcome=unknown`,
	},
	{
		`2026-05-01T12:00:00.123Z error: cannot connect`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=error; event.outcome=unknown`,
	},
	{
		`[2026-05-01T12:00:00.123] [ERROR] default - failed`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; log.logger=default; event.outcome=unknown`,
	},
	{
		`error: cannot connect`,
		"app applog", `log.level=error; event.outcome=unknown`,
	},
	{
		`[12:00:00.123] ERROR (1234): failed`,
		"app applog", `log.level=ERROR; event.outcome=unknown`,
	},
	{
		`[01-May-2026 12:00:00] WARNING: [pool www] child 12 said into stderr: "x"`,
		"app applog 2026-05-01T12:00:00Z", `log.level=WARNING; process.thread.name=pool www; event.outcome=unknown`,
	},
	{
		`[01-May-2026 12:00:00 UTC] PHP Warning:  Undefined variable $x in /srv/t.php on line 3`,
		"app applog 2026-05-01T12:00:00Z", `log.level=Warning; event.outcome=unknown`,
	},
	{
		`[2026-05-01T12:00:00.123456+00:00] app.ERROR: failed {"id":3} []`,
		"app applog 2026-05-01T12:00:00.123456Z", `log.level=ERROR; log.logger=app; event.outcome=unknown`,
	},
	{
		`2026-05-01 12:00:00.1234|ERROR|Shop.Cart|failed`,
		"app applog 2026-05-01T12:00:00.1234Z", `log.level=ERROR; log.logger=Shop.Cart; event.outcome=unknown`,
	},
	{
		`[12:00:00 ERR] failed`,
		"app applog", `log.level=ERR; event.outcome=unknown`,
	},
	{
		`2026-05-01 12:00:00.123 +02:00 [ERR] failed`,
		"app applog 2026-05-01T10:00:00.123Z", `log.level=ERR; event.outcome=unknown`,
	},
	{
		`info: Microsoft.Hosting.Lifetime[14]`,
		"app applog", `log.level=info; log.logger=Microsoft.Hosting.Lifetime; event.outcome=unknown`,
	},
	{
		"2026-05-01T12:00:00.123Z\tERROR\tshop\tcart/cart.go:12\tcannot add\t{\"id\": 3}",
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; log.logger=shop; event.outcome=unknown`,
	},
	{
		`time="2026-05-01T12:00:00+02:00" level=error msg="cannot \"add\"" id=3`,
		"app applog 2026-05-01T10:00:00Z", `log.level=error; event.outcome=unknown`,
	},
	{
		`time=2026-05-01T12:00:00.123Z level=WARN msg=slow id=3`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=WARN; event.outcome=unknown`,
	},
	{
		`E0501 12:00:00.123456   12 file.go:12] cannot add`,
		"app applog 2025-05-01T12:00:00.123456Z", `log.level=E; event.outcome=unknown`,
	},
	{
		`2026/05/01 12:00:00 listening on :8080`,
		"app applog 2026-05-01T12:00:00Z", `event.outcome=unknown`,
	},
	{
		`E, [2026-05-01T12:00:00.123456 #12] ERROR -- shop: failed`,
		"app applog 2026-05-01T12:00:00.123456Z", `log.level=ERROR; log.logger=shop; event.outcome=unknown`,
	},
	{
		`[2026-05-01T12:00:00Z ERROR shop::cart] failed`,
		"app applog 2026-05-01T12:00:00Z", `log.level=ERROR; log.logger=shop::cart; event.outcome=unknown`,
	},
	{
		`2026-05-01T12:00:00.123Z ERROR shop::cart: failed`,
		"app applog 2026-05-01T12:00:00.123Z", `log.level=ERROR; log.logger=shop::cart; event.outcome=unknown`,
	},
	{
		`2026-05-01T12:00:00.123Z  WARN ThreadId(01) shop::cart: failed`,
		"app python 2026-05-01T12:00:00.123Z", `log.level=WARN; event.outcome=unknown`,
	},
	{
		`listening on port 8080`,
		"app plain", ``,
	},
	{
		`26/05/01 12:00:00 ERROR Executor: Exception in task 0.0`,
		"app applog 2026-05-01T12:00:00Z", `log.level=ERROR; event.outcome=unknown`,
	},
	{
		`[2026-05-01 12:00:00 +0000] [7] [ERROR] Error handling request /`,
		"app python 2026-05-01T12:00:00Z", `log.level=ERROR; event.outcome=unknown`,
	},
}
