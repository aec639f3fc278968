package correlate

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// BenchmarkRebuild takes over a partition of a million signals of 5,000 groups, in
// messages of a hundred, from a NATS in the same process.
func BenchmarkRebuild(b *testing.B) {
	const total, batch, partition = 1_000_000, 100, 7
	w := newWorld(b)
	root := correlation(40, rule.EventCount, time.Minute, "", atLeast(1<<20), detection(1))
	for i := range total / batch {
		var m alertv1.Signals
		for j := range batch {
			n := i*batch + j
			m.Signals = append(m.Signals, sig{
				n: n, at: int64(n / 1000), ordinal: uint64(n), leaf: 1, group: fmt.Sprintf("10.0.%d.%d", n%5000/250, n%250), user: "root",
			}.signal(root))
		}
		data, err := proto.Marshal(&m)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.js.Publish(b.Context(), subject.Signals(partition), data); err != nil {
			b.Fatal(err)
		}
	}
	token := uint64(0)
	for b.Loop() {
		token++
		o, stop := w.own(newLeases(token), root)
		natstest.Eventually(b, 2*time.Minute, "the partition is counted", func() bool {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.running[partition] != nil && o.running[partition].live
		})
		b.StopTimer()
		stop()
		b.StartTimer()
	}
	b.ReportMetric(float64(total*b.N)/b.Elapsed().Seconds(), "signals/s")
}
