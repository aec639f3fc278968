package e2e

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// goldenRules is how many correlations count, goldenActions how many detections
// they count.
const (
	goldenRules   = 100
	goldenActions = 10
)

// golden is what a golden run delivers, and by which rules.
type golden struct {
	rules string
	// batches are sealed, each once, in the order of their lanes.
	batches []*nats.Msg
	// events and signals are how many there are, groups how many the signals make.
	events, signals, groups int
}

// goldenCorrelation is one of them: they are of every type, and chained. It counts
// detections, which are named d0, d1, and so on, by their numbers.
func goldenCorrelation(i int) (text string, leaves []int) {
	leaf := func(n int) int { return (i + n*3) % goldenActions }
	name := func(n int) string { return fmt.Sprintf("d%d", leaf(n)) }
	span, group, least := 1+i%4, "[source.ip]", 2+i%4
	if i%3 == 0 {
		group = "[source.ip, user.name]"
	}
	one, two, three := []int{leaf(0)}, []int{leaf(0), leaf(1)}, []int{leaf(0), leaf(1), leaf(2)}
	before, typ, rules, condition := "", "value_count", "["+name(0)+"]", ""
	switch i % 13 {
	case 0:
		typ, leaves, condition = "event_count", one, fmt.Sprintf("{gte: %d}", least)
	case 1:
		typ, leaves, condition = "event_count", one, fmt.Sprintf("{eq: %d}", least)
	case 2:
		leaves, condition = one, fmt.Sprintf("{field: amount, gte: %d}", least)
	case 3:
		typ, leaves, rules = "temporal", two, "["+name(0)+", "+name(1)+"]"
	case 4:
		typ, leaves, rules = "temporal", three, "["+name(0)+", "+name(1)+", "+name(2)+"]"
		condition = fmt.Sprintf("%s and (%s or not %s)", name(0), name(1), name(2))
	case 5:
		typ, leaves, rules = "temporal_ordered", three, "["+name(0)+", "+name(1)+", "+name(2)+"]"
	case 6:
		typ, leaves, condition = "value_sum", one, fmt.Sprintf("{field: amount, gte: %d}", 40*least)
	case 7:
		typ, leaves, condition = "value_avg", one, "{field: amount, gt: 55}"
	case 8:
		typ, leaves, condition = "value_median", one, "{field: amount, lt: 45}"
	case 9:
		typ, leaves, condition = "value_percentile", one, "{field: amount, percentile: 90, gte: 80}"
	case 10:
		typ, leaves = "absence", one
	case 11:
		before = fmt.Sprintf("title: Inner %d\nid: i%d\ncorrelation: {type: event_count, rules: %s, group-by: [source.ip, user.name], timespan: 1m, condition: {gte: 2}}\n---\n", i, i, rules)
		typ, leaves, rules = "temporal_ordered", two, fmt.Sprintf("[i%d, %s]", i, name(1))
	default:
		leaves, condition = two, fmt.Sprintf("{field: [user.name, amount], gt: %d}", least)
		rules = "[" + name(0) + ", " + name(1) + "]"
	}
	text = fmt.Sprintf("%stitle: Correlation %d\nid: c%d\ncorrelation:\n  type: %s\n  rules: %s\n  group-by: %s\n  timespan: %dm\n", before, i, i, typ, rules, group, span)
	if condition != "" {
		text += "  condition: " + condition + "\n"
	}
	return text, leaves
}

// newGolden makes the events of some addresses, so many each, in the hour before a
// time. Their order and their lanes are of a fixed seed.
func newGolden(t *testing.T, addresses, each int, before time.Time) *golden {
	t.Helper()
	g := &golden{events: addresses * each}
	var text strings.Builder
	for i := range goldenActions {
		fmt.Fprintf(&text, "title: Detection %d\nid: d%d\nlogsource: {category: authentication}\ndetection: {s: {event.action: a%d}, condition: s}\n---\n", i, i, i)
	}
	counted := make([][]int, goldenActions) // by action, the correlations
	for i := range goldenRules {
		rule, leaves := goldenCorrelation(i)
		text.WriteString(rule + "---\n")
		for _, leaf := range leaves {
			counted[leaf] = append(counted[leaf], i)
		}
	}
	g.rules = text.String()

	r := rand.New(rand.NewPCG(5, 5))
	lanes := make([][]event.Event, 16)
	groups := make(map[[3]int]bool)
	for a := range addresses {
		for range each {
			action, user := r.IntN(goldenActions), r.IntN(3)
			at := before.Add(-30*time.Minute - time.Duration(r.Int64N(int64(30*time.Minute))))
			n := r.IntN(len(lanes))
			lanes[n] = append(lanes[n], goldenEvent(at, action, a, user, r.IntN(100)))
			for _, i := range counted[action] {
				group := [3]int{i, a, 0}
				if i%3 == 0 {
					group[2] = user
				}
				groups[group] = true
				g.signals++
			}
		}
	}
	g.groups = len(groups)
	for n, events := range lanes {
		g.seal(t, n, events, before)
	}
	return g
}

func goldenEvent(at time.Time, action, address, user, amount int) event.Event {
	e := event.Event{Time: at.UnixNano()}
	e.Add(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, []byte("authentication"))
	e.Add(eventv1.FieldId_FIELD_ID_EVENT_ACTION, fmt.Appendf(nil, "a%d", action))
	e.Add(eventv1.FieldId_FIELD_ID_SOURCE_IP, fmt.Appendf(nil, "10.%d.%d.%d", address>>16, address>>8&255, address&255))
	e.Add(eventv1.FieldId_FIELD_ID_USER_NAME, fmt.Appendf(nil, "user%d", user))
	e.Fields = append(e.Fields, event.Field{Key: []byte("amount"), Value: fmt.Append(nil, amount)})
	return e
}

// seal makes batches of a lane's events, as a collector stores them.
func (g *golden) seal(t *testing.T, lane int, events []event.Event, received time.Time) {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(events, func(a, b event.Event) int { return cmp.Compare(a.Time, b.Time) })
	header := event.Header{
		Agent: event.HashID(fmt.Sprint("agent", lane)), Class: eventv1.Class_CLASS_AUTH, Epoch: [16]byte{byte(lane + 1)}, FirstSequence: 1,
	}
	for chunk := range slices.Chunk(events, 50) {
		header.Count = uint32(len(chunk))
		batch := event.AppendHeader(nil, &header)
		for i := range chunk {
			chunk[i].Ordinal = header.FirstSequence + uint64(i)
			batch = event.AppendEvent(batch, &chunk[i])
		}
		sealed := codec.Seal(nil, batch)
		stored := subject.Header{
			Epoch: header.Epoch, FirstSequence: header.FirstSequence, Count: header.Count, Hash: event.Hash(sealed), Received: received.UnixNano(),
		}
		m := nats.NewMsg(subject.Events(header.Class, header.Agent))
		m.Data, m.Header = sealed, stored.Format(header.Agent, header.Class)
		g.batches = append(g.batches, m)
		header.FirstSequence += uint64(len(chunk))
	}
}
