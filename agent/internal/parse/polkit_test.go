package parse

import "testing"

func TestPolkit(t *testing.T) { testCases(t, "polkit", polkitCases) }

func FuzzPolkit(f *testing.F) { fuzzParser(f, "polkit", polkitCases) }

var polkitCases = []lineCase{
	{
		`Operator of unix-session:1 successfully authenticated as unix-user:root to gain ONE-SHOT authorization for action org.freedesktop.policykit.exec for unix-process:1:2 [pkexec id] (owned by unix-user:bob)`,
		"auth polkit", `event.category=authentication; event.action=polkit_authentication; event.outcome=success; user.effective.name=root; user.name=bob; event.reason=org.freedesktop.policykit.exec`,
	},
	{
		`Operator of unix-session:1 FAILED to authenticate to gain authorization for action org.freedesktop.policykit.exec for unix-process:1:2 [x (owned by unix-user:root)] (owned by unix-user:bob)`,
		"auth polkit", `event.category=authentication; event.action=polkit_authentication; event.outcome=failure; user.name=bob; event.reason=org.freedesktop.policykit.exec`,
	},
	{
		`Registered Authentication Agent for unix-session:1 (system bus name :1.5 [gnome-shell], object path /org/x, locale C)`,
		"auth polkit", `event.category=process; event.action=polkit_agent_registered; event.outcome=unknown`,
	},
	{
		`Unregistered Authentication Agent for unix-session:1 (system bus name :1.5, object path /org/x, locale C) (disconnected from bus)`,
		"auth polkit", `event.category=process; event.action=polkit_agent_unregistered; event.outcome=unknown`,
	},
	{
		`bob: Executing command [USER=root] [TTY=/dev/pts/0] [CWD=/home/bob] [COMMAND=/usr/bin/id -u]`,
		"auth polkit", `event.category=process; event.action=pkexec_command; event.outcome=success; user.name=bob; user.effective.name=root; process.tty.name=/dev/pts/0; process.working_directory=/home/bob; process.command_line=/usr/bin/id -u`,
	},
	{
		`bob: Error executing command as another user: Not authorized [USER=root] [TTY=unknown] [CWD=/] [COMMAND=/bin/sh]`,
		"auth polkit", `event.category=authentication; event.action=pkexec_denied; event.outcome=failure; event.reason=Not authorized; user.name=bob; user.effective.name=root; process.working_directory=/; process.command_line=/bin/sh`,
	},
	{
		`bob: The value for the SHELL variable was not found in the /etc/shells file [USER=root] [TTY=/dev/pts/0] [CWD=/home/bob] [COMMAND=/bin/sh]`,
		"auth polkit", `event.category=authentication; event.action=pkexec_denied; event.outcome=failure; event.reason=The value for the SHELL variable was not found in the /etc/shells file; user.name=bob; user.effective.name=root; process.tty.name=/dev/pts/0; process.working_directory=/home/bob; process.command_line=/bin/sh`,
	},
	{
		`Loading rules from directory /etc/polkit-1/rules.d`,
		"system plain", ``,
	},
}
