package parse

import "testing"

func TestRoundcube(t *testing.T) { testCases(t, "roundcube", roundcubeCases) }

func FuzzRoundcube(f *testing.F) { fuzzParser(f, "roundcube", roundcubeCases) }

var roundcubeCases = []lineCase{
	{
		`<3z506z6r> IMAP Error: Login failed for bob@example.org from 203.0.113.9. AUTHENTICATE PLAIN: Authentication failed. in /usr/share/roundcube/rcube_imap.php on line 200 (POST /?_task=login&_action=login)`,
		"auth roundcube", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`IMAP Error: Login failed for bob from 192.0.2.66. from 203.0.113.9. LOGIN: no. in /usr/share/roundcube/rcube_imap.php on line 200 (POST /)`,
		"auth roundcube", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob from 192.0.2.66.`,
	},
	{
		`[07-Oct-2025 09:00:00 +0200]: <4z506z6r> Failed login for bob from 203.0.113.9 in session 4z506z6rvddstv6k (error: 0)`,
		"auth roundcube 2025-10-07T07:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`[07-Oct-2025 09:00:00 +0200]: <4z506z6r> Successful login for bob (ID: 5) from 203.0.113.9 in session 4z506z6rvddstv6k`,
		"auth roundcube 2025-10-07T07:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`IMAP Error: Login failed for bob from 203.0.113.9(X-Real-IP: 192.0.2.1,X-Forwarded-For: 192.0.2.1). AUTHENTICATE PLAIN: no. in /x on line 1 (POST /)`,
		"auth roundcube", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`IMAP Error: Login failed for x from 192.0.2.66. AUTHENTICATE PLAIN: y from 203.0.113.9. AUTHENTICATE PLAIN: no`,
		"auth roundcube", `event.category=authentication; event.action=web_login; event.outcome=failure`,
	},
	{
		`PHP Warning: x in /y on line 1`,
		"system plain", ``,
	},
	{
		`<3z506z6r> IMAP Error: Login failed for bob@example.org against imap.example.org from 203.0.113.9. AUTHENTICATE PLAIN: Authentication failed. in /usr/share/roundcube/rcube_imap.php on line 211 (POST /?_task=login&_action=login)`,
		"auth roundcube", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
}
