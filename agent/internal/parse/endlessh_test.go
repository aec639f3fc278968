package parse

import "testing"

func TestEndlessh(t *testing.T) { testCases(t, "endlessh", endlesshCases) }

func FuzzEndlessh(f *testing.F) { fuzzParser(f, "endlessh", endlesshCases) }

var endlesshCases = []lineCase{
	{
		`2025-10-07T09:00:00.813Z ACCEPT host=::ffff:203.0.113.5 port=39590 fd=4 n=1/4096`,
		"system endlessh 2025-10-07T09:00:00.813Z", `event.category=network; event.action=tarpit_connection; event.outcome=failure; source.ip=203.0.113.5; source.port=39590`,
	},
	{
		`2025-10-07T09:00:00.813Z CLOSE host=::ffff:203.0.113.5 port=39590 fd=4 time=20.015 bytes=24`,
		"system endlessh 2025-10-07T09:00:00.813Z", `event.category=network; event.action=tarpit_closed; event.outcome=unknown; source.ip=203.0.113.5; source.port=39590`,
	},
	{
		`2025-10-07T09:00:00.813Z Port 2222`,
		"system plain 2025-10-07T09:00:00.813Z", ``,
	},
}
