package spool

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testAgent = "abcdefghijklmnopqrstuvwxyz"

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// stored is one batch that a collector holds.
type stored struct {
	header event.Header
	head   head
	events []event.Event
}

// collector is what a real one keeps and refuses, in memory.
type collector struct {
	t     fataler
	agent string
	codec *event.Codec
	lanes map[eventv1.Class][]stored
	// retired is what earlier agent ids stored.
	retired []map[eventv1.Class][]stored
}

// retire makes the collector expect the agent under a new id.
func (c *collector) retire() {
	delete(c.lanes, eventv1.Class_CLASS_AGENT)
	c.retired = append(c.retired, c.lanes)
	c.lanes, c.agent = map[eventv1.Class][]stored{}, event.NewID()
}

func newCollector(t fataler) *collector {
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatalf("codec: %v", err)
	}
	return &collector{t: t, agent: testAgent, codec: codec, lanes: map[eventv1.Class][]stored{}}
}

// publish stores a batch unless it is the head already. A batch that does not
// continue its lane fails the test.
func (c *collector) publish(sealed []byte) *ingestv1.LaneHead {
	c.t.Helper()
	batch, err := c.codec.Open(nil, sealed)
	if err != nil {
		c.t.Fatalf("open batch: %v", err)
	}
	h, err := event.Validate(batch, c.agent)
	if err != nil {
		c.t.Fatalf("validate batch: %v", err)
	}
	b := stored{header: h, head: head{
		ident: ident{epoch: epoch(h.Epoch), first: h.FirstSequence}, count: h.Count, hash: event.Hash(sealed),
	}}
	lane := c.lanes[h.Class]
	if n := len(lane); n > 0 {
		last := lane[n-1]
		if last.head == b.head {
			return wireHead(h.Class, &b.head)
		}
		if last.head.epoch == b.head.epoch && (h.FirstSequence != last.head.end() || hash(h.Previous) != last.head.hash) {
			c.t.Fatalf("lane %s: batch %d does not follow %d", event.ClassName(h.Class), h.FirstSequence, last.head.first)
		}
		if last.head.epoch != b.head.epoch && h.FirstSequence != 1 {
			c.t.Fatalf("lane %s: new epoch begins at %d", event.ClassName(h.Class), h.FirstSequence)
		}
	} else if h.FirstSequence != 1 {
		c.t.Fatalf("lane %s begins at %d", event.ClassName(h.Class), h.FirstSequence)
	}
	var w event.Walker
	if _, err := w.Open(batch); err != nil {
		c.t.Fatalf("walk: %v", err)
	}
	for {
		var e event.Event
		more, err := w.Next(&e)
		if err != nil {
			c.t.Fatalf("walk: %v", err)
		}
		if !more {
			break
		}
		b.events = append(b.events, e)
	}
	c.lanes[h.Class] = append(lane, b)
	return wireHead(h.Class, &b.head)
}

// all is every batch of a class, under whatever agent id it came.
func (c *collector) all(class eventv1.Class) (out []stored) {
	for _, lanes := range c.retired {
		out = append(out, lanes[class]...)
	}
	return append(out, c.lanes[class]...)
}

func (c *collector) heads() (heads []*ingestv1.LaneHead) {
	for class, lane := range c.lanes {
		if n := len(lane); n > 0 {
			heads = append(heads, wireHead(class, &lane[n-1].head))
		}
	}
	return heads
}

// world is an agent's host with its sources, its disk and its collector.
type world struct {
	t         fataler
	disk      *crashDisk
	spool     *Spool
	options   Options
	collector *collector
	// next is each source's next line; reported the last one that it was told is on disk.
	next, reported map[string]int
	// sent is how far each lane was sent on the present stream.
	sent map[eventv1.Class]uint64
}

func newWorld(t fataler, seed uint64) *world {
	w := &world{
		t: t, disk: newCrashDisk(seed), collector: newCollector(t),
		options: Options{Agent: testAgent, MaxSize: MinSize, segmentSize: 2 << 10},
		next:    map[string]int{}, reported: map[string]int{},
	}
	return w
}

// open opens the spool and puts the sources where its positions say.
func (w *world) open() error {
	w.t.Helper()
	s, err := open(w.disk, w.options)
	if err != nil {
		return err
	}
	w.spool = s
	positions := s.Positions()
	for source := range w.next {
		line := 0
		if state, ok := positions[source]; ok {
			line, _ = strconv.Atoi(string(state))
		}
		if line < w.reported[source] {
			w.t.Fatalf("%s: line %d was reported as on disk, the position is %d", source, w.reported[source], line)
		}
		w.next[source] = line + 1
	}
	return w.connect()
}

// connect begins a new stream.
func (w *world) connect() error {
	w.sent = map[eventv1.Class]uint64{}
	return w.spool.Resume(w.collector.heads())
}

func (w *world) append(source string, class eventv1.Class, size int) error {
	if w.next[source] == 0 {
		w.next[source] = 1
	}
	line := w.next[source]
	e := w.event(source, line, class, size)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.spool.Append(ctx, e); err != nil {
		return err
	}
	w.next[source]++
	return nil
}

func (w *world) event(source string, line int, class eventv1.Class, size int) *record.Event {
	e := &record.Event{Class: class}
	e.Time, e.Observed = int64(line), time.Now().UnixNano()
	e.Original = []byte(source + " " + strconv.Itoa(line) + " " + strings.Repeat("x", size))
	e.Positions = []record.Position{{Key: source, State: []byte(strconv.Itoa(line))}}
	e.Committed = []func(){func() { w.reported[source] = max(w.reported[source], line) }}
	return e
}

// send hands up to n batches of a lane to the collector, of which the first acks come back.
func (w *world) send(class eventv1.Class, n, acks int) error {
	w.t.Helper()
	for i := range n {
		sealed, h, err := w.spool.Read(class, w.sent[class])
		if err != nil {
			return err
		}
		if h == nil {
			return nil
		}
		got := w.collector.publish(sealed)
		if got.GetFirstSequence() != h.GetFirstSequence() {
			w.t.Fatalf("read batch %d, its head says %d", got.GetFirstSequence(), h.GetFirstSequence())
		}
		w.sent[class] = h.GetFirstSequence()
		if i < acks {
			if err := w.spool.Ack(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// drain brings everything to the collector.
func (w *world) drain() {
	w.t.Helper()
	if err := w.tryDrain(); err != nil {
		w.t.Fatalf("drain: %v", err)
	}
}

func (w *world) tryDrain() error {
	if err := w.connect(); err != nil {
		return err
	}
	for range 10_000 {
		if err := w.spool.flush(); err != nil {
			return err
		}
		left := uint64(0)
		for _, l := range w.spool.Stats().Lanes {
			left += l.Events
			if err := w.send(l.Class, 100, 100); err != nil {
				return err
			}
		}
		if left == 0 {
			return nil
		}
	}
	return errors.New("the spool does not empty")
}

// check compares what the collector holds with what the sources said: each line
// once, in order within its source and lane.
func (w *world) check() {
	w.t.Helper()
	seen := map[string]bool{}
	ordinals := map[uint64]bool{}
	for _, class := range event.Classes() {
		last := map[string]int{}
		for _, b := range w.collector.all(class) {
			for _, e := range b.events {
				if ordinals[e.Ordinal] || e.Ordinal == 0 {
					w.t.Fatalf("ordinal %d is not one event's", e.Ordinal)
				}
				ordinals[e.Ordinal] = true
				source, line := w.parse(class, &e)
				key := fmt.Sprint(source, " ", line)
				if seen[key] {
					w.t.Fatalf("%s came twice", key)
				}
				seen[key] = true
				if line <= last[source] {
					w.t.Fatalf("%s came after line %d", key, last[source])
				}
				last[source] = line
			}
		}
	}
	for source, next := range w.next {
		for line := 1; line < next; line++ {
			if key := fmt.Sprint(source, " ", line); !seen[key] {
				w.t.Fatalf("%s was lost", key)
			}
		}
	}
}

func (w *world) parse(class eventv1.Class, e *event.Event) (string, int) {
	w.t.Helper()
	parts := strings.SplitN(string(e.Original), " ", 3)
	if len(parts) != 3 {
		w.t.Fatalf("%s event that nobody sent: %q", event.ClassName(class), e.Original)
	}
	line, err := strconv.Atoi(parts[1])
	if err != nil {
		w.t.Fatalf("%s event that nobody sent: %q", event.ClassName(class), e.Original)
	}
	return parts[0], line
}

// actions lists the declared events that the collector got, with their reasons.
func (c *collector) actions() (out []string) {
	for _, b := range c.lanes[eventv1.Class_CLASS_AGENT] {
		for _, e := range b.events {
			out = append(out, string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION))+" "+
				string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_REASON))+" "+
				string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE))+" "+
				string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_COUNT)))
		}
	}
	return out
}

func count(lane []stored) (n int) {
	for _, b := range lane {
		n += len(b.events)
	}
	return n
}

// tryDrainLive brings everything to the collector while Run is running.
func (w *world) tryDrainLive() error {
	for {
		left := uint64(0)
		for _, l := range w.spool.Stats().Lanes {
			left += l.Events
			if err := w.send(l.Class, 100, 100); err != nil {
				return err
			}
		}
		if left == 0 {
			return nil
		}
		<-time.After(time.Second) // virtual
	}
}

// noisy is data that does not compress.
func noisy(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// reheader makes a changed segment header check again.
func reheader(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b[:28:28], crc32.Checksum(b[:28], crc32.MakeTable(crc32.Castagnoli)))
}
