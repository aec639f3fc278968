package pattern

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func parseOne(t testing.TB, text string) *Set {
	t.Helper()
	set, err := Parse([]File{{Name: "p.yaml", Data: []byte(text)}}, []string{"sshd"})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// matched are the fields that the patterns of a parser make of a text, "-" for no
// match.
func matched(set *Set, name, text string) string {
	var m Match
	if !set.First(set.Named(name), []byte(text), &m) {
		return "-"
	}
	var fields []string
	for i := range m.Fields {
		fields = append(fields, m.Fields[i].Name()+"="+string(m.Fields[i].Value))
	}
	if m.Timed {
		fields = append(fields, fmt.Sprintf("%+v", m.Stamp))
	}
	return strings.Join(fields, "; ")
}

func TestMatch(t *testing.T) {
	set := parseOne(t, `
definitions:
  ORDER: '[A-Z]-%{POSINT}'
  PAID: 'order %{ORDER:labels.order}'
patterns:
  - name: shop
    match:
      - '^login failed user=%{GREEDYDATA:user.name} from=%{IP:source.ip}(:%{INT:source.port})?$'
      - '^%{PAID} by %{IPORHOST:source.address}$'
      - '^named (?P<user.name>\w+) (?<labels.door>[()\]]+) %{INT:[process][pid]}$'
      - '^result=%{WORD:event.outcome} took=%{NUMBER:labels.took:float} n=%{NOTSPACE:labels.n:int}$'
      - '^either (?:%{IPV4:source.ip}|name %{USERNAME:user.name})'
    set:
      event.category: [authentication, session]
      event.action: shop
`)
	const tail = "event.category=authentication; event.category=session; event.action=shop"
	for text, want := range map[string]string{
		"login failed user=bob from=203.0.113.5:4711":             "user.name=bob; source.ip=203.0.113.5; source.port=4711; ",
		"login failed user=bob from=2001:DB8:0:0::5":              "user.name=bob; source.ip=2001:db8::5; ",
		"login failed user=bob from=::ffff:203.0.113.5":           "user.name=bob; source.ip=203.0.113.5; ",
		"login failed user=bob from=fe80::1%eth0":                 "user.name=bob; source.ip=fe80::1; ",
		"login failed user=a from=192.0.2.1 from=203.0.113.5":     "user.name=a from=192.0.2.1; source.ip=203.0.113.5; ",
		"login failed user= from=203.0.113.5":                     "source.ip=203.0.113.5; ",
		"login failed user=bob from=203.0.113.5:70000":            "-",
		"login failed user=bob from=203.0.113.500":                "-",
		"login failed user=bob from=gate.example.com":             "-",
		" login failed user=bob from=203.0.113.5":                 "-",
		"login failed user=bob from=203.0.113.5 ":                 "-",
		"order A-17 by gate.example.com":                          "labels.order=A-17; source.address=gate.example.com; source.domain=gate.example.com; ",
		"order A-17 by 203.0.113.5":                               "labels.order=A-17; source.ip=203.0.113.5; ",
		"order A-0 by 203.0.113.5":                                "-",
		"named bob (]) 007":                                       "user.name=bob; labels.door=(]); process.pid=7; ",
		"result=failure took=1.5 n=3":                             "event.outcome=failure; labels.took=1.5; labels.n=3; ",
		"result=denied took=1.5 n=3":                              "-",
		"result=failure took=1.5 n=3x":                            "-",
		"either 203.0.113.5":                                      "source.ip=203.0.113.5; ",
		"either name bob":                                         "user.name=bob; ",
		"":                                                        "-",
		strings.Repeat("x", MaxText) + "named bob ( 7":            "-",
		"login failed user=\xff\xfe\x00 from=203.0.113.5":         "user.name=\xff\xfe\x00; source.ip=203.0.113.5; ",
		"login failed user=bob\nx from=203.0.113.5":               "-",
		"login failed user=bob from=203.0.113.5\n":                "-",
		"either 203.0.113.5\nlogin failed user=bob from=::1":      "source.ip=203.0.113.5; ",
		"login failed user=eve from=203.0.113.5 from=nonsense":    "-",
		"login failed user=eve from=203.0.113.5:1 extra from=::1": "user.name=eve from=203.0.113.5:1 extra; source.ip=::1; ",
	} {
		if want != "-" {
			want += tail
		}
		if diff := cmp.Diff(want, matched(set, "shop", text)); diff != "" {
			t.Errorf("%.60q (-want +got):\n%s", text, diff)
		}
	}
	if set.Skipped() != 1 {
		t.Errorf("%d texts were skipped", set.Skipped())
	}
}

func TestScopes(t *testing.T) {
	set := parseOne(t, `
patterns:
  - {name: a, program: [one, two], match: x}
  - {name: b, files: [/var/log/b/*.log, "c-*.log"], match: x}
  - {name: c, match: x}
  - {name: a, match: y}
`)
	names := func(patterns []*Pattern) string {
		var out []string
		for _, p := range patterns {
			out = append(out, p.Name)
		}
		return strings.Join(out, " ")
	}
	for got, want := range map[string]string{
		"program " + names(set.Program([]byte("two"))): "program a", "none " + names(set.Program([]byte("three"))): "none ",
		"file " + names(set.InFile("/var/log/b/1.log")): "file b", "name " + names(set.InFile("/x/c-1.log")): "name b",
		"other " + names(set.InFile("/var/log/b/c/1.log")): "other ", "general " + names(set.General()): "general c a",
		"named " + names(set.Named("a")): "named a a", "names " + strings.Join(set.Names(), " "): "names a b c",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if a := set.Named("a")[0]; !a.HasUnit([]byte("one.service"), []byte("one")) || !a.HasUnit([]byte("a@7.service"), []byte("one")) ||
		a.HasUnit([]byte("ssh.service"), []byte("one")) || a.HasUnit([]byte("user@1000.service"), []byte("one")) || a.HasUnit(nil, []byte("one")) {
		t.Error("units")
	}
	if !set.Equal(parseOne(t, string(set.files[0].Data))) || set.Equal(nil) || !(*Set)(nil).Equal(&Set{}) {
		t.Error("equality")
	}
}

func TestParseRefuses(t *testing.T) {
	entry := func(lines ...string) string {
		return "patterns:\n  - name: shop\n    " + strings.Join(lines, "\n    ") + "\n"
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":            {"", "p.yaml: patterns: there are none"},
		"an unknown key":     {entry("mach: x"), `p.yaml:3: patterns[0].mach: unknown key "mach"`},
		"no name":            {"patterns:\n  - match: x\n", "p.yaml:2: patterns[0].name: must be given"},
		"a bad name":         {"patterns:\n  - name: Shop!\n    match: x\n", `p.yaml:2: patterns[0].name: "Shop!" has other than`},
		"a name of ours":     {"patterns:\n  - name: sshd\n    match: x\n", `p.yaml:2: patterns[0].name: a parser of Tocsin's own is called "sshd"`},
		"no expression":      {entry("set: {event.action: x}"), "p.yaml:2: patterns[0].match: must have at least one expression"},
		"a bad expression":   {entry("match:", "  - good", "  - 'a(b'"), "p.yaml:5: patterns[0].match[1]: error parsing regexp: missing closing ): `a(?:b`"},
		"lookahead":          {entry("match: 'a(?=b)'"), `p.yaml:3: patterns[0].match: "(?=": expressions are RE2`},
		"lookbehind":         {entry("match: '(?<!a)b'"), `patterns[0].match: "(?<!": expressions are RE2`},
		"an atomic group":    {entry("match: '(?>a)b'"), `patterns[0].match: "(?>": expressions are RE2`},
		"a back reference":   {entry(`match: '(a)\1'`), `patterns[0].match: "\\1": expressions are RE2`},
		"a possessive":       {entry("match: 'a++b'"), "patterns[0].match: error parsing regexp: invalid nested repetition operator: `++` (expressions are RE2"},
		"unknown grok":       {entry("match: '%{IPADDR:source.ip}'"), `p.yaml:3: patterns[0].match: no grok pattern is called "IPADDR"`},
		"unknown and near":   {entry("match: '%{HOSTNMAE}'"), `no grok pattern is called "HOSTNMAE" (did you mean HOSTNAME?)`},
		"no end":             {entry("match: '%{IP:source.ip'"), `patterns[0].match: "%{IP:source.ip" has no }`},
		"unknown field":      {entry("match: '%{IP:source.ipp}'"), `p.yaml:3: patterns[0].match: no field is called "source.ipp" (did you mean source.ip?); a field of your own is labels.NAME`},
		"attested field":     {entry("match: '%{WORD:host.name}'"), `patterns[0].match: "host.name" is not for a line to say`},
		"a field of ours":    {entry("match: '%{WORD:tocsin.parser}'"), `"tocsin.parser" is not for a line to say`},
		"the agent's id":     {entry("match: x", "set: {agent.id: x}"), `p.yaml:4: patterns[0].set.agent.id: "agent.id" is not for a line to say`},
		"a bad label":        {entry("match: '%{WORD:labels.A b}'"), `"labels.A b" is no label`},
		"a bad type":         {entry("match: '%{WORD:labels.a:money}'"), `no type is called "money"`},
		"an empty match":     {entry("match: '%{DATA:user.name}'"), "patterns[0].match: matches an empty line"},
		"too large":          {entry("match: '(?:[a-z]{1,900}x){1,900}'"), "patterns[0].match: "},
		"a category":         {entry("match: x", "set:", "  event.category: login"), `p.yaml:5: patterns[0].set.event.category: "login" is not one of: api, authentication`},
		"an outcome":         {entry("match: x", "set: {event.outcome: denied}"), `p.yaml:4: patterns[0].set.event.outcome: "denied" is not one of: success, failure, unknown`},
		"an address":         {entry("match: x", "set: {source.ip: here}"), `patterns[0].set.source.ip: "here" is not an IP address`},
		"set twice":          {entry("match: x", "set:", "  user.name: a", "  user.name: b"), `p.yaml:6: `},
		"set and captured":   {entry("match: '%{USER:user.name}'", "set: {user.name: a}"), "patterns[0].set.user.name: an expression captures it too"},
		"two of one":         {entry("match: x", "set: {user.name: [a, b]}"), "patterns[0].set.user.name: must have one value"},
		"a bad layout":       {entry("match: '%{WORD:@timestamp}'", "time: 'yyyy-MM-dd'"), "p.yaml:4: patterns[0].time: must have a month, a day"},
		"a bad mark":         {entry("match: '%{WORD:@timestamp}'", "time: '%Q'"), `p.yaml:4: patterns[0].time: "%Q": %Q is no mark`},
		"no time":            {entry("match: x", "time: ISO8601"), "p.yaml:4: patterns[0].time: no expression captures @timestamp"},
		"a relative file":    {entry("match: x", "files: [log/x.log]"), `p.yaml:4: patterns[0].files[0]: "log/x.log" is not an absolute path`},
		"a bad definition":   {"definitions:\n  A: '('\n" + entry("match: x"), "p.yaml:2: definitions.A: error parsing regexp"},
		"a definition again": {"definitions:\n  IP: x\n" + entry("match: x"), "p.yaml:2: definitions.IP: grok has a pattern of that name already"},
		"a circle":           {"definitions:\n  A: '%{B}'\n  B: 'x%{A}'\n" + entry("match: x"), "p.yaml:2: definitions.A: the definition of A needs itself: A → B → A"},
		"an unknown wish":    {entry("match: x", "examples:", "  - line: x", "    want: {source.pi: a}"), "p.yaml:6: patterns[0].examples[0].want.source.pi: no field is called so"},
		"text in a list":     {entry("match: [{a: b}]"), "p.yaml:3: patterns[0].match: must be text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]File{{Name: "p.yaml", Data: []byte(test.text)}}, []string{"sshd"})
			var fault *settings.Error
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestTwoFilesMayNotHaveOneParser(t *testing.T) {
	data := []byte("patterns:\n  - name: shop\n    match: x\n")
	_, err := Parse([]File{{"a.yaml", data}, {"b.yaml", data}}, nil)
	if err == nil || !strings.Contains(err.Error(), `b.yaml:2: patterns[0].name: a.yaml has a parser "shop" too`) {
		t.Error(err)
	}
}

// What each pattern of the library takes whole, and what it does not.
func TestLibrary(t *testing.T) {
	good := map[string]string{
		"WORD": "a_1|x", "NOTSPACE": "a/b", "SPACE": "  |", "DATA": "a b|", "GREEDYDATA": "a b|", "QUOTEDSTRING": `"a \" b"|'c'|""`, "QS": `"a"`,
		"UUID": "550e8400-e29b-41d4-a716-446655440000", "LOGLEVEL": "INFO|warning|Error|FATAL|Notice",
		"INT": "0|-5|+12", "POSINT": "1|10", "NONNEGINT": "0|007", "BASE10NUM": "1|-1.5|.5|+3.", "NUMBER": "12.25", "BASE16NUM": "0xff|DEADBEEF",
		"BASE16FLOAT": "0x1.8", "USERNAME": "bob|web-1.x_y", "USER": "bob", "EMAILLOCALPART": "bob+x", "EMAILADDRESS": "bob@example.org", "HTTPDUSER": "bob|bob@example.org",
		"IPV4": "203.0.113.5|0.0.0.0", "IPV6": "2001:db8::1|::1|::|fe80::1%eth0|::ffff:203.0.113.5|1:2:3:4:5:6:7:8|2001:db8::", "IP": "203.0.113.5|2001:db8::1",
		"HOSTNAME": "a|www.example.com|example.com.|db_1", "HOST": "a", "IPORHOST": "::1|203.0.113.5|gate.example.com", "HOSTPORT": "203.0.113.5:22|[::1]:443|a.example:1",
		"MAC": "00:00:5e:00:53:01|00-00-5E-00-53-01|0000.5e00.5301", "COMMONMAC": "00:00:5e:00:53:01", "WINDOWSMAC": "00-00-5E-00-53-01", "CISCOMAC": "0000.5e00.5301",
		"PATH": `/|/etc/passwd|C:\Temp\a.log`, "UNIXPATH": "/var/log/a.log", "WINPATH": `C:\Temp`, "TTY": "/dev/pts/3|/dev/tty1|/dev/ttyS0",
		"URIPROTO": "https|git+ssh", "URIHOST": "example.com:8080|[::1]", "URIPATH": "/a/b|/", "URIQUERY": "a=b&c", "URIPARAM": "?a=b", "URIPATHPARAM": "/a?b=c|/a",
		"URI":  "https://bob:x@example.com:8443/a?b=c#d|http://203.0.113.5|ftp://[::1]/x",
		"YEAR": "2026|26", "MONTH": "Jan|January", "MONTHNUM": "1|09|12", "MONTHNUM2": "09|12", "MONTHDAY": "1|09|31", "DAY": "Mon|Tuesday", "HOUR": "0|09|23",
		"MINUTE": "00|59", "SECOND": "0|59|60|12.345", "TIME": "23:59:60|9:05:00,123", "TZ": "UTC|CEST", "ISO8601_TIMEZONE": "Z|+02:00|-0700",
		"ISO8601_HOUR": "23", "ISO8601_SECOND": "59.9", "DATE_US": "11/26/2026", "DATE_EU": "26.11.2026", "DATE": "26/11/2026", "DATESTAMP": "26-11-2026 10:00:00",
		"DATESTAMP_RFC822": "Thu Nov 26 2026 10:00:00 UTC", "DATESTAMP_RFC2822": "Thu, 26 Nov 2026 10:00:00 +0100", "DATESTAMP_OTHER": "Thu Nov 26 10:00:00 UTC 2026",
		"DATESTAMP_EVENTLOG": "20261126100000", "TIMESTAMP_ISO8601": "2026-11-26T10:00:00Z|2026-11-26 10:00:00,123|2026-11-26T10:00:00.5+02:00|2026-11-26 10:00",
		"SYSLOGTIMESTAMP": "Nov 26 10:00:00|Nov  6 10:00:00", "HTTPDATE": "26/Nov/2026:10:00:00 +0100", "HTTPDERROR_DATE": "Thu Nov 26 10:00:00.123456 2026",
		"PROG": "postfix/smtpd|(systemd)", "SYSLOGPROG": "sshd[12]|cron", "SYSLOGHOST": "web01|::1", "SYSLOGFACILITY": "<3.5>",
	}
	bad := map[string]string{
		"WORD": "a b", "NOTSPACE": "a b", "QUOTEDSTRING": `"a`, "UUID": "550e8400", "LOGLEVEL": "LOUD", "INT": "1.5", "POSINT": "0", "NUMBER": "x", "USERNAME": "a b",
		"IPV4": "1.2.3|1.2.3.4.5", "IPV6": "1.2.3.4|a|:|12:34", "HOSTNAME": "-a|a b", "MAC": "00:00", "PATH": "etc/passwd|a b", "MONTHNUM": "13|0", "MONTHDAY": "32", "HOUR": "24",
		"MINUTE": "60", "SECOND": "61", "TIMESTAMP_ISO8601": "26.11.2026", "SYSLOGTIMESTAMP": "26 Nov", "EMAILADDRESS": "bob", "URI": "/a", "PROG": "a[", "HTTPDATE": "x",
	}
	c := &compiler{definitions: library()}
	for name := range c.definitions {
		x := expander{definitions: c.definitions}
		if err := x.expand("^%{" + name + "}$"); err != nil {
			t.Fatal(name, err)
		}
		whole, err := regexp.Compile(x.out.String())
		if err != nil {
			t.Fatal(name, err)
		}
		if good[name] == "" {
			t.Errorf("%s has no example", name)
		}
		for _, text := range strings.Split(good[name], "|") {
			if !whole.MatchString(text) {
				t.Errorf("%s does not take %q", name, text)
			}
		}
		for _, text := range strings.Split(bad[name], "|") {
			if text != "" && whole.MatchString(text) {
				t.Errorf("%s takes %q", name, text)
			}
		}
	}
	if len(good) != len(c.definitions) {
		t.Errorf("%d examples for %d patterns", len(good), len(c.definitions))
	}
}

func TestLayouts(t *testing.T) {
	const noon = "2026-11-26 12:34:56"
	usual := usualLayouts()
	for _, test := range []struct{ layout, text, want string }{
		{"", "2026-11-26T12:34:56Z", noon + " z+0"},
		{"", "2026-11-26 12:34:56,123", noon + ".123"},
		{"", "2026-11-26T12:34:56.000001+02:00", noon + ".000001 z+7200"},
		{"", "2026-11-26 12:34:56 -0330", noon + " z-12600"},
		{"", "2026-11-26 12:34", "2026-11-26 12:34:00"},
		{"", "Nov 26 12:34:56", "0-11-26 12:34:56"},
		{"", "Nov  6 12:34:56", "0-11-6 12:34:56"},
		{"", "26/Nov/2026:12:34:56 +0100", noon + " z+3600"},
		{"", "Thu Nov 26 12:34:56.5 2026", noon + ".5"},
		{"", "Thu, 26 Nov 2026 12:34:56 GMT", noon + " z+0"},
		{"", "1795696496.25", "@1795696496250000000"},
		{"", "12", "-"}, {"", "2026-11-26", "-"}, {"", "2026-11-26T12:34:56Zx", "-"}, {"", "", "-"},
		{"UNIX", "1795696496", "@1795696496000000000"},
		{"UNIX_MS", "1795696496123", "@1795696496123000000"},
		{"UNIX", "99999999999999", "-"}, {"UNIX_MS", "9999999999999", "-"},
		{"ISO8601", "2026-11-26T12:34:56", noon},
		{"%d.%m.%Y %T", "26.11.2026 12:34:56", noon},
		{"%d.%m.%y %H:%M", "26.11.26 12:34", "2026-11-26 12:34:00"},
		{"%m/%d/%y %I:%M:%S %p", "11/26/99 12:34:56 AM", "1999-11-26 0:34:56"},
		{"%m/%d/%y %I:%M:%S %p", "11/26/26 01:34:56 pm", "2026-11-26 13:34:56"},
		{"%m/%d/%y %I:%M:%S %p", "11/26/26 13:34:56 pm", "-"},
		{"%F %T.%f", "2026-11-26 12:34:56.123", noon + ".123"},
		{"%F %T,%L", "2026-11-26 12:34:56,5", noon + ".5"},
		{"%A, %d %B %Y %R", "Thursday, 26 November 2026 12:34", "2026-11-26 12:34:00"},
		{"%e %b %Y 100%% %H:%M", " 6 May 2026 100% 1:02", "2026-5-6 1:02:00"},
		{"%F %T %z", "2026-11-26 12:34:56 CET", "-"},
		{"%F %T", "2026-11-26 12:34:56x", "-"},
	} {
		layouts := usual
		if test.layout != "" {
			l, err := newLayout(test.layout)
			if err != nil {
				t.Fatal(err)
			}
			layouts = []layout{l}
		}
		m := Match{time: []byte(test.text)}
		got := "-"
		if m.readTime(&Pattern{layouts: layouts}) {
			got = stampText(&m.Stamp)
		}
		if got != test.want {
			t.Errorf("%q as %q: %s, want %s", test.text, test.layout, got, test.want)
		}
	}
}

func stampText(s *Stamp) string {
	if s.Absolute {
		return fmt.Sprintf("@%d", s.UnixNano)
	}
	text := fmt.Sprintf("%d-%d-%d %d:%02d:%02d", s.Year, s.Month, s.Day, s.Hour, s.Minute, s.Second)
	if s.Nanosecond > 0 {
		text += strings.TrimRight(fmt.Sprintf(".%09d", s.Nanosecond), "0")
	}
	if s.Zoned {
		text += fmt.Sprintf(" z%+d", s.Offset)
	}
	return text
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"abc": "abc", "a.*bcd.*e": "bcd", "(?:ab)+c": "ab", "x|y": "", "(?i)abc": "", "a?": "", "(?:abc){2,}": "abc", "(?:abc){0,2}d": "d", "\uFFFDabc": "",
	} {
		tree, err := syntax.Parse(text, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := literalOf(tree); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// However many expressions there are, one text gets a bounded part of the work.
func TestWorkIsBounded(t *testing.T) {
	set := parseOne(t, "patterns:\n"+strings.Repeat("  - {name: p, match: 'a.*[bc]$'}\n", 100))
	line := []byte(strings.Repeat("a", MaxText))
	var m Match
	if set.First(set.Named("p"), line, &m) || set.Skipped() != 1 {
		t.Errorf("%d were skipped", set.Skipped())
	}
	if set.First(set.Named("p"), line[:100], &m) || set.Skipped() != 1 {
		t.Error("a short line was skipped")
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`^login failed user=%{GREEDYDATA:user.name} from=%{IPORHOST:source.address}`, "login failed user=bob from=203.0.113.5")
	f.Add(`%{TIMESTAMP_ISO8601:@timestamp} (?P<source.ip>[0-9a-f:.]+) %{INT:source.port}`, "2026-11-26T10:00:00Z ::1 22")
	f.Add(`[(?P<x>%{]\Q(?<a>\E(a|b)%{QS:labels.q}`, `(((?<a>b"x"`)
	f.Add(`%{HTTPDATE:@timestamp} %{URI:url.original} %{NUMBER:http.response.status_code}`, "26/Nov/2026:10:00:00 +0100 http://a/ 200")
	f.Fuzz(func(t *testing.T, grok, line string) {
		c := &compiler{definitions: library()}
		x, err := c.compile(grok)
		if err != nil {
			return
		}
		text := []byte(line)
		set := &Set{}
		p := &Pattern{expressions: []expression{x}, layouts: usualLayouts()}
		var m, again Match
		ok := set.First([]*Pattern{p}, text, &m)
		if string(text) != line {
			t.Fatal("the text was changed")
		}
		if len(text) > 0 && len(text) <= MaxText {
			if found := x.regexp.Match(text); ok && !found || found && !bytes.Contains(text, x.literal) {
				t.Fatalf("the literal %q rules out what matches", x.literal)
			}
		}
		if again.Fields = nil; set.First([]*Pattern{p}, text, &again) != ok || ok && cmp.Diff(m.Fields, again.Fields) != "" {
			t.Fatal("the same line is read in two ways")
		}
		if !ok {
			return
		}
		for i := range m.Fields {
			checkField(t, &m.Fields[i], text)
		}
		if err := event.Check(&event.Event{Original: text, Fields: m.Fields}); err != nil {
			t.Error(err)
		}
	})
}

func checkField(t *testing.T, f *event.Field, text []byte) {
	switch spec := event.SpecOf(f.ID); {
	case len(f.Value) == 0:
		t.Errorf("%s is empty", f.Name())
	case spec.Type == eventv1.FieldType_FIELD_TYPE_IP:
		if ip, err := netip.ParseAddr(string(f.Value)); err != nil || ip.String() != string(f.Value) {
			t.Errorf("%s is %q", f.Name(), f.Value)
		}
	case !bytes.Contains(text, f.Value):
		t.Errorf("%s is %q, which is not in the line", f.Name(), f.Value)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("definitions: {A: '%{IP}'}\npatterns:\n  - {name: a, match: ['%{A:source.ip}'], set: {event.outcome: failure}, examples: [{line: a}]}\n")
	f.Fuzz(func(_ *testing.T, data string) {
		_, _ = Parse([]File{{Name: "p.yaml", Data: []byte(data)}}, []string{"sshd"})
	})
}
