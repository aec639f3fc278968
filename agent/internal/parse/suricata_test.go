package parse

import "testing"

func TestSuricata(t *testing.T) { testCases(t, "suricata", suricataCases) }

func FuzzSuricata(f *testing.F) { fuzzParser(f, "suricata", suricataCases) }

var suricataCases = []lineCase{
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","flow_id":1,"event_type":"alert","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","alert":{"action":"blocked","signature_id":2019236,"signature":"ET WEB attack"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; event.reason=ET WEB attack; event.code=2019236`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"http","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","http":{"hostname":"example.org","url":"/a?b=c","http_user_agent":"curl/8","http_method":"GET","status":404}}`,
		"web suricata 2025-10-07T09:00:00.515262Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404; user_agent.original=curl/8; url.domain=example.org`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"dns","src_ip":"2001:db8::5","src_port":5555,"dest_ip":"2001:db8::1","dest_port":53,"proto":"UDP"}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=dns_query; event.outcome=unknown; source.ip=2001:db8::5; source.port=5555; destination.ip=2001:db8::1; destination.port=53; network.transport=udp`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"flow","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"ICMP"}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=network_traffic; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=icmp`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"stats","stats":{"uptime":8}}`,
		"system plain", ``,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"alert","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":7,"rev":1,"signature":"a"},"verdict":{"action":"drop"},"app_proto":"http","xff":"192.0.2.9","http":{"hostname":"example.org","url":"/x","http_refer":"http://example.org/","http_method":"POST","protocol":"HTTP/1.1"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.forwarded_ip=192.0.2.9; network.transport=tcp; network.protocol=http; event.reason=a; event.code=7; http.request.method=POST; url.original=/x; url.path=/x; http.request.referrer=http://example.org/; url.domain=example.org`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"alert","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"TCP","alert":{"action":"allowed","signature_id":7,"signature":"a"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=tcp; event.reason=a; event.code=7`,
	},
	{ // a client's text that holds an event stays in its string
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"http","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"TCP","http":{"url":"/\",\"src_ip\":\"192.0.2.66","http_method":"GET"}}`,
		"web suricata 2025-10-07T09:00:00.515262Z", `event.category=web; event.action=http_request; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=tcp; http.request.method=GET; url.original=/","src_ip":"192.0.2.66; url.path=/","src_ip":"192.0.2.66`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"drop","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","drop":{"len":60,"reason":"rules"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; event.reason=rules`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"anomaly","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"TCP","app_proto":"failed","anomaly":{"type":"stream","event":"stream.pkt_invalid_ack"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=network_anomaly; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=tcp; event.reason=stream.pkt_invalid_ack`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"fileinfo","src_ip":"198.51.100.1","src_port":80,"dest_ip":"203.0.113.5","dest_port":5555,"proto":"TCP","app_proto":"http","fileinfo":{"filename":"/a.exe","state":"CLOSED","size":54,"sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=network_file; event.outcome=unknown; file.hash.sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef; file.size=54; file.name=/a.exe; source.ip=198.51.100.1; source.port=80; destination.ip=203.0.113.5; destination.port=5555; network.transport=tcp; network.protocol=http`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"ssh","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":22,"proto":"TCP","ssh":{"client":{"proto_version":"2.0","software_version":"x"}}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=network_traffic; event.outcome=unknown; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=22; network.transport=tcp`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"smb","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":445,"proto":"TCP","smb":{"id":3,"dialect":"3.11","command":"SMB2_COMMAND_SESSION_SETUP","status":"STATUS_LOGON_FAILURE","status_code":"0xc000006d","ntlmssp":{"domain":"A","user":"bob","host":"PC"}}}`,
		"auth suricata 2025-10-07T09:00:00.515262Z", `event.category=authentication; event.action=network_login; event.outcome=failure; user.name=bob; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=445; network.transport=tcp; event.reason=STATUS_LOGON_FAILURE`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"smb","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"TCP","smb":{"command":"SMB2_COMMAND_SESSION_SETUP","status":"STATUS_MORE_PROCESSING_REQUIRED"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=network_traffic; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=tcp`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"rfb","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"TCP","rfb":{"authentication":{"security_type":2,"security_result":"FAIL"}}}`,
		"auth suricata 2025-10-07T09:00:00.515262Z", `event.category=authentication; event.action=network_login; event.outcome=failure; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=tcp`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"rfb","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"TCP","rfb":{"authentication":{"security_type":1,"security_result":"OK"}}}`,
		"auth suricata 2025-10-07T09:00:00.515262Z", `event.category=authentication; event.action=network_login; event.outcome=success; source.ip=203.0.113.5; destination.ip=198.51.100.1; network.transport=tcp`,
	},
	{
		`10/07/2025-09:00:00.123456  [Drop] [**] [1:2019236:3] ET WEB attack [**] [Classification: Web Application Attack] [Priority: 1] {TCP} 203.0.113.5:5555 -> 198.51.100.1:80`,
		"system suricata 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; event.reason=ET WEB attack; event.code=2019236`,
	},
	{
		`10/07/2025-09:00:00.123456  [wDrop] [**] [1:7:3] a [**] [Classification: (null)] [Priority: 3] {IPv6-ICMP} 2001:0db8:0000:0000:0000:0000:0000:0005:128 -> 2001:0db8:0000:0000:0000:0000:0000:0001:0`,
		"system suricata 2025-10-07T09:00:00.123456Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=2001:db8::5; destination.ip=2001:db8::1; network.transport=ipv6-icmp; event.reason=a; event.code=7`,
	},
	{
		`[1:2019236:3] ET WEB attack [Classification: Web Application Attack] [Priority: 1] {TCP} 203.0.113.5:5555 -> 198.51.100.1:80`,
		"system suricata", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=unknown; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; network.transport=tcp; event.reason=ET WEB attack; event.code=2019236`,
	},
}
