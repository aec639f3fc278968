package file

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestCrashRepeatsAndSkipsNothing loses, again and again, what had not been
// committed, rotates meanwhile, and counts every line in the end.
func TestCrashRepeatsAndSkipsNothing(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			r := newRig(t, Input{Paths: []string{"*.log", "*.log.*"}, Start: StartBeginning, MaxLine: 4096})
			r.cfg.MaxOpen = 2
			var want []string
			line := func(name string) {
				text := fmt.Sprintf("%s %d %s", name, len(want), strings.Repeat("x", random.IntN(300)))
				want = append(want, text)
				r.write(name+".log", text+"\n")
			}
			rotations := 0
			for range 12 {
				r.start()
				for range random.IntN(200) {
					line([]string{"a", "b", "c"}[random.IntN(3)])
					if random.IntN(60) == 0 {
						r.write("a.log", "") // it exists
						rotations++
						r.rename("a.log", fmt.Sprintf("a.log.%d", rotations))
					}
				}
				r.stop()
				r.sink.crash(random)
				if random.IntN(2) == 0 {
					line("b")
				}
			}
			r.start()
			slices.Sort(want)
			r.wait("every line", func() bool { return len(texts(r.sink.all())) >= len(want) })
			r.stop()
			have := texts(r.sink.all())
			slices.Sort(have)
			if !slices.Equal(have, want) {
				t.Fatalf("%d lines, want %d", len(have), len(want))
			}
		})
	}
}

// crash forgets a random number of the last records.
func (s *sink) crash(random *rand.Rand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := random.IntN(min(len(s.records), 100) + 1)
	s.records = s.records[:len(s.records)-lost]
	s.lines = len(slices.DeleteFunc(slices.Clone(s.records), func(g got) bool { return g.text == "" }))
}
