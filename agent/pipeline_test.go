package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a sink that keeps what it gets, until it is to fail.
type memory struct {
	mu        sync.Mutex // guards all below
	originals []string
	positions []string
	parsers   []string
	fail      error
	block     chan struct{}
}

func (m *memory) Append(ctx context.Context, e *record.Event) error {
	m.mu.Lock()
	block := m.block
	m.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.originals = append(m.originals, string(e.Original))
	m.parsers = append(m.parsers, string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER)))
	for _, p := range e.Positions {
		m.positions = append(m.positions, string(p.State))
	}
	return nil
}

func (m *memory) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *memory) got() (originals, positions []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.originals), slices.Clone(m.positions)
}

func testPipeline(to sink) *pipeline {
	utc := func(string) *time.Location { return time.UTC }
	return newPipeline(to, utc, newCounters(prometheus.NewRegistry()).stage(stageParse))
}

func raw(stream, text, position string) *record.Raw {
	return &record.Raw{
		Stream: stream, Parser: "python", Path: "/" + stream, Text: []byte(text), Observed: time.Unix(1, 0),
		Positions: []record.Position{{Key: stream, State: []byte(position)}},
	}
}

const (
	failure   = "2026-11-10 11:22:33,444 - app - ERROR - boom"
	traceback = "Traceback (most recent call last):"
)

func TestAHeldRecordIsLetGoAfterASecond(t *testing.T) {
	for name, rest := range map[string]time.Duration{"at once": 0, "after a rest": 2*restingWait + joinWait/2} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { letsGo(t, rest) }) })
	}
}

// letsGo puts a record in two lines after a rest.
func letsGo(t *testing.T, rest time.Duration) {
	t.Helper()
	to := &memory{}
	p := testPipeline(to)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.run(ctx, t.Context()) }()
	<-time.After(rest)
	for _, r := range []*record.Raw{raw("a", failure, "1"), raw("a", traceback, "2")} {
		if err := p.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	<-time.After(joinWait / 2)
	synctest.Wait()
	if originals, _ := to.got(); len(originals) != 0 {
		t.Errorf("too early: %q", originals)
	}
	<-time.After(joinWait)
	synctest.Wait()
	originals, positions := to.got()
	if diff := cmp.Diff([]string{failure + "\n" + traceback}, originals); diff != "" {
		t.Error(diff)
	}
	if len(positions) == 0 || positions[len(positions)-1] != "2" {
		t.Errorf("positions %q", positions)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDrainLetsGoWhatIsHeld(t *testing.T) {
	to := &memory{}
	p := testPipeline(to)
	for _, r := range []*record.Raw{raw("a", failure, "1"), raw("b", failure, "1")} {
		if err := p.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if originals, _ := to.got(); len(originals) != 2 {
		t.Errorf("got %q", originals)
	}
}

// The positions of a later record cover an earlier one that was not kept: were
// it appended all the same, the earlier one would be lost for good.
func TestNothingFollowsAnEventThatCouldNotBeAppended(t *testing.T) {
	broken := errors.New("no room")
	to := &memory{fail: broken}
	p := testPipeline(to)
	// The second record makes the first one go, and is itself held.
	if err := p.Put(t.Context(), raw("a", failure, "1")); err != nil {
		t.Fatal(err)
	}
	if err := p.Put(t.Context(), raw("a", failure, "2")); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	to.set(func() { to.fail = nil })
	if err := p.Put(t.Context(), raw("a", failure, "3")); !errors.Is(err, broken) {
		t.Errorf("a later record: %v", err)
	}
	if err := p.drain(t.Context()); !errors.Is(err, broken) {
		t.Errorf("drain: %v", err)
	}
	if originals, positions := to.got(); len(originals)+len(positions) != 0 {
		t.Errorf("kept %q, %q", originals, positions)
	}
	// The first was held when its put returned: that one is not known to the source.
	if read, refused := p.counts("/a"); read != 3 || refused != 2 {
		t.Errorf("%d read, %d refused", read, refused)
	}
}

func TestIdleStreamsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := testPipeline(&memory{})
		if err := p.Put(t.Context(), raw("a", "plain text", "1")); err != nil {
			t.Fatal(err)
		}
		if _, err := p.release(t.Context(), time.Now().Add(2*joinWait)); err != nil {
			t.Fatal(err)
		}
		<-time.After(idleStream + 2*joinWait)
		if _, err := p.release(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if len(p.streams) != 0 {
			t.Errorf("%d streams", len(p.streams))
		}
		if err := p.Put(t.Context(), raw("a", "plain text", "2")); err != nil {
			t.Error(err)
		}
	})
}

// A source's first word about a file is often where it begins to read.
func TestAPositionDoesNotChooseTheParser(t *testing.T) {
	to := &memory{}
	p := testPipeline(to)
	position := &record.Raw{Stream: "a", Path: "/a", Positions: []record.Position{{Key: "a", State: []byte("0")}}}
	text := raw("a", "app started", "1")
	text.Parser = "plain"
	text.Text = []byte(`203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`)
	for _, r := range []*record.Raw{position, text} {
		if err := p.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if _, positions := to.got(); len(positions) != 2 {
		t.Errorf("positions %q", positions)
	}
	if diff := cmp.Diff([]string{"", "plain"}, to.parsers); diff != "" {
		t.Error(diff)
	}
}

func TestAnUnknownParserIsAnError(t *testing.T) {
	r := raw("a", "text", "1")
	r.Parser = "cisco"
	if err := testPipeline(&memory{}).Put(t.Context(), r); err == nil {
		t.Error("it was taken")
	}
}
