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
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=USER_CMD; event.category=process; event.action=audit_command; event.outcome=success; process.pid=4172; process.command_line=id; process.executable=/usr/bin/sudo; process.tty.name=pts/0`,
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
		`type=CRED_DISP msg=audit(1759827600.123:374): user pid=12 uid=0 auid=0 subj=system_u:system_r:crond_t:s0 msg='PAM: setcred acct=root : exe="/usr/sbin/crond" (hostname=mail.example.org, addr=203.0.113.9, terminal=cron res=success)'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=CRED_DISP; event.category=authentication; event.action=audit_account; event.outcome=success; process.pid=12; user.name=root; process.executable=/usr/sbin/crond; source.ip=203.0.113.9; process.tty.name=cron`,
	},
	{
		`type=LOGIN msg=audit(1759827600.123:374): pid=12 uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=3 res=1`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=LOGIN; event.category=session; event.action=audit_session; event.outcome=success; process.pid=12`,
	},
	{
		`type=CRYPTO_SESSION msg=audit(1759827600.123:406): pid=12 uid=0 auid=4294967295 ses=4294967295 msg='op=start direction=from-server cipher=aes256-gcm ksize=256 mac= pfs=x spid=13 suid=74 rport=63927 laddr=198.51.100.1 lport=22  exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=? res=success'`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=CRYPTO_SESSION; event.category=network; event.action=audit_crypto; event.outcome=success; process.pid=12; process.executable=/usr/sbin/sshd; source.ip=203.0.113.9; source.port=63927`,
	},
	{
		`type=SERVICE_START msg=audit(1759827600.123:6): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=auditd comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SERVICE_START; event.category=process; event.action=audit_service_started; event.outcome=success; process.pid=1; service.name=auditd; process.executable=/usr/lib/systemd/systemd`,
	},
	{
		`type=SERVICE_STOP msg=audit(1759827600.123:7): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=app comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=failed'`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SERVICE_STOP; event.category=process; event.action=audit_service_stopped; event.outcome=failure; process.pid=1; service.name=app; process.executable=/usr/lib/systemd/systemd`,
	},
	{
		`type=AVC msg=audit(1759827600.123:293): avc:  denied  { read write } for  pid=13 comm="pickup" name="maildrop" dev=hda7 ino=1 scontext=system_u:system_r:x:s0 tcontext=system_u:object_r:y:s0 tclass=dir permissive=0`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=AVC; event.category=process; event.action=audit_access; event.outcome=failure; event.reason=read write; process.pid=13`,
	},
	{
		`type=AVC msg=audit(1759827600.123:293): apparmor="DENIED" operation="open" profile="/usr/bin/app" name="/etc/shadow" pid=13 comm="app" requested_mask="r" denied_mask="r" fsuid=0 ouid=0`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=AVC; event.category=process; event.action=apparmor_denied; event.outcome=failure; event.reason=open; process.pid=13`,
	},
	{
		`type=AVC msg=audit(1759827600.123:293): apparmor="STATUS" operation="profile_load" profile="unconfined" name="/usr/bin/app" pid=13 comm="apparmor_parser"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=AVC; event.category=process; event.action=audit_access; event.outcome=unknown; process.pid=13`,
	},
	{
		`type=SECCOMP msg=audit(1759827600.123:293): auid=1000 uid=1000 gid=1000 ses=3 pid=13 comm="app" exe="/usr/bin/app" sig=31 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x80000000`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SECCOMP; event.category=process; event.action=audit_access; event.outcome=failure; process.pid=13; process.executable=/usr/bin/app`,
	},
	{
		`type=EXECVE msg=audit(1759827600.123:293): argc=4 a0="/bin/sh" a1="-c" a2=6563686F206120203E2062 a3_len=9000 a3[0]="x" a3[1]="y"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=EXECVE; event.category=process; event.action=audit_exec; event.outcome=unknown; process.command_line=/bin/sh -c echo a  > b xy; auditd.data.a0=/bin/sh; auditd.data.a1=-c; auditd.data.a2=echo a  > b`,
	},
	{
		`type=PROCTITLE msg=audit(1759827600.123:293): proctitle=2F62696E2F6C73002D6C`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=PROCTITLE; event.category=process; event.action=audit_detail; event.outcome=unknown; process.title=/bin/ls -l`,
	},
	{
		`type=PROCTITLE msg=audit(1759827600.123:293): proctitle="bash"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=PROCTITLE; event.category=process; event.action=audit_detail; event.outcome=unknown; process.title=bash`,
	},
	{
		`type=CWD msg=audit(1759827600.123:293):  cwd="/home/bob"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=CWD; event.category=process; event.action=audit_detail; event.outcome=unknown; process.working_directory=/home/bob`,
	},
	{
		`type=PATH msg=audit(1759827600.123:293): item=0 name="/usr/bin/perl" inode=1 dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=PATH; event.category=file; event.action=audit_detail; event.outcome=unknown; file.path=/usr/bin/perl; auditd.data.nametype=NORMAL`,
	},
	{
		`type=SYSCALL msg=audit(1759827600.123:293): arch=c000003e syscall=59 success=no exit=-13 ppid=5 pid=13 auid=1000 uid=1000 tty=pts0 ses=3 comm=6120736829 exe="/tmp/a\" exe="/bin/true" key=(null)`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SYSCALL; event.category=process; event.action=audit_syscall; event.outcome=failure; process.pid=13; process.parent.pid=5`,
	},
	{
		`type=SYSCALL msg=audit(1759827600.123:293): arch=c000003e syscall=59 success=yes exit=0 ppid=5 pid=13 auid=1000 uid=0 tty=pts0 ses=3 comm="ls" exe="/usr/bin/ls" key=(null)` + "\x1d" + `ARCH=x86_64 SYSCALL=execve AUID="bob" UID="root" GID="root"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SYSCALL; event.category=process; event.action=audit_syscall; event.outcome=success; process.pid=13; process.parent.pid=5; process.executable=/usr/bin/ls; user.name=root; auditd.data.syscall=execve`,
	},
	{
		`type=ADD_USER msg=audit(1759827600.123:1): pid=12 uid=0 auid=1000 ses=3 msg='op=add-user acct="carol" exe="/usr/sbin/useradd" hostname=? addr=? terminal=pts/0 res=success'` + "\x1d" + `UID="root" AUID="bob"`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=ADD_USER; event.category=iam; event.action=audit_account_changed; event.outcome=success; process.pid=12; user.name=bob; user.target.name=carol; process.executable=/usr/sbin/useradd; process.tty.name=pts/0`,
	},
	{
		`type=USER_LOGIN msg=audit(1759827600.123:2): pid=12 uid=0 auid=1000 ses=3 msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=/dev/pts/0 res=success'` + "\x1d" + `UID="root" AUID="bob" ID="bob"`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_LOGIN; event.category=authentication; event.action=audit_login; event.outcome=success; process.pid=12; user.name=bob; process.executable=/usr/sbin/sshd; source.ip=203.0.113.9; process.tty.name=/dev/pts/0`,
	},
	{
		`type=USER_CMD msg=audit(1759827600.123:3): pid=12 uid=1000 auid=1000 ses=3 msg='cwd="/" cmd=6964202D61 exe="/usr/bin/sudo" terminal=pts/0 res=success'` + "\x1d" + `UID="bob" AUID="bob"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=USER_CMD; event.category=process; event.action=audit_command; event.outcome=success; process.pid=12; user.name=bob; process.command_line=id -a; process.executable=/usr/bin/sudo; process.tty.name=pts/0`,
	},
	{
		`type=USER_CHAUTHTOK msg=audit(1759827600.123:4): pid=12 uid=0 auid=1000 ses=3 msg='op=PAM:chauthtok acct="carol" exe="/usr/bin/passwd" hostname=? addr=? terminal=pts/0 res=success'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_CHAUTHTOK; event.category=iam; event.action=audit_account_changed; event.outcome=success; process.pid=12; user.target.name=carol; process.executable=/usr/bin/passwd; process.tty.name=pts/0`,
	},
	{
		`type=UNKNOWN[1420] msg=audit(1759827600.123:5): subj_apparmor=unconfined`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=1420; event.category=process; event.action=audit_event; event.outcome=unknown`,
	},
	{
		`audit: type=1112 audit(1759827600.123:5): pid=12 uid=0 auid=1000 ses=3 msg='op=login acct="bob" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=ssh res=failed'`,
		"auth auditd 2025-10-07T09:00:00.123Z", `event.code=USER_LOGIN; event.category=authentication; event.action=audit_login; event.outcome=failure; process.pid=12; user.name=bob; process.executable=/usr/sbin/sshd; source.ip=203.0.113.9`,
	},
	{
		`type=MAC_IPSEC_EVENT msg=audit(1759827600.123:5): op=SPD-delete auid=4294967295 ses=4294967295 res=1 src=192.0.2.0 src_prefixlen=24 dst=198.51.100.0 dst_prefixlen=24`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=MAC_IPSEC_EVENT; event.category=process; event.action=audit_configuration; event.outcome=success`,
	},
	{
		`type=anything msg=audit(1759827600.123:5): x`,
		"system plain", ``,
	},
	{
		`type=USER_AUTH msg=audit(x): x`,
		"system plain", ``,
	},
	{
		`type=SYSCALL msg=audit(1759827600.123:294): arch=c000003e syscall=41 success=yes exit=3 a0=26 a1=5 a2=0 a3=0 items=0 ppid=5 pid=13 auid=1000 uid=33 gid=33 euid=33 tty=(none) ses=3 comm="python3" exe="/usr/bin/python3.11" key="sockets"` + "\x1d" + `ARCH=x86_64 SYSCALL=socket AUID="bob" UID="www-data"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=SYSCALL; event.category=process; event.action=audit_syscall; event.outcome=success; process.pid=13; process.parent.pid=5; process.executable=/usr/bin/python3.11; user.name=www-data; auditd.data.a0=26; auditd.data.a1=5; auditd.data.a2=0; auditd.data.a3=0; auditd.data.euid=33; auditd.data.key=sockets; auditd.data.syscall=socket`,
	},
	{
		`type=EXECVE msg=audit(1759827600.123:295): argc=3 a0="grep" a1="vbox a2=\" a2="x"`,
		"system auditd 2025-10-07T09:00:00.123Z", `event.code=EXECVE; event.category=process; event.action=audit_exec; event.outcome=unknown; process.command_line=grep vbox a2=\ x; auditd.data.a0=grep; auditd.data.a1=vbox a2=\`,
	},
}
