package parse

import "testing"

func TestPAMModules(t *testing.T) { testCases(t, "pam", pamModuleCases) }

var pamModuleCases = []lineCase{
	{
		`pam_rhosts(rsh:auth): denied access to root@203.0.113.5 as alice`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; source.ip=203.0.113.5; source.user.name=root; user.name=alice`,
	},
	{
		`pam_rhosts(rsh:auth): denied access to root@203.0.113.5 as root@192.0.2.1 as root`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure`,
	},
	{
		`pam_limits(sshd:session): Too many logins (max 3) for alice`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; user.name=alice`,
	},
	{
		`pam_limits(sshd:session): Too many system logins (max 30)`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; event.reason=Too many system logins (max 30)`,
	},
	{
		`pam_tally2(sshd:auth): user alice (1000) has time limit [9s left] since last failure.`,
		"auth pam", `event.category=authentication; event.action=pam_account_locked; event.outcome=failure; user.name=alice`,
	},
	{
		`pam_lastlog(sshd:auth): user alice inactive for 90 days - denied`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; user.name=alice`,
	},
	{
		"pam_userdb(vsftpd:auth): user `bob' denied access (incorrect password)",
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`pam_userdb(vsftpd:auth): user 'bob' granted access`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success; user.name=bob`,
	},
	{
		"pam_userdb(vsftpd:auth): user `bob' not found in the database",
		"auth pam", `event.category=authentication; event.action=pam_user_unknown; event.outcome=failure; user.name=bob`,
	},
	{
		`pam_unix(sudo:auth): auth could not identify password for [alice]`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=alice`,
	},
	{
		`pam_unix(sshd:account): expired password for user alice (root enforced)`,
		"auth pam", `event.category=authentication; event.action=pam_password_expired; event.outcome=unknown; user.name=alice`,
	},
	{
		`pam_unix(sshd:auth): could not identify user (from getpwnam(alice))`,
		"auth pam", `event.category=authentication; event.action=pam_user_unknown; event.outcome=failure; user.name=alice`,
	},
	{
		`pam_unix(passwd:chauthtok): password changed for alice on nis.example.org`,
		"auth pam", `event.category=iam; event.action=pam_password_changed; event.outcome=success; user.target.name=alice`,
	},
	{
		`pam_securetty(login:auth): access denied: tty '/dev/tty1' is not secure !`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; event.reason=access denied: tty '/dev/tty1' is not secure !`,
	},
	{
		"pam_timestamp(sudo:auth): timestamp file `/run/pam_timestamp/alice' is only 7 seconds old, allowing access to sudo for user alice",
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success; user.name=alice`,
	},
	{
		`pam_succeed_if(sshd:auth): error retrieving information about user 1000`,
		"system plain", ``,
	},
	{
		`pam_usertype(sshd:auth): error retrieving information about user bob`,
		"auth pam", `event.category=authentication; event.action=pam_user_unknown; event.outcome=failure; user.name=bob`,
	},
	{
		`pam_cracklib(passwd:chauthtok): new passwd fails strength check: it is too short`,
		"auth pam", `event.category=iam; event.action=pam_password_rejected; event.outcome=failure`,
	},
	{
		`Nov 25 10:00:00 host unix_chkpwd[77]: password check failed for user (alice)`,
		"auth pam 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=pam_password_wrong; event.outcome=failure; user.name=alice`,
	},
	{
		`Nov 25 10:00:00 host unix_chkpwd[77]: inappropriate use of Unix helper binary [UID=1000]`,
		"auth pam 2025-11-25T10:00:00Z", `process.pid=77; event.category=authentication; event.action=pam_access_denied; event.outcome=failure; event.reason=inappropriate use of Unix helper binary [UID=1000]`,
	},
	{
		`pam_winbind(sshd:auth): user 'alice' denied access (incorrect password or invalid membership)`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=alice`,
	},
	{
		`pam_abl(sshd:auth): Blocking access from 203.0.113.5 to service ssh, user root from 192.0.2.1`,
		"auth pam", `event.category=authentication; event.action=pam_account_locked; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`sshd(pam_google_authenticator)[12]: Invalid verification code for alice`,
		"auth pam", `process.pid=12; event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=alice`,
	},
	{
		`pam_ldap: error trying to bind as user "uid=alice,dc=example,dc=org" (Invalid credentials)`,
		"auth pam", `event.category=authentication; event.action=pam_password_wrong; event.outcome=failure`,
	},
}
