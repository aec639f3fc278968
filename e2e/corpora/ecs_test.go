package corpora

import "testing"

func TestCoreFieldAnswers(t *testing.T) {
	c := ecsCase{Format: "shop", Expected: []byte(`{"source.ip":"203.0.113.5","source.address":"203.0.113.5","http.response.bytes":4328636416.0,
		"event.category":["web","process"],"event.outcome":"success","event.type":["access"],"event.reason":"why","host.name":"a","shop.basket":"x","message":"m",
		"user_agent.original":"-"}`)}
	got, err := c.answers(Record{"source.ip": {"203.0.113.5"}, "http.response.body.bytes": {"4328636416"}, "event.category": {"web"}, "event.outcome": {"success"}})
	if err != nil {
		t.Fatal(err)
	}
	yes := 0
	for _, a := range got {
		if a.Yes {
			yes++
		}
	}
	if len(got) != 7 || yes != 5 {
		t.Errorf("%d of %d right, want 5 of 7: %+v", yes, len(got), got)
	}
}

func TestOutcomeOfConnectionsIsNotAsked(t *testing.T) {
	for category, want := range map[string]int{"session": 1, "network": 1, "authentication": 2} {
		c := ecsCase{Expected: []byte(`{"event.category":["` + category + `"],"event.outcome":"success"}`)}
		got, err := c.answers(Record{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != want {
			t.Errorf("%s: %d questions, want %d: %+v", category, len(got), want, got)
		}
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
