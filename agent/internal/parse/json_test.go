package parse

import "testing"

func TestJSON(t *testing.T) { testCases(t, "json", jsonCases) }

func FuzzJSON(f *testing.F) { fuzzParser(f, "json", jsonCases) }

var jsonCases = []lineCase{
	{
		`{"time":"2025-10-07T09:00:00.5Z","level":"error","msg":"boom","user":"bob","n":5}`,
		"app json 2025-10-07T09:00:00.5Z", `log.level=error; json.user=bob; json.n=5; event.outcome=unknown`,
	},
	{
		`{"timestamp":1759827600123,"level":50,"message":"x","nested":{"a":{"b":true},"list":[1,"two",{"dropped":1}]},"none":null}`,
		"app json 2025-10-07T09:00:00.123Z", `log.level=error; json.nested.a.b=true; json.nested.list=1; json.nested.list=two; event.outcome=unknown`,
	},
	{
		`{"message":"m","source.ip":"2001:DB8::1","http.response.status_code":"abc","event.action":"ssh_login","host.name":"evil","tocsin.parser":"x"}`,
		"app json", `source.ip=2001:db8::1; json.http.response.status_code=abc; json.event.action=ssh_login; json.host.name=evil; json.tocsin.parser=x; event.outcome=unknown`,
	},
	{
		`{"level":"ERROR","message":"failed","exc_info":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nValueError: bad\nmore"}`,
		"app json", "log.level=ERROR; event.action=exception; event.type=error; event.outcome=failure; error.type=ValueError; error.message=bad\nmore; error.stack_trace=Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nValueError: bad\nmore; tocsin.error.fingerprint=f9046831d5bc13702195afb117cecb3b",
	},
	{
		`{"error":{"type":"TypeError","message":"x is not a function","stack":"TypeError: x\n    at f (a.js:1:2)"},"msg":"\u00e9\ud83d\ude00\x41"}`,
		"app json", "event.action=exception; event.type=error; event.outcome=failure; error.type=TypeError; error.message=x is not a function; error.stack_trace=TypeError: x\n    at f (a.js:1:2); tocsin.error.fingerprint=a75316bc9ea6eb3f045b692cba78dea5",
	},
	{
		`{"level":"error","ts":1759827600,"error":"refused","msg":"dial"}`,
		"app json 2025-10-07T09:00:00Z", `log.level=error; error.message=refused; event.outcome=unknown`,
	},
	{
		"{\"\xff\":1,\"\u00e9\":2}",
		"app json", `json.é=2; event.outcome=unknown`,
	},
	{
		`{}`,
		"app json", `event.outcome=unknown`,
	},
	{
		`{"a":1} trailing`,
		"app plain", ``,
	},
	{
		`{"a":`,
		"app plain", ``,
	},
	{
		`not json`,
		"app plain", ``,
	},
	{
		`{"level":"info","msg":"searched","q":"LOGIN_ERROR","ip":"203.0.113.5"}`,
		"app json", `log.level=info; json.q=LOGIN_ERROR; json.ip=203.0.113.5; event.outcome=unknown`,
	},
	{
		`{"level":"debug","sender":"connection_failed","client_ip":"203.0.113.5","username":"bob","error":"wrong"}`,
		"auth json", `log.level=debug; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.reason=wrong; json.sender=connection_failed; json.client_ip=203.0.113.5; json.username=bob`,
	},
}
