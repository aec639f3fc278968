package collector

import (
	"log/slog"
	"slices"
	"time"
)

// teardown ends parts in the reverse of the order in which they were made.
type teardown struct {
	log   *slog.Logger
	steps []step
}

type step struct {
	name string
	end  func() error
}

// add registers how a part ends, when it is made.
func (t *teardown) add(name string, end func() error) {
	t.steps = append(t.steps, step{name, end})
}

// run ends every part. A part that fails to end keeps no other from ending.
func (t *teardown) run() {
	for _, s := range slices.Backward(t.steps) {
		began := time.Now()
		if err := s.end(); err != nil {
			t.log.Error("stop", "part", s.name, "error", err)
			continue
		}
		t.log.Debug("stopped", "part", s.name, "took", time.Since(began))
	}
}
