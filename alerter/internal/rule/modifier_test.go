package rule

import (
	"strings"
	"testing"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// modifierCase is one modifier of the appendix of the specification, version 2.1.0, with
// values of the field f that an item must hold of, and others.
type modifierCase struct {
	name, item string
	yes, no    []string
}

var modifierCases = []modifierCase{
	{"all links a list by and", `f|contains|all: [-a, -b]`, []string{"x -b -a"}, []string{"x -a", "x -b"}},
	{"startswith", `f|startswith: adm`, []string{"admin", "ADM"}, []string{"xadm"}},
	{"endswith", `f|endswith: '\cmd.exe'`, []string{`C:\Windows\cmd.exe`}, []string{`cmd.exe`, `\cmd.exe.txt`}},
	{"contains", `f|contains: mid`, []string{"mid", "amidst", "MIDdle"}, []string{"mi d"}},
	{"exists asks for presence, not for a value", `f|exists: true`, []string{"", "x"}, nil},
	{"exists: false", `f|exists: false`, nil, []string{"", "x"}},
	{"without cased, case is ignored", `f: Root`, []string{"root", "ROOT"}, []string{"roots"}},
	{"cased", `f|cased: Root`, []string{"Root"}, []string{"root", "ROOT"}},
	{"cased with contains and wildcards", `f|contains|cased: 'A?c'`, []string{"xAbcx", "xABcx"}, []string{"xabcx", "AbC"}},
	{"cased in a list", `f|cased|startswith: [Ab, cD]`, []string{"Abx", "cDx"}, []string{"abx", "CDx"}},
	{"neq with a text", `f|neq: root`, []string{"bob", ""}, []string{"root", "ROOT"}},
	{"neq with a list is none of them", `f|neq: [a, b]`, []string{"c"}, []string{"a", "b"}},
	{"neq with a number", `f|neq: 5`, []string{"6", "x"}, []string{"5"}},
	{"neq with contains", `f|contains|neq: bad`, []string{"good"}, []string{"a bad one"}},
	{"windash", `f|windash|contains: ' -enc '`,
		[]string{"x -enc y", "x /ENC y", "x \u2013enc y", "x \u2014enc y", "x \u2015enc y"}, []string{"x enc y", "x +enc y", "x --enc y"}},
	{"windash of several options", `f|contains|windash|all: ['-a /b', z]`, []string{"z -a -b", "z /a \u2014b", "z /a /b"}, []string{"-a -b", "z -a b"}},
	{"windash leaves dashes within words", `f|windash: '-no-run a-b'`, []string{"/no-run a-b", "\u2013no-run a-b"}, []string{"/no/run a-b", "/no-run a/b"}},
	{"re is with case, unanchored", `f|re: 'b[0-9]+$'`, []string{"ab12"}, []string{"aB12", "b12x"}},
	{"re with i", `f|re|i: 'ab+'`, []string{"xABB"}, []string{"xA"}},
	{"re with m", `f|re|m: '^b$'`, []string{"a\nb\nc"}, []string{"a\nbc"}},
	{"re without m", `f|re: '^b$'`, []string{"b"}, []string{"a\nb\nc"}},
	{"re with s", `f|re|s: 'a.c'`, []string{"a\nc"}, []string{"ac"}},
	{"re without s", `f|re: 'a.c'`, []string{"abc"}, []string{"a\nc"}},
	{"re with several", `f|re|i|s|m: '^a.c$'`, []string{"x\nA\nC"}, []string{"xa\nc"}},
	{"base64", `f|base64: foobar`, []string{"Zm9vYmFy"}, []string{"foobar", "xZm9vYmFy"}},
	{"base64 pads", `f|base64|contains: foob`, []string{"xZm9vYg==x"}, []string{"Zm9vYmFy"}},
	// "Ping foobar" and so on, encoded: the text at each of the three offsets.
	{"base64offset", `f|base64offset|contains: foobar`, []string{"Zm9vYmFy", "IGZvb2Jhcg==", "ICBmb29iYXI=", "eHh4Zm9vYmFyeXl5"}, []string{"Zm9vYmF6"}},
	{"utf16le", `f|utf16le|contains: cmd`, []string{"xc\x00m\x00d\x00"}, []string{"cmd", "\x00c\x00m\x00d"}},
	{"wide is utf16le", `f|wide: cmd`, []string{"c\x00m\x00d\x00"}, []string{"cmd"}},
	{"utf16be", `f|utf16be: cmd`, []string{"\x00c\x00m\x00d"}, []string{"c\x00m\x00d\x00"}},
	{"utf16 begins with a byte order mark", `f|utf16|base64: cmd`, []string{"//5jAG0AZAA="}, []string{"YwBtAGQA"}},
	{"wide and base64offset", `f|wide|base64offset|contains: ping`, []string{"cABpAG4AZwA=", "IHAAaQBuAGcA", "eHhwAGkAbgBnAA=="}, []string{"cGluZw=="}},
	{"wide of what is not ASCII, encoded", `f|wide|base64: 'ä'`, []string{"5AA="}, []string{"w6Q="}},
	{"lt", `f|lt: 5`, []string{"4", "4.9", "-1"}, []string{"5", "6", "x", ""}},
	{"lte", `f|lte: 5`, []string{"5", "4"}, []string{"5.1"}},
	{"gt", `f|gt: 5`, []string{"5.1", "600"}, []string{"5", "4", "x"}},
	{"gte", `f|gte: 5`, []string{"5", "5.0"}, []string{"4.99"}},
	{"minute", `f|minute: 7`, []string{"2025-10-07T09:07:00Z", "2025-10-07 23:07:59"}, []string{"2025-10-07T07:08:00Z", "7", "x"}},
	{"hour keeps the date's own zone", `f|hour: [9, 10]`, []string{"2025-10-07T09:00:00+09:00", "2025-10-07T10:59:59.5Z"}, []string{"2025-10-07T11:00:00+09:00"}},
	{"hour with a bound", `f|hour|lt: 6`, []string{"2025-10-07T05:59:59Z"}, []string{"2025-10-07T06:00:00Z"}},
	{"day", `f|day: 31`, []string{"2025-10-31"}, []string{"2025-10-30T23:59:59Z"}},
	{"week", `f|week: 1`, []string{"2025-12-29", "2026-01-04"}, []string{"2026-01-05"}},
	{"month", `f|month: 10`, []string{"2025-10-01"}, []string{"2025-11-01"}},
	{"year", `f|year|neq: 2025`, []string{"2024-12-31", "x"}, []string{"2025-01-01"}},
	{"a date in seconds", `f|year: 2025`, []string{"1759827600"}, []string{"1700000000"}},
	{"cidr", `f|cidr: 10.0.0.0/8`, []string{"10.255.0.1"}, []string{"11.0.0.1", "10.0.0.0/8"}},
	{"cidr of IPv6", `f|cidr: '2001:db8::/32'`, []string{"2001:db8:1::5"}, []string{"2001:db9::1"}},
	{"expand", `f|expand: '%admins%'`, []string{"alice", "bob-1", "bob-x"}, []string{"%admins%", "carol"}},
	{"expand within a text, with escapes", `f|expand: '\%a%admins%'`, []string{"%aalice"}, []string{"alice"}},
	{"expand in a regular expression", `f|re|expand: '^(%names%)$'`, []string{"x1", "y2"}, []string{"x3"}},
	{"without expand, a placeholder is a text", `f: '%admins%'`, []string{"%admins%"}, []string{"alice"}},
}

func TestModifiersOfTheSpecification(t *testing.T) {
	lists := map[string][]string{"admins": {"alice", "bob-*"}, "names": {"x[12]", "y2"}}
	for _, tt := range modifierCases {
		t.Run(tt.name, func(t *testing.T) {
			set, err := Load(Options{Lists: lists, Shipped: files(authRule("s:\n  " + tt.item + "\ncondition: s"))})
			if err != nil {
				t.Fatal(err)
			}
			m := set.Matcher()
			for _, value := range tt.yes {
				if !matches(m, eventv1.Class_CLASS_AUTH, eventOf("f="+value)) {
					t.Errorf("no match of %q", value)
				}
			}
			for _, value := range tt.no {
				if matches(m, eventv1.Class_CLASS_AUTH, eventOf("f="+value)) {
					t.Errorf("a match of %q", value)
				}
			}
		})
	}
}

func TestFieldsReferToOthers(t *testing.T) {
	tests := []struct {
		name, item string
		yes, no    []string
	}{
		{"equal", `f|fieldref: g`, []string{"f=Bob", "g=bob"}, []string{"f=bob", "g=bobby"}},
		{"cased", `f|fieldref|cased: g`, []string{"f=Bob", "g=Bob"}, []string{"f=Bob", "g=bob"}},
		{"neq", `f|fieldref|neq: g`, []string{"f=a", "g=b"}, []string{"f=a", "g=A"}},
		{"startswith", `f|fieldref|startswith: g`, []string{"f=abc", "g=ab"}, []string{"f=ab", "g=abc"}},
		{"endswith", `f|endswith|fieldref: g`, []string{"f=abc", "g=BC"}, []string{"f=abc", "g=ab"}},
		{"contains", `f|contains|fieldref: g`, []string{"f=abc", "g=b"}, []string{"f=abc", "g=x"}},
		{"any of a list of fields", `f|fieldref: [h, g]`, []string{"f=a", "g=a"}, []string{"f=a", "g=b", "h=c"}},
		{"all of them", `f|fieldref|all: [h, g]`, []string{"f=a", "g=a", "h=a"}, []string{"f=a", "g=a", "h=b"}},
		{"any value of a field", `f|fieldref: g`, []string{"f=a", "g=b", "g=a"}, []string{"f=a"}},
		{"a Sigma name of the log source", `c-ip|fieldref: cs-host`, []string{"source.ip=192.0.2.1", "url.domain=192.0.2.1"}, []string{"source.ip=192.0.2.1", "url.domain=a.example"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := load(t, "title: T\nlogsource: {category: webserver}\ndetection:\n  s:\n    "+tt.item+"\n  condition: s\n").Matcher()
			if !matches(m, eventv1.Class_CLASS_WEB, eventOf(tt.yes...)) {
				t.Errorf("no match of %q", tt.yes)
			}
			if matches(m, eventv1.Class_CLASS_WEB, eventOf(tt.no...)) {
				t.Errorf("a match of %q", tt.no)
			}
		})
	}
}

func TestTheEventsOwnTimeIsAField(t *testing.T) {
	m := load(t, authRule("s:\n  '@timestamp|hour|gte': 22\ncondition: s")).Matcher()
	e := eventOf()
	for hour, want := range map[int64]bool{21: false, 22: true} {
		if e.Time = hour * 3600e9; matches(m, eventv1.Class_CLASS_AUTH, e) != want {
			t.Errorf("hour %d is not %v", hour, want)
		}
	}
}

func TestModifiersThatAreRefused(t *testing.T) {
	tests := []struct{ item, want string }{
		{`f|startwith: a`, `unknown modifier "startwith"`},
		{`f|contains|contains: a`, `modifier "contains" given twice`},
		{`f|contains|re: a`, `modifiers "contains" and "re" do not go together`},
		{`f|i: a`, `modifier "i" comes after "re"`},
		{`f|base64|windash: a`, `modifier "windash" does not come after "base64"`},
		{`f|wide|utf16be: a`, `modifier "utf16be" does not come after "utf16le"`},
		{`f|contains|base64: a`, `modifier "base64" does not come after "contains"`},
		{`f|base64: 'a*b'`, "base64: wildcards cannot be encoded"},
		{`f|base64offset|contains: ab`, "base64offset: at least 3 bytes are wanted"},
		{`f|wide: 'ä'`, `utf16le: 'ä' is not ASCII`},
		{`f|utf16: a`, "utf16: a byte order mark is no text"},
		{`f|windash: '-a -b -c -d -e'`, "windash: more than 625 forms"},
		{`f|re|cased: a`, `modifiers "re" and "cased" do not go together`},
		{`f|gt|windash: 1`, `modifiers "gt" and "windash" do not go together`},
		{`f|exists|neq: true`, `modifiers "exists" and "neq" do not go together`},
		{`f|hour|contains: 1`, `modifiers "contains" and "hour" do not go together`},
		{`f|hour: 1.5`, `hour: "1.5" is no whole number`},
		{`f|lt: x`, `lt: "x" is no number`},
		{`f|fieldref|base64: g`, `modifiers "fieldref" and "base64" do not go together`},
		{`f|fieldref: ''`, "fieldref: the name of a field is wanted"},
		{`f|expand: '%nobody%'`, `expand: no list "nobody"`},
		{`f|expand: '50%'`, "expand: a percent sign without a second one"},
		{`f|cased: null`, "null does not compare"},
		{`'|hour': 1`, `modifier "hour" needs a field`},
		{`'|fieldref': g`, `modifier "fieldref" needs a field`},
		{`f|re: '(?=a)'`, "re: error parsing regexp"},
	}
	for _, tt := range tests {
		_, err := Load(Options{Shipped: files(authRule("s:\n  " + tt.item + "\ncondition: s"))})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "a.yml:6") {
			t.Errorf("%s: got %v, want %q", tt.item, err, tt.want)
		}
	}
}
