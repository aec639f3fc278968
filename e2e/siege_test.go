package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/e2e/traffic"
)

// siege is 10,000 ssh lines over 200 addresses and five hosts, and what the two
// rules of testdata/scale/rules are to make of them.
type siege struct {
	logs     map[string][]string
	expected map[string]fact // by rule and group; sums are not known beforehand
}

const (
	manyRule        = "11111111-0000-4000-8000-000000000002"
	distributedRule = "11111111-0000-4000-8000-000000000003"
	siegeLines      = 10_000
	siegeHosts      = 5
)

// attempt is one line of the siege before it is one.
type attempt struct {
	at            time.Time
	host          int
	user, address string
	accepted      bool
}

// newSiege makes a siege that begins at a time and lasts 15 minutes. 96
// addresses fail often, from host to host, so that only the whole fleet sees
// enough of some; 24 stay just below the limit in every ten minutes; 64 share 8
// accounts, a few attempts each; 16 mistype once. The rest is allowed in.
func newSiege(begin time.Time) *siege {
	r := rand.New(rand.NewPCG(7, 7))
	s := &siege{logs: make(map[string][]string), expected: make(map[string]fact)}
	var all []attempt
	fail := func(i int, user string, at time.Duration, rule, group string) {
		a := attempt{begin.Add(at).Truncate(time.Microsecond), r.IntN(siegeHosts), user, address(i), false}
		all = append(all, a)
		if rule == "" {
			return
		}
		key, ns := rule+" "+group, a.at.UnixNano()
		f, known := s.expected[key]
		if !known {
			f = fact{First: ns, Last: ns}
		}
		f.Count, f.First, f.Last = f.Count+1, min(f.First, ns), max(f.Last, ns)
		s.expected[key] = f
	}
	within := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }
	for i := range 96 {
		start, attempts := within(5*time.Minute), 8+r.IntN(164) // 90 on average
		for range attempts {
			fail(i, fmt.Sprintf("user%d", i), start+within(8*time.Minute), manyRule, "source.ip="+address(i))
		}
	}
	for i := 96; i < 120; i++ {
		for n := range 6 { // the sixth is 12.5 minutes after the first
			fail(i, fmt.Sprintf("user%d", i), time.Duration(n)*150*time.Second, "", "")
		}
	}
	for i := 120; i < 184; i++ {
		victim := fmt.Sprintf("victim%d", i%8)
		for range 4 {
			fail(i, victim, 2*time.Minute+within(8*time.Minute), distributedRule, "user.name="+victim)
		}
	}
	for i := 184; i < 200; i++ {
		fail(i, fmt.Sprintf("user%d", i), within(15*time.Minute), "", "")
	}
	for len(all) < siegeLines {
		all = append(all, attempt{begin.Add(within(15 * time.Minute)), r.IntN(siegeHosts), "deploy", "10.20.0.9", true})
	}
	s.write(all)
	return s
}

func address(i int) string { return fmt.Sprintf("203.0.%d.%d", 100+i/100, 100+i%100) }

func (s *siege) write(all []attempt) {
	slices.SortStableFunc(all, func(a, b attempt) int { return a.at.Compare(b.at) })
	hosts := make([]*traffic.Host, siegeHosts)
	for i, name := range s.hosts() {
		hosts[i] = traffic.New(name, uint64(i))
	}
	for _, a := range all {
		name, line := s.hosts()[a.host], hosts[a.host].SSHFailed(a.at, a.user, a.address)
		if a.accepted {
			line = hosts[a.host].SSHAccepted(a.at, "publickey", a.user, a.address)
		}
		s.logs[name] = append(s.logs[name], line)
	}
}

func (s *siege) hosts() []string {
	names := make([]string, siegeHosts)
	for i := range names {
		names[i] = fmt.Sprintf("host-%d", i)
	}
	return names
}

func (s *siege) lines() int {
	n := 0
	for _, lines := range s.logs {
		n += len(lines)
	}
	return n
}

// check holds a run's alerts against what was computed when the lines were made.
func (s *siege) check(t *testing.T, got facts) {
	t.Helper()
	if len(s.expected) < 100 {
		t.Fatalf("the siege expects only %d alerts", len(s.expected))
	}
	for _, problem := range s.problems(got) {
		t.Error(problem)
	}
}

// problems are the differences between a run's alerts and what was computed.
func (s *siege) problems(got facts) []string {
	var problems []string
	for key, want := range s.expected {
		switch is := got[key]; {
		case len(is) != 1:
			problems = append(problems, fmt.Sprintf("%s: %d alerts", key, len(is)))
		case is[0].Count != want.Count || is[0].First != want.First || is[0].Last != want.Last:
			problems = append(problems, fmt.Sprintf("%s: %+v, want %+v", key, is[0], want))
		}
	}
	for key := range got {
		if _, expected := s.expected[key]; !expected {
			problems = append(problems, "unexpected alert: "+key)
		}
	}
	return problems
}

// pendingOf is how many events an agent's status says are not yet acked, over
// all lanes.
func pendingOf(t *testing.T, status string) int {
	t.Helper()
	var s struct {
		Spool struct {
			Lanes []struct {
				Class   string `json:"class"`
				Pending int    `json:"pending"`
			} `json:"lanes"`
		} `json:"spool"`
	}
	if err := json.Unmarshal([]byte(status), &s); err != nil {
		t.Fatalf("status %s: %v", status, err)
	}
	n := 0
	for _, l := range s.Spool.Lanes {
		if l.Class != "agent" {
			n += l.Pending
		}
	}
	return n
}
