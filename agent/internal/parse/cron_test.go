package parse

import "testing"

func TestCron(t *testing.T) { testCases(t, "cron", cronCases) }

func FuzzCron(f *testing.F) { fuzzParser(f, "cron", cronCases) }

var cronCases = []lineCase{
	{
		`(root) CMD (  cd / && run-parts --report /etc/cron.hourly)`,
		"system cron", `event.category=process; event.action=cron_command; event.outcome=unknown; user.name=root; process.command_line=cd / && run-parts --report /etc/cron.hourly`,
	},
	{
		`Watching system buttons on /dev/input/event0`,
		"system plain", ``,
	},
}
