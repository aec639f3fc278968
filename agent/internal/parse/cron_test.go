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
		`(root) CMDEND (run-parts /etc/cron.hourly)`,
		"system cron", `event.category=process; event.action=cron_command_ended; event.outcome=unknown; user.name=root; process.command_line=run-parts /etc/cron.hourly`,
	},
	{
		`(alice) CMD (echo ") AUTH (crontab command not allowed)")`,
		"system cron", `event.category=process; event.action=cron_command; event.outcome=unknown; user.name=alice; process.command_line=echo ") AUTH (crontab command not allowed)"`,
	},
	{
		`(alice) CMDOUT (bob) REPLACE (root))`,
		"system plain", ``,
	},
	{
		`(alice) REPLACE (bob)`,
		"system cron", `event.category=process; event.action=cron_table_changed; event.outcome=success; user.target.name=bob; user.name=alice`,
	},
	{
		`(root) DELETE (root)`,
		"system cron", `event.category=process; event.action=cron_table_changed; event.outcome=success; user.target.name=root; user.name=root`,
	},
	{
		`(root) LIST (alice)`,
		"system cron", `event.category=process; event.action=cron_table_read; event.outcome=unknown; user.target.name=alice; user.name=root`,
	},
	{
		`(alice) BEGIN EDIT (alice)`,
		"system cron", `event.category=process; event.action=cron_table_read; event.outcome=unknown; user.target.name=alice; user.name=alice`,
	},
	{
		`(*system*) RELOAD (/etc/cron.d/jobs)`,
		"system cron", `event.category=process; event.action=cron_table_loaded; event.outcome=unknown`,
	},
	{
		`(alice) RELOAD (crontabs/alice)`,
		"system cron", `event.category=process; event.action=cron_table_loaded; event.outcome=unknown; user.name=alice`,
	},
	{
		`(bob) AUTH (crontab command not allowed)`,
		"system cron", `event.category=authentication; event.action=cron_denied; event.outcome=failure; event.reason=crontab command not allowed; user.name=bob`,
	},
	{
		`(bob) FAILED to authorize user with PAM (Permission denied)`,
		"system cron", `event.category=authentication; event.action=cron_denied; event.outcome=failure; event.reason=Permission denied; user.name=bob`,
	},
	{
		`(root) WRONG FILE OWNER (/etc/cron.d/x)`,
		"system cron", `event.category=process; event.action=cron_error; event.outcome=failure; event.reason=WRONG FILE OWNER; user.name=root`,
	},
	{
		`(bob) ERROR (getpwnam() failed - user unknown)`,
		"system cron", `event.category=process; event.action=cron_error; event.outcome=failure; event.reason=ERROR; user.name=bob`,
	},
	{
		`(CRON) STARTUP (1.7.2)`,
		"system cron", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`(CRON) INFO (Shutting down)`,
		"system cron", `event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	{
		`(CRON) INFO (pidfile fd = 3)`,
		"system plain", ``,
	},
	{
		`(CRON) DEATH (can't fork): Resource temporarily unavailable`,
		"system cron", `event.category=process; event.action=cron_error; event.outcome=failure; event.reason=can't fork`,
	},
	{
		"Job `cron.daily' started",
		"system cron", `event.category=process; event.action=cron_command; event.outcome=unknown; event.reason=cron.daily`,
	},
	{
		"Job `cron.daily' terminated (exit status: 3) (produced output)",
		"system cron", `event.category=process; event.action=cron_command_ended; event.outcome=failure; process.exit_code=3; event.reason=cron.daily`,
	},
	{
		"Job `cron.daily' terminated",
		"system cron", `event.category=process; event.action=cron_command_ended; event.outcome=success; event.reason=cron.daily`,
	},
	{
		"Job `cron.daily' terminated due to signal 9",
		"system cron", `event.category=process; event.action=cron_command_ended; event.outcome=failure; event.reason=cron.daily`,
	},
	{
		`Anacron 2.3 started on 2025-11-25`,
		"system cron", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`Normal exit (1 job run)`,
		"system cron", `event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	{
		`Watching system buttons on /dev/input/event0`,
		"system plain", ``,
	},
}
