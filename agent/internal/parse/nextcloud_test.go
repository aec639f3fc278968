package parse

import "testing"

func TestNextcloud(t *testing.T) { testCases(t, "nextcloud", nextcloudCases) }

func FuzzNextcloud(f *testing.F) { fuzzParser(f, "nextcloud", nextcloudCases) }

var nextcloudCases = []lineCase{
	{
		`{"reqId":"a","level":2,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"--","app":"core","method":"POST","url":"/login","message":"Login failed: bob (Remote IP: 203.0.113.9)","userAgent":"x","version":"27.0.0.8"}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`{"reqId":"a","level":2,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"--","app":"core","method":"POST","url":"/login","message":"Login failed: 'x (Remote IP: 192.0.2.66)' (Remote IP: '203.0.113.9')"}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x (Remote IP: 192.0.2.66)`,
	},
	{
		`{"reqId":"a","level":2,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"--","app":"core","method":"POST","url":"/login","message":"Bruteforce attempt from \"203.0.113.9\" detected for action \"login\"."}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login_blocked; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"files","method":"GET","url":"/","message":"Scan done"}`,
		"system plain", ``,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"admin_audit","method":"GET","url":"/remote.php/a.pdf","message":"File accessed: \"/a.pdf\""}`,
		"web nextcloud 2025-10-07T09:00:00Z", `event.category=web; event.action=web_file_accessed; event.outcome=success; user.name=bob; url.original=/remote.php/a.pdf; url.path=/remote.php/a.pdf; event.reason=File accessed: "/a.pdf"; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"admin_audit","method":"PUT","url":"/remote.php/a","message":"File written to: \"/a\""}`,
		"web nextcloud 2025-10-07T09:00:00Z", `event.category=web; event.action=web_file_changed; event.outcome=success; user.name=bob; url.original=/remote.php/a; url.path=/remote.php/a; event.reason=File written to: "/a"; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"chat","method":"PUT","url":"/remote.php/a","message":"File written to: \"/a\""}`,
		"system plain", ``,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"admin_audit","method":"POST","url":"/login","message":"Login successful: \"bob\""}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"admin_audit","method":"GET","url":"/x","message":"File with id \"12\" accessed: \"/a\" created: \"\""}`,
		"web nextcloud 2025-10-07T09:00:00Z", `event.category=web; event.action=web_file_accessed; event.outcome=success; user.name=bob; url.original=/x; url.path=/x; event.reason=File with id "12" accessed: "/a" created: ""; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"admin_audit","method":"DELETE","url":"/x","message":"File with id \"12\" deleted: \"/a\""}`,
		"web nextcloud 2025-10-07T09:00:00Z", `event.category=web; event.action=web_file_changed; event.outcome=success; user.name=bob; url.original=/x; url.path=/x; event.reason=File with id "12" deleted: "/a"; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"bob","app":"admin_audit","method":"POST","url":"/x","message":"The file \"/a\" with ID \"12\" has been shared via link with permissions \"1\" (Share ID: 3)"}`,
		"web nextcloud 2025-10-07T09:00:00Z", `event.category=web; event.action=web_file_shared; event.outcome=success; user.name=bob; url.original=/x; url.path=/x; event.reason=The file "/a" with ID "12" has been shared via link with permissions "1" (Share ID: 3); source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"--","app":"admin_audit","method":"GET","url":"/x","message":"The shared file with the token \"abc\" by \"bob\" has been accessed."}`,
		"web nextcloud 2025-10-07T09:00:00Z", `event.category=web; event.action=web_file_accessed; event.outcome=success; url.original=/x; url.path=/x; event.reason=The shared file with the token "abc" by "bob" has been accessed.; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"admin","app":"admin_audit","method":"POST","url":"/x","message":"User created: \"alice\""}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=iam; event.action=user_created; event.outcome=success; user.target.name=alice; user.name=admin; url.original=/x; url.path=/x; event.reason=User created: "alice"; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"admin","app":"admin_audit","method":"POST","url":"/x","message":"Password of user \"alice\" has been changed"}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=iam; event.action=password_changed; event.outcome=success; user.target.name=alice; user.name=admin; url.original=/x; url.path=/x; event.reason=Password of user "alice" has been changed; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"admin","app":"admin_audit","method":"POST","url":"/x","message":"User \"alice\" added to group \"staff\""}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=iam; event.action=group_member_added; event.outcome=success; user.target.name=alice; group.name=staff; user.name=admin; url.original=/x; url.path=/x; event.reason=User "alice" added to group "staff"; source.ip=203.0.113.9`,
	},
	{
		`{"reqId":"a","level":1,"time":"2025-10-07T09:00:00+00:00","remoteAddr":"203.0.113.9","user":"admin","app":"admin_audit","method":"POST","url":"/x","message":"Group deleted: \"staff\""}`,
		"auth nextcloud 2025-10-07T09:00:00Z", `event.category=iam; event.action=group_deleted; event.outcome=success; group.name=staff; user.name=admin; url.original=/x; url.path=/x; event.reason=Group deleted: "staff"; source.ip=203.0.113.9`,
	},
}
