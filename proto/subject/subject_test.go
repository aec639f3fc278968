package subject_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

const agent = "abcdefghijklmnopqrstuvwxyz"

func TestEventsSubjectsComeApart(t *testing.T) {
	for _, c := range event.Classes() {
		class, id, err := subject.ParseEvents(subject.Events(c, agent))
		if err != nil || class != c || id != agent {
			t.Errorf("%v: %v %q %v", c, class, id, err)
		}
	}
	if got := subject.Events(eventv1.Class_CLASS_AUTH, agent); got != "tocsin.events.auth."+agent {
		t.Errorf("subject %q", got)
	}
	if got := subject.EventsStream(eventv1.Class_CLASS_AUTH); got != "TOCSIN_EVENTS_AUTH" {
		t.Errorf("stream %q", got)
	}
	for _, bad := range []string{"", "tocsin.events.auth", "tocsin.events.auth.x", "tocsin.events.nothing." + agent,
		"other.events.auth." + agent, "auth." + agent, "tocsin.events.auth." + agent + ".more"} {
		if _, _, err := subject.ParseEvents(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestAlertsSubjectsComeApart(t *testing.T) {
	s := subject.Alerts("a rule", agent)
	rule, fingerprint, err := subject.ParseAlerts(s)
	if err != nil || rule != event.HashID("a rule") || fingerprint != agent {
		t.Errorf("%q: %q %q %v", s, rule, fingerprint, err)
	}
	for _, bad := range []string{"", "tocsin.alerts.x." + agent, "tocsin.alerts." + agent, "x" + s} {
		if _, _, err := subject.ParseAlerts(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestHeadersComeBack(t *testing.T) {
	want := subject.Header{
		Epoch: [16]byte{1, 2}, FirstSequence: 1 << 60, Count: 500, Hash: [32]byte{3}, Received: 1_700_000_000_000_000_000, Skew: -5,
	}
	headers := want.Format(agent, eventv1.Class_CLASS_FILE)
	get := func(h map[string][]string) func(string) string {
		return func(name string) string {
			if len(h[name]) == 0 {
				return ""
			}
			return h[name][0]
		}
	}
	got, err := subject.ParseHeader(get(headers))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if id := headers[subject.HeaderID][0]; id != agent+".file.01020000000000000000000000000000.1152921504606846976" {
		t.Errorf("id %q", id)
	}
	for _, name := range []string{subject.HeaderEpoch, subject.HeaderHash, subject.HeaderSequence, subject.HeaderCount,
		subject.HeaderReceived, subject.HeaderSkew} {
		for _, value := range []string{"", "zz", "-"} {
			broken := maps.Clone(headers)
			broken[name] = []string{value}
			if _, err := subject.ParseHeader(get(broken)); err == nil {
				t.Errorf("%s %q was accepted", name, value)
			}
		}
	}
}
