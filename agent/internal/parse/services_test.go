package parse

import (
	"testing"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// serviceCases are the tables of the parsers of network services.
func serviceCases() map[string][]lineCase {
	return map[string][]lineCase{
		"iis":         iisCases,
		"tomcat":      tomcatCases,
		"lighttpd":    lighttpdCases,
		"grafana":     grafanaCases,
		"gitlab":      gitlabCases,
		"nextcloud":   nextcloudCases,
		"vaultwarden": vaultwardenCases,
		"roundcube":   roundcubeCases,
		"webmin":      webminCases,
		"proxmox":     proxmoxCases,
		"auditd":      auditdCases,
		"systemd":     systemdCases,
		"kernel":      kernelCases,
		"polkit":      polkitCases,
		"haproxy":     haproxyCases,
		"squid":       squidCases,
		"slapd":       slapdCases,
		"asterisk":    asteriskCases,
		"named":       namedCases,
		"openvpn":     openvpnCases,
		"dropbear":    dropbearCases,
		"mssql":       mssqlCases,
		"redis":       redisCases,
		"mongodb":     mongodbCases,
		"postgres":    postgresCases,
		"mysql":       mysqlCases,
		"pureftpd":    pureftpdCases,
		"proftpd":     proftpdCases,
		"vsftpd":      vsftpdCases,
		"sendmail":    sendmailCases,
		"opensmtpd":   opensmtpdCases,
		"exim":        eximCases, "dovecot": dovecotCases, "postfix": postfixCases,
	}
}

// serviceHeads are how lines begin that hold a stranger's text; see
// TestLongLinesTakeBoundedTime.
func serviceHeads() []string {
	return []string{
		"Oct  7 09:00:00 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<", "Oct  7 09:00:00 h dovecot: auth: pam(",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: unknown[203.0.113.5]: SASL LOGIN authentication failed: ",
		"Oct  7 09:00:00 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.5]: ",
		"2025-10-07 09:00:00 login authenticator failed for (", "2025-10-07 09:00:00 H=(x) [203.0.113.5] F=<a@b> rejected RCPT ",
		"Oct  7 09:00:00 h sm-mta[1]: ruleset=check_rcpt, arg1=<", "Oct  7 09:00:00 h sm-mta[1]: AUTH failure (PLAIN): ",
		"Oct  7 09:00:00 h smtpd[1]: 0123456789abcdef smtp authentication user=",
		"2025-10-07T09:00:00.123456Z 5 [Note] Access denied for user '", "2025-10-07T09:00:00.123456Z 5 [Note] Aborted connection 5 to db: '",
		"2025-10-07 09:00:00 UTC [12] ", "2025-10-07 09:00:00 UTC [12] FATAL:  no pg_hba.conf entry for host \"203.0.113.5\", user \"",
		"2025-10-07T09:00:00.123+0000 I ACCESS   [conn1] SASL SCRAM-SHA-1 authentication failed for ", `{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},`,
		"12:M 07 Oct 2025 09:00:00.123 # ", "2025-10-07 09:00:00.00 Logon       Login failed for user '",
		"Oct  7 09:00:00 h dropbear[1]: bad password attempt for '", "Oct  7 09:00:00 h openvpn[1]: 203.0.113.5:4000 TLS: Username/Password authentication succeeded for username '",
		"Oct  7 09:00:00 h named[1]: client @0x7f6450002ef0 203.0.113.5#23332 (", "[2025-10-07 09:00:00] NOTICE[1] chan_sip.c: Registration from '",
		`[2025-10-07 09:00:00] SECURITY[1] res_security_log.c: SecurityEvent="InvalidPassword",`, "[2025-10-07 09:00:00] NOTICE[1] chan_sip.c: Call from '",
		`Oct  7 09:00:00 h slapd[1]: conn=1 op=0 BIND dn="`, "1759827600.123      5 203.0.113.5 TCP_MISS/200 512 GET ",
		`Oct  7 09:00:00 h haproxy[1]: 203.0.113.5:4000 [07/Oct/2025:09:00:00.123] a b/c 0/0/0/0/0 200 5 - - ---- 0/0/0/0/0 0/0 "GET /`,
		"Oct  7 09:00:00 h polkitd[1]: Operator of unix-session:1 FAILED to authenticate ", "Oct  7 09:00:00 h pkexec[1]: bob: ",
		"Oct  7 09:00:00 h kernel: [ 8665.951930] ", "Oct  7 09:00:00 h kernel: [UFW BLOCK] IN=eth0 OUT= ", "Oct  7 09:00:00 h systemd[1]: ",
		"type=USER_AUTH msg=audit(1759827600.123:5): pid=1 uid=0 msg='op=x acct=", "Oct  7 09:00:00 h pvedaemon[1]: authentication failure; rhost=203.0.113.5 user=",
		"Oct  7 09:00:00 h webmin[1]: Invalid login as ", "Oct  7 09:00:00 h roundcube: IMAP Error: Login failed for ",
		"[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 203.0.113.5. Username: ",
		`{"reqId":"a","message":"Login failed: `, `{"severity":"INFO","message":"Failed Login: username=`, "October 07, 2025 09:00: Failed Login: username=", `October 07, 2025 09:00: User "`,
		`{"severity":"INFO","message":"Successful Login: username=`, `t=2025-10-07T09:00:00Z lvl=eror logger=context msg="`,
		"2025-10-07 09:00:00: (mod_auth.c.525) password doesn't match for ", "07-Oct-2025 09:00:00.123 WARNING [a] org.apache.catalina.x An attempt was made to authenticate the locked user [",
		"2025-10-07 09:00:00 198.51.100.1 GET /",
		"2025-10-07 09:00:00 UTC [12] LOG:  statement: ", `2025-10-07 09:00:00 UTC,"`, `{"timestamp":"2025-10-07 09:00:00 UTC","session_id":"a","error_severity":"LOG","message":"`, "user=",
		"2025-10-07T09:00:00.123456Z\t   12 Connect\t", "\t\t   12 Query\t", "20251007 09:00:00,db01,", `{"prio":0,"err_code":1,"msg":"`, "251007  9:00:00 [Note] ",
		`{"atype":"authenticate","ts":{"$date":"2025-10-07T09:00:00.000+00:00"},"param":{"user":"`, "Tue Oct  7 09:00:00 [conn1] ",
		"type=EXECVE msg=audit(1759827600.123:5): argc=9 a0=", "type=SYSCALL msg=audit(1759827600.123:5): comm=", "Oct  7 09:00:00 h audit[1]: USER_CMD pid=1 msg='cmd=",
		"Oct  7 09:00:00 h postfix/smtp[1]: 00ADB3C0899: to=<", "Oct  7 09:00:00 h sm-mta[1]: s1O7XtZJ021134: to=<", "2025-10-07 09:00:00 1v61Ab-0003fr-45 => ",
		"Oct  7 09:00:00 h dovecot: lmtp(bob)<1><a>: msgid=<", "Tue Oct  7 09:00:00 2025 1 203.0.113.5 1 ", "Oct  7 09:00:00 h named[1]: lame server resolving '",
		"2025-10-07 09:00:00 W3SVC1 ", "2025-10-07 09:00:00.00 spid5      ", "Oct  7 09:00:00 h haproxy[1]: Server ", "Oct  7 09:00:00 h DROP: IN=",
		"Fri Jan 19 12:20:33 2007 [pid 1] [", "Oct  7 09:00:00 h proftpd[1]: h (a[203.0.113.5]): USER ", "Oct  7 09:00:00 h pure-ftpd: (",
	}
}

// serviceBenches are lines of services for BenchmarkParse.
func serviceBenches() []struct{ parser, line string } {
	return []struct{ parser, line string }{
		{"dovecot", "Oct  7 09:00:00 web01 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 12 secs): user=<bob>, method=LOGIN, rip=203.0.113.9, lip=198.51.100.1, TLS, session=<b>"},
		{"postfix", "Oct  7 09:00:00 web01 postfix/smtpd[12]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6"},
		{"exim", "2025-10-07 09:00:00 plain_login authenticator failed for (User) [203.0.113.9]: 535 Incorrect authentication data (set_id=bob)"},
		{"sendmail", "Oct  7 09:00:00 web01 sm-mta[12]: s1O7XtZJ021134: mail.example.com [203.0.113.9]: possible SMTP attack: command=AUTH, count=6"},
		{"opensmtpd", "Oct  7 09:00:00 web01 smtpd[12]: 0123456789abcdef smtp authentication user=bob result=permfail"},
		{"mysql", "2025-10-07T09:00:00.123456Z 5 [Note] [MY-010926] [Server] Access denied for user 'root'@'203.0.113.9' (using password: YES)"},
		{"postgres", "2025-10-07 09:00:00.123 UTC [147] 203.0.113.9 bob@app FATAL:  password authentication failed for user \"bob\""},
		{"mongodb", `{"t":{"$date":"2025-10-07T09:00:00.000+00:00"},"s":"I","c":"ACCESS","id":20249,"ctx":"conn1","msg":"Authentication failed","attr":{"mechanism":"SCRAM-SHA-256","principalName":"bob","authenticationDatabase":"admin","remote":"203.0.113.9:56000","error":"UserNotFound"}}`},
		{"redis", "12:M 07 Oct 2025 09:00:00.123 - Accepted 203.0.113.9:56000"},
		{"mssql", "2025-10-07 09:00:00.00 Logon       Login failed for user 'bob'. Reason: Password did not match that for the login provided. [CLIENT: 203.0.113.9]"},
		{"dropbear", "Oct  7 09:00:00 web01 dropbear[12]: Bad password attempt for 'root' from 203.0.113.9:60495"},
		{"openvpn", "Oct  7 09:00:00 web01 openvpn[12]: 203.0.113.9:64480 TLS Auth Error: Auth Username/Password verification failed for peer"},
		{"named", "Oct  7 09:00:00 web01 named[12]: client @0x7f6450002ef0 203.0.113.9#23332 (example.com): query (cache) 'example.com/ANY/IN' denied"},
		{"asterisk", "[2025-10-07 09:00:00] NOTICE[12] chan_sip.c: Registration from '<sip:301@example.org>' failed for '203.0.113.9:5060' - Wrong password"},
		{"slapd", "Oct  7 09:00:00 web01 slapd[12]: conn=1022 op=0 RESULT tag=97 err=49 text="},
		{"squid", "1759827600.123    456 203.0.113.9 TCP_MISS/200 5123 GET http://example.com/a?b=c - HIER_DIRECT/198.51.100.7 text/html"},
		{"haproxy", `Oct  7 09:00:00 web01 haproxy[12]: 203.0.113.9:58430 [07/Oct/2025:09:00:00.608] main app/web1 0/0/1/2/3 200 248 - - ---- 1/1/0/0/0 0/0 "GET /a?b=c HTTP/1.1"`},
		{"polkit", "Oct  7 09:00:00 web01 polkitd[12]: Operator of unix-session:1 FAILED to authenticate to gain authorization for action org.example for unix-process:1:2 [/bin/x] (owned by unix-user:bob)"},
		{"kernel", "Oct  7 09:00:00 web01 kernel: [ 8665.951930] [UFW BLOCK] IN=eth0 OUT= MAC=a2:1b SRC=203.0.113.9 DST=198.51.100.1 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=37700 DF PROTO=TCP SPT=51604 DPT=22 WINDOW=64240 SYN"},
		{"systemd", "Oct  7 09:00:00 web01 systemd[1]: app.service: Failed with result 'exit-code'."},
		{"auditd", `type=USER_AUTH msg=audit(1759827600.123:373474): pid=12 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication grantors=? acct="root" exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=failed'`},
		{"proxmox", "Oct  7 09:00:00 web01 pvedaemon[12]: authentication failure; rhost=203.0.113.9 user=root@pam msg=Authentication failure"},
		{"webmin", "Oct  7 09:00:00 web01 webmin[12]: Invalid login as root from 203.0.113.9"},
		{"roundcube", "Oct  7 09:00:00 web01 roundcube: <a> IMAP Error: Login failed for bob from 203.0.113.9. AUTHENTICATE PLAIN: Authentication failed. in /usr/share/roundcube/rcube_imap.php on line 200"},
		{"vaultwarden", "[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 203.0.113.9. Username: bob@example.org."},
		{"nextcloud", `{"reqId":"a","level":2,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"--","app":"core","method":"POST","url":"/login","message":"Login failed: bob (Remote IP: 203.0.113.9)"}`},
		{"gitlab", `{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","correlation_id":"a","message":"Failed Login: username=bob ip=203.0.113.9"}`},
		{"grafana", `logger=context userId=0 orgId=0 uname= t=2025-10-07T09:00:00.123Z level=info msg="Request Completed" method=POST path=/login status=401 remote_addr=203.0.113.9 time_ms=5`},
		{"lighttpd", "2025-10-07 09:00:00: (mod_auth.c.525) password doesn't match for /x username: bob, IP: 203.0.113.9"},
		{"tomcat", "07-Oct-2025 09:00:00.123 WARNING [http-nio-8080-exec-1] org.apache.catalina.realm.LockOutRealm.filterLockedAccounts An attempt was made to authenticate the locked user [bob]"},
		{"iis", "2025-10-07 09:00:00 198.51.100.1 GET /a b=c 443 - 203.0.113.9 Mozilla/5.0 - 404 0 2 15"},
		{"vsftpd", "Tue Oct  7 09:00:00 2025 [pid 27202] [bob] FAIL LOGIN: Client \"203.0.113.9\""},
		{"proftpd", "Oct  7 09:00:00 web01 proftpd[12]: ftp.example.org (mail.example.com[203.0.113.9]): USER bob (Login failed): Incorrect password"},
		{"pureftpd", "Oct  7 09:00:00 web01 pure-ftpd: (?@203.0.113.9) [WARNING] Authentication failed for user [bob]"},
	}
}

// No address that only stands in a stranger's text may come out of a service's
// line, and the line is recognised all the same.
func TestServiceInjectionIsNotBelieved(t *testing.T) {
	forged := "198.51.100.66"
	lines := []string{
		"Oct  7 09:00:00 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=198.51.100.66, lip=1>, method=PLAIN, rip=203.0.113.5, lip=198.51.100.1, session=<h>",
		"Oct  7 09:00:00 h dovecot: auth: sql(x,198.51.100.66): unknown user,203.0.113.5,<s>): unknown user",
		"Oct  7 09:00:00 h dovecot: auth: sql(bob,203.0.113.5): unknown user (given password: a,198.51.100.66): )",
		"Oct  7 09:00:00 h postfix/smtpd[1]: improper command pipelining after EHLO from unknown[203.0.113.5]: from x[198.51.100.66]",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: reject: ETRN from x[198.51.100.66]... from unknown[203.0.113.5]",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: unknown[203.0.113.5]: SASL LOGIN authentication failed: x from y[198.51.100.66], sasl_username=[198.51.100.66]",
		"2025-10-07 09:00:00 login authenticator failed for (x) [198.51.100.66]: 535) [203.0.113.5]: 535 Incorrect authentication data",
		"2025-10-07 09:00:00 1v61Ab-0003fr-45 <= \"x H=[198.51.100.66] A=y:root\"@example.org H=(z) [203.0.113.5] P=esmtp S=1",
		"2025-10-07 09:00:00 rejected \"AUTH LOGIN from [198.51.100.66]\" from H=(x) [203.0.113.5]",
		"Oct  7 09:00:00 h sm-mta[1]: ruleset=check_rcpt, arg1=<x, relay=[198.51.100.66], reject=y>, relay=[203.0.113.5], reject=553 5.1.8 <x>... no",
		"Oct  7 09:00:00 h sm-mta[1]: AUTH failure (PLAIN): user not found (-20), user=x, relay=[198.51.100.66], relay=[203.0.113.5]",
		"Oct  7 09:00:00 h smtpd[1]: 0123456789abcdef smtp authentication user=x\\040result=ok\\040address=198.51.100.66 result=permfail",
		"2025-10-07T09:00:00.123456Z 5 [Note] Access denied for user 'x'@'198.51.100.66' (using password: YES)'@'203.0.113.5' (using password: YES)",
		"2025-10-07T09:00:00.123456Z 5 [Note] Access denied for user 'x'@'203.0.113.5' to database 'y'@'198.51.100.66'",
		"2025-10-07T09:00:00.123456Z 5 [Note] Aborted connection 5 to db: 'a' host: '198.51.100.66' (x' user: 'b' host: '203.0.113.5' (Got timeout)",
		`2025-10-07 09:00:00 UTC [12] 198.51.100.66 app FATAL:  password authentication failed for user "198.51.100.66"`,
		`2025-10-07 09:00:00 UTC [12] x FATAL:  no pg_hba.conf entry for host "198.51.100.66", user "z", database "y", SSL off@app LOG:  could not receive data from client: x`,
		`2025-10-07 09:00:00 UTC [12] STATEMENT:  select 'FATAL:  no pg_hba.conf entry for host "198.51.100.66", user "z", database "y", SSL off'`,
		`2025-10-07 09:00:00 UTC,"x,""198.51.100.66:1""","app",147,"203.0.113.5:1",a.b,2,"authentication",2025-10-07 09:00:00 UTC,3/5,0,FATAL,28P01,"password authentication failed for user ""x"""`,
		`2025-10-07 09:00:00 UTC [12] FATAL:  no pg_hba.conf entry for host "203.0.113.5", user "x", database "y" host "198.51.100.66", user "z", SSL off`,
		`2025-10-07T09:00:00.123+0000 I ACCESS   [conn1] SASL SCRAM-SHA-1 authentication failed for x on y from client 198.51.100.66:1 ; z on admin from client 203.0.113.5:2 ; UserNotFound`,
		`2025-10-07 09:00:00.00 Logon       Login failed for user 'x [CLIENT: 198.51.100.66]'. Reason: no. [CLIENT: 203.0.113.5]`,
		`12:M 07 Oct 2025 09:00:00.123 - Client closed connection id=5 addr=203.0.113.5:1 name=addr=198.51.100.66:2`,
		"Oct  7 09:00:00 h dropbear[1]: bad password attempt for 'x' from 198.51.100.66:1' from 203.0.113.5:2",
		"Oct  7 09:00:00 h openvpn[1]: x/198.51.100.66:1/203.0.113.5:2 TLS Auth Error: Auth Username/Password verification failed for peer",
		"Oct  7 09:00:00 h named[1]: client 203.0.113.5#2 (x): query 'client 198.51.100.66#1/A/IN' denied",
		"[2025-10-07 09:00:00] NOTICE[1] chan_sip.c: Registration from 'x' failed for '198.51.100.66' - Wrong password' failed for '203.0.113.5' - Wrong password",
		"[2025-10-07 09:00:00] NOTICE[1] chan_sip.c: Call from '' (203.0.113.5:1) to extension 'x (198.51.100.66:1) to extension 'y' rejected because extension not found in context 'default'.",
		`[2025-10-07 09:00:00] SECURITY[1] res_security_log.c: SecurityEvent="InvalidPassword",EventTV="1",Severity="Error",Service="PJSIP",EventVersion="2",AccountID="x",SessionID="y",LocalAddress="IPV4/UDP/198.51.100.1/5060",RemoteAddress="IPV4/UDP/203.0.113.5/1",Challenge="z",RemoteAddress="IPV4/UDP/198.51.100.66/1"`,
		`Oct  7 09:00:00 h slapd[1]: conn=1 op=0 BIND dn="x" ACCEPT from IP=198.51.100.66:1" method=128`,
		`Oct  7 09:00:00 h haproxy[1]: 203.0.113.5:4000 [07/Oct/2025:09:00:00.123] a b/c 0/0/0/0/0 200 5 - - ---- 0/0/0/0/0 0/0 {198.51.100.66:1 [x} "GET / HTTP/1.1"`,
		"1759827600.123      5 203.0.113.5 TCP_DENIED/407 512 GET http://198.51.100.66/ 198.51.100.66 HIER_NONE/- text/html",
		"Oct  7 09:00:00 h kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.5 DST=198.51.100.1 LEN=60 PROTO=ICMP TYPE=3 CODE=3 [SRC=198.51.100.66 DST=198.51.100.1 PROTO=UDP SPT=1 DPT=2 ]",
		`type=USER_AUTH msg=audit(1759827600.123:5): pid=1 uid=0 msg='op=x acct="a addr=198.51.100.66 " exe="/x" hostname=? addr=203.0.113.5 terminal=ssh res=failed'`,
		`type=SYSCALL msg=audit(1759827600.123:5): arch=c000003e syscall=59 success=yes ppid=5 pid=13 comm="x" exe="/x\" msg='addr=198.51.100.66 '" key=(null)`,
		"20251007 09:00:00,db01,x,198.51.100.66,9,0,CONNECT,app,,0,203.0.113.5,12,0,FAILED_CONNECT,app,,1045",
		"2025-10-07T09:00:00.123456Z\t   12 Connect\tHost '198.51.100.66' is blocked because of @203.0.113.5 on app using TCP/IP",
		"Oct  7 09:00:00 h sm-mta[1]: s1O7XtZJ021134: from=<x, relay=y [198.51.100.66]>, size=5, class=0, nrcpts=1, msgid=<a>, proto=ESMTP, relay=[203.0.113.5]",
		"Tue Oct  7 09:00:00 2025 1 203.0.113.5 123 /198.51.100.66 b _ o a 198.51.100.66 ftp 0 * c",
		"2025-10-07 09:00:00 198.51.100.1 GET /198.51.100.66 198.51.100.66 80 198.51.100.66 203.0.113.5 198.51.100.66 198.51.100.66 200 0 0 15",
		"Oct  7 09:00:00 h pvedaemon[1]: authentication failure; rhost=203.0.113.5 user=x rhost=198.51.100.66 msg=no",
		"Oct  7 09:00:00 h webmin[1]: Invalid login as x from 198.51.100.66 from 203.0.113.5",
		"Oct  7 09:00:00 h roundcube: IMAP Error: Login failed for x from 198.51.100.66. AUTHENTICATE PLAIN: y from 203.0.113.5. AUTHENTICATE PLAIN: no",
		"[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 203.0.113.5. Username: x IP: 198.51.100.66.",
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","message":"Failed Login: username=x ip=198.51.100.66 ip=203.0.113.5"}`,
		"2025-10-07 09:00:00: (mod_auth.c.525) password doesn't match for /x username: y, IP: 198.51.100.66, IP: 203.0.113.5",
		`Tue Oct  7 09:00:00 2025 [pid 2] [x] FAIL LOGIN: Client "198.51.100.66"] FAIL LOGIN: Client "203.0.113.5"`,
		`Oct  7 09:00:00 h proftpd[1]: h (a[203.0.113.5]): USER x (b[198.51.100.66]): USER y (Login failed): Incorrect password`,
		`Oct  7 09:00:00 h pure-ftpd: (?@203.0.113.5) [WARNING] Authentication failed for user [x@198.51.100.66) [WARNING] y]`,
	}
	for _, line := range lines {
		for _, e := range parseLines(t, "auto", Options{Year: 2025}, line) {
			if ip := e.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP); string(ip) == forged {
				t.Errorf("believed %q", line)
			}
			if e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil {
				t.Errorf("lost %q", line)
			}
		}
	}
}

// multilog and svlogd stamp lines with TAI64N instead of syslog's envelope.
func TestMultilogIsAnEnvelope(t *testing.T) {
	for line, want := range map[string]string{
		"@4000000068e4d21a075bca00 dovecot-auth: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=bob rhost=203.0.113.9": "auth pam 2025-10-07T08:40:48.123456Z",
		"@4000000068e4d21a075bca00 sshd[7]: Invalid user x from 203.0.113.5 port 1":                                                                             "auth sshd 2025-10-07T08:40:48.123456Z",
		"@4000000068e4d21a075bca00 status: local 0/10 remote 1/20":                                                                                              "app plain",
		"@4000000068e4d21a075bca0 sshd[7]: Invalid user x from 203.0.113.5 port 1":                                                                              "app plain",
	} {
		if got := describe(parseLines(t, "auto", Options{}, line)[0]); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
