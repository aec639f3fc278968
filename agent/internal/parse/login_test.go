package parse

import "testing"

func TestLogin(t *testing.T) { testCases(t, "login", loginCases) }

func FuzzLogin(f *testing.F) { fuzzParser(f, "login", loginCases) }

var loginCases = []lineCase{
	{
		`FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=root; event.reason=Authentication failure`,
	},
	{
		`FAILED LOGIN (2) on '/dev/pts/0' from '203.0.113.5' FOR 'a, b', User not known`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=a, b; event.reason=User not known; source.ip=203.0.113.5`,
	},
	{
		`LOGIN ON tty1 BY bob`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; process.tty.name=tty1; user.name=bob`,
	},
	{
		`LOGIN ON pts/1 BY bob FROM 203.0.113.5`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; process.tty.name=pts/1; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`ROOT LOGIN ON tty1`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; user.name=root; process.tty.name=tty1`,
	},
	{
		`ROOT LOGIN  on '/dev/tty1'`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; user.name=root; process.tty.name=/dev/tty1`,
	},
	{
		`New session 5 of user bob.`,
		"auth login", `event.category=session; event.action=session_opened; event.outcome=success; user.name=bob`,
	},
	{
		`New session '5' of user 'bob' with class 'user' and type 'tty'.`,
		"auth login", `event.category=session; event.action=session_opened; event.outcome=success; user.name=bob`,
	},
	{
		`Removed session 5.`,
		"auth login", `event.category=session; event.action=session_closed; event.outcome=unknown`,
	},
	{
		`Session 5 logged out. Waiting for processes to exit.`,
		"auth login", `event.category=session; event.action=session_closed; event.outcome=unknown`,
	},
	{
		`Watching system buttons on /dev/input/event0`,
		"system plain", ``,
	},
}
