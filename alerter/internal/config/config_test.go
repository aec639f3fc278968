package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/shell/settings"
)

const mailOf = `{host: smtp.example.com, from: a@example.com, to: [b@example.com]}`

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alerter.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestDefaultsAndInheritance(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TOCSIN_TEST_USER", "ops@example.com")
	c, err := load(t, `
timezone: Asia/Seoul
receivers:
  - {name: ops, email: {host: smtp.example.com, username: "${TOCSIN_TEST_USER}", password_file: `+secret+`, from: a@example.com, to: [b@example.com]}}
  - {name: daily, report: {folder: /var/lib/tocsin-alerter/reports}}
  - {name: lab, fallback: ops, email: {host: localhost, tls: none, from: a@example.com, to: [b@example.com]}}
rules:
  exceptions: [{rule: r, match: {source.ip: [10.0.0.0/8, 192.0.2.1], user.name: backup}}]
route:
  receiver: ops
  group_wait: 10s
  routes:
    - {receiver: daily, continue: true, group_by: []}
    - {matchers: ['rule.level=~"high|critical", host.name!="lab"'], repeat_interval: 1d}
`)
	if err != nil {
		t.Fatal(err)
	}
	ops, lab := c.Receivers[0].Email, c.Receivers[2].Email
	if ops.Port != 587 || ops.TLS != StartTLS || ops.Auth != "auto" || ops.Username != "ops@example.com" || ops.Password != "hunter2" {
		t.Errorf("%+v", ops)
	}
	if lab.Port != 25 || lab.Auth != "none" || c.Receivers[2].Fallback != "ops" || !c.Rules.Shipped || c.Locale != "en" || c.Location().String() != "Asia/Seoul" {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(map[string]Values{"source.ip": {"10.0.0.0/8", "192.0.2.1"}, "user.name": {"backup"}}, c.Rules.Exceptions[0].Match); diff != "" {
		t.Error(diff)
	}
	first, second := c.Route.Routes[0], c.Route.Routes[1]
	if len(first.GroupBy) != 0 || time.Duration(*first.GroupWait) != 10*time.Second || first.Receiver != "daily" {
		t.Errorf("%+v", first)
	}
	if second.Receiver != "ops" || len(second.Matchers) != 2 || time.Duration(*second.RepeatInterval) != 24*time.Hour ||
		!cmp.Equal(second.GroupBy, []string{"rule.id"}) || time.Duration(*second.GroupInterval) != 5*time.Minute {
		t.Errorf("%+v", second)
	}
}

func TestFaultsNameFileLineAndKey(t *testing.T) {
	receivers := "receivers: [{name: ops, email: " + mailOf + "}]\n"
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":              {receivers + "route: {receiver: ops, grup_by: []}\n", `:2: route.grup_by: unknown key "grup_by"`},
		"no receiver at all":          {"route: {receiver: ops}\n", "receivers: at least one receiver"},
		"no receiver in the route":    {receivers + "route: {}\n", "route.receiver: must name the receiver"},
		"an unknown receiver":         {receivers + "route:\n  receiver: ops\n  routes:\n    - receiver: nobody\n", `:5: route.routes[0].receiver: unknown receiver "nobody"`},
		"a bad matcher":               {receivers + "route:\n  receiver: ops\n  routes:\n    - matchers: ['a=~\"(\"']\n", ":5: route.routes[0].matchers[0]: matcher"},
		"a matcher without operator":  {receivers + "route:\n  receiver: ops\n  routes: [{matchers: [rule.level]}]\n", "one of = != =~ !~ expected"},
		"matchers at the root":        {receivers + "route: {receiver: ops, matchers: [a=b]}\n", "route.matchers: the first route"},
		"an unknown locale":           {"locale: fr\n" + receivers + "route: {receiver: ops}\n", `:1: locale: unknown locale "fr"`},
		"an unknown zone":             {"timezone: Mars\n" + receivers, `:1: timezone: unknown time zone "Mars"`},
		"two receivers of one name":   {"receivers:\n  - {name: a, email: " + mailOf + "}\n  - {name: a, email: " + mailOf + "}\n", `:3: receivers[1].name: "a" is the name of an earlier`},
		"two kinds of one receiver":   {"receivers:\n  - {name: a, email: " + mailOf + ", report: {folder: /x}}\n", "receivers[0]: exactly one of"},
		"a name unfit for a file":     {"receivers: [{name: ../x, report: {folder: /x}}]\n", "receivers[0].name"},
		"an unknown fallback":         {"receivers:\n  - name: a\n    fallback: b\n    email: " + mailOf + "\n", `:3: receivers[0].fallback: unknown receiver "b"`},
		"a fallback to itself":        {"receivers:\n  - {name: a, fallback: a, email: " + mailOf + "}\n", "receivers[0].fallback: leads back"},
		"fallbacks in a circle":       {"receivers:\n  - {name: x, fallback: a, email: " + mailOf + "}\n  - {name: a, fallback: b, email: " + mailOf + "}\n  - {name: b, fallback: a, email: " + mailOf + "}\n", "receivers[0].fallback: leads back"},
		"a fallback that is a report": {"receivers:\n  - {name: a, fallback: b, email: " + mailOf + "}\n  - {name: b, report: {folder: /x}}\n", `receivers[0].fallback: receiver "b" sends no mail`},
		"a report with a fallback":    {"receivers:\n  - {name: a, email: " + mailOf + "}\n  - {name: b, fallback: a, report: {folder: /x}}\n", "receivers[1].fallback: nothing refuses a report"},
		"a relative folder":           {"receivers: [{name: a, report: {folder: x}}]\n", "receivers[0].report.folder"},
		"a password in the clear":     {"receivers: [{name: a, email: {host: h, tls: none, username: u, password: p, from: a@b, to: [a@b]}}]\n", "never sent in the clear"},
		"a user without a password":   {"receivers: [{name: a, email: {host: h, username: u, from: a@b, to: [a@b]}}]\n", "receivers[0].email.password: password or password_file"},
		"two passwords":               {"receivers: [{name: a, email: {host: h, username: u, password: p, password_file: /x, from: a@b, to: [a@b]}}]\n", "given twice"},
		"an address with a line":      {"receivers: [{name: a, email: {host: h, from: \"a@b\\r\\nBcc: c@d\", to: [a@b]}}]\n", "receivers[0].email.from"},
		"nobody to send to":           {"receivers: [{name: a, email: {host: h, from: a@b}}]\n", "receivers[0].email.to: at least one"},
		"a CA file that is not there": {"receivers: [{name: a, email: {host: h, from: a@b, to: [a@b], ca_file: /nonexistent}}]\n", "receivers[0].email.ca_file"},
		"a negative wait":             {receivers + "route: {receiver: ops, group_wait: -1s}\n", "is no duration"},
		"an interval of nothing":      {receivers + "route: {receiver: ops, group_interval: 0s}\n", "route.group_interval: must be positive"},
		"... and another label":       {receivers + "route: {receiver: ops, group_by: [..., rule.id]}\n", "route.group_by[0]"},
		"an address without a port":   {receivers + "route: {receiver: ops}\nhttp: {listen: nonsense}\n", `:3: http.listen: "nonsense" is not host:port`},
		"an exception of everything":  {receivers + "route: {receiver: ops}\nrules: {exceptions: [{rule: r}]}\n", "rules.exceptions[0].match"},
		"an unset variable":           {"nats: {url: \"${TOCSIN_TEST_UNSET}\"}\n", "nats.url: variable TOCSIN_TEST_UNSET is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, test.text)
			var fault *settings.Error
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), "alerter.yaml") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestMatchers(t *testing.T) {
	for _, test := range []struct {
		text   string
		values []string
		want   bool
	}{
		{`a=b`, []string{"b"}, true},
		{`a="b"`, []string{"c"}, false},
		{`a=""`, nil, true},
		{`a!=""`, nil, false},
		{`a != "b"`, []string{"c", "b"}, false},
		{`a=~"b|c"`, []string{"x", "c"}, true},
		{`a=~"b"`, []string{"abc"}, false},
		{`a!~"192\.0\.2\..*"`, []string{"192.0.2.7"}, false},
		{`{a=~"x.*"}`, []string{"x\ny"}, true},
		{`"a"="say \"b\""`, []string{`say "b"`}, true},
	} {
		m, err := ParseMatchers(test.text)
		if err != nil {
			t.Fatalf("%s: %v", test.text, err)
		}
		if got := m[0].Matches(test.values); got != test.want {
			t.Errorf("%s of %q is %v", test.text, test.values, got)
		}
	}
}

func FuzzMatchers(f *testing.F) {
	for _, seed := range []string{`a=b`, `{a="b",c=~"d|e"}`, `"x y"!~"\d+\\"`, `a=`, `=b`, `a="`, `{a=b`, `a=b,`, `a=b,,c=d`, `rule.tags!="x"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseMatchers(text)
		if err != nil {
			return
		}
		if len(list) == 0 {
			t.Fatal("no matcher and no error")
		}
		for i := range list {
			list[i].Matches([]string{"x"})
			list[i].Matches(nil)
		}
	})
}
