package agent

import (
	"fmt"
	"testing"
)

// Frequent shapes survive any number of rare ones, in memory that does not grow.
func TestShapeCounterKeepsTheFrequent(t *testing.T) {
	s := newShapeCounter(10)
	for i := range 10_000 {
		s.add([]byte("often"))
		if i%2 == 0 {
			s.add([]byte("half as often"))
		}
		s.add(fmt.Appendf(nil, "once %d", i))
		if len(s.byShape) > 10 || len(s.least) > 10 {
			t.Fatalf("%d shapes in %d counters", len(s.byShape), len(s.least))
		}
	}
	got := s.sorted()
	for i, want := range []struct {
		shape string
		count uint64
	}{{"often", 10_000}, {"half as often", 5_000}} {
		if got[i].shape != want.shape || got[i].count < want.count || got[i].count-got[i].over > want.count {
			t.Errorf("place %d is %q with %d, at most %d too high", i, got[i].shape, got[i].count, got[i].over)
		}
	}
	if s.evicted == 0 {
		t.Error("nothing was dropped")
	}
}

func TestShapeCounterCountsExactlyWhatFits(t *testing.T) {
	s := newShapeCounter(3)
	for _, shape := range []string{"b", "a", "c", "a", "b", "a"} {
		s.add([]byte(shape))
	}
	text := ""
	for _, c := range s.sorted() {
		text += fmt.Sprintf("%s=%d+%d ", c.shape, c.count, c.over)
	}
	if want := "a=3+0 b=2+0 c=1+0 "; text != want || s.evicted != 0 {
		t.Errorf("counts %q, want %q; %d dropped", text, want, s.evicted)
	}
}
