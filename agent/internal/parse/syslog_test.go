package parse

import "testing"

func TestSyslog(t *testing.T) { testCases(t, "syslog", syslogCases) }

func FuzzSyslog(f *testing.F) { fuzzParser(f, "syslog", syslogCases) }

var syslogCases = []lineCase{
	{
		`Oct  7 09:00:00 web01 sshd[32343]: Failed password for root from 203.0.113.5 port 44465 ssh2`,
		"auth sshd 2025-10-07T09:00:00Z", `process.pid=32343; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=root`,
	},
	{
		`<38>Oct  7 09:00:00 web01 sshd[32343]: Accepted password for bob from 203.0.113.5 port 44465 ssh2`,
		"auth sshd 2025-10-07T09:00:00Z", `process.pid=32343; event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=bob`,
	},
	{
		`<34>1 2025-10-07T09:00:00.003Z web01.example.com su - ID47 [x@1 a="b\"]c"] 'su root' failed for bob on /dev/pts/8`,
		"auth su 2025-10-07T09:00:00.003Z", `event.category=authentication; event.action=su; event.outcome=failure; user.name=bob; user.effective.name=root; process.tty.name=/dev/pts/8`,
	},
	{
		`2025-10-07T09:00:00.123456+02:00 web01 sshd-session[77]: Invalid user x from 203.0.113.5 port 1`,
		"auth sshd 2025-10-07T07:00:00.123456Z", `process.pid=77; event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=1; user.name=x`,
	},
	{
		`Oct  7 09:00:00 web01 sshd[1]: message repeated 3 times: [ Failed password for root from 203.0.113.5 port 44465 ssh2]`,
		"auth sshd 2025-10-07T09:00:00Z", `process.pid=1; tocsin.repeated=3; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=44465; user.name=root`,
	},
	{
		`Oct  7 09:00:00 web01 last message repeated 4 times`,
		"system syslog 2025-10-07T09:00:00Z", `tocsin.repeated=4`,
	},
	{
		`Oct  7 09:00:00 web01 vsftpd(pam_unix)[9]: check pass; user unknown`,
		"auth pam 2025-10-07T09:00:00Z", `process.pid=9; event.category=authentication; event.action=pam_user_unknown; event.outcome=failure`,
	},
	{
		`Oct  7 09:00:00 web01 proftpd: pam_unix(proftpd:auth): authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=203.0.113.5  user=bob`,
		"auth pam 2025-10-07T09:00:00Z", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Oct  7 09:00:00 web01 kernel: [ 8665.951930] device eth0 left promiscuous mode`,
		"system syslog 2025-10-07T09:00:00Z", ``,
	},
	{
		`Oct  7 09:00:00 web01 nginx: 203.0.113.5 - - [07/Oct/2025:09:00:01 +0000] "GET / HTTP/1.1" 200 5`,
		"web access 2025-10-07T09:00:01Z", `event.category=web; event.action=http_request; event.outcome=success; source.ip=203.0.113.5; http.version=1.1; http.request.method=GET; url.original=/; url.path=/; http.response.status_code=200; http.response.body.bytes=5`,
	},
	{
		`Oct  7 09:00:00 web01 sshd[1]: User child is on pid 5`,
		"auth syslog 2025-10-07T09:00:00Z", `process.pid=1`,
	},
	{
		`Oct  7 09:00:00 web01 CRON[5]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`,
		"auth pam 2025-10-07T09:00:00Z", `process.pid=5; event.category=session; event.action=pam_session_opened; event.outcome=success; user.name=root`,
	},
	{
		`Oct  7 09:00:00 sshd[1]: Server listening on :: port 22.`,
		"auth sshd 2025-10-07T09:00:00Z", `process.pid=1; event.category=process; event.action=ssh_server_start; event.outcome=unknown`,
	},
	{
		`Oct  7 09:00:00 web01 some tool[12]: hello`,
		"system syslog 2025-10-07T09:00:00Z", `process.pid=12`,
	},
	{
		`Oct 37 09:00:00 web01 x: bad day`,
		"system plain", ``,
	},
	{
		`no syslog line`,
		"system plain", ``,
	},
}
