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
		`FAILED LOGIN 2 FROM 203.0.113.5 FOR bob, User not known to the underlying authentication module`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=bob; event.reason=User not known to the underlying authentication module; source.ip=203.0.113.5`,
	},
	{
		`FAILED LOGIN 2 FROM (null) FOR (unknown), Authentication failure`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; event.reason=Authentication failure`,
	},
	{
		`FAILED LOGIN SESSION FROM tty1 FOR bob, Authentication failure`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=bob; event.reason=Authentication failure; process.tty.name=tty1`,
	},
	{
		`FAILED LOGIN 1 FROM 203.0.113.5 FOR x FROM 198.51.100.1 FOR root, Success, Authentication failure`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=x FROM 198.51.100.1 FOR root, Success; event.reason=Authentication failure; source.ip=203.0.113.5`,
	},
	{
		`TOO MANY LOGIN TRIES (5) FROM 203.0.113.5 FOR bob, Have exhausted maximum number of retries for service`,
		"auth login", `event.category=authentication; event.action=console_max_attempts; event.outcome=failure; user.name=bob; event.reason=Have exhausted maximum number of retries for service; source.ip=203.0.113.5`,
	},
	{
		`TOO MANY LOGIN TRIES (5) on '/dev/pts/1' from '203.0.113.5' FOR 'a, b'`,
		"auth login", `event.category=authentication; event.action=console_max_attempts; event.outcome=failure; user.name=a, b; source.ip=203.0.113.5`,
	},
	{
		`invalid password for 'bob'  on '/dev/pts/1' from '203.0.113.5'`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=bob; process.tty.name=/dev/pts/1; source.ip=203.0.113.5`,
	},
	{
		`invalid password for 'x' on '/dev/pts/9' from '198.51.100.1'  on '/dev/pts/1' from '203.0.113.5'`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; user.name=x' on '/dev/pts/9' from '198.51.100.1; process.tty.name=/dev/pts/1; source.ip=203.0.113.5`,
	},
	{
		`invalid password for 'UNKNOWN'  on '/dev/tty1'`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; process.tty.name=/dev/tty1`,
	},
	{
		`LOGIN 'bob' REFUSED  on '/dev/tty1'`,
		"auth login", `event.category=authentication; event.action=console_login_denied; event.outcome=failure; user.name=bob; process.tty.name=/dev/tty1`,
	},
	{
		`ILLEGAL ROOT LOGIN  on '/dev/pts/1' from '203.0.113.5'`,
		"auth login", `event.category=authentication; event.action=console_login_denied; event.outcome=failure; user.name=root; process.tty.name=/dev/pts/1; source.ip=203.0.113.5`,
	},
	{
		`exceeded failure limit for 'bob'  on '/dev/tty1'`,
		"auth login", `event.category=authentication; event.action=console_login_denied; event.outcome=failure; user.name=bob; process.tty.name=/dev/tty1`,
	},
	{
		`REPEATED login failures on '/dev/tty1'`,
		"auth login", `event.category=authentication; event.action=console_max_attempts; event.outcome=failure; process.tty.name=/dev/tty1`,
	},
	{
		`'bob' logged in  on '/dev/pts/1' from '203.0.113.5'`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; user.name=bob; process.tty.name=/dev/pts/1; source.ip=203.0.113.5`,
	},
	{
		`ROOT LOGIN  on '/dev/pts/1' from '203.0.113.5'`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; user.name=root; process.tty.name=/dev/pts/1; source.ip=203.0.113.5`,
	},
	{
		`ROOT LOGIN (toor) ON ttyv1 FROM host.example.com`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; user.name=toor; process.tty.name=ttyv1; source.address=host.example.com; source.domain=host.example.com`,
	},
	{
		`3 LOGIN FAILURES ON ttyv0, bob`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=failure; tocsin.repeated=3; process.tty.name=ttyv0; user.name=bob`,
	},
	{
		`1 LOGIN FAILURE FROM 203.0.113.5`,
		"auth login", `event.category=authentication; event.action=console_login_more; event.outcome=failure; tocsin.repeated=1; source.ip=203.0.113.5`,
	},
	{
		`login from 203.0.113.5 on pts/0 as bob`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; source.ip=203.0.113.5; process.tty.name=pts/0; user.name=bob`,
	},
	{
		`login on ttyv0 as root`,
		"auth login", `event.category=authentication; event.action=console_login; event.outcome=success; process.tty.name=ttyv0; user.name=root`,
	},
	{
		`LOGIN bob REFUSED (HOST) FROM 203.0.113.5 ON TTY pts/0`,
		"auth login", `event.category=authentication; event.action=console_login_denied; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; event.reason=HOST; process.tty.name=pts/0`,
	},
	{
		`LOGIN bob REFUSED (TIME) ON TTY ttyv0`,
		"auth login", `event.category=authentication; event.action=console_login_denied; event.outcome=failure; user.name=bob; event.reason=TIME; process.tty.name=ttyv0`,
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
