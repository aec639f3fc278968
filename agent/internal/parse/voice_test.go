package parse

import "testing"

func TestVoice(t *testing.T) { testCases(t, "voice", voiceCases) }

func FuzzVoice(f *testing.F) { fuzzParser(f, "voice", voiceCases) }

var voiceCases = []lineCase{
	{
		`<W>2025-10-07 09:00:00.123 1 => <4:bob(-1)> Rejected connection from 203.0.113.5:29530: Invalid server password`,
		"auth voice 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; source.port=29530; user.name=bob`,
	},
	{
		`<W>2025-10-07 09:00:00.123 1 => <4:bob(12)> Authenticated`,
		"auth voice 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=app_login; event.outcome=success; user.name=bob`,
	},
	{
		`[2025-10-07 09:00:00] [bob] failed to login from 203.0.113.5`,
		"auth voice 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`[2025-10-07 09:00:00] [bob] connected to ZNC from 203.0.113.5`,
		"auth voice 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`<W>2025-10-07 09:00:00.123 1 => Server listening on [::]:64738`,
		"system plain", ``,
	},
	{
		`[2025-10-07 09:00:00] [bob] disconnected from ZNC from 203.0.113.5`,
		"auth voice 2025-10-07T09:00:00Z", `event.category=session; event.action=app_logout; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`<W>2025-10-07 09:00:00.123 1 => <4:bob(-1)> Rejected connection from 203.0.113.5:29530: Server is full (max 10 users)`,
		"system voice 2025-10-07T09:00:00.123Z", `event.category=network; event.action=app_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=29530; user.name=bob`,
	},
}
