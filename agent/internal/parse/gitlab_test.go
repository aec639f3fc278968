package parse

import "testing"

func TestGitlab(t *testing.T) { testCases(t, "gitlab", gitlabCases) }

func FuzzGitlab(f *testing.F) { fuzzParser(f, "gitlab", gitlabCases) }

var gitlabCases = []lineCase{
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","correlation_id":"a","message":"Failed Login: username=bob ip=203.0.113.9"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","correlation_id":"a","message":"Failed Login: username=x ip=192.0.2.66 ip=203.0.113.9"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x ip=192.0.2.66`,
	},
	{
		`{"severity":"ERROR","time":"2025-10-07T09:00:00.123Z","correlation_id":"a","message":"Rack_Attack","env":"blocklist","remote_ip":"203.0.113.9","request_method":"GET","path":"/x"}`,
		"system gitlab 2025-10-07T09:00:00.123Z", `event.category=network; event.action=http_rate_limited; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","correlation_id":"a","message":"User created: username=bob"}`,
		"system plain", ``,
	},
}
