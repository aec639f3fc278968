package parse

import "testing"

func TestSnort(t *testing.T) { testCases(t, "snort", snortCases) }

func FuzzSnort(f *testing.F) { fuzzParser(f, "snort", snortCases) }

var snortCases = []lineCase{
	{
		`10/07-09:00:00.123456  [**] [1:1000001:2] SSH brute force [**] [Classification: Attempted Administrator Privilege Gain] [Priority: 1] {TCP} 203.0.113.5:5555 -> 198.51.100.1:22`,
		"system snort 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=22; network.transport=tcp; event.reason=SSH brute force; event.code=1000001`,
	},
	{
		`10/07/25-09:00:00.123456 [drop] [**] [1:1000001:2] "SSH brute force" [**] [Priority: 1] [AppID: SSH] {UDP} 2001:db8::5:5555 -> 2001:db8::1:22`,
		"system snort 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=failure; source.ip=2001:db8::5; source.port=5555; destination.ip=2001:db8::1; destination.port=22; network.transport=udp; event.reason=SSH brute force; event.code=1000001`,
	},
	{
		`10/07-09:00:00.123456 [would_drop] [**] [1:384:5] PROTOCOL-ICMP PING [**] [Priority: 3] {ICMP} 203.0.113.5 -> 198.51.100.1`,
		"system snort 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=icmp; event.reason=PROTOCOL-ICMP PING; event.code=384`,
	},
	{
		`10/07-09:00:00.123456 [**] [1:384:5] PING [**] [Priority: 3] {IPV6-ICMP} 2001:db8::5:80 -> 2001:db8::1`,
		"system snort 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=2001:db8::5:80; destination.ip=2001:db8::1; network.transport=ipv6-icmp; event.reason=PING; event.code=384`,
	},
	{
		`[1:1000001:2] SSH brute force [Classification: Misc] [Priority: 1]: <eth0> {TCP} 203.0.113.5:5555 -> 198.51.100.1:22`,
		"system snort", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=22; network.transport=tcp; event.reason=SSH brute force; event.code=1000001`,
	},
	{
		`10/07-09:00:00.123456 ,1,2019236,3,"Attack, of a kind",TCP,203.0.113.5,5555,198.51.100.1,80,00:00:00:00:00:01,00:00:00:00:00:02,0x3C`,
		"system snort 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; event.reason=Attack, of a kind; event.code=2019236`,
	},
	{
		`10/07-09:00:00.123456, 12, TCP, stream_tcp, 60, C2S, 203.0.113.5:5555, 198.51.100.1:80, 1:1000001:1, block`,
		"system snort 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; event.code=1000001`,
	},
	{
		`10/07-09:00:00.123456 something else`,
		"system plain", ``,
	},
	{
		`[1:2:3] a text of anybody's`,
		"system plain", ``,
	},
	{
		`10/07-09:00:00.123456, 12, TCP, stream_tcp, 60, C2S, elsewhere, 198.51.100.1:80`,
		"system plain", ``,
	},
}
