package correlate

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// BenchmarkSignals counts signals of many groups, and floods of one, as they come
// live: in messages of ten, alerts taken once for a thousand signals.
func BenchmarkSignals(b *testing.B) {
	chain := chained(5, 5)
	tooMuch := correlation(41, rule.ValueSum, time.Minute, "user.name", atLeast(1<<40), detection(1))
	for _, bench := range []struct {
		name   string
		root   *rule.Root
		groups int
	}{
		{"detection/5000_groups", roots()[0], 5000},
		{"event_count/5000_groups", roots()[1], 5000},
		{"event_count/flood", roots()[1], 1},
		{"value_count/5000_groups", roots()[3], 5000},
		{"value_count/flood", roots()[3], 1},
		{"temporal_ordered/5000_groups", roots()[4], 5000},
		{"temporal/5000_groups", roots()[9], 5000},
		{"temporal/flood", roots()[9], 1},
		{"value_sum/5000_groups", roots()[15], 5000},
		{"value_sum/flood", roots()[15], 1},
		{"value_sum_never_enough/flood", tooMuch, 1},
		{"value_avg/flood", roots()[18], 1},
		{"event_count_eq/flood", roots()[6], 1},
		{"chain/5000_groups", chain, 5000},
		{"chain/flood", chain, 1},
	} {
		b.Run(bench.name, func(b *testing.B) {
			const batch = 10
			leaves := max(1, len(bench.root.Tree.Refs))
			e := New(Options{Roots: []*rule.Root{bench.root}, Lateness: time.Hour})
			signals := make([][]*alertv1.Signal, (b.N+batch-1)/batch)
			for i := range signals {
				for j := range batch {
					n := i*batch + j
					// 100 signals a second.
					signals[i] = append(signals[i], sig{
						n: n, at: int64(n / 100), ordinal: uint64(n), leaf: byte(1 + n/7%leaves*(leaves-1)/max(1, leaves-1)),
						group: fmt.Sprintf("10.0.%d.%d", n%bench.groups/250, n%bench.groups%250), user: fmt.Sprint(n % 50),
					}.signal(bench.root))
				}
			}
			b.ResetTimer()
			b.ReportAllocs()
			for i, m := range signals {
				e.Add(uint64(i+1), time.Unix(0, epoch+int64(i*batch/100)*second), m)
				if i%100 == 0 {
					e.Take(false)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signals/s")
		})
	}
}

// BenchmarkHotChain counts 20,000 failures of one address with a success now and
// then, one signal a message, as explain does: in order, and in the order in which
// ten hosts that lag by up to a minute give them.
func BenchmarkHotChain(b *testing.B) {
	for name, lag := range map[string]int{"in_order": 1, "lagging": 6000} {
		b.Run(name, func(b *testing.B) {
			const n = 20_000
			root := chained(6, 7)
			signals := make([][]*alertv1.Signal, n)
			for i := range signals {
				s := sig{n: i, at: int64(i / 20), ordinal: uint64(i), leaf: 1, group: "g", user: "u"}
				if i%2000 == 1999 {
					s.leaf = 2
				}
				signals[i] = []*alertv1.Signal{s.signal(root)}
			}
			r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a benchmark repeats itself
			for i := range signals {
				j := min(n-1, i+r.IntN(lag))
				signals[i], signals[j] = signals[j], signals[i]
			}
			b.ReportAllocs()
			for b.Loop() {
				e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
				for i, m := range signals {
					e.Add(uint64(i+1), time.Unix(0, epoch+int64(i/20)*second), m)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "signals/s")
		})
	}
}

// BenchmarkGroups holds a signal of each of a million groups, none of which has enough:
// what a scan of the whole Internet leaves behind. Signals are decoded from messages of
// a hundred, as they come.
func BenchmarkGroups(b *testing.B) {
	const groups, batch = 1_000_000, 100
	root := roots()[1]
	var messages [][]byte
	for i := range groups / batch {
		var signals alertv1.Signals
		for j := range batch {
			n := i*batch + j
			s := sig{n: n, at: int64(n / 10_000), ordinal: uint64(n), leaf: 1, group: fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255), user: "root"}
			signals.Signals = append(signals.Signals, s.signal(root))
		}
		data, err := proto.Marshal(&signals)
		if err != nil {
			b.Fatal(err)
		}
		messages = append(messages, data)
	}
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
		for i, data := range messages {
			var signals alertv1.Signals
			if err := proto.Unmarshal(data, &signals); err != nil {
				b.Fatal(err)
			}
			e.Add(uint64(i+1), time.Unix(0, epoch+int64(i/100)*second), signals.GetSignals())
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if s := e.Stats(); s.Groups != groups {
			b.Fatalf("%d groups", s.Groups)
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		runtime.KeepAlive(e)
	}
	b.ReportMetric(float64(groups*b.N)/b.Elapsed().Seconds(), "signals/s")
}
