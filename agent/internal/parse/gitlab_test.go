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
		"web gitlab 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_rate_limited; event.outcome=failure; source.ip=203.0.113.9; http.request.method=GET; url.original=/x; url.path=/x`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","correlation_id":"a","message":"User created: username=bob"}`,
		"system plain", ``,
	},
	{ // with its older keys
		`{"severity":"ERROR","time":"2025-10-07T09:00:00.123Z","message":"Rack_Attack","env":"throttle","ip":"203.0.113.9","request_method":"POST","fullpath":"/api/v4/x?a=b"}`,
		"web gitlab 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_rate_limited; event.outcome=failure; source.ip=203.0.113.9; http.request.method=POST; url.original=/api/v4/x?a=b; url.path=/api/v4/x; url.query=a=b`,
	},
	{ // counted, not refused
		`{"severity":"ERROR","time":"2025-10-07T09:00:00.123Z","message":"Rack_Attack","env":"track","remote_ip":"203.0.113.9","request_method":"GET","path":"/x"}`,
		"web gitlab 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_rate_limited; event.outcome=unknown; source.ip=203.0.113.9; http.request.method=GET; url.original=/x; url.path=/x`,
	},
	{
		`{"severity":"ERROR","time":"2025-10-07T09:00:00.123Z","message":"Application_Rate_Limiter_Request","env":"user_sign_in_request_limit","remote_ip":"203.0.113.9","method":"POST","path":"/users/sign_in","user_id":5,"username":"bob"}`,
		"web gitlab 2025-10-07T09:00:00.123Z", `event.category=web; event.action=http_rate_limited; event.outcome=failure; source.ip=203.0.113.9; user.name=bob; http.request.method=POST; url.original=/users/sign_in; url.path=/users/sign_in`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","message":"Failed Login: user=bob ip=203.0.113.9 method=OTP"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob; tocsin.auth.method=OTP`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","message":"Successful Login: username=bob ip=2001:db8::9 method=two-factor admin=false"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=2001:db8::9; user.name=bob; tocsin.auth.method=two-factor`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","message":"User Logout: username=bob ip=203.0.113.9"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=session; event.action=web_logout; event.outcome=unknown; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","message":"User \"Bob \" (x@y.example) was\" (bob@example.org) was created"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=user_created; event.outcome=success; user.target.name=bob@example.org`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","message":"Email Verification","event":"Failed Attempt","username":"bob","ip":"203.0.113.9","reason":"expired"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob; event.reason=expired`,
	},
	{
		`{"severity":"INFO","time":"2025-10-07T09:00:00.123Z","author_id":5,"author_name":"Bob B","entity_id":5,"entity_type":"User","with":"saml","target_id":5,"target_type":"User","target_details":"Bob B"}`,
		"auth gitlab 2025-10-07T09:00:00.123Z", `event.category=session; event.action=web_session_opened; event.outcome=success; tocsin.auth.method=saml`,
	},
	{
		`October 07, 2025 09:01: User "Bob" (bob@example.org)  was removed`,
		"auth gitlab 2025-10-07T09:01:00Z", `event.category=iam; event.action=user_deleted; event.outcome=success; user.target.name=bob@example.org`,
	},
	{
		`October 07, 2025 09:01: Failed Login: username=x ip=192.0.2.66 ip=203.0.113.9`,
		"auth gitlab 2025-10-07T09:01:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x ip=192.0.2.66`,
	},
	{
		`May 07, 2025 09:01: Successful Login: username=bob ip=203.0.113.9 method=standard admin=true`,
		"auth gitlab 2025-05-07T09:01:00Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob; tocsin.auth.method=standard`,
	},
	{ // near misses: a project's owner has a display name that reads like a login
		`October 07, 2025 09:01: Successful Login: username=root ip=192.0.2.66 method=standard admin=true created a new project "x / y"`,
		"system plain", ``,
	},
	{
		`October 07, 2025 09:01: Failed Login: user=root ip=192.0.2.66 method=OTP created a new project "x / y"`,
		"system plain", ``,
	},
	{
		`October 07, 2025 09:01: Failed Login: username=root ip=192.0.2.66 created a new project "x / y"`,
		"system plain", ``,
	},
	{
		`October 07, 2025 09:01: Project "User "x" (bob@example.org) was removed" was removed`,
		"system plain", ``,
	},
}
