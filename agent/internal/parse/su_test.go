package parse

import "testing"

func TestSu(t *testing.T) { testCases(t, "su", suCases) }

func FuzzSu(f *testing.F) { fuzzParser(f, "su", suCases) }

var suCases = []lineCase{
	{
		`Successful su for root by alice`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=success; user.name=alice; user.effective.name=root`,
	},
	{
		`FAILED su for root by alice`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root`,
	},
	{
		`(to root) alice on pts/0`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=success; user.name=alice; user.effective.name=root; process.tty.name=pts/0`,
	},
	{
		`FAILED SU (to root) alice on pts/0`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root; process.tty.name=pts/0`,
	},
	{
		`'su root' failed for alice on /dev/pts/8`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root; process.tty.name=/dev/pts/8`,
	},
	{
		`'su root' succeeded for alice on /dev/pts/8`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=success; user.name=alice; user.effective.name=root; process.tty.name=/dev/pts/8`,
	},
	{
		`+ /dev/pts/0 alice:root`,
		"auth su", `event.category=authentication; event.action=su_terminal; event.outcome=success; user.name=alice; user.effective.name=root; process.tty.name=/dev/pts/0`,
	},
	{
		`- pts/0 alice-root`,
		"auth su", `event.category=authentication; event.action=su_terminal; event.outcome=failure; user.name=alice; user.effective.name=root; process.tty.name=pts/0`,
	},
	{
		`- pts/0 www-data-root`,
		"system plain", ``,
	},
	{
		`BAD SU alice to root on /dev/ttyp0`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root; process.tty.name=/dev/ttyp0`,
	},
	{
		`alice to root on /dev/ttyp0`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=success; user.name=alice; user.effective.name=root; process.tty.name=/dev/ttyp0`,
	},
	{
		`pam_unix(su:auth): authentication failure; logname=alice uid=1000 euid=0 tty=/dev/pts/0 ruser=alice rhost=  user=root`,
		"auth pam", `event.category=authentication; event.action=pam_authentication; event.outcome=failure; source.user.name=alice; process.tty.name=/dev/pts/0; user.name=root`,
	},
	{
		`from alice to root at /dev/pts/1`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=success; user.name=alice; user.effective.name=root; process.tty.name=/dev/pts/1`,
	},
	{
		`BAD SU from alice to root at /dev/pts/1`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root; process.tty.name=/dev/pts/1`,
	},
	{
		`FAILED RUNUSER (to bob) alice on none`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=bob`,
	},
	{
		`DENIED su from 'alice' to 'root' (/etc/suauth)`,
		"auth su", `event.category=authentication; event.action=su_denied; event.outcome=failure; event.reason=/etc/suauth; user.name=alice; user.effective.name=root`,
	},
	{
		`SU by alice to restricted account bob`,
		"auth su", `event.category=authentication; event.action=su_denied; event.outcome=failure; user.name=alice; user.effective.name=bob`,
	},
	{
		`Authentication failed for root`,
		"auth su", `event.category=authentication; event.action=su_denied; event.outcome=failure; user.effective.name=root`,
	},
	{
		`No passwd entry for user '+ pts/1 alice:root'`,
		"auth su", `event.category=authentication; event.action=su_denied; event.outcome=failure; user.effective.name=+ pts/1 alice:root`,
	},
	{
		`pam_authenticate: Authentication failure`,
		"auth su", `event.category=authentication; event.action=su_denied; event.outcome=failure; event.reason=Authentication failure`,
	},
	{
		`something else`,
		"system plain", ``,
	},
	{
		`failed: ttyq4 changing from alice to root`,
		"auth su", `event.category=authentication; event.action=su; event.outcome=failure; user.name=alice; user.effective.name=root; process.tty.name=ttyq4`,
	},
	{
		`failed: ttyq4 changing from alice to root to bob`,
		"system plain", ``,
	},
}
