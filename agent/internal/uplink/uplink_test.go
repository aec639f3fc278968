package uplink

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

const (
	agent  = eventv1.Class_CLASS_AGENT
	auth   = eventv1.Class_CLASS_AUTH
	web    = eventv1.Class_CLASS_WEB
	system = eventv1.Class_CLASS_SYSTEM
)

// fixture is one spool, one collector and an uplink between them.
type fixture struct {
	*authority
	spool     *fakeSpool
	collector *fakeCollector
	asked     atomic.Int64
	options   Options
}

func newFixture(t testing.TB) *fixture {
	f := &fixture{authority: newAuthority(t), spool: newFakeSpool(), collector: newFakeCollector(t)}
	f.options = Options{
		Addresses: addresses(f.serve(f.collector)),
		TLS:       f.client(func() { f.asked.Add(1) }), Spool: f.spool,
	}
	return f
}

// delivered waits until all is acked and compares it with what the spool had.
func (f *fixture) delivered(t testing.TB) {
	t.Helper()
	eventually(t, "everything acked", func() bool { return f.spool.left() == 0 })
	f.collector.mu.Lock()
	defer f.collector.mu.Unlock()
	f.spool.mu.Lock()
	defer f.spool.mu.Unlock()
	if diff := cmp.Diff(f.spool.lanes, f.collector.lanes); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func addresses(list ...string) func() []string { return func() []string { return list } }

func TestLanesAreServedByPriority(t *testing.T) {
	f := newFixture(t)
	for _, class := range []eventv1.Class{system, web, auth, agent} {
		f.spool.put(class, 2)
	}
	registry := prometheus.NewRegistry()
	f.options.Registerer = registry
	u, stop := run(t, f.options)
	f.delivered(t)
	want := []eventv1.Class{agent, agent, auth, auth, web, web, system, system}
	if diff := cmp.Diff(want, f.collector.order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	stats := u.Stats()
	if !stats.Connected || stats.AckedEvents != 8 || stats.SentBatches != 8 || stats.LastError != "" {
		t.Errorf("stats %+v", stats)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if n := len(family.GetMetric()); family.GetName() == "tocsin_agent_uplink_sent_batches_total" && n != 4 {
			t.Errorf("%d series of sent batches, want 4", n)
		}
	}
	stop()
	if u.Stats().Connected {
		t.Error("still connected")
	}
}

// TestStreamKilledAtEveryPoint lets the stream die after one thing more each time.
func TestStreamKilledAtEveryPoint(t *testing.T) {
	for fuel := range 40 {
		t.Run(fmt.Sprint(fuel), func(t *testing.T) {
			f := newFixture(t)
			f.collector.fuel = fuel
			f.spool.put(auth, 6)
			f.spool.put(system, 4)
			_, stop := run(t, f.options)
			f.delivered(t)
			stop()
			if fuel < 30 && f.collector.hellos != 2 {
				t.Errorf("%d streams, want 2", f.collector.hellos)
			}
		})
	}
}

func TestCollectorThatDiesAtRandom(t *testing.T) {
	f := newFixture(t)
	_, stop := run(t, f.options)
	var dying sync.WaitGroup
	quit := make(chan struct{})
	dying.Go(func() {
		for {
			select {
			case <-quit:
				return
			case <-f.collector.changed:
				var b [1]byte
				_, _ = rand.Read(b[:])
				if b[0] < 60 {
					f.collector.set(func() { f.collector.fuel = int(b[0]) % 7 })
				}
			}
		}
	})
	for range 50 {
		f.spool.put(auth, 3)
		f.spool.put(web, 5)
		eventually(t, "some acked", func() bool { return f.spool.left() < 20 })
	}
	close(quit)
	dying.Wait()
	f.delivered(t)
	stop()
	if f.collector.hellos < 3 {
		t.Errorf("%d streams: it never died", f.collector.hellos)
	}
	if f.spool.resumed > f.collector.hellos {
		t.Errorf("resumed %d times in %d streams", f.spool.resumed, f.collector.hellos)
	}
}

func TestWindowIsBounded(t *testing.T) {
	f := newFixture(t)
	f.collector.mute = true
	f.spool.put(auth, 3*windowBatches)
	f.spool.put(web, 1)
	_, _ = run(t, f.options)
	eventually(t, "the other lane is served", func() bool {
		f.collector.mu.Lock()
		defer f.collector.mu.Unlock()
		return len(f.collector.lanes[web]) == 1
	})
	f.collector.mu.Lock()
	if n := len(f.collector.lanes[auth]); n != windowBatches {
		t.Errorf("%d batches unacked, want %d", n, windowBatches)
	}
	f.collector.mu.Unlock()
}

func TestCollectorThatAcksNothingIsLeft(t *testing.T) {
	f := newFixture(t)
	f.collector.mute, f.collector.beat = true, 1
	f.options.pace = pace{first: 1, most: 1, slow: 1, welcome: 10 * time.Second, ack: time.Millisecond, steady: time.Minute}
	f.spool.put(auth, 1)
	u, _ := run(t, f.options)
	eventually(t, "a second stream", func() bool {
		f.collector.mu.Lock()
		defer f.collector.mu.Unlock()
		return f.collector.hellos > 1
	})
	f.collector.set(func() { f.collector.mute = false })
	f.delivered(t)
	_ = u
}

func TestHeartbeatsTellTheLag(t *testing.T) {
	f := newFixture(t)
	f.collector.beat, f.collector.mute = 1, true
	f.spool.put(auth, 2)
	_, _ = run(t, f.options)
	eventually(t, "a heartbeat", func() bool {
		f.collector.mu.Lock()
		defer f.collector.mu.Unlock()
		return len(f.collector.beats) > 0 && f.collector.beats[0].GetLanes()[0].GetEvents() == 2 && f.collector.beats[0].GetClock() > 0
	})
}

func TestFinalReasonsKeepEverythingAndAreLoggedOnce(t *testing.T) {
	for _, reason := range []wireerr.Reason{wireerr.BatchRefused, wireerr.Identity, wireerr.Superseded} {
		t.Run(string(reason), func(t *testing.T) {
			f := newFixture(t)
			var log syncBuffer
			f.options.Log = slog.New(slog.NewTextHandler(&log, nil))
			f.collector.refuse = wireerr.New(codes.PermissionDenied, reason, "no")
			f.spool.put(auth, 3)
			u, _ := run(t, f.options)
			eventually(t, "a few attempts", func() bool {
				f.collector.mu.Lock()
				defer f.collector.mu.Unlock()
				return f.collector.hellos > 3
			})
			if n := strings.Count(log.String(), "level=WARN"); n != 1 {
				t.Errorf("%d warnings, want 1:\n%s", n, log.String())
			}
			if !strings.Contains(u.Stats().LastError, "no") {
				t.Errorf("last error %q", u.Stats().LastError)
			}
			f.collector.set(func() { f.collector.refuse = nil })
			f.delivered(t)
		})
	}
}

func TestForeignHeadEndsTheStream(t *testing.T) {
	f := newFixture(t)
	f.collector.lanes[auth] = [][]byte{[]byte("of another spool")}
	f.spool.put(auth, 1)
	u, _ := run(t, f.options)
	eventually(t, "an error", func() bool { return strings.Contains(u.Stats().LastError, "not this spool's") })
	f.collector.set(func() { f.collector.lanes[auth] = nil })
	f.delivered(t)
}

func TestNextAddressIsTried(t *testing.T) {
	f := newFixture(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	f.options.Addresses = addresses(append([]string{dead.Addr().String()}, f.options.Addresses()...)...)
	f.spool.put(auth, 2)
	_, _ = run(t, f.options)
	f.delivered(t)
}

func TestCertificateIsAskedForAtEachConnect(t *testing.T) {
	f := newFixture(t)
	f.collector.fuel = 4
	f.spool.put(auth, 3)
	_, stop := run(t, f.options)
	f.delivered(t)
	stop()
	if n := f.asked.Load(); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

func TestWrongAuthorityIsNotTrusted(t *testing.T) {
	f := newFixture(t)
	f.options.TLS = newAuthority(t).client(func() {})
	f.spool.put(auth, 1)
	u, _ := run(t, f.options)
	eventually(t, "an error", func() bool { return strings.Contains(u.Stats().LastError, "certificate") })
	if f.spool.left() != 1 || u.Stats().Connected {
		t.Errorf("left %d, stats %+v", f.spool.left(), u.Stats())
	}
}

func TestPause(t *testing.T) {
	u := &Uplink{o: Options{pace: defaultPace()}}
	transport := wireerr.New(codes.Unavailable, wireerr.Backpressure, "")
	final := wireerr.New(codes.Aborted, wireerr.Superseded, "")
	var longest time.Duration
	for range 2000 {
		if d := u.pause(transport, 0); d > 100*time.Millisecond {
			t.Fatalf("first pause %v", d)
		}
		for rounds := range 70 {
			d := u.pause(transport, rounds)
			if d <= 0 || d > 30*time.Second {
				t.Fatalf("pause %v after %d rounds", d, rounds)
			}
			longest = max(longest, d)
		}
		if d := u.pause(final, 0); d < 30*time.Second {
			t.Fatalf("pause %v after a final reason", d)
		}
	}
	if longest < 25*time.Second {
		t.Errorf("longest pause %v", longest)
	}
}

// syncBuffer is a buffer that a logger may write to while a test reads it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestRenewedAuthoritiesTakeEffect(t *testing.T) {
	f := newFixture(t)
	old, renewed := newAuthority(t).client(func() {}), f.options.TLS
	var asked atomic.Int64
	f.options.TLS = func() *tls.Config {
		if asked.Add(1) == 1 {
			return old()
		}
		return renewed()
	}
	f.options.pace = pace{first: time.Millisecond, most: time.Millisecond, slow: time.Millisecond,
		welcome: 10 * time.Second, ack: 10 * time.Second, steady: time.Minute}
	f.spool.put(auth, 1)
	_, _ = run(t, f.options)
	f.delivered(t)
}

func TestCollectorsNamedLaterAreTried(t *testing.T) {
	f := newFixture(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := dead.Addr().String()
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	present := f.options.Addresses
	var asked atomic.Int64
	f.options.Addresses = func() []string {
		if asked.Add(1) < 4 {
			return []string{gone}
		}
		return present()
	}
	f.spool.put(auth, 1)
	_, _ = run(t, f.options)
	f.delivered(t)
}

// TestAttemptsLeaveNothingBehind lets a collector be away for hundreds of attempts.
func TestAttemptsLeaveNothingBehind(t *testing.T) {
	const slack = 1 << 20
	f := newFixture(t)
	f.options.Addresses = addresses("127.0.0.1:1") // where nobody listens
	f.options.pace = pace{
		first: time.Millisecond, most: time.Millisecond, slow: time.Millisecond, welcome: 10 * time.Second, ack: time.Minute, steady: time.Minute,
	}
	f.spool.put(auth, 100)
	asked := new(atomic.Int64)
	config := f.options.TLS
	f.options.TLS = func() *tls.Config { asked.Add(1); return config() }
	u, stop := run(t, f.options)
	attempts := func(n int64) (heap uint64, goroutines int) {
		eventually(t, "many attempts", func() bool { return asked.Load() >= n })
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	heap, goroutines := attempts(50)
	after, running := attempts(500)
	if after > heap+slack {
		t.Errorf("%d bytes in memory after 500 attempts, %d after 50", after, heap)
	}
	if running > goroutines+20 {
		t.Errorf("%d goroutines after 500 attempts, %d after 50", running, goroutines)
	}
	if stats := u.Stats(); stats.Connected || stats.LastError == "" {
		t.Errorf("stats %+v", stats)
	}
	stop()
}
