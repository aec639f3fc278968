package parse

import "testing"

func TestSystemd(t *testing.T) { testCases(t, "systemd", systemdCases) }

func FuzzSystemd(f *testing.F) { fuzzParser(f, "systemd", systemdCases) }

var systemdCases = []lineCase{
	{
		`app.service: Failed with result 'exit-code'.`,
		"system systemd", `event.category=process; event.action=unit_failed; event.outcome=failure; event.reason=exit-code; service.name=app.service`,
	},
	{
		`app.service: Unit entered failed state.`,
		"system systemd", `event.category=process; event.action=unit_failed; event.outcome=failure; service.name=app.service`,
	},
	{
		`app.service: Main process exited, code=exited, status=1/FAILURE`,
		"system systemd", `event.category=process; event.action=unit_process_exited; event.outcome=failure; process.exit_code=1; service.name=app.service`,
	},
	{
		`app.service: Main process exited, code=killed, status=9/KILL`,
		"system systemd", `event.category=process; event.action=unit_process_exited; event.outcome=failure; process.exit_code=9; service.name=app.service`,
	},
	{
		`app.service: Control process exited, code=exited, status=0/SUCCESS`,
		"system systemd", `event.category=process; event.action=unit_process_exited; event.outcome=success; process.exit_code=0; service.name=app.service`,
	},
	{
		`app.service: A process of this unit has been killed by the OOM killer.`,
		"system systemd", `event.category=process; event.action=unit_oom_kill; event.outcome=failure; service.name=app.service`,
	},
	{
		`app.service: Start request repeated too quickly.`,
		"system systemd", `event.category=process; event.action=unit_start_failed; event.outcome=failure; event.reason=Start request repeated too quickly.; service.name=app.service`,
	},
	{
		`app.service: Scheduled restart job, restart counter is at 5.`,
		"system systemd", `event.category=process; event.action=unit_restarted; event.outcome=unknown; service.name=app.service`,
	},
	{
		`app.service: Deactivated successfully.`,
		"system systemd", `event.category=process; event.action=unit_stopped; event.outcome=unknown; service.name=app.service`,
	},
	{
		`Failed to start app.service - The application.`,
		"system systemd", `event.category=process; event.action=unit_start_failed; event.outcome=failure; service.name=app.service`,
	},
	{
		`Dependency failed for Local File Systems.`,
		"system systemd", `event.category=process; event.action=unit_start_failed; event.outcome=failure`,
	},
	{
		`Started app.service - The application.`,
		"system systemd", `event.category=process; event.action=unit_started; event.outcome=success; service.name=app.service`,
	},
	{
		`Stopped The application.`,
		"system systemd", `event.category=process; event.action=unit_stopped; event.outcome=unknown`,
	},
	{
		`Detected virtualization kvm.`,
		"system plain", ``,
	},
	{
		`app.service: Consumed 5.123s CPU time.`,
		"system plain", ``,
	},
	{
		`Starting ssh.service - OpenBSD Secure Shell server...`,
		"system systemd", `event.category=process; event.action=unit_starting; event.outcome=unknown; service.name=ssh.service`,
	},
	{
		`Stopping Command Scheduler...`,
		"system systemd", `event.category=process; event.action=unit_stopping; event.outcome=unknown`,
	},
	{
		`Reached target multi-user.target - Multi-User System.`,
		"system systemd", `event.category=process; event.action=unit_started; event.outcome=success; service.name=multi-user.target`,
	},
	{
		`Created slice User Slice of UID 1000.`,
		"system systemd", `event.category=process; event.action=unit_started; event.outcome=success`,
	},
	{
		`Unmounted /mnt/backup.`,
		"system systemd", `event.category=process; event.action=unit_stopped; event.outcome=unknown`,
	},
}
