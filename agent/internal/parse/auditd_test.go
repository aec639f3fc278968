package parse

import "testing"

func TestAuditd(t *testing.T) { testCases(t, "auditd", auditdCases) }

func FuzzAuditd(f *testing.F) { fuzzParser(f, "auditd", auditdCases) }

var auditdCases = []lineCase{
	{
		`type=USER_AUTH msg=audit(1759827600.123:373474): pid=12 uid=0 auid=4294967295 ses=4294967295 subj=system_u:system_r:sshd_t:s0 msg='op=PAM:authentication grantors=? acct="root" exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=failed'UID="root" AUID="unset"`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_AUTH; event.category=authentication; event.action=audit_authentication; event.outcome=failure; process.pid=12; user.name=root; process.executable=/usr/sbin/sshd; source.ip=203.0.113.9`,
	},
	{
		`type=USER_LOGIN msg=audit(1759827600.123:373474): pid=12 uid=0 auid=1000 ses=3 msg='op=login acct=28756E6B6E6F776E207573657229 exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=ssh res=failed'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_LOGIN; event.category=authentication; event.action=audit_login; event.outcome=failure; process.pid=12; process.executable=/usr/sbin/sshd; source.ip=203.0.113.9`,
	},
	{
		`type=USER_START msg=audit(1759827600.123:373474): pid=12 uid=0 auid=1000 ses=3 msg='op=PAM:session_open grantors=pam_unix acct="bob" exe="/usr/sbin/cron" hostname=? addr=? terminal=cron res=success'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_START; event.category=session; event.action=audit_session_opened; event.outcome=success; process.pid=12; user.name=bob; process.executable=/usr/sbin/cron; process.tty.name=cron`,
	},
	{
		`type=USER_END msg=audit(1759827600.123:373474): pid=12 uid=0 auid=1000 ses=3 msg='op=PAM:session_close acct="bob" exe="/usr/bin/su" hostname=web01 addr=? terminal=pts/0 res=success'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_END; event.category=session; event.action=audit_session_closed; event.outcome=success; process.pid=12; user.name=bob; process.executable=/usr/bin/su; process.tty.name=pts/0`,
	},
	{
		`type=USER_ACCT msg=audit(1759827600.123:373474): pid=12 uid=0 auid=1000 ses=3 msg='op=PAM:accounting acct="bob" exe="/usr/bin/sudo" hostname=? addr=? terminal=/dev/pts/0 res=failed'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_ACCT; event.category=authentication; event.action=audit_account; event.outcome=failure; process.pid=12; user.name=bob; process.executable=/usr/bin/sudo; process.tty.name=/dev/pts/0`,
	},
	{
		`type=ADD_USER msg=audit(1759827600.123:373474): pid=12 uid=0 auid=1000 ses=3 msg='op=adding user id=1001 exe="/usr/sbin/useradd" hostname=web01 addr=? terminal=pts/0 res=success'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=ADD_USER; event.category=iam; event.action=audit_account_changed; event.outcome=success; process.pid=12; process.executable=/usr/sbin/useradd; process.tty.name=pts/0`,
	},
	{
		`type=ACCT_UNLOCK msg=audit(1759827600.123:892): pid=4172 uid=0 auid=1000 ses=3 msg='op=unlocked-password id=1001 exe="/usr/bin/passwd"'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=ACCT_UNLOCK; event.category=iam; event.action=audit_account_changed; event.outcome=unknown; process.pid=4172; process.executable=/usr/bin/passwd`,
	},
	{
		`type=ANOM_LOGIN_FAILURES msg=audit(1759827600.123:892): pid=4172 uid=0 auid=1000 ses=3 msg='op=pam_faillock uid=1000 exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=success'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=ANOM_LOGIN_FAILURES; event.category=authentication; event.action=audit_login_refused; event.outcome=failure; process.pid=4172; process.executable=/usr/sbin/sshd; source.ip=203.0.113.9`,
	},
	{
		`node=web01 type=USER_CMD msg=audit(1759827600.123:892): pid=4172 uid=1000 auid=1000 ses=3 msg='cwd="/" cmd=6964 exe="/usr/bin/sudo" terminal=pts/0 res=success'`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=USER_CMD; event.category=process; event.action=audit_command; event.outcome=success; process.pid=4172; process.executable=/usr/bin/sudo; process.tty.name=pts/0`,
	},
	{
		`type=DAEMON_START msg=audit(1759827600.123:8728): auditd start, ver=2.4 format=raw kernel=6.1 auid=4294967295 pid=1437 res=failed`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=DAEMON_START; event.category=process; event.action=service_started; event.outcome=failure; process.pid=1437`,
	},
	{
		`type=DAEMON_END msg=audit(1759827600.123:8729): auditd normal halt, sending auid=0 pid=1 subj= res=success`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=DAEMON_END; event.category=process; event.action=service_stopped; event.outcome=success; process.pid=1`,
	},
	{
		`type=CONFIG_CHANGE msg=audit(1759827600.123:466947): auid=4294967295 ses=4294967295 op="remove rule" path="/bin0" key=(null) list=4 res=1`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=CONFIG_CHANGE; event.category=process; event.action=audit_configuration; event.outcome=success`,
	},
	{
		`type=SYSCALL msg=audit(1759827600.123:2995): arch=c000003e syscall=59 success=yes exit=0 ppid=26843 pid=27032 comm="perl" exe="/usr/bin/perl" key=(null)`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SYSCALL; event.category=process; event.action=audit_syscall; event.outcome=success; process.pid=27032; process.parent.pid=26843; process.executable=/usr/bin/perl`,
	},
	{
		`type=ANOM_ABEND msg=audit(1759827600.123:892): auid=1000 uid=1000 gid=1000 ses=3 pid=12 comm="app" exe="/usr/bin/app" sig=11 res=1`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=ANOM_ABEND; event.category=process; event.action=audit_anomaly; event.outcome=failure; process.pid=12`,
	},
	{
		`type=PATH msg=audit(1759827600.123:892): item=0 name="/usr/bin/perl" inode=1 dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00`,
		"system plain", ``,
	},
}
