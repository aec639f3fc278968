package event_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestAppendJSON(t *testing.T) {
	meta := event.Meta{ID: "an-id", Class: eventv1.Class_CLASS_WEB, HostName: "web-1"}
	field := func(name, value string) event.Field {
		if id, ok := event.FieldByName(name); ok {
			return event.Field{ID: id, Value: []byte(value)}
		}
		return event.Field{Key: []byte(name), Value: []byte(value)}
	}
	const head = `{"@timestamp":"2026-11-22T01:02:03.5Z",`
	tests := map[string]struct {
		fields   []event.Field
		original string
		want     string
	}{
		"nested and sorted": {
			[]event.Field{field("url.path", "/"), field("source.ip", "192.0.2.1"), field("http.response.status_code", "404")}, "x",
			`"event":{"id":"an-id","kind":"event"},"host":{"name":"web-1"},"http":{"response":{"status_code":404}},"log":{"original":"x"},"source":{"ip":"192.0.2.1"},"tocsin":{"class":"web"},"url":{"path":"/"}}`,
		},
		"lists stay lists": {
			[]event.Field{field("event.category", "web"), field("process.args", "a"), field("process.args", "b")}, "x",
			`"event":{"category":["web"],"id":"an-id","kind":"event"},"host":{"name":"web-1"},"log":{"original":"x"},"process":{"args":["a","b"]},"tocsin":{"class":"web"}}`,
		},
		"a name through a value stays dotted": {
			[]event.Field{field("shop", "seoul"), field("shop.cart", "3"), field("shop.cart.item", "tea")}, "x",
			`"event":{"id":"an-id","kind":"event"},"host":{"name":"web-1"},"log":{"original":"x"},"shop":"seoul","tocsin":{"class":"web"},"shop.cart":"3","shop.cart.item":"tea"}`,
		},
		"hostile bytes": {
			[]event.Field{field("user.name", "a\"\\\n\x00\x1f\x7f\xff한")}, "b\xc3(",
			`"event":{"id":"an-id","kind":"event"},"host":{"name":"web-1"},"log":{"original":"b\ufffd("},"tocsin":{"class":"web"},"user":{"name":"a\"\\\n\u0000\u001f\u007f\ufffd한"}}`,
		},
		"a number that is none": {
			[]event.Field{field("source.port", "ssh"), field("tocsin.truncated", "true")}, "x",
			`"event":{"id":"an-id","kind":"event"},"host":{"name":"web-1"},"log":{"original":"x"},"source":{"port":"ssh"},"tocsin":{"class":"web","truncated":true}}`,
		},
		"what is attested is not overwritten": {
			[]event.Field{field("host.name", "liar"), field("event.id", "other")}, "x",
			`"event":{"id":"an-id","kind":"event"},"host":{"name":"web-1"},"log":{"original":"x"},"tocsin":{"class":"web"}}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := event.Event{Time: 1795309323_500000000, Original: []byte(test.original), Fields: test.fields}
			got := string(event.AppendJSON(nil, &e, meta))
			want := strings.ReplaceAll(head+test.want, `\ufffd`, "\uFFFD")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("not JSON: %s", got)
			}
		})
	}
}

func TestParseJSONReadsWhatAppendJSONWrote(t *testing.T) {
	e := sample()
	e.Fields = e.Fields[:3]
	meta := event.Meta{ID: "an-id", Class: eventv1.Class_CLASS_AUTH, AgentID: agent, HostName: "db-1"}
	written := event.AppendJSON(nil, &e, meta)
	got, gotMeta, err := event.ParseJSON(written)
	if err != nil {
		t.Fatal(err)
	}
	if gotMeta != meta {
		t.Errorf("meta %+v, want %+v", gotMeta, meta)
	}
	if again := event.AppendJSON(nil, got, gotMeta); string(again) != string(written) {
		t.Errorf("wrote %s\nread and wrote %s", written, again)
	}
}

func TestParseJSONFlattens(t *testing.T) {
	e, _, err := event.ParseJSON([]byte(`{"a":{"b":[1,2.50,null,{"c":true}],"d":"x"},"EventID":4625,"url.path":"/"}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range e.Fields {
		got = append(got, e.Fields[i].Name()+"="+string(e.Fields[i].Value))
	}
	want := []string{"a.b=1", "a.b=2.50", "a.b.c=true", "a.d=x", "EventID=4625", "url.path=/"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"not JSON": "Nov 22 sshd", "an array": "[1]", "cut short": `{"a":{"b":1`, "two values": "{}{}",
		"a bad time": `{"@timestamp":"yesterday"}`, "deep": strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
		"deep arrays": `{"a":` + strings.Repeat(`[`, 100) + strings.Repeat("]", 100) + "}", "an unknown class": `{"tocsin":{"class":"x"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := event.ParseJSON([]byte(line)); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func FuzzParseJSON(f *testing.F) {
	e := sample()
	f.Add(event.AppendJSON(nil, &e, event.Meta{ID: "x"}))
	f.Add([]byte(`{"a":{"b":[1,{"c":null}]},"a.b":"x"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, meta, err := event.ParseJSON(line)
		if err != nil {
			return
		}
		out := event.AppendJSON(nil, e, meta)
		if !json.Valid(out) {
			t.Fatalf("%q gave invalid JSON %q", line, out)
		}
	})
}
