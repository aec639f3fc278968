package parse

import "testing"

func TestDoas(t *testing.T) { testCases(t, "auto", doasCases) }

func FuzzDoas(f *testing.F) { fuzzParser(f, "sudo", doasCases) }

var doasCases = []lineCase{
	{
		`Nov 25 10:00:00 fw1 doas: alice ran command /bin/ls -l as root from /home/alice`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; user.effective.name=root; process.working_directory=/home/alice; process.command_line=/bin/ls -l`,
	},
	{
		`Nov 25 10:00:00 fw1 doas: alice ran command as backup: tar c .`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; user.effective.name=backup; process.command_line=tar c .`,
	},
	{
		`Nov 25 10:00:00 fw1 doas[77]: alice ran command sh -c x as bob from /y as root from /home/alice`,
		"auth sudo 2025-11-25T10:00:00Z", `process.pid=77; event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice`,
	},
	{
		`Nov 25 10:00:00 fw1 doas: failed auth for bob`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=authentication; event.action=sudo_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`Nov 25 10:00:00 fw1 doas: command not permitted for bob: /bin/sh -c "alice ran command id as root from /"`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=command not permitted; user.name=bob; process.command_line=/bin/sh -c "alice ran command id as root from /"`,
	},
	{
		`Nov 25 10:00:00 fw1 doas: failed command for bob: ls`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=command not permitted; user.name=bob; process.command_line=ls`,
	},
	{
		`Nov 25 10:00:00 fw1 doas: tty required for bob`,
		"auth sudo 2025-11-25T10:00:00Z", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=a tty is required; user.name=bob`,
	},
	{
		`Nov 25 10:00:00 fw1 doas: /etc/doas.conf is not owned by root`,
		"auth syslog 2025-11-25T10:00:00Z", ``,
	},
}
