package collector

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// two are collectors of one fleet on one NATS.
func two(t *testing.T, nats *outside) (*process, *process) {
	t.Helper()
	one, other := testConfig(t), testConfig(t)
	nats.use(one)
	nats.use(other)
	first := start(t, one)
	shareAuthority(t, one, other)
	return first, start(t, other)
}

func TestTwoCollectorsThatRaceForAnAgentKeepItsLanesWhole(t *testing.T) {
	const batches, seed = 300, 11
	first, second := two(t, startNATS(t))
	m := enrol(t, first.cfg, "racer")
	addresses := []string{first.cfg.Listen, second.cfg.Listen}

	// A spool that both connections read, as when an agent comes back by way of
	// another collector while the first still publishes what it was sent.
	sealed := map[eventv1.Class][][]byte{}
	for _, class := range []eventv1.Class{auth, web} {
		l := m.lane(class)
		for i := range batches {
			sealed[class] = append(sealed[class], l.seal(fmt.Sprint(class, i)))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	var racers sync.WaitGroup
	for i := range 4 {
		chance := rand.New(rand.NewPCG(seed, uint64(i)))
		racers.Go(func() {
			for ctx.Err() == nil {
				if race(ctx, t, m, addresses[chance.IntN(2)], sealed, chance) {
					return
				}
			}
		})
	}
	racers.Wait()
	if ctx.Err() != nil {
		t.Fatal("the race did not end")
	}
	for class := range sealed {
		var want []string
		for i := range batches {
			want = append(want, fmt.Sprint(class, i))
		}
		if diff := cmp.Diff(want, stored(t, first.cfg, class)); diff != "" {
			t.Errorf("class %v: %s", class, diff)
		}
	}
}

// race sends what the welcome leaves to send, until chance ends the stream; true
// when everything is stored.
func race(ctx context.Context, t *testing.T, m *member, address string, sealed map[eventv1.Class][][]byte, chance *rand.Rand) bool {
	l, err := m.open(ctx, t, address)
	if err != nil {
		return false
	}
	defer l.cancel()
	next := map[eventv1.Class]int{}
	for _, head := range l.welcome.GetHeads() {
		next[head.GetClass()] = int(head.GetFirstSequence()) // one event a batch
	}
	left := 0
	for class, all := range sealed {
		left += len(all) - next[class]
	}
	if left == 0 {
		return true
	}
	const window = 8
	unacked := 0
	send := func(class eventv1.Class) {
		if i := next[class]; i < len(sealed[class]) {
			l.send(sealed[class][i])
			next[class] = i + 1
			unacked++
		}
	}
	for range window {
		for class := range sealed {
			send(class)
		}
	}
	for n := 1 + chance.IntN(60); n > 0 && unacked > 0; n-- {
		answer, err := l.stream.Recv()
		if err != nil {
			return false
		}
		unacked--
		send(answer.GetAck().GetHead().GetClass())
	}
	return false
}

func TestNothingIsAckedWhileNATSIsDown(t *testing.T) {
	server := startNATS(t)
	cfg := testConfig(t)
	cfg.HTTP.Listen = freeAddress(t)
	server.use(cfg)
	p := start(t, cfg)
	m := enrol(t, cfg, "host")
	l := m.mustOpen(t, cfg.Listen)
	a := m.lane(auth)
	l.send(a.seal("before"))
	l.ack(t)
	server.stop()
	ready(t, cfg, false, "not connected")
	l.send(a.seal("meanwhile"))
	acks := make(chan *ingestv1.LaneHead, 1)
	go func() {
		if m, err := l.stream.Recv(); err == nil {
			acks <- m.GetAck().GetHead()
		}
		close(acks)
	}()
	ready(t, cfg, false, "")
	_, err := enrol(t, start(t, testConfig(t)).cfg, "another").open(bounded(t), t, cfg.Listen)
	if err == nil {
		t.Error("a foreign agent while NATS is down")
	}
	select {
	case head := <-acks:
		t.Fatalf("acked %v without NATS", head)
	default:
	}
	server.start(t)
	if head := <-acks; head.GetFirstSequence() != 2 {
		t.Fatalf("acked %v", head)
	}
	ready(t, cfg, true, "")
	if diff := cmp.Diff([]string{"before", "meanwhile"}, stored(t, p.cfg, auth)); diff != "" {
		t.Error(diff)
	}
}

func TestNATSThatIsDownAtStartIsWaitedFor(t *testing.T) {
	server := startNATS(t)
	cfg := testConfig(t)
	cfg.HTTP.Listen = freeAddress(t)
	server.use(cfg)
	server.stop()
	start(t, cfg)
	ready(t, cfg, false, "NATS at nats://"+server.address+" is not connected")
	server.start(t)
	ready(t, cfg, true, "")
	m := enrol(t, cfg, "host")
	l := m.mustOpen(t, cfg.Listen)
	l.send(m.lane(auth).seal("line"))
	l.ack(t)
}

// ready waits until /readyz says yes or no, and no with some text.
func ready(t *testing.T, cfg *Config, want bool, text string) {
	t.Helper()
	eventually(t, fmt.Sprintf("ready: %t", want), func() bool {
		response, err := http.Get("http://" + cfg.HTTP.Listen + "/readyz")
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		return err == nil && (response.StatusCode == http.StatusOK) == want && strings.Contains(string(body), text)
	})
}

func TestAFullStreamHoldsItsLaneBackAndNoOther(t *testing.T) {
	server := startNATS(t)
	cfg := testConfig(t)
	cfg.HTTP.Listen = freeAddress(t)
	cfg.NATS.MaxBytes = 20_000
	server.use(cfg)
	start(t, cfg)
	m := enrol(t, cfg, "host")
	l := m.mustOpen(t, cfg.Listen)
	w, a := m.lane(web), m.lane(auth)
	chance := rand.New(rand.NewPCG(1, 2))
	noise := func() string { // does not compress
		b := make([]byte, 3000)
		for i := range b {
			b[i] = byte(' ' + chance.IntN(90))
		}
		return string(b)
	}
	var want []string
	for range 10 {
		line := noise()
		want = append(want, line)
		l.send(w.seal(line))
	}
	ready(t, cfg, false, "stream TOCSIN_EVENTS_WEB is full")
	l.send(a.seal("auth goes on"))
	for l.ack(t).GetClass() != auth {
	}
	if got := len(stored(t, cfg, web)); got == 0 || got >= len(want) {
		t.Fatalf("%d of %d stored in a stream that holds a few", got, len(want))
	}
	// Space comes: what waited is stored, in order and once.
	unbound(t, cfg)
	for l.ack(t).GetFirstSequence() != 10 {
	}
	if diff := cmp.Diff(want, stored(t, cfg, web)); diff != "" {
		t.Error(diff)
	}
	ready(t, cfg, true, "")
}

// unbound takes the bound of the web stream away.
func unbound(t *testing.T, cfg *Config) {
	t.Helper()
	c, err := dial(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	stream, err := c.js.Stream(bounded(t), subject.EventsStream(web))
	if err != nil {
		t.Fatal(err)
	}
	settings := stream.CachedInfo().Config
	settings.MaxBytes = -1
	if _, err := c.js.UpdateStream(bounded(t), settings); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkStore is the way of one batch of a hundred events from the agent's
// socket to its ack: TLS, validation, publishing, fsync.
func BenchmarkStore(b *testing.B) {
	p := start(b, testConfig(b))
	const events, window = 100, 16
	m := enrol(b, p.cfg, "bench")
	l := m.mustOpen(b, p.cfg.Listen)
	a := m.lane(auth)
	line := "Nov 22 20:00:00 web-1 sshd[4242]: Failed password for invalid user admin from 203.0.113.7 port 50123 ssh2"
	batch := make([]string, events)
	for i := range batch {
		batch[i] = fmt.Sprint(line, i)
	}
	sealed := make([][]byte, b.N)
	for i := range sealed {
		sealed[i] = a.seal(batch...)
	}
	slots := make(chan struct{}, window)
	b.ResetTimer()
	go func() {
		for _, s := range sealed {
			slots <- struct{}{}
			l.send(s)
		}
	}()
	for range b.N {
		l.ack(b)
		<-slots
	}
	b.ReportMetric(float64(b.N*events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkValidate is what the collector does with a batch before it publishes.
func BenchmarkValidate(b *testing.B) {
	codec, err := event.NewCodec()
	if err != nil {
		b.Fatal(err)
	}
	m := &member{id: event.NewID(), codec: codec}
	const events = 100
	sealed := m.lane(auth).seal(lines(0, events)...)
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		if buffer, err = codec.Open(buffer[:0], sealed); err != nil {
			b.Fatal(err)
		}
		if _, err := event.Validate(buffer, m.id); err != nil {
			b.Fatal(err)
		}
		event.Hash(sealed)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
	b.ReportMetric(0, "ns/op")
}
