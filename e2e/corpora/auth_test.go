package corpora

import "testing"

func TestAuthAnswers(t *testing.T) {
	failed := Record{"event.outcome": {"failure"}, "event.category": {"authentication"}, "event.action": {"web_login"}, "source.ip": {"203.0.113.5"}}
	nameless := Record{"event.outcome": {"failure"}, "event.category": {"authentication"}}
	ended := Record{"event.outcome": {"unknown"}, "source.ip": {"203.0.113.5"}}
	module := Record{"event.outcome": {"failure"}, "event.category": {"authentication"}, "event.action": {"pam_authentication"}, "source.ip": {"203.0.113.5"}, "process.name": {"sshd"}}
	normal := []map[string]any{{}}
	for name, tc := range map[string]struct {
		c         authCase
		r, before Record
		none, yes bool
	}{
		"a failure from the address":           {c: authCase{Expect: true, Host: "203.0.113.5", Modes: normal}, r: failed, yes: true},
		"mapped into version 6":                {c: authCase{Expect: true, Host: "::ffff:203.0.113.5", Modes: normal}, r: failed, yes: true},
		"a failure from another":               {c: authCase{Expect: true, Host: "203.0.113.6", Modes: normal}, r: failed},
		"no failure":                           {c: authCase{Expect: true, Host: "203.0.113.5", Modes: normal}, r: ended},
		"the failure stood in an earlier line": {c: authCase{Expect: true, Host: "203.0.113.5", Modes: normal}, r: ended, before: nameless, yes: true},
		"an earlier failure of another":        {c: authCase{Expect: true, Host: "203.0.113.5", Modes: normal}, r: ended, before: failed},
		"not read at all":                      {c: authCase{Expect: true, Host: "203.0.113.5", Modes: normal}},
		"noise is asked for its address":       {c: authCase{Expect: true, Host: "203.0.113.5", Modes: []map[string]any{{"mode": "ddos"}}}, r: ended, yes: true},
		"no failure, taken for one":            {c: authCase{Modes: normal}, r: failed, yes: true},
		"no failure, and not taken for one":    {c: authCase{Modes: normal}, r: ended},
		"a module's line is not counted":       {c: authCase{Modes: normal}, r: module},
		"noise that is none is not asked":      {c: authCase{Modes: []map[string]any{{"mode": "ddos"}}}, r: failed, none: true},
		"no host to ask for":                   {c: authCase{Expect: true, Modes: normal}, r: failed, none: true},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.c.answers(tc.r, tc.before, true)
			if len(got) != 1 != tc.none {
				t.Fatalf("%d answers", len(got))
			}
			if !tc.none && got[0].Yes != tc.yes {
				t.Errorf("%q is %v", got[0].Goal.Name, got[0].Yes)
			}
		})
	}
}

func TestUnsupportedServicesHaveNoBound(t *testing.T) {
	c := authCase{Expect: true, Host: "203.0.113.5", Modes: []map[string]any{{}}}
	if got := c.answers(nil, nil, false); got[0].Goal.Percent != 0 {
		t.Errorf("bound %v", got[0].Goal.Percent)
	}
}

func TestConnection(t *testing.T) {
	for line, want := range map[string]string{
		"2016-11-20T00:04:00.110+0100 [conn1] end connection": "[conn1]",
		"Oct  7 09:00:00 web01 sshd[12]: Connection closed":   "sshd[12]:",
		"Oct  7 09:00:00 web01 cron[12]: x":                   "Oct  7 09:00:00 web01 cron[12]: x",
	} {
		if got := connection(line); got != want {
			t.Errorf("connection(%q) is %q", line, got)
		}
	}
}
