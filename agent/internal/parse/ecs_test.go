package parse

import "testing"

func TestECS(t *testing.T) { testCases(t, "auto", ecsCases) }

func FuzzECS(f *testing.F) { fuzzParser(f, "auto", ecsCases) }

var ecsCases = []lineCase{
	{
		`{"level":"warn","time":"2025-10-07T09:00:00Z","message":"Failed login","username":"bob","ip":"203.0.113.5"}`,
		"auth json 2025-10-07T09:00:00Z", `log.level=warn; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; json.username=bob; json.ip=203.0.113.5`,
	},
	{
		`{"asctime":"2025-10-07 09:00:00,896","levelname":"WARNING","message":"Authentication attempt invalid user: (bob)","metric_name":"account.login.failed_invalid_user","request_ip":"203.0.113.5"}`,
		"auth json 2025-10-07T09:00:00.896Z", `log.level=WARNING; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; json.metric_name=account.login.failed_invalid_user; json.request_ip=203.0.113.5`,
	},
	{
		`{"level":"warn","message":"Login failed for user x from 192.0.2.66","remote_ip":"203.0.113.5, 10.0.0.1"}`,
		"auth json", `log.level=warn; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=x; json.remote_ip=203.0.113.5, 10.0.0.1`,
	},
	{
		`{"@timestamp":"2025-10-07T09:00:00.888Z","@metadata":{"beat":"auditbeat"},"event":{"category":["authentication","nonesuch"],"action":"logged-in","outcome":"success"},"user":{"name":"bob"},"process":{"executable":"/usr/sbin/sshd","ppid":7},"source":{"ip":"203.0.113.5"},"host":{"name":"evil"}}`,
		"auth json 2025-10-07T09:00:00.888Z", `event.category=authentication; event.outcome=success; process.parent.pid=7; event.action=ecs_event; json.@metadata.beat=auditbeat; json.event.action=logged-in; user.name=bob; process.executable=/usr/sbin/sshd; json.process.ppid=7; source.ip=203.0.113.5; json.host.name=evil`,
	},
	{
		`{"@timestamp":"2025-10-07T09:00:00.888Z","ecs.version":"1.2.0","log.level":"INFO","message":"started","event.category":"file","event.outcome":"perhaps","file.path":"/srv/a.txt"}`,
		"system json 2025-10-07T09:00:00.888Z", `log.level=INFO; event.category=file; file.name=a.txt; file.directory=/srv; event.action=ecs_event; json.ecs.version=1.2.0; file.path=/srv/a.txt; event.outcome=unknown`,
	},
	{
		`{"@timestamp":"2025-10-07T09:00:00Z","ecs":{"version":"8.11.0"},"event":{"category":["process"]},"process":{"args":["sh","-c","ls -l"],"pid":7},"source":{"ip":"203.0.113.5","domain":"gate.example.org"},"client":{"domain":"a b"}}`,
		"system json 2025-10-07T09:00:00Z", `event.category=process; source.address=gate.example.org; process.command_line=sh -c ls -l; event.action=ecs_event; json.ecs.version=8.11.0; process.args=sh; process.args=-c; process.args=ls -l; process.pid=7; source.ip=203.0.113.5; source.domain=gate.example.org; json.client.domain=a b; event.outcome=unknown`,
	},
	{
		`{"@timestamp":"2025-10-07T09:00:00Z","ecs":{"version":"8.11.0"},"event":{"category":["process"]},"process":{"args":["sh"],"command_line":"sh -i"}}`,
		"system json 2025-10-07T09:00:00Z", `event.category=process; event.action=ecs_event; json.ecs.version=8.11.0; process.args=sh; process.command_line=sh -i; event.outcome=unknown`,
	},
}
