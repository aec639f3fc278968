package correlate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/natstest"
)

func TestWhatTheBoundsCostIsToldOnce(t *testing.T) {
	w := newWorld(t)
	w.maxHeld, w.flushEvery = 100, 10*time.Millisecond
	var mu sync.Mutex
	var told uint64
	refused := 0
	w.lost = func(_ context.Context, l Loss) error {
		mu.Lock()
		defer mu.Unlock()
		if refused < 2 { // as while NATS is away
			refused++
			return errors.New("not now")
		}
		if l.Sequence == 0 || l.At.IsZero() {
			t.Errorf("told of %+v", l)
		}
		told += l.Count
		return nil
	}
	count := func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		return told
	}
	root := roots()[0]
	const group = "g"
	_, stop := w.own(newLeases(1), root)
	for n := range 301 { // half of a full group goes with the 101st, the 151st and so on
		w.publish(root, sig{n: n, ordinal: uint64(n), at: int64(n), leaf: 1, group: group})
		if n == 0 { // what is lost before the owner has taken over was told by another
			natstest.Eventually(t, 2*time.Minute, "the owner counts", func() bool { return len(w.stored()) == 1 })
		}
	}
	natstest.Eventually(t, 2*time.Minute, "all losses are told", func() bool { return count() == 250 })
	stop()
	// Who takes over loses the same again, and that was told. Joins are written with
	// a tick, so after two of them a whole tick has passed.
	w.own(newLeases(2), root)
	other := 0
	for finding.Partition(root.ID, []string{fmt.Sprint(other)}) != finding.Partition(root.ID, []string{group}) {
		other++
	}
	for n := range 3 {
		w.publish(root, sig{n: 1000 + n, ordinal: uint64(1000 + n), at: int64(n), leaf: 1, group: fmt.Sprint(other)})
		natstest.Eventually(t, 2*time.Minute, "the new owner counts", func() bool {
			for _, alerts := range w.stored() {
				if alerts[0].GetGroup()[0].GetValue() == fmt.Sprint(other) {
					return alerts[0].GetCount() == uint64(n+1)
				}
			}
			return false
		})
	}
	if got := count(); got != 250 {
		t.Errorf("%d losses are told, want 250", got)
	}
}
