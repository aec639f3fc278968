package publish

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const auth = eventv1.Class_CLASS_AUTH

// direct gives streams that exist.
type direct struct {
	js jetstream.JetStream
	// room is what Room says; nil is room.
	room atomic.Pointer[error]
}

func (d *direct) JetStream() jetstream.JetStream { return d.js }

func (d *direct) Room() error {
	if err := d.room.Load(); err != nil {
		return *err
	}
	return nil
}

func (d *direct) Stream(class eventv1.Class) (jetstream.Stream, error) {
	return d.js.Stream(context.Background(), subject.EventsStream(class))
}

// storage is a real server with every events stream.
func storage(t testing.TB) *direct {
	t.Helper()
	s, err := server.NewServer(&server.Options{Port: server.RANDOM_PORT, Host: "127.0.0.1", NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	conn, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range event.Classes() {
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: subject.EventsStream(class), Subjects: []string{subject.EventsFilter(class)},
			Discard: jetstream.DiscardNew, AllowDirect: true, MaxMsgs: -1,
		}); err != nil {
			t.Fatal(err)
		}
	}
	return &direct{js: js}
}

func newPublisher(t testing.TB, streams Streams) *Publisher {
	t.Helper()
	p, err := New(Options{Streams: streams, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// batch is one sealed batch; its bytes need not be any for this stage.
type batch struct {
	header event.Header
	sealed []byte
}

func spool(agent string, epoch byte, n int) []batch {
	var all []batch
	h := event.Header{Agent: agent, Class: auth, Epoch: [16]byte{epoch}, FirstSequence: 1, Count: 2}
	for i := range n {
		b := batch{header: h, sealed: fmt.Appendf(nil, "%d-%d", epoch, i)}
		h.FirstSequence += uint64(h.Count)
		h.Previous = event.Hash(b.sealed)
		all = append(all, b)
	}
	return all
}

func put(t interface{ Fatalf(string, ...any) }, a *Agent, b batch) {
	if _, err := a.Put(context.Background(), b.header, b.sealed, time.Unix(5, 0)); err != nil {
		t.Fatalf("put %s: %v", b.sealed, err)
	}
}

func contents(t interface{ Fatalf(string, ...any) }, d *direct, agent string) []string {
	stream, err := d.Stream(auth)
	if err != nil {
		t.Fatalf("%v", err)
	}
	consumer, err := d.js.OrderedConsumer(context.Background(), stream.CachedInfo().Config.Name, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject.Events(auth, agent)},
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	var all []string
	for n := consumer.CachedInfo().NumPending; n > 0; n-- {
		m, err := consumer.Next(jetstream.FetchMaxWait(time.Minute))
		if err != nil {
			t.Fatalf("%v", err)
		}
		all = append(all, string(m.Data()))
	}
	return all
}

func TestTheStoredMessage(t *testing.T) {
	d := storage(t)
	agent := event.NewID()
	a, err := newPublisher(t, d).Open(t.Context(), agent, -3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	b := spool(agent, 1, 1)[0]
	put(t, a, b)
	stream, err := d.Stream(auth)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.GetLastMsgForSubject(t.Context(), subject.Events(auth, agent))
	if err != nil {
		t.Fatal(err)
	}
	h, err := subject.ParseHeader(m.Header.Get)
	if err != nil {
		t.Fatal(err)
	}
	want := subject.Header{
		Epoch: b.header.Epoch, FirstSequence: 1, Count: 2, Hash: event.Hash(b.sealed),
		Received: time.Unix(5, 0).UnixNano(), Skew: int64(-3 * time.Second),
	}
	if string(m.Data) != string(b.sealed) || h != want {
		t.Errorf("stored %q with %+v, want %+v", m.Data, h, want)
	}
	if id := m.Header.Get(subject.HeaderID); id != agent+".auth.01000000000000000000000000000000.1" {
		t.Errorf("id %q", id)
	}
}

// TestLanesStayWhole lets several streams of one agent, each with its own idea of
// the lane's head, put what they believe is next, in any order.
func TestLanesStayWhole(t *testing.T) {
	d := storage(t)
	p := newPublisher(t, d)
	rapid.Check(t, func(t *rapid.T) {
		agent := event.NewID()
		all := spool(agent, 1, 12)
		type link struct {
			a    *Agent
			next int
		}
		var links []*link
		stored := 0
		open := func() {
			a, err := p.Open(context.Background(), agent, 0)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			l := &link{a: a}
			for _, head := range a.Heads() {
				l.next = int(head.GetFirstSequence()+1) / 2
			}
			if l.next != stored {
				t.Fatalf("head is %d, stored are %d", l.next, stored)
			}
			links = append(links, l)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(-1, len(links)-1).Draw(t, "link")
			if i < 0 {
				open()
				continue
			}
			l := links[i]
			if l.next == len(all) {
				continue
			}
			_, err := l.a.Put(context.Background(), all[l.next].header, all[l.next].sealed, time.Unix(5, 0))
			switch {
			case err == nil: // stored now, or found as the head
				l.next++
				stored = max(stored, l.next)
			case l.next+1 >= stored:
				t.Fatalf("put %d with %d stored: %v", l.next, stored, err)
			default: // the lane went on: the stream ends, the agent asks again
				if wireerr.ReasonOf(err) != wireerr.Unavailable {
					t.Fatalf("a race ended with %v", err)
				}
				links = append(links[:i], links[i+1:]...)
			}
		}
		got := contents(t, d, agent)
		if len(got) != stored {
			t.Fatalf("stored %d, want %d", len(got), stored)
		}
		for i, text := range got {
			if text != string(all[i].sealed) {
				t.Fatalf("place %d holds %q", i, text)
			}
		}
	})
}

// lost is a connection on which acknowledgements get lost: what was published is
// stored, and the publisher hears of an error.
type lost struct {
	jetstream.JetStream
	drops int
}

func (l *lost) PublishMsg(ctx context.Context, m *nats.Msg, o ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	ack, err := l.JetStream.PublishMsg(ctx, m, o...)
	if err == nil && l.drops > 0 {
		l.drops--
		return nil, context.DeadlineExceeded
	}
	return ack, err
}

func TestAnErrorDoesNotMeanNotStored(t *testing.T) {
	d := storage(t)
	agent := event.NewID()
	p := newPublisher(t, &direct{js: &lost{JetStream: d.js, drops: 2}})
	a, err := p.Open(t.Context(), agent, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := spool(agent, 1, 3)
	for _, b := range all {
		put(t, a, b)
	}
	if got := contents(t, d, agent); len(got) != 3 {
		t.Errorf("stored %q", got)
	}
	if err := p.Ready(); err != nil {
		t.Error(err)
	}
}

// dead is a connection that stores nothing.
type dead struct{ jetstream.JetStream }

func (*dead) PublishMsg(context.Context, *nats.Msg, ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	return nil, nats.ErrConnectionClosed
}

func TestNothingIsAckedThatIsNotStored(t *testing.T) {
	d := storage(t)
	agent := event.NewID()
	p := newPublisher(t, &direct{js: &dead{d.js}})
	a, err := p.Open(t.Context(), agent, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	b := spool(agent, 1, 1)[0]
	go func() {
		head, err := a.Put(ctx, b.header, b.sealed, time.Unix(5, 0))
		if head != nil {
			err = fmt.Errorf("acked %v", head)
		}
		done <- err
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.Ready() == nil {
		<-tick.C
	}
	cancel()
	if err := <-done; wireerr.ReasonOf(err) != wireerr.Unavailable {
		t.Error(err)
	}
	if err := p.Ready(); err != nil {
		t.Error("waits for nobody", err)
	}
}
