package parse

import "testing"

func TestZoneminder(t *testing.T) { testCases(t, "zoneminder", zoneminderCases) }

func FuzzZoneminder(f *testing.F) { fuzzParser(f, "zoneminder", zoneminderCases) }

var zoneminderCases = []lineCase{
	{
		`10/07/25 09:00:00.123456 web_php[12].ERR [203.0.113.5] [Could not retrieve user bob details] at /usr/share/zoneminder/www/includes/auth.php line 313`,
		"auth zoneminder 2025-10-07T09:00:00.123456Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; process.pid=12`,
	},
	{
		`10/07/25, 9:00:00 AM UTC.123456 web_php[12].ERR [2001:db8::5] [Login denied for user "bob"] at /usr/share/zoneminder/www/includes/auth.php line 313`,
		"auth zoneminder", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=2001:db8::5; user.name=bob; process.pid=12`,
	},
	{
		`10/07/25 09:00:00.123456 web_php[12].INF [203.0.113.5] [Started] at /x line 1`,
		"system plain", ``,
	},
}
