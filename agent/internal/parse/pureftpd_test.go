package parse

import "testing"

func TestPureftpd(t *testing.T) { testCases(t, "pureftpd", pureftpdCases) }

func FuzzPureftpd(f *testing.F) { fuzzParser(f, "pureftpd", pureftpdCases) }

var pureftpdCases = []lineCase{
	{
		`(?@203.0.113.9) [WARNING] Authentication failed for user [bob]`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`(?@mail.example.com) [WARNING] Authentication failed for user [bob]`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; source.address=mail.example.com; source.domain=mail.example.com`,
	},
	{
		`(?@203.0.113.9) [WARNING] Authentifizierung fehlgeschlagen für Benutzer [bob].`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`(?@203.0.113.9) [WARNING] Erreur d'authentification pour l'utilisateur [bob]`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`(?@203.0.113.9) [INFO] bob is now logged in`,
		"auth pureftpd", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; user.name=bob; source.ip=203.0.113.9`,
	},
	{
		`(?@203.0.113.9) [INFO] Anonymous user logged in`,
		"auth pureftpd", `event.category=authentication; event.category=session; event.action=ftp_login; event.outcome=success; source.ip=203.0.113.9`,
	},
	{
		`(?@2001:db8::9) [INFO] New connection from 2001:db8::9`,
		"system pureftpd", `event.category=network; event.action=ftp_connection; event.outcome=unknown; source.ip=2001:db8::9`,
	},
	{
		`(bob@203.0.113.9) [INFO] Logout.`,
		"system pureftpd", `event.category=network; event.action=ftp_disconnect; event.outcome=unknown; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`(bob@203.0.113.9) [ERROR] Too many authentication failures`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_max_attempts; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`(?@203.0.113.9) [WARNING] Can't login as [bob]: account disabled`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob; event.reason=account disabled; source.ip=203.0.113.9`,
	},
	{
		`(?@203.0.113.9) [WARNING] Too many connections (8) from this IP`,
		"system pureftpd", `event.category=network; event.action=ftp_connection_refused; event.outcome=failure; event.reason=Too many connections (8) from this IP; source.ip=203.0.113.9`,
	},
	{
		`(?@203.0.113.9) [WARNING] The client tried to overflow the command line buffer`,
		"system pureftpd", `event.category=network; event.action=ftp_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	// Two heads: a name may hold one.
	{
		`(a@192.0.2.66) [WARNING] x@203.0.113.9) [WARNING] Authentication failed for user [bob]`,
		"auth pureftpd", `event.category=authentication; event.action=ftp_login; event.outcome=failure; user.name=bob`,
	},
	{
		`(bob@203.0.113.9) [NOTICE] /srv/a downloaded  (12 bytes, 3.14KB/sec)`,
		"system pureftpd", `event.category=network; event.action=ftp_transfer; event.outcome=success; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`(bob@203.0.113.9) [NOTICE] /srv/a uploaded  (12 bytes, 3.14KB/sec)`,
		"system pureftpd", `event.category=network; event.action=ftp_transfer; event.outcome=success; source.ip=203.0.113.9; user.name=bob`,
	},
}
