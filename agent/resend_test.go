package agent

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/identity"
	"github.com/tocsin-security/tocsin/agent/internal/identity/fleettest"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/agent/internal/spool"
	"github.com/tocsin-security/tocsin/agent/internal/uplink"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Spool and uplink together, against a collector that ends streams with batches
// stored and not acked: what was appended arrives once, each lane in order, over
// restarts that go on from the spool's own positions.
func TestSpoolAndUplinkDeliverOnceInOrder(t *testing.T) {
	const restarts, linesEach, cutEvery = 4, 10_000, 10
	fleet := fleettest.New(t)
	fleet.Set(func(b *fleettest.Behaviour) { b.CutEvery = cutEvery })
	h := newHost(t, fleet)
	h.enroll()
	holder, err := identity.Hold(filepath.Join(h.cfg.StateDir, identityFolder))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "spool")
	for restart := range restarts {
		kept, err := spool.Open(folder, spool.Options{Agent: holder.Current().AgentID, MaxSize: 64 << 20})
		if err != nil {
			t.Fatal(err)
		}
		from := 0
		if state, ok := kept.Positions()["f"]; ok {
			if from, err = strconv.Atoi(string(state)); err != nil {
				t.Fatal(err)
			}
		}
		if from != restart*linesEach {
			t.Fatalf("restart %d goes on after line %d", restart, from)
		}
		end := carry(t, kept, holder)
		appendLines(t, kept, from, linesEach)
		if restart == restarts-1 {
			awaitEvents(t, fleet, restarts*linesEach)
		}
		end()
	}
	checkLanes(t, fleet.Originals(), restarts*linesEach)
	// However lines fall into batches, of 500 events at most, there are this many.
	if cuts, least := fleet.Cuts(), restarts*linesEach/500/cutEvery; cuts < least {
		t.Errorf("%d streams were cut, want at least %d", cuts, least)
	}
}

// lanesOfTest are the classes that lines are dealt to in turn.
func lanesOfTest() []eventv1.Class {
	return []eventv1.Class{eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB, eventv1.Class_CLASS_FILE, eventv1.Class_CLASS_APP}
}

func appendLines(t *testing.T, kept *spool.Spool, from, n int) {
	t.Helper()
	lanes := lanesOfTest()
	for line := from + 1; line <= from+n; line++ {
		e := &record.Event{Class: lanes[line%len(lanes)]}
		e.Observed = 1
		e.Original = fmt.Appendf(nil, "%d a line of some length that a program wrote", line)
		e.Positions = []record.Position{{Key: "f", State: strconv.AppendInt(nil, int64(line), 10)}}
		if err := kept.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// carry runs a spool and an uplink on it until the returned function is called.
func carry(t *testing.T, kept *spool.Spool, holder *identity.Holder) (end func()) {
	t.Helper()
	link, err := uplink.New(uplink.Options{
		Addresses: func() []string { return holder.Current().Collectors }, TLS: holder.TLS, Version: "test", Spool: kept,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var sent, run error
	running.Go(func() { sent = link.Run(ctx) })
	running.Go(func() { run = kept.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
		if err := errors.Join(sent, run, kept.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func awaitEvents(t *testing.T, fleet *fleettest.Fleet, n int) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for len(fleet.Originals()) < n {
		select {
		case <-deadline.C:
			t.Fatalf("%d of %d events arrived", len(fleet.Originals()), n)
		case <-ticker.C:
		}
	}
}

func checkLanes(t *testing.T, got []string, n int) {
	t.Helper()
	lanes := len(lanesOfTest())
	last := make([]int, lanes)
	for _, text := range got {
		var line int
		if _, err := fmt.Sscanf(text, "%d", &line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		lane := line % lanes
		if before := last[lane]; before != 0 && line != before+lanes {
			t.Fatalf("line %d came after %d", line, before)
		}
		last[lane] = line
	}
	if len(got) != n {
		t.Errorf("%d events arrived, %d were appended", len(got), n)
	}
}
