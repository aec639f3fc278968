package parse

import "testing"

func TestVsftpd(t *testing.T) { testCases(t, "vsftpd", vsftpdCases) }

func FuzzVsftpd(f *testing.F) { fuzzParser(f, "vsftpd", vsftpdCases) }

var vsftpdCases = []lineCase{
	{
		`Tue Oct  7 09:00:00 2025 [pid 27202] [bob] FAIL LOGIN: Client "203.0.113.9"`,
		"auth vsftpd 2025-10-07T09:00:00Z", `event.category=authentication; event.action=ftp_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob; process.pid=27202`,
	},
	{
		`Tue Oct  7 09:00:00 2025 [pid 27202] [bob] OK LOGIN: Client "::ffff:203.0.113.9"`,
		"auth vsftpd 2025-10-07T09:00:00Z", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob; process.pid=27202`,
	},
	{
		`Tue Oct  7 09:00:00 2025 [pid 27202] [ftp] OK LOGIN: Client "203.0.113.9", anon password "x: Client "192.0.2.66""`,
		"auth vsftpd 2025-10-07T09:00:00Z", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; process.pid=27202`,
	},
	{
		`Tue Oct  7 09:00:00 2025 [pid 27202] CONNECT: Client "2001:db8::9"`,
		"system vsftpd 2025-10-07T09:00:00Z", `event.category=network; event.action=ftp_connection; event.outcome=unknown; source.ip=2001:db8::9; process.pid=27202`,
	},
	{
		`[pid 27202] [bob] FAIL LOGIN: Client "203.0.113.9"`,
		"auth vsftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`[bob] FAIL DELETE: Client "203.0.113.9", "/etc/passwd"`,
		"system vsftpd", `event.category=network; event.action=ftp_transfer; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`[bob] OK UPLOAD: Client "203.0.113.9", "/srv/a", 12 bytes, 3.14Kbyte/sec`,
		"system vsftpd", `event.category=network; event.action=ftp_transfer; event.outcome=success; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`[a] FAIL LOGIN: Client "192.0.2.66"] FAIL LOGIN: Client "203.0.113.9"`,
		"auth vsftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; source.ip=203.0.113.9; user.name=a] FAIL LOGIN: Client "192.0.2.66"`,
	},
	{
		`FTP command: Client "203.0.113.9", "USER bob"`,
		"system plain", ``,
	},
	{
		`authentication failure; logname= uid=0 euid=0 tty=ftp ruser=bob rhost=203.0.113.9`,
		"auth vsftpd", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.user.name=bob; process.tty.name=ftp; source.ip=203.0.113.9`,
	},
	{
		`Tue Oct  7 09:00:00 2025 [pid 27202] [bob] FTP response: Client "203.0.113.9", "530 Permission denied."`,
		"auth vsftpd 2025-10-07T09:00:00Z", `event.category=authentication; event.action=ftp_login_denied; event.outcome=failure; source.ip=203.0.113.9; user.name=bob; process.pid=27202`,
	},
	{
		`Tue Oct  7 09:00:00 2025 [pid 27202] [bob] FTP response: Client "203.0.113.9", "331 Please specify the password."`,
		"system plain", ``,
	},
	{
		`Tue Oct  7 09:00:00 2025 1 203.0.113.9 123 /srv/a.txt b _ i r bob ftp 0 * c`,
		"system vsftpd 2025-10-07T09:00:00Z", `event.category=network; event.action=ftp_transfer; event.outcome=success; source.ip=203.0.113.9; file.path=/srv/a.txt; user.name=bob`,
	},
	{
		`Tue Oct  7 09:00:00 2025 1 203.0.113.9 123 /srv/a.txt b _ o a x@y ftp 0 * i`,
		"system vsftpd 2025-10-07T09:00:00Z", `event.category=network; event.action=ftp_transfer; event.outcome=failure; source.ip=203.0.113.9; file.path=/srv/a.txt`,
	},
	{
		`Tue Oct  7 09:00:00 2025 1 203.0.113.9 123 /srv/a.txt b _ o a x ftp 0 * c ftp 0 * c`,
		"system plain", ``,
	},
}
