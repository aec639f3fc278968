package rule

import (
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Input is one event as rules see it.
type Input struct {
	*event.Event
	Class eventv1.Class
	// Host and Agent are who sent it, by certificate and registry: host.name and agent.id.
	Host  string
	Agent string
}

// Match is a detection that an event satisfies.
type Match struct {
	Rule *Info
	// Feeds are the roots that count it.
	Feeds []Feed
}

// Feed is a root that counts a detection.
type Feed struct {
	Root *Root
	// GroupBy names the fields of the detection's event that hold the group of
	// Root, aliases resolved; nil where DefaultGroup tells it.
	GroupBy []string
}

// Matcher asks a set's detections about events. It is not safe for concurrent use.
type Matcher struct {
	program *program
	in      Input
	// generation tells what of the tables below is about this event.
	generation uint32
	// first is, by slot, one more than the index of one of the field's values.
	first   []int32
	stamped []uint32
	values  []value
	// arena holds the folded values, host and agent the attested ones, clock the time.
	arena, host, agent, clock []byte
	// attempts are by the detection's index; touched are those that have a tally.
	attempts []attempt
	touched  []int
	hits     []*detection
	matches  []*Match
	// all are the event's values, folded, where it was asked for them.
	all [][]byte
}

// value is one value of one field; next is one more than the index of another
// of the field's values.
type value struct {
	text   []byte
	folded []byte
	next   int32
	done   bool
}

// Matcher makes a matcher of the set.
func (s *Set) Matcher() *Matcher {
	n := len(s.program.used)
	return &Matcher{
		program:  s.program,
		first:    make([]int32, n),
		stamped:  make([]uint32, n),
		attempts: make([]attempt, len(s.program.detections)),
	}
}

// Match gives the detections that the event satisfies, in the order of their
// ids. The slice is valid until the next call.
func (m *Matcher) Match(in Input) []*Match {
	m.matches, m.hits = m.matches[:0], m.hits[:0]
	if in.Class < 0 || int(in.Class) >= len(m.program.tables) {
		return nil
	}
	m.load(in)
	t := m.program.tables[in.Class]
	m.try(t.always)
	unsaid := m.head(slotText) == 0
	if unsaid {
		m.try(t.unsaid)
	}
	for i := range t.routes {
		r := &t.routes[i]
		if unsaid && r.slot == slotText && r.words != nil {
			for _, text := range m.everything() {
				m.search(r, text)
			}
			continue
		}
		m.follow(r)
	}
	if len(m.hits) == 0 {
		return nil
	}
	slices.SortFunc(m.hits, func(a, b *detection) int { return a.index - b.index })
	for _, d := range m.hits {
		m.matches = append(m.matches, m.match(d))
	}
	return m.matches
}

// follow tries the detections that a field of the event leads to.
func (m *Matcher) follow(r *route) {
	i := m.head(r.slot)
	if i == 0 {
		return
	}
	m.try(r.present)
	if len(r.exact) == 0 && r.words == nil {
		return
	}
	for ; i != 0; i = m.values[i-1].next {
		folded := m.fold(i)
		m.try(r.exact[string(folded)])
		if r.words != nil {
			m.search(r, folded)
		}
	}
}

// search tries the detections whose words a value holds.
func (m *Matcher) search(r *route, folded []byte) {
	at := int32(0)
	for _, c := range folded {
		var words []int32
		at, words = r.words.step(at, c)
		for _, word := range words {
			m.try(r.byWord[word])
		}
	}
}

// match leaves out the feeds that exceptions close.
func (m *Matcher) match(d *detection) *Match {
	open := func(f feed) bool { return !slices.ContainsFunc(f.except, m.eval) }
	if !m.program.conditional || !slices.ContainsFunc(d.feeds, func(f feed) bool { return !open(f) }) {
		return &d.match
	}
	found := &Match{Rule: d.info}
	for _, f := range d.feeds {
		if open(f) {
			found.Feeds = append(found.Feeds, f.Feed)
		}
	}
	return found
}

// load files the event's values under the slots that tests read.
func (m *Matcher) load(in Input) {
	m.in = in
	m.values, m.arena, m.all = m.values[:0], m.arena[:0], m.all[:0]
	if m.generation++; m.generation == 0 { // wrapped: old stamps would look new
		clear(m.stamped)
		for i := range m.attempts {
			m.attempts[i].generation = 0
		}
		m.generation = 1
	}
	if len(in.Original) > 0 {
		m.put(slotText, in.Original)
	}
	registered := event.FieldCount()
	for i := range in.Fields {
		f := &in.Fields[i]
		slot := int(f.ID)
		if slot == 0 {
			found, ok := m.program.slots[string(f.Key)]
			if !ok {
				continue
			}
			slot = found
		} else if slot < 0 || slot >= registered {
			continue // of a newer agent: no rule can name it
		}
		m.put(slot, f.Value)
	}
	if slot := m.program.time; slot > 0 && in.Time != 0 && m.head(slot) == 0 {
		m.clock = time.Unix(0, in.Time).UTC().AppendFormat(m.clock[:0], time.RFC3339Nano)
		m.put(slot, m.clock)
	}
	if in.Host != "" {
		m.host = append(m.host[:0], in.Host...)
		m.put(int(eventv1.FieldId_FIELD_ID_HOST_NAME), m.host)
	}
	if in.Agent != "" {
		m.agent = append(m.agent[:0], in.Agent...)
		m.put(int(eventv1.FieldId_FIELD_ID_AGENT_ID), m.agent)
	}
}

func (m *Matcher) put(slot int, text []byte) {
	if !m.program.used[slot] {
		return
	}
	m.values = append(m.values, value{text: text, next: m.head(slot)})
	m.stamped[slot], m.first[slot] = m.generation, int32(len(m.values))
}

// head is one more than the index of a field's value; 0 where it has none.
func (m *Matcher) head(slot int) int32 {
	if m.stamped[slot] != m.generation {
		return 0
	}
	return m.first[slot]
}

// fold folds a value once for all tests.
func (m *Matcher) fold(i int32) []byte {
	v := &m.values[i-1]
	if !v.done {
		// Growing the arena leaves earlier values in the old one, where they stay valid.
		start := len(m.arena)
		m.arena = fold(m.arena, v.text)
		v.folded, v.done = m.arena[start:], true
	}
	return v.folded
}

func (m *Matcher) eval(e *expr) bool {
	switch e.op {
	case opTest:
		return m.holds(e.test)
	case opAll:
		for _, kid := range e.kids {
			if !m.eval(kid) {
				return false
			}
		}
		return true
	case opAny:
		for _, kid := range e.kids {
			if m.eval(kid) {
				return true
			}
		}
		return false
	default:
		return !m.eval(e.kids[0])
	}
}

func (m *Matcher) holds(t *test) bool {
	i := m.head(t.slot)
	if i == 0 {
		return t.absent || t.keyword && m.anywhere(t)
	}
	if t.exists {
		return true
	}
	folds := !t.folded.empty()
	for ; i != 0; i = m.values[i-1].next {
		if folds && t.folded.hold(m.fold(i)) || t.literal(m.values[i-1].text) || len(t.refs) > 0 && m.refers(t, i) {
			return true
		}
	}
	return false
}

// refers compares a value with those of the fields that the test refers to.
func (m *Matcher) refers(t *test, i int32) bool {
	for n := range t.refs {
		r := &t.refs[n]
		for other := m.head(r.slot); other != 0; other = m.values[other-1].next {
			if r.cased && r.holds(m.values[i-1].text, m.values[other-1].text) || !r.cased && r.holds(m.fold(i), m.fold(other)) {
				return true
			}
		}
	}
	return false
}

// anywhere asks an event without a text in all of its values.
func (m *Matcher) anywhere(t *test) bool {
	folds := !t.folded.empty()
	for i, folded := range m.everything() {
		if folds && t.folded.hold(folded) || t.literal(m.in.Fields[i].Value) {
			return true
		}
	}
	return false
}

// everything are all values of the event, folded.
func (m *Matcher) everything() [][]byte {
	if len(m.all) > 0 {
		return m.all
	}
	for i := range m.in.Fields {
		start := len(m.arena)
		m.arena = fold(m.arena, m.in.Fields[i].Value)
		m.all = append(m.all, m.arena[start:])
	}
	return m.all
}
