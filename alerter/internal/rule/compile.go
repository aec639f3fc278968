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
	index int
	info  *Info
	// of is the rule in its author's words.
	of      *definition
	classes classes
	expr    *expr
	// where and except are what the log source and exceptions add to expr.
	where, except []*expr
	feeds         []feed
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
	tables [event.ClassCount]*table
	// conditional says that some feeds have exceptions.
	conditional bool
}

// table is the way from an event of one class to its candidates.
type table struct {
	always []*detection
	routes []route
	// unsaid are those of keywords without a word to look for, for events without a text.
	unsaid []*detection
}

// route finds candidates by the values of one field.
type route struct {
	slot    int
	present []*detection
	exact   map[string][]*detection
	// words finds the words that a value holds, by them the candidates.
	words  *automaton
	byWord [][]*detection
	// index is where a word is, while the route is made.
	index map[string]int
}

// compile numbers the fields and routes every detection.
func compile(detections []*detection) *program {
	p := &program{detections: detections, slots: make(map[string]int)}
	p.used = make([]bool, event.FieldCount())
	for i, d := range detections {
		d.index = i
		p.number(d.expr)
		for _, e := range d.of.body.selections {
			p.number(e) // one that the condition leaves out as well
		}
		d.match = Match{Rule: d.info}
		for _, f := range d.feeds {
			d.match.Feeds = append(d.match.Feeds, f.Feed)
			for _, e := range f.except {
				p.number(e)
				p.conditional = true
			}
		}
	}
	p.route()
	return p
}

// route makes the table of each class. Classes of the same rules share one.
func (p *program) route() {
	var lists [event.ClassCount][]*detection
	for class := range p.tables {
		for _, d := range p.detections {
			if d.classes.has(eventv1.Class(class)) {
				lists[class] = append(lists[class], d)
			}
		}
		if i := slices.IndexFunc(lists[:class], func(list []*detection) bool { return slices.Equal(list, lists[class]) }); i >= 0 {
			p.tables[class] = p.tables[i]
			continue
		}
		p.tables[class] = newTable(lists[class])
	}
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

func newTable(detections []*detection) *table {
	t := &table{}
	for _, d := range detections {
		t.add(d)
	}
	for i := range t.routes {
		t.routes[i].finish()
	}
	return t
}

// add files a detection under what an event must have to satisfy it.
func (t *table) add(d *detection) {
	keys := d.expr.keys()
	if keys == nil {
		t.always = append(t.always, d)
		return
	}
	for _, k := range keys {
		r := t.route(k.slot)
		switch {
		case k.values != nil:
			for _, v := range k.values {
				r.exact[v] = append(r.exact[v], d)
			}
		case k.words != nil:
			for _, w := range k.words {
				at, ok := r.index[w]
				if !ok {
					at = len(r.byWord)
					r.index[w], r.byWord = at, append(r.byWord, nil)
				}
				if !slices.Contains(r.byWord[at], d) {
					r.byWord[at] = append(r.byWord[at], d)
				}
			}
		default:
			r.present = append(r.present, d)
		}
		if k.keyword && k.words == nil && !slices.Contains(t.unsaid, d) {
			t.unsaid = append(t.unsaid, d)
		}
	}
}

func (t *table) route(slot int) *route {
	i := slices.IndexFunc(t.routes, func(r route) bool { return r.slot == slot })
	if i < 0 {
		i = len(t.routes)
		t.routes = append(t.routes, route{slot: slot, exact: make(map[string][]*detection), index: make(map[string]int)})
	}
	return &t.routes[i]
}

// finish builds the automaton of the words that were filed.
func (r *route) finish() {
	if len(r.byWord) > 0 {
		words := make([]string, len(r.byWord))
		for word, at := range r.index {
			words[at] = word
		}
		r.words = newAutomaton(words)
	}
	r.index = nil
}
