package parse

import (
	"slices"
	"testing"
)

func TestPAM(t *testing.T) { testCases(t, "pam", pamCases) }

func FuzzPAM(f *testing.F) {
	fuzzParser(f, "pam", slices.Concat(pamCases, pamModuleCases, pamOtherCases))
}

var pamCases = []lineCase{
	{
		`pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5; user.name=root`,
	},
	{
		`pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5 `,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=host.example  user=a rhost=198.51.100.1  user=root`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.address=host.example; source.domain=host.example; user.name=a rhost=198.51.100.1  user=root`,
	},
	{
		`pam_unix(sudo:auth): authentication failure; logname=alice uid=1000 euid=0 tty=/dev/pts/0 ruser=alice rhost=  user=alice`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.user.name=alice; process.tty.name=/dev/pts/0; user.name=alice`,
	},
	{
		`pam_sss(sshd:auth): authentication success; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5 user=bob`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`(pam_unix) authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=203.0.113.5  user=bob`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`pam_unix: authentication failure; logname= uid=0 euid=0 tty=ftp ruser=anna rhost=203.0.113.5`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.user.name=anna; process.tty.name=ftp; source.ip=203.0.113.5`,
	},
	{ // an FTP client that calls itself "anna rhost=198.51.100.1  user=root"
		`pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=anna rhost=198.51.100.1  user=root rhost=203.0.113.5`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
	{
		`pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=a ruser= rhost=198.51.100.1 rhost=203.0.113.5`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
	{
		`PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root`,
		"auth pam", `event.category=authentication; event.action=pam_authentication_more; event.outcome=failure; tocsin.repeated=2; source.ip=203.0.113.5; user.name=root`,
	},
	{
		`PAM service(sshd) ignoring max retries; 6 > 3`,
		"auth pam", `event.category=authentication; event.action=pam_max_retries; event.outcome=failure`,
	},
	{
		`PAM unable to dlopen(pam_x.so): no such file`,
		"auth pam", `event.category=authentication; event.action=pam_error; event.outcome=failure`,
	},
	{
		`pam_unix(sshd:auth): check pass; user unknown`,
		"auth pam", `event.category=authentication; event.action=pam_user_unknown; event.outcome=failure`,
	},
	{
		`pam_unix(login:auth): bad username [a b]`,
		"auth pam", `event.category=authentication; event.action=pam_user_unknown; event.outcome=failure; user.name=a b`,
	},
	{
		`pam_faillock(sshd:auth): Consecutive login failures for user bob account temporarily locked`,
		"auth pam", `event.category=authentication; event.action=pam_account_locked; event.outcome=failure; user.name=bob`,
	},
	{
		`pam_tally2(sshd:auth): user bob (1001) tally 9, deny 3`,
		"auth pam", `event.category=authentication; event.action=pam_account_locked; event.outcome=failure; user.name=bob`,
	},
	{
		"pam_access(sshd:account): access denied for user `bob' from `203.0.113.5'",
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`pam_listfile(vsftpd:auth): Refused user root for service vsftpd`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; user.name=root`,
	},
	{
		`pam_succeed_if(sshd:auth): requirement "uid >= 1000" not met by user "root"`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; user.name=root`,
	},
	{
		`pam_wheel(su:auth): Access denied to 'bob' for 'root'`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; event.reason=to 'bob' for 'root'; user.name=bob`,
	},
	{
		`pam_unix(sshd:account): account bob has expired (account expired)`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; user.name=bob; event.reason=has expired (account expired)`,
	},
	{
		`pam_sss(sshd:auth): received for user bob: 7 (Authentication failure)`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; user.name=bob; event.code=7`,
	},
	{
		`pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)`,
		"auth pam", `event.category=session; event.action=pam_session_opened; event.outcome=success; user.name=root`,
	},
	{
		`pam_unix(su:session): session opened for user root(uid=0) by alice(uid=1000)`,
		"auth pam", `event.category=session; event.action=pam_session_opened; event.outcome=success; user.name=root; source.user.name=alice`,
	},
	{
		`pam_unix(cron:session): session closed for user root`,
		"auth pam", `event.category=session; event.action=pam_session_closed; event.outcome=unknown; user.name=root`,
	},
	{
		`pam_unix(passwd:chauthtok): password changed for bob`,
		"auth pam", `event.category=iam; event.action=pam_password_changed; event.outcome=success; user.target.name=bob`,
	},
	{
		`pam_unix(passwd:chauthtok): new password not acceptable`,
		"auth pam", `event.category=iam; event.action=pam_password_rejected; event.outcome=failure`,
	},
	{
		`pam_systemd(sshd:session): Failed to release session`,
		"system plain", ``,
	},
	{
		`pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser= rhost=198.51.100.9  user=root rhost=203.0.113.5 `,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
}
