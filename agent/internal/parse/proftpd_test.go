package parse

import "testing"

func TestProftpd(t *testing.T) { testCases(t, "proftpd", proftpdCases) }

func FuzzProftpd(f *testing.F) { fuzzParser(f, "proftpd", proftpdCases) }

var proftpdCases = []lineCase{
	{
		`ftp.example.org (mail.example.com[203.0.113.9]): USER bob (Login failed): Incorrect password`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; event.reason=Incorrect password; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (::ffff:203.0.113.9[::ffff:203.0.113.9]): USER bob: no such user found from ::ffff:203.0.113.9 [::ffff:203.0.113.9] to ::ffff:198.51.100.1:21`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; event.reason=no such user found; source.ip=203.0.113.9`,
	},
	{
		`198.51.100.1 (203.0.113.9[203.0.113.9]) - USER bob: no such user found from 203.0.113.9 [203.0.113.9] to 198.51.100.1:21`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; event.reason=no such user found; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): USER x: y (Login failed): No such user found`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=x: y; event.reason=No such user found; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): USER bob: Login successful.`,
		"auth proftpd", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): ANON ftp: Login successful.`,
		"auth proftpd", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; user.name=ftp; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): ANON bob: Limit access denies login`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; event.reason=Limit access denies login; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]) - SECURITY VIOLATION: Root login attempted`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=root; event.reason=SECURITY VIOLATION: Root login attempted; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): ROOT FTP login successful`,
		"auth proftpd", `event.category=authentication; event.action=ftp_root_login; event.outcome=success; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): Maximum login attempts (3) exceeded, connection refused`,
		"auth proftpd", `event.category=authentication; event.action=ftp_max_attempts; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): FTP session opened.`,
		"system proftpd", `event.category=network; event.action=ftp_connection; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): FTP session closed.`,
		"system proftpd", `event.category=network; event.action=ftp_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): Login timeout exceeded, disconnected`,
		"system proftpd", `event.category=network; event.action=ftp_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): Connection refused (MaxClientsPerHost 3)`,
		"system proftpd", `event.category=network; event.action=ftp_connection_refused; event.outcome=failure; event.reason=Connection refused (MaxClientsPerHost 3); source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): no such user 'bob'`,
		"auth proftpd", `event.category=authentication; event.action=ftp_user_unknown; event.outcome=failure; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): PAM(bob): Authentication failure.`,
		"auth proftpd", `event.category=authentication; event.action=ftp_pam_error; event.outcome=failure; user.name=bob; event.reason=Authentication failure.; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): USER a (mail.example.com[192.0.2.66]): USER b (Login failed): Incorrect password`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=a (mail.example.com[192.0.2.66]): USER b; event.reason=Incorrect password; source.ip=203.0.113.9`,
	},
	{
		`ftp.example.org (203.0.113.9[203.0.113.9]): Preparing to chroot to directory '/srv'`,
		"system plain", ``,
	},
	{
		`ProFTPD 1.3.8 (stable) (built Sat Jan 1 2025) standalone mode STARTUP`,
		"system plain", ``,
	},
	{
		`198.51.100.1 (mail.example.com[203.0.113.9]) - USER bob: Login successful`,
		"auth proftpd", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`198.51.100.1 (mail.example.com[203.0.113.9]) - Refusing empty password from user 'bob'`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`198.51.100.1 (mail.example.com[203.0.113.9]) - mod_ban/0.6.2: Login denied: host '203.0.113.9' banned`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login_denied; event.outcome=failure; event.reason=host '203.0.113.9' banned; source.ip=203.0.113.9`,
	},
	{
		`198.51.100.1 (mail.example.com[203.0.113.9]) - USER root (Login failed): x: no such user found from mail.example.com [203.0.113.9] to 198.51.100.1:21`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`198.51.100.1 (mail.example.com[203.0.113.9]) - USER x: Login successful. (Login failed): Incorrect password`,
		"auth proftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=x: Login successful.; event.reason=Incorrect password; source.ip=203.0.113.9`,
	},
}
