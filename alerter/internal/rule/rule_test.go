package rule

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// files makes a rule folder of texts; a text's lines lose their common indentation.
func files(texts ...string) fstest.MapFS {
	folder := make(fstest.MapFS)
	for i, text := range texts {
		folder[string(rune('a'+i))+".yml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}

func load(t testing.TB, texts ...string) *Set {
	t.Helper()
	set, err := Load(Options{Shipped: files(texts...)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// authRule is a rule over auth events with this detection section.
func authRule(detection string) string {
	return "title: T\nid: t\nlogsource: {category: authentication}\ndetection:\n  " +
		strings.ReplaceAll(strings.TrimSpace(detection), "\n", "\n  ") + "\n"
}

// eventOf makes an event of "name=value" texts; the name "original" is its text.
func eventOf(fields ...string) *event.Event {
	e := &event.Event{}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		if name == "original" {
			e.Original = []byte(value)
			continue
		}
		id, ok := event.FieldByName(name)
		field := event.Field{ID: id, Value: []byte(value)}
		if !ok {
			field.Key = []byte(name)
		}
		e.Fields = append(e.Fields, field)
	}
	return e
}

func matches(m *Matcher, class eventv1.Class, e *event.Event) bool {
	return len(m.Match(Input{Event: e, Class: class, Host: "web01", Agent: "a"})) > 0
}

func TestDetectionMatches(t *testing.T) {
	tests := []struct {
		name, detection string
		yes, no         [][]string
	}{
		{
			"a value is compared without case", "s: {user.name: Root}\ncondition: s",
			[][]string{{"user.name=root"}, {"user.name=ROOT"}}, [][]string{{"user.name=rooty"}, {"user.id=root"}, {}},
		},
		{
			"items of a mapping all hold", "s: {user.name: root, event.outcome: failure}\ncondition: s",
			[][]string{{"user.name=root", "event.outcome=failure"}}, [][]string{{"user.name=root"}, {"event.outcome=failure"}},
		},
		{
			"any mapping of a list holds", "s: [{user.name: root}, {event.outcome: failure}]\ncondition: s",
			[][]string{{"user.name=root"}, {"event.outcome=failure"}}, [][]string{{"user.name=bob"}},
		},
		{
			"any value of a list holds", "s: {user.name: [root, 'adm*']}\ncondition: s",
			[][]string{{"user.name=root"}, {"user.name=admin"}}, [][]string{{"user.name=bob"}, {"user.name=xadm"}},
		},
		{
			"wildcards", `s: {file.path: '/etc/?*.d/*'}` + "\ncondition: s",
			[][]string{{"file.path=/etc/sudoers.d/x"}, {"file.path=/etc/xx.d/"}}, [][]string{{"file.path=/etc/.d/x"}, {"file.path=/etc/cron/x"}},
		},
		{
			"escaped wildcards are themselves", `s: {user.name: 'a\*b\?c\d\\e'}` + "\ncondition: s",
			[][]string{{`user.name=a*b?c\d\e`}}, [][]string{{`user.name=axb?c\d\e`}, {`user.name=a*bxc\d\e`}},
		},
		{
			"a backslash before a wildcard", `s: {file.path: 'c:\\*'}` + "\ncondition: s",
			[][]string{{`file.path=C:\x`}}, [][]string{{`file.path=c:x`}},
		},
		{
			"contains, startswith, endswith", "s:\n  url.original|contains: Union\n  url.path|startswith: /A\n  url.query|endswith: [z, '?y']\ncondition: s",
			[][]string{{"url.original=a UNION b", "url.path=/a/b", "url.query=xy"}},
			[][]string{{"url.original=a UNION b", "url.path=b/a", "url.query=xy"}, {"url.original=uni", "url.path=/a", "url.query=z"}, {"url.original=union", "url.path=/a", "url.query=y"}},
		},
		{
			"all", "s: {url.original|contains|all: [a, b]}\ncondition: s",
			[][]string{{"url.original=xbxa"}}, [][]string{{"url.original=a"}, {"url.original=b"}},
		},
		{
			"re keeps case and is not anchored", "s: {user.name|re: 'o{2}t$'}\ncondition: s",
			[][]string{{"user.name=root"}}, [][]string{{"user.name=ROOT"}, {"user.name=roots"}},
		},
		{
			"cidr", "s: {source.ip|cidr: [10.0.0.0/8, '2001:db8::/32']}\ncondition: s",
			[][]string{{"source.ip=10.1.2.3"}, {"source.ip=2001:db8::1"}, {"source.ip=::ffff:10.0.0.1"}},
			[][]string{{"source.ip=11.0.0.1"}, {"source.ip=10.1.2"}, {"source.ip=10.1.2.3.4"}, {"source.ip=10.1.2.256"}, {"source.ip=x"}, {"source.ip="}},
		},
		{
			"numbers", "s:\n  http.response.status_code|gte: 400\n  http.response.status_code|lt: 500\ncondition: s",
			[][]string{{"http.response.status_code=400"}, {"http.response.status_code=499"}},
			[][]string{{"http.response.status_code=500"}, {"http.response.status_code=399"}, {"http.response.status_code=x"}, {}},
		},
		{
			"gt and lte", "s: {source.port|gt: 10, source.port|lte: 1.5e1}\ncondition: s",
			[][]string{{"source.port=11"}, {"source.port=15"}}, [][]string{{"source.port=10"}, {"source.port=16"}},
		},
		{
			"a number equals its text", "s: {http.response.status_code: 404}\ncondition: s",
			[][]string{{"http.response.status_code=404"}}, [][]string{{"http.response.status_code=4040"}},
		},
		{
			"exists", "s: {user.name|exists: true}\nn: {user.id|exists: false}\ncondition: s and n",
			[][]string{{"user.name="}}, [][]string{{}, {"user.name=a", "user.id=1"}},
		},
		{
			"null is no field, empty an empty one", "s: {user.name: null}\ne: {user.id: ''}\ncondition: s and e",
			[][]string{{"user.id="}}, [][]string{{"user.id=", "user.name="}, {"user.id=1"}, {}},
		},
		{
			"null beside values", "s: {user.name: [root, null]}\ncondition: s",
			[][]string{{}, {"user.name=root"}}, [][]string{{"user.name=bob"}},
		},
		{
			"keywords look into the text", "s: ['Out of *memory', segfault]\ncondition: s",
			[][]string{{"original=x out of some MEMORY y"}, {"original=SegFault at 0"}}, [][]string{{"original=out of", "user.name=segfault"}},
		},
		{
			"keywords all", "s: {'|all': [a1, b2]}\ncondition: s",
			[][]string{{"original=b2 a1"}}, [][]string{{"original=a1"}},
		},
		{
			"keywords look into the values where there is no text", "s: [segfault]\ncondition: s",
			[][]string{{"message=a SEGFAULT"}}, [][]string{{"message=fault"}},
		},
		{
			"any value of a list field", "s: {event.category: iam}\ncondition: s",
			[][]string{{"event.category=process", "event.category=iam"}}, [][]string{{"event.category=process"}},
		},
		{
			"fields outside the registry", "s: {json.level: fatal}\ncondition: s",
			[][]string{{"json.level=FATAL"}}, [][]string{{"json.other=fatal"}},
		},
		{
			"the host is attested", "s: {host.name: web01}\ncondition: s",
			[][]string{{}}, nil,
		},
		{
			"not before and before or", "a: {user.name: a}\nb: {user.id: b}\nc: {group.name: c}\ncondition: a or not b and c",
			[][]string{{"user.name=a", "user.id=b"}, {"group.name=c"}}, [][]string{{"user.id=b", "group.name=c"}, {}},
		},
		{
			"parentheses", "a: {user.name: a}\nb: {user.id: b}\nc: {group.name: c}\ncondition: (a or b) and not (c)",
			[][]string{{"user.name=a"}, {"user.id=b"}}, [][]string{{"user.name=a", "group.name=c"}, {"group.name=c"}},
		},
		{
			"1 of a pattern", "sel_a: {user.name: a}\nsel_b: {user.id: b}\nother: {group.name: c}\ncondition: 1 of sel_* and not other",
			[][]string{{"user.name=a"}, {"user.id=b"}}, [][]string{{"group.name=c"}, {"user.name=a", "group.name=c"}},
		},
		{
			"all of them leaves out what begins with an underscore", "a: {user.name: a}\nb: {user.id: b}\n_c: {group.name: c}\ncondition: all of them",
			[][]string{{"user.name=a", "user.id=b"}}, [][]string{{"user.name=a"}},
		},
		{
			"a list of conditions", "a: {user.name: a}\nb: {user.id: b}\ncondition: [a, b]",
			[][]string{{"user.name=a"}, {"user.id=b"}}, [][]string{{}},
		},
		{
			"letters of other scripts fold too", "s: {user.name: ÄPFEL}\ncondition: s",
			[][]string{{"user.name=äpfel"}}, [][]string{{"user.name=apfel"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := load(t, authRule(tt.detection)).Matcher()
			for _, fields := range tt.yes {
				if !matches(m, eventv1.Class_CLASS_AUTH, eventOf(fields...)) {
					t.Errorf("no match of %q", fields)
				}
			}
			for _, fields := range tt.no {
				if matches(m, eventv1.Class_CLASS_AUTH, eventOf(fields...)) {
					t.Errorf("a match of %q", fields)
				}
			}
		})
	}
}

func TestLogSourceSelectsEvents(t *testing.T) {
	tests := []struct {
		source string
		class  eventv1.Class
		fields []string
		want   bool
	}{
		{"{category: webserver}", eventv1.Class_CLASS_WEB, nil, true},
		{"{category: webserver}", eventv1.Class_CLASS_AUTH, nil, false},
		{"{product: linux, service: sshd}", eventv1.Class_CLASS_AUTH, []string{"tocsin.parser=sshd"}, true},
		{"{product: linux, service: sshd}", eventv1.Class_CLASS_AUTH, []string{"tocsin.parser=sudo"}, false},
		{"{service: nginx}", eventv1.Class_CLASS_APP, nil, true},
		{"{category: file_delete, product: linux}", eventv1.Class_CLASS_FILE, []string{"event.action=deleted"}, true},
		{"{category: file_delete, product: linux}", eventv1.Class_CLASS_FILE, []string{"event.action=created"}, false},
		{"{category: file_event}", eventv1.Class_CLASS_FILE, []string{"event.action=created"}, true},
		{"{product: linux}", eventv1.Class_CLASS_SYSTEM, nil, true},
		{"{product: tocsin, service: agent}", eventv1.Class_CLASS_AGENT, nil, true},
		{"{product: linux, service: auditd}", eventv1.Class_CLASS_SYSTEM, []string{"tocsin.parser=auditd"}, true},
		{"{product: linux, service: auditd}", eventv1.Class_CLASS_SYSTEM, []string{"tocsin.parser=kernel"}, false},
		{"{product: linux, service: vsftpd}", eventv1.Class_CLASS_AUTH, []string{"tocsin.parser=vsftpd"}, true},
		{"{product: linux, service: vsftpd}", eventv1.Class_CLASS_AUTH, []string{"tocsin.parser=proftpd"}, false},
		{"{product: linux, service: clamav}", eventv1.Class_CLASS_SYSTEM, []string{"process.name=clamd"}, true},
		{"{product: linux, service: vsftp}", eventv1.Class_CLASS_AUTH, []string{"tocsin.parser=vsftp"}, false},
		{"{category: application, product: python}", eventv1.Class_CLASS_APP, nil, true},
	}
	for _, tt := range tests {
		m := load(t, "title: T\nlogsource: "+tt.source+"\ndetection: {s: {user.name: u}, condition: s}\n").Matcher()
		if got := matches(m, tt.class, eventOf(append(tt.fields, "user.name=u")...)); got != tt.want {
			t.Errorf("%s, class %v, %q: %v", tt.source, tt.class, tt.fields, got)
		}
	}
}

func TestTheAuditsOwnNamesAreOurs(t *testing.T) {
	s := load(t, "title: T\nlogsource: {product: linux, service: auditd}\ndetection: {s: {type: EXECVE, a0|endswith: /nc, a1: '-e', flavour: null}, condition: s}\n")
	m := s.Matcher()
	for want, a0 := range map[bool]string{true: "/bin/nc", false: "/bin/ls"} {
		if got := matches(m, eventv1.Class_CLASS_SYSTEM, eventOf("tocsin.parser=auditd", "event.code=EXECVE", "auditd.data.a0="+a0, "auditd.data.a1=-e")); got != want {
			t.Errorf("%s: %v", a0, got)
		}
	}
	if unknown := s.Rules()[0].Unknown; len(unknown) != 1 || unknown[0] != "flavour" {
		t.Errorf("unknown fields %q", unknown)
	}
}

func TestSigmaNamesOfWebFieldsAreOurs(t *testing.T) {
	m := load(t, "title: T\nlogsource: {category: webserver}\ndetection: {s: {cs-uri-query|contains: '=x', cs-method: GET, sc-status: 200}, condition: s}\n").Matcher()
	if !matches(m, eventv1.Class_CLASS_WEB, eventOf("url.original=/a?b=x", "http.request.method=GET", "http.response.status_code=200")) {
		t.Error("no match")
	}
}

func TestRawTakesNamesAsTheyAre(t *testing.T) {
	set, err := Load(Options{Raw: true, Shipped: files("title: T\nlogsource: {product: windows, service: security}\ndetection: {s: {EventID: 4625}, condition: s}\n")})
	if err != nil {
		t.Fatal(err)
	}
	m := set.Matcher()
	if !matches(m, eventv1.Class_CLASS_UNSPECIFIED, eventOf("EventID=4625")) || !matches(m, eventv1.Class_CLASS_APP, eventOf("EventID=4625")) {
		t.Error("no match")
	}
}
