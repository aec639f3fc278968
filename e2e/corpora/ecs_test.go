package corpora

import "testing"

func TestCoreFieldAnswers(t *testing.T) {
	c := ecsCase{Format: "shop", Line: "203.0.113.5 4328636416 bytes", Expected: []byte(`{"source.ip":"203.0.113.5","source.address":"203.0.113.5","http.response.bytes":4328636416,
		"event.category":["web","process"],"event.type":["access"],"event.reason":"nowhere in the line","host.name":"a","shop.basket":"x","message":"m"}`)}
	got, err := c.answers(Record{"source.ip": {"203.0.113.5"}, "http.response.body.bytes": {"4328636416"}, "event.category": {"web"}})
	if err != nil {
		t.Fatal(err)
	}
	yes := 0
	for _, a := range got {
		if a.Yes {
			yes++
		}
	}
	if len(got) != 5 || yes != 4 {
		t.Errorf("%d of %d right, want 4 of 5: %+v", yes, len(got), got)
	}
}

func TestIsCore(t *testing.T) {
	for name, want := range map[string]bool{
		"source.ip": true, "event.category": true, "user.name": true,
		"host.name": false, "agent.id": false, "event.type": false, "no.such.field": false,
	} {
		if got := isCore(name); got != want {
			t.Errorf("isCore(%q) is %v", name, got)
		}
	}
}
