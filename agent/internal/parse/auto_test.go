package parse

import "testing"

func TestAuto(t *testing.T) { testCases(t, "auto", autoCases) }

func FuzzAuto(f *testing.F) { fuzzParser(f, "auto", autoCases) }

var autoCases = []lineCase{
	{
		`Oct  7 09:00:00 web01 sshd[32343]: Failed password for root from 203.0.113.5 port 44465 ssh2`,
		"auth sshd 2025-10-07T09:00:00Z", `process.pid=32343; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=root`,
	},
	{
		`web01 sshd[32343]: Failed password for root from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `process.pid=32343; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=root`,
	},
	{
		`2025-10-07T09:00:00.123456+02:00 web01 sudo:    bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh`,
		"auth sudo 2025-10-07T07:00:00.123456Z", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=bob; process.tty.name=pts/0; process.working_directory=/; user.effective.name=root; process.command_line=/bin/sh`,
	},
	{
		`2025-10-07T09:00:00Z ERROR worker: failed`,
		"app python 2025-10-07T09:00:00Z", `log.level=ERROR; event.outcome=unknown`,
	},
	{
		`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "x"`,
		"web access 2025-10-07T09:00:00Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=512; user_agent.original=x`,
	},
	{
		`2025/10/07 09:00:00 [error] 12#12: *4 directory index of "/srv/" is forbidden, client: 203.0.113.5, server: _, request: "GET / HTTP/1.1"`,
		"app nginx_error 2025-10-07T09:00:00Z", `log.level=error; process.pid=12; process.thread.id=12; event.category=web; event.action=http_access_denied; event.outcome=failure; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/`,
	},
	{
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] File does not exist: /x`,
		"app apache_error 2025-10-07T09:00:00Z", `log.level=error; source.ip=203.0.113.5; event.category=web; event.action=http_not_found; event.outcome=failure`,
	},
	{
		`[2025-10-07 09:00:00,123] ERROR in app: x`,
		"app python 2025-10-07T09:00:00.123Z", `log.level=ERROR; log.logger=app; event.outcome=unknown`,
	},
	{
		`ERROR:root:x`,
		"app python", `log.level=ERROR; log.logger=root; event.outcome=unknown`,
	},
	{
		`{"remote_addr":"203.0.113.5","request":"GET / HTTP/1.1","status":200}`,
		"web access", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200`,
	},
	{
		`{"msg":"x"}`,
		"app json", `event.outcome=unknown`,
	},
	{
		`{broken`,
		"app plain", ``,
	},
	{
		`Failed password for root from 203.0.113.5 port 44465 ssh2`,
		"auth sshd", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=root`,
	},
	{
		`a plain line`,
		"app plain", ``,
	},
}
