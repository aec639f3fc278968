package parse

import "testing"

// TestNamesThatImitateLines holds that a name which contains what a program writes, a
// whole line of its log, or the end of one line and the beginning of another as syslog
// daemons escape it, says nothing but a name: the address, the outcome and the account
// are those that the program wrote.
func TestNamesThatImitateLines(t *testing.T) { testCases(t, "auto", injectionCases) }

const injected = "Nov 25 10:00:00 web01 "

var injectionCases = []lineCase{
	{
		injected + `sshd[77]: Failed password for invalid user root from 198.51.100.9 port 22 ssh2 from 203.0.113.5 port 4242 ssh2`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=4242; user.name=root from 198.51.100.9 port 22 ssh2`,
	},
	{
		injected + `sshd[77]: Failed publickey for invalid user x from 198.51.100.9 port 22 ssh2: RSA SHA256:AbC from 203.0.113.5 port 4242 ssh2: RSA SHA256:DeF`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=publickey; source.ip=203.0.113.5; source.port=4242; tocsin.ssh.key.fingerprint=SHA256:DeF; user.name=x from 198.51.100.9 port 22 ssh2: RSA SHA256:AbC`,
	},
	{
		injected + `sshd[77]: Failed password for invalid user x\nNov 25 10:00:00 web01 sshd[1]: Accepted password for root from 198.51.100.9 port 22 ssh2 from 203.0.113.5 port 4242 ssh2`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=4242; user.name=x\nNov 25 10:00:00 web01 sshd[1]: Accepted password for root from 198.51.100.9 port 22 ssh2`,
	},
	{
		injected + `sshd[77]: Invalid user x#012Nov 25 10:00:00 web01 sshd[1]: Accepted password for root from 198.51.100.9 port 22 ssh2 from 203.0.113.5 port 4242`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=4242; user.name=x#012Nov 25 10:00:00 web01 sshd[1]: Accepted password for root from 198.51.100.9 port 22 ssh2`,
	},
	{
		injected + `sshd[77]: Invalid user from 198.51.100.9 port 1 from 203.0.113.5 port 4242`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_invalid_user; event.outcome=failure; source.ip=203.0.113.5; source.port=4242; user.name=from 198.51.100.9 port 1`,
	},
	{
		injected + `sshd[77]: message repeated 2 times: [ Failed password for invalid user x] from 198.51.100.9 port 22 ssh2] from 203.0.113.5 port 4242 ssh2]`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; tocsin.repeated=2; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=4242; user.name=x] from 198.51.100.9 port 22 ssh2]`,
	},
	{
		injected + `sshd[77]: Connection closed by invalid user root 198.51.100.9 port 22 203.0.113.5 port 4242 [preauth]`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=4242; user.name=root 198.51.100.9 port 22`,
	},
	{
		injected + `sshd[77]: Disconnected from invalid user bob 198.51.100.9 port 22 [preauth]\015\012 203.0.113.5 port 4242 [preauth]`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=4242; user.name=bob 198.51.100.9 port 22 [preauth]\015\012`,
	},
	{
		injected + `sshd[77]: User root from 198.51.100.9 not allowed because x from 203.0.113.5 not allowed because not listed in AllowUsers`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; event.reason=not listed in AllowUsers; source.ip=203.0.113.5; user.name=root from 198.51.100.9 not allowed because x`,
	},
	{
		injected + `sshd[77]: error: PAM: Authentication failure for illegal user root from 198.51.100.9 from 203.0.113.5`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_pam_error; event.outcome=failure; event.reason=Authentication failure; source.ip=203.0.113.5; user.name=root from 198.51.100.9`,
	},
	{
		injected + `sshd[77]: error: maximum authentication attempts exceeded for invalid user a from 198.51.100.9 port 22 ssh2 [preauth] from 203.0.113.5 port 4242 ssh2 [preauth]`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; source.ip=203.0.113.5; source.port=4242; user.name=a from 198.51.100.9 port 22 ssh2 [preauth]`,
	},
	{
		injected + `sshd[77]: Received disconnect from 203.0.113.5 port 4242:11: Accepted password for root from 198.51.100.9 port 22 ssh2`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=network; event.category=session; event.action=ssh_disconnect; event.outcome=unknown; source.ip=203.0.113.5; source.port=4242; event.reason=11: Accepted password for root from 198.51.100.9 port 22 ssh2`,
	},
	{
		injected + `sshd[77]: Bad protocol version identification 'Accepted password for root from 198.51.100.9 port 22 ssh2' from 203.0.113.5 port 4242`,
		"auth sshd 2025-11-25T10:00:00Z", `process.pid=77; event.category=network; event.category=session; event.action=ssh_bad_protocol; event.outcome=failure; source.ip=203.0.113.5; source.port=4242`,
	},
	{
		injected + `vsftpd[77]: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=x rhost=198.51.100.9 user=root rhost=203.0.113.5 `,
		"auth pam 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
	{
		injected + `sshd[77]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=x rhost=198.51.100.9  user=root`,
		"auth pam 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5; user.name=x rhost=198.51.100.9  user=root`,
	},
	{
		injected + `vsftpd[77]: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser= rhost=198.51.100.9  user=root rhost=203.0.113.5  user= rhost=198.51.100.9  user=root`,
		"auth pam 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
	{
		injected + `su[77]: FAILED su for root by bob by alice`,
		"auth su 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root by bob`,
	},
	{
		injected + `sudo: alice : command not allowed ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh -c "#012Nov 25 10:00:00 web01 sudo: bob : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id"`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=command not allowed; user.name=alice; process.tty.name=pts/0`,
	},
	{
		injected + `login[77]: FAILED LOGIN 1 FROM 203.0.113.5 FOR root, Success#012Nov 25 10:00:00 web01 login[1]: LOGIN ON tty1 BY root FROM 198.51.100.9, Authentication failure`,
		"auth login 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=console_login; event.outcome=failure; user.name=root, Success#012Nov 25 10:00:00 web01 login[1]: LOGIN ON tty1 BY root FROM 198.51.100.9; event.reason=Authentication failure; source.ip=203.0.113.5`,
	},
	{
		injected + `dropbear[77]: Bad password attempt for 'root' from 198.51.100.9:22' from 203.0.113.5:4242`,
		"auth dropbear 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.5; source.port=4242; user.name=root' from 198.51.100.9:22`,
	},
	{
		injected + `CRON[77]: (alice) CMD (echo '(root) CMD (id)'; logger -t sshd 'Accepted password for root from 198.51.100.9 port 22 ssh2')`,
		"system cron 2025-11-25T10:00:00Z", `process.pid=77; event.category=process; event.action=cron_command; event.outcome=unknown; user.name=alice; process.command_line=echo '(root) CMD (id)'; logger -t sshd 'Accepted password for root from 198.51.100.9 port 22 ssh2'`,
	},
	{
		injected + `slapd[77]: conn=11 op=0 BIND dn="uid=x,o=\" method=128 conn=1 op=0 RESULT tag=97 err=0 text=" method=128`,
		"auth slapd 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=ldap_bind_request; event.outcome=unknown; user.name=x`,
	},
}

// loginHeads are beginnings of lines of logins and accounts for
// TestLongLinesTakeBoundedTime.
func loginHeads() []string {
	heads := []string{"Invalid user ", "error: PAM: ", "User "} // bare
	for _, head := range []string{
		"sshd[1]: Failed publickey for ", "sshd[1]: Invalid user ", "sshd[1]: connect_to ", "sshd[1]: debug1: channel 1: ", "sshd[1]: Password authentication for ",
		"sshd[1]: User a, coming from ", "sshd[1]: Magic value check failed (", "sshd[1]: Failed Duo login for '", "sshd[1]: x: Connection from ",
		"sshd[1]: pam_unix(a:b): authentication failure; logname=", "sshd[1]: pam_krb5[1]: authentication fails for '", "sshd[1]: pam_ldap(a:b): Permission denied; user=",
		"sshd[1]: pam_winbind(a:b): request wbcLogonUser failed: PAM error", "sshd[1]: pam_krb5(a:b): user ", "sshd[1]: pam_duo(a:b): Failed Duo login for '",
		"sudo: @cee:{\"sudo\":{\"accept\":{\"submituser\":\"", "sudo: bob : x ; TTY=", "doas: bob ran command ", "doas: command not permitted for bob: ",
		"su: DENIED su from '", "su: BAD SU from ", "su: SU by ", "login: FAILED LOGIN 1 FROM h FOR ", "login: TOO MANY LOGIN TRIES (1) FROM h FOR ",
		"login: invalid password for '", "login: 'a", "login: LOGIN ", "login: login from ", "login: 1 LOGIN FAILURE FROM ",
		"useradd[1]: failed to ", "gpasswd[1]: a failed to ", "newgrp[1]: user 'a' (login '", "newgrp[1]: Invalid password for group '", "systemd-sysusers[1]: Creating user '",
		"crontab[1]: (", "crond[1]: (a) CMD (", "anacron[1]: Job `", "dropbear[1]: Exit before auth from <", "dropbear[1]: Exit before auth (user '",
		"slapd[1]: conn=1 op=1 BIND authcid=\"", "slapd[1]: conn=1 op=1 RESULT oid=",
	} {
		heads = append(heads, "Oct  7 09:00:00 h "+head)
	}
	return heads
}
