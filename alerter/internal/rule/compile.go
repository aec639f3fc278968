package rule

import (
	"slices"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// slotText is the slot of the whole text. Registered fields have their id's
// slot, and unregistered ones those after them.
const slotText = 0

// fieldTime names the event's own time, in UTC as RFC 3339 has it.
const fieldTime = "@timestamp"

// detection is one compiled detection rule.
type detection struct {
	index   int
	info    *Info
	classes classes
	expr    *expr
	feeds   []feed
	// match is what a matcher gives where no exception takes a feed away.
	match Match
}

// feed is a way from a detection to a root. It is closed to an event that an
// exception of any rule on the way holds.
type feed struct {
	Feed
	except []*expr
}

// program is all detections, compiled and routed.
type program struct {
	detections []*detection
	// slots finds the slot of an unregistered field.
	slots map[string]int
	// time is the slot of the event's own time; 0 where no test reads it.
	time int
	// used says of each slot whether any test reads it.
	used   []bool
	tables [event.ClassCount]table
	// conditional says that some feeds have exceptions.
	conditional bool
}

// table is the way from an event of one class to its candidates.
type table struct {
	always []*detection
	routes []route
}

// route finds candidates by the values of one field.
type route struct {
	slot    int
	present []*detection
	exact   map[string][]*detection
}

// compile numbers the fields and routes every detection.
func compile(detections []*detection) *program {
	p := &program{detections: detections, slots: make(map[string]int)}
	p.used = make([]bool, event.FieldCount())
	for i, d := range detections {
		d.index = i
		p.number(d.expr)
		d.match = Match{Rule: d.info}
		for _, f := range d.feeds {
			d.match.Feeds = append(d.match.Feeds, f.Feed)
			for _, e := range f.except {
				p.number(e)
				p.conditional = true
			}
		}
	}
	for class := range p.tables {
		for _, d := range detections {
			if d.classes.has(eventv1.Class(class)) {
				p.tables[class].add(d)
			}
		}
	}
	return p
}

// number gives every test its slot.
func (p *program) number(e *expr) {
	if e.op != opTest {
		for _, kid := range e.kids {
			p.number(kid)
		}
		return
	}
	t := e.test
	t.slot = p.slot(t.field)
	p.used[t.slot] = true
	for i := range t.refs {
		r := &t.refs[i]
		r.slot = p.slot(r.field)
		p.used[r.slot] = true
	}
}

func (p *program) slot(field string) int {
	switch field {
	case "", "log.original", "event.original":
		return slotText
	}
	if id, ok := event.FieldByName(field); ok {
		return int(id)
	}
	slot, ok := p.slots[field]
	if !ok {
		slot = len(p.used)
		p.slots[field] = slot
		p.used = append(p.used, false)
		if field == fieldTime {
			p.time = slot
		}
	}
	return slot
}

// add files a detection under what an event must have to satisfy it.
func (t *table) add(d *detection) {
	k, ok := d.expr.key()
	if !ok {
		t.always = append(t.always, d)
		return
	}
	i := slices.IndexFunc(t.routes, func(r route) bool { return r.slot == k.slot })
	if i < 0 {
		i = len(t.routes)
		t.routes = append(t.routes, route{slot: k.slot, exact: make(map[string][]*detection)})
	}
	r := &t.routes[i]
	if k.values == nil {
		r.present = append(r.present, d)
		return
	}
	for _, v := range k.values {
		r.exact[v] = append(r.exact[v], d)
	}
}

// key is something that every event which satisfies an expression has: a field,
// and where values is not nil one of these values in it.
type key struct {
	slot   int
	values []string
}

// key finds the key that tells the most.
func (e *expr) key() (key, bool) {
	switch e.op {
	case opTest:
		return e.test.key()
	case opAll:
		var best key
		found := false
		for _, kid := range e.kids {
			if k, ok := kid.key(); ok && (!found || k.narrower(best)) {
				best, found = k, true
			}
		}
		return best, found
	case opAny:
		return unite(e.kids)
	default:
		return key{}, false
	}
}

// unite makes one key of alternatives, if all are about one field.
func unite(kids []*expr) (key, bool) {
	var all key
	open := false
	for i, kid := range kids {
		k, ok := kid.key()
		if !ok || i > 0 && k.slot != all.slot {
			return key{}, false
		}
		open = open || k.values == nil
		for _, v := range k.values {
			if !slices.Contains(all.values, v) {
				all.values = append(all.values, v)
			}
		}
		all.slot = k.slot
	}
	if open {
		all.values = nil
	}
	return all, true
}

func (t *test) key() (key, bool) {
	if !t.positive() {
		return key{}, false
	}
	k := key{slot: t.slot}
	others := len(t.regexps)+len(t.prefixes)+len(t.bounds)+len(t.refs) > 0 || !t.cased.empty() || t.exists
	if others || !t.folded.onlyExact() {
		return k, true
	}
	for v := range t.folded.exact {
		k.values = append(k.values, v)
	}
	slices.Sort(k.values)
	return k, true
}

// narrower tells whether a key lets fewer events through, as far as that can be
// told without events: few values are better than many, any better than none. A
// field that only we derive is rare, whatever its values.
func (k key) narrower(than key) bool {
	rare := func(k key) bool { return event.SpecOf(eventv1.FieldId(k.slot)).Derived }
	if rare(k) != rare(than) {
		return rare(k)
	}
	if (k.values == nil) != (than.values == nil) {
		return k.values != nil
	}
	return len(k.values) < len(than.values)
}
