package rule

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// BenchmarkList asks a rule whose list has a million values about an address that is not
// among them.
func BenchmarkList(b *testing.B) {
	for _, bench := range []struct{ name, item, format string }{
		{"values", "source.ip|expand: '%bad%'", "10.%d.%d.%d"},
		{"networks", "source.ip|expand|cidr: '%bad%'", "10.%d.%d.%d/31"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			list := make([]string, 1_000_000)
			for i := range list {
				list[i] = fmt.Sprintf(bench.format, i>>16, i>>8&255, i&255)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			set, err := Load(Options{Shipped: files(authRule("s: {" + bench.item + "}\ncondition: s")), Lists: map[string][]string{"bad": list}})
			if err != nil {
				b.Fatal(err)
			}
			took := time.Since(start)
			runtime.GC()
			runtime.ReadMemStats(&after)
			m := set.Matcher()
			in := Input{Event: eventOf("source.ip=203.0.113.9", "event.outcome=failure"), Class: eventv1.Class_CLASS_AUTH}
			b.ReportAllocs()
			for b.Loop() {
				if len(m.Match(in)) > 0 {
					b.Fatal("a match")
				}
			}
			b.ReportMetric(took.Seconds(), "s/load")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
			runtime.KeepAlive(list)
		})
	}
}

// A table of many networks holds what they hold one by one.
func TestManyNetworks(t *testing.T) {
	var all []string
	for i := range 40 {
		all = append(all, fmt.Sprintf("192.0.%d.0/%d", i, 20+i%13))
	}
	many := load(t, authRule("s: {source.ip|cidr: ["+strings.Join(all, ", ")+"]}\ncondition: s")).Matcher()
	for i := range 256 {
		address := fmt.Sprintf("192.0.%d.%d", i%64, i)
		in := Input{Event: eventOf("source.ip=" + address), Class: eventv1.Class_CLASS_AUTH}
		want := false
		for _, network := range all {
			one := load(t, authRule("s: {source.ip|cidr: "+network+"}\ncondition: s")).Matcher()
			want = want || len(one.Match(in)) > 0
		}
		if got := len(many.Match(in)) > 0; got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}
