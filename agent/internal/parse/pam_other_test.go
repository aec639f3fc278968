package parse

import "testing"

func TestPAMOther(t *testing.T) { testCases(t, "pam", pamOtherCases) }

var pamOtherCases = []lineCase{
	{
		`pam_krb5(sshd:auth): user bob authenticated as bob@EXAMPLE.ORG`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success; user.name=bob`,
	},
	{
		`pam_krb5(sshd:auth): authentication failure; logname=bob uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`pam_krb5(sshd:auth): failed authorization check; logname=bob uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`pam_krb5(passwd:chauthtok): user bob changed Kerberos password`,
		"auth pam", `event.category=iam; event.action=pam_password_changed; event.outcome=success; user.target.name=bob`,
	},
	{
		`pam_krb5(sshd:auth): user bob account password is expired`,
		"auth pam", `event.category=authentication; event.action=pam_password_expired; event.outcome=unknown; user.name=bob`,
	},
	{
		`pam_krb5[4711]: authentication fails for 'bob' (bob@EXAMPLE.ORG): Authentication failure (Preauthentication failed)`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=bob; event.reason=Authentication failure (Preauthentication failed)`,
	},
	{
		`pam_krb5[4711]: authentication succeeds for 'bob' (bob@EXAMPLE.ORG)`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success; user.name=bob`,
	},
	{
		`pam_sss(sshd:account): Access denied for user bob: 6 (Permission denied)`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; event.reason=for user bob: 6 (Permission denied); user.name=bob`,
	},
	{
		`pam_radius_auth(sshd:auth): authentication failed`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
	{
		`pam_ldap(sshd:auth): authentication succeeded`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success`,
	},
	{
		`pam_unix(sshd:account): expired password for user bob (password aged)`,
		"auth pam", `event.category=authentication; event.action=pam_password_expired; event.outcome=unknown; user.name=bob`,
	},
	{
		`pam_pwdfile(vsftpd:auth): wrong password for user bob`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`pam_pwdfile(vsftpd:auth): user not found in password database`,
		"auth pam", `event.category=authentication; event.action=pam_user_unknown; event.outcome=failure`,
	},
	{
		`pam_winbind(sshd:auth): request wbcLogonUser failed: WBC_ERR_AUTH_ERROR, PAM error: PAM_AUTH_ERR (7), NTSTATUS: NT_STATUS_WRONG_PASSWORD, Error message was: Wrong Password`,
		"auth pam", `event.category=authentication; event.action=pam_password_wrong; event.outcome=failure; event.reason=NT_STATUS_WRONG_PASSWORD`,
	},
	{
		`pam_winbind(sshd:auth): request failed: No such user, PAM error was User not known to the underlying authentication module (10), NT error was NT_STATUS_NO_SUCH_USER`,
		"auth pam", `event.category=authentication; event.action=pam_password_wrong; event.outcome=failure; event.reason=NT_STATUS_NO_SUCH_USER`,
	},
	{
		`pam_unix2(su:session): session started for user bob, service su`,
		"auth pam", `event.category=session; event.action=pam_session_opened; event.outcome=success; user.name=bob`,
	},
	{
		`pam_unix2(su:session): session finished for user bob, service su`,
		"auth pam", `event.category=session; event.action=pam_session_closed; event.outcome=unknown; user.name=bob`,
	},
	{
		`pam_systemd(sshd:session): Failed to create session: Access denied`,
		"auth pam", `event.category=session; event.action=pam_session_opened; event.outcome=failure; event.reason=Access denied`,
	},
	{
		`pam_unix(sudo:auth): conversation failed`,
		"auth pam", `event.category=authentication; event.action=pam_error; event.outcome=failure; event.reason=conversation failed`,
	},
	{
		`pam_duo(sshd:auth): Failed Duo login for 'bob' from 203.0.113.5: Login request denied.`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; event.reason=Login request denied.`,
	},
	{
		`pam_duo(sshd:auth): Failed Duo login for 'root' from 198.51.100.1: x' from 203.0.113.5`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure`,
	},
	{
		`pam_duo(sshd:auth): Successful Duo login for 'bob' from 2001:db8::5`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=success; user.name=bob; source.ip=2001:db8::5`,
	},
	{
		`pam_duo(sshd:auth): Error in Duo login for 'bob' from 203.0.113.5: HTTP 500`,
		"auth pam", `event.category=authentication; event.action=pam_error; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; event.reason=HTTP 500`,
	},
	{
		`pam_ldap(sshd:auth): Authentication failure; user=bob`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; event.reason=Authentication failure; user.name=bob`,
	},
	{
		`pam_ldap(sshd:account): Permission denied; user=bob; err=no host`,
		"auth pam", `event.category=authentication; event.action=pam_access_denied; event.outcome=failure; event.reason=Permission denied`,
	},
	{
		`pam_ldap(passwd:chauthtok): password change prohibited: by policy; user=bob`,
		"auth pam", `event.category=iam; event.action=pam_password_rejected; event.outcome=failure; event.reason=password change prohibited: by policy; user.name=bob`,
	},
	{
		`pam_ldap(sshd:auth): something else; user=bob`,
		"system plain", ``,
	},
}
