package parse

import "testing"

func TestSuricata(t *testing.T) { testCases(t, "suricata", suricataCases) }

func FuzzSuricata(f *testing.F) { fuzzParser(f, "suricata", suricataCases) }

var suricataCases = []lineCase{
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","flow_id":1,"event_type":"alert","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","alert":{"action":"blocked","signature_id":2019236,"signature":"ET WEB attack"}}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=intrusion_detection; event.action=intrusion_alert; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; event.reason=ET WEB attack; event.code=2019236`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"http","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","http":{"hostname":"example.org","url":"/a?b=c","http_user_agent":"curl/8","http_method":"GET","status":404}}`,
		"web suricata 2025-10-07T09:00:00.515262Z", `event.category=web; event.action=http_request; event.outcome=failure; source.ip=203.0.113.5; source.port=5555; destination.ip=198.51.100.1; destination.port=80; http.request.method=GET; url.original=/a?b=c; url.path=/a; url.query=b=c; http.response.status_code=404; user_agent.original=curl/8; url.domain=example.org`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"dns","src_ip":"2001:db8::5","src_port":5555,"dest_ip":"2001:db8::1","dest_port":53,"proto":"UDP"}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=dns_query; event.outcome=unknown; source.ip=2001:db8::5; source.port=5555; destination.ip=2001:db8::1; destination.port=53`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"flow","src_ip":"203.0.113.5","dest_ip":"198.51.100.1","proto":"ICMP"}`,
		"system suricata 2025-10-07T09:00:00.515262Z", `event.category=network; event.action=network_traffic; event.outcome=unknown; source.ip=203.0.113.5; destination.ip=198.51.100.1`,
	},
	{
		`{"timestamp":"2025-10-07T09:00:00.515262+0000","event_type":"stats","stats":{"uptime":8}}`,
		"system plain", ``,
	},
}
