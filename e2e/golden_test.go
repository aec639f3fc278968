package e2e

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// goldenLateness is what the run waits for at its end, and within which everything
// must have been delivered, whoever dies meanwhile.
func goldenLateness() time.Duration {
	if soak() {
		return 5 * time.Minute
	}
	return 150 * time.Second
}

// TestGolden delivers events by which 100 correlations of every type count, shuffled,
// late and repeated, to alerters of which one after another is killed, stopped past its
// lease, started and stopped. The alerts must be those that a backtest makes of the same
// stream, in one process that nobody disturbs.
func TestGolden(t *testing.T) {
	t.Parallel()
	if !soak() {
		x := newGoldenRun(t, newFleet(t), newGolden(t, 100, 50, time.Now()))
		x.deliver(t, 40*time.Second, 2, 10)
		x.compare(t)
		return
	}
	for _, alerters := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("%d alerters", alerters), func(t *testing.T) {
			x := newGoldenRun(t, newFleet(t), newGolden(t, 1000, 65, time.Now()))
			x.deliver(t, 30*time.Second, alerters, 0)
			x.compare(t)
		})
	}
	t.Run("100 faults", func(t *testing.T) {
		for round := range 10 {
			t.Run(fmt.Sprint(round), func(t *testing.T) {
				x := newGoldenRun(t, newFleet(t), newGolden(t, 1000, 65, time.Now()))
				x.deliver(t, 60*time.Second, 2, 10)
				x.compare(t)
			})
		}
	})
}

// TestAnOwnerThatWakesPastItsLeaseWritesNothing stops an owner while it counts, lets
// others finish, and lets it live on for a moment before it is killed.
func TestAnOwnerThatWakesPastItsLeaseWritesNothing(t *testing.T) {
	t.Parallel()
	if diff := wakes(t, newFleet(t)); diff != "" {
		t.Errorf("it wrote (-before +after):\n%s", diff)
	}
}

// TestTheGoldenRunFindsAnUnfencedOwner does the same with an owner that neither asks
// for its lease nor fences what it writes.
func TestTheGoldenRunFindsAnUnfencedOwner(t *testing.T) {
	t.Parallel()
	if wakes(t, fleetOf(t, mutant(t, "tocsin_mutant_fence", "alerter"))) == "" {
		t.Error("not noticed")
	}
}

func wakes(t *testing.T, f *fleet.Fleet) (diff string) {
	t.Helper()
	x := newGoldenRun(t, f, newGolden(t, 100, 50, time.Now()))
	x.start(t)
	half := len(x.load.batches) / 2
	x.publish(t, x.load.batches[:half], 0)
	x.await(t, "alerts", func() (bool, error) {
		got, err := readFacts(t.Context(), x.js)
		return len(got) > 100, err
	})
	victim := x.alerters[0]
	x.publish(t, x.load.batches[half:], 0)
	signal(t, victim, syscall.SIGSTOP)
	x.start(t)
	before := x.calm(t)
	written := x.written(t)
	signal(t, victim, syscall.SIGCONT)
	for end := time.Now().Add(10 * time.Second); x.written(t) == written && time.Now().Before(end); {
		<-time.After(time.Millisecond)
	}
	victim.Kill() // before it has read what it missed, and what it writes is right again
	return cmp.Diff(before, x.calm(t))
}

// written is how many states of alerts have been written.
func (x *goldenRun) written(t *testing.T) uint64 {
	t.Helper()
	stream, err := x.js.Stream(t.Context(), subject.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	return stream.CachedInfo().State.LastSeq
}

// goldenRun is one delivery, with a NATS of its own.
type goldenRun struct {
	fleet    *fleet.Fleet
	load     *golden
	server   *natstest.Server
	js       jetstream.JetStream
	rules    string
	alerters map[int]*fleet.Process // by number, running
	started  int
	stored   time.Time // when the last batch was
}

func newGoldenRun(t *testing.T, f *fleet.Fleet, load *golden) *goldenRun {
	t.Helper()
	x := &goldenRun{fleet: f, load: load, server: natstest.Start(t), alerters: make(map[int]*fleet.Process)}
	x.js = x.server.JetStream()
	for _, class := range event.Classes() {
		if _, err := x.js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: subject.EventsStream(class), Subjects: []string{subject.EventsFilter(class)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: subject.AgentsBucket}); err != nil {
		t.Fatal(err)
	}
	x.rules = filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(x.rules, []byte(load.rules), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, p := range x.alerters { // a failed test may leave one stopped
			_ = p.Signal(syscall.SIGCONT)
		}
	})
	return x
}

func (x *goldenRun) alerter(n int) fleet.Service {
	s := x.fleet.Alerter(fmt.Sprintf("alerter-%d", n), map[string]string{
		"TOCSIN_NATS_URL": x.server.URL(), "TOCSIN_RULES": x.rules, "TOCSIN_LATENESS": goldenLateness().String(),
	})
	s.Config = "testdata/golden/alerter.yaml"
	return s
}

// start starts one more alerter.
func (x *goldenRun) start(t *testing.T) {
	t.Helper()
	x.alerters[x.started] = up(t, x.fleet, x.alerter(x.started))
	x.started++
}

func (x *goldenRun) await(t *testing.T, what string, ask func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := fleet.Poll(ctx, ask); err != nil {
		t.Fatalf("wait for %s: %v", what, err)
	}
}

// publish stores batches, spread over a time.
func (x *goldenRun) publish(t *testing.T, batches []*nats.Msg, over time.Duration) {
	t.Helper()
	pace := time.NewTicker(max(over/time.Duration(max(len(batches), 1)), time.Microsecond))
	defer pace.Stop()
	for _, m := range batches {
		if over > 0 {
			<-pace.C
		}
		if _, err := x.js.PublishMsg(t.Context(), m); err != nil {
			t.Error(err)
			return
		}
	}
	x.stored = time.Now()
}

// deliver starts alerters and delivers the load to them: shuffled, a twentieth of it
// twice, a thirtieth of it after all else. Meanwhile come faults.
func (x *goldenRun) deliver(t *testing.T, over time.Duration, alerters, faults int) {
	t.Helper()
	for range alerters {
		x.start(t)
	}
	r := rand.New(rand.NewPCG(11, uint64(faults)))
	order := slices.Clone(x.load.batches)
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	late := order[:len(order)/30]
	order = append(order[len(order)/30:], order[:len(order)/20]...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.publish(t, order, over)
	}()
	for i := range faults {
		<-time.After(over / time.Duration(faults+1))
		x.fault(t, i, r)
	}
	<-done
	x.publish(t, late, 0)
	t.Logf("%d events, %d signals of %d groups, %d correlations, %d faults", x.load.events, x.load.signals, x.load.groups, goldenRules, faults)
}

// fault does one thing after another: it kills an alerter and starts it again, stops
// one past its lease, and changes how many there are, between 1 and 4.
func (x *goldenRun) fault(t *testing.T, i int, r *rand.Rand) {
	t.Helper()
	numbers := slices.Sorted(maps.Keys(x.alerters))
	n := numbers[r.IntN(len(numbers))]
	x.alerters[n].Kill()
	switch {
	case i%5 == 1 && len(numbers) < 4:
		x.start(t)
		x.alerters[n] = up(t, x.fleet, x.alerter(n))
	case i%5 == 3 && len(numbers) > 1:
		delete(x.alerters, n)
	default:
		x.alerters[n] = up(t, x.fleet, x.alerter(n))
	}
	if i%4 == 2 {
		stopped := x.alerters[slices.Min(slices.Collect(maps.Keys(x.alerters)))]
		signal(t, stopped, syscall.SIGSTOP)
		time.AfterFunc(12*time.Second, func() { _ = stopped.Signal(syscall.SIGCONT) }) // a lease is 9 s
	}
}

// calm waits until everything is handled and no alert changes any more.
func (x *goldenRun) calm(t *testing.T) facts {
	t.Helper()
	x.await(t, "the alerters", func() (bool, error) { return handled(t.Context(), x.js) })
	var got facts
	same := 0
	x.await(t, "the alerts to stand still", func() (bool, error) {
		<-time.After(500 * time.Millisecond)
		now, err := readFacts(t.Context(), x.js)
		if cmp.Equal(now, got) {
			same++
		} else {
			same = 0
		}
		got = now
		return same >= 5, err
	})
	return got
}

// compare waits until what is judged late has been judged, and holds the alerts against
// those of a backtest.
func (x *goldenRun) compare(t *testing.T) {
	t.Helper()
	x.await(t, "the alerters", func() (bool, error) { return handled(t.Context(), x.js) })
	stream, err := x.js.Stream(t.Context(), subject.SignalsStream)
	if err != nil {
		t.Fatal(err)
	}
	if state := stream.CachedInfo().State; state.LastTime.Sub(state.FirstTime) >= goldenLateness() {
		t.Fatalf("nothing is proved: delivery took %v, longer than the lateness", state.LastTime.Sub(state.FirstTime))
	}
	<-time.After(goldenLateness() + 10*time.Second)
	got := x.calm(t)
	out, err := x.fleet.Run(t.Context(), x.alerter(0), "backtest", "--since", "1h", "--config", "testdata/golden/alerter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := backtested(t, out)
	if len(want) < x.load.groups/20 {
		t.Errorf("only %d groups have alerts", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		lines := strings.SplitAfterN(diff, "\n", 60)
		t.Errorf("alerts differ from the backtest's (-want +got), of %d groups:\n%s", len(want), strings.Join(lines[:min(len(lines), 59)], ""))
	}
	alerts := 0
	for _, list := range got {
		alerts += len(list)
	}
	t.Logf("%d alerts of %d groups are equal", alerts, len(got))
}

// backtested are the facts of the alerts that a backtest printed.
func backtested(t *testing.T, out string) facts {
	t.Helper()
	all := make(facts)
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var line struct {
			Alert struct {
				Rule  struct{ ID string }
				Group map[string]string
				Event struct {
					ID    []string
					Count uint64
				}
				First time.Time `json:"first_event"`
				Last  time.Time `json:"last_event"`
			}
		}
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		a := line.Alert
		if a.Rule.ID == "" {
			continue // a finding
		}
		key := a.Rule.ID
		for _, field := range slices.Sorted(maps.Keys(a.Group)) {
			key += " " + field + "=" + a.Group[field]
		}
		all[key] = append(all[key], fact{Count: a.Event.Count, First: a.First.UnixNano(), Last: a.Last.UnixNano(), Sum: sumOf(a.Event.ID)})
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b fact) int { return int(a.First - b.First) })
	}
	return all
}

// sumOf is the sum of the hashes of event ids, as an alert has it.
func sumOf(ids []string) string {
	var high, low uint64
	for _, id := range ids {
		h := event.IDHash(id)
		var carry uint64
		low, carry = bits.Add64(low, binary.BigEndian.Uint64(h[8:]), 0)
		high, _ = bits.Add64(high, binary.BigEndian.Uint64(h[:8]), carry)
	}
	return fmt.Sprintf("%016x%016x", high, low)
}
