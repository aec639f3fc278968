package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Routing says which events a detection is held against: its cost, before there are
// any events. It is "" for what is no detection, or one that nothing counts.
func (s *Set) Routing(r *Info) string {
	at := slices.IndexFunc(s.program.detections, func(d *detection) bool { return d.info == r })
	if at < 0 {
		return ""
	}
	d := s.program.detections[at]
	var classes []string
	for _, class := range event.Classes() {
		if d.classes.has(class) {
			classes = append(classes, event.ClassName(class))
		}
	}
	which := "every event of class " + strings.Join(classes, ", ")
	if len(classes) == len(event.Classes()) {
		which = "every event"
	}
	keys := d.expr.keys()
	if keys == nil {
		return which
	}
	bySlot := make(map[int]*key)
	var order []*key
	for i := range keys {
		k := bySlot[keys[i].slot]
		if k == nil {
			k = &key{slot: keys[i].slot}
			bySlot[k.slot], order = k, append(order, k)
		}
		k.values, k.words = append(k.values, keys[i].values...), append(k.words, keys[i].words...)
		k.keyword = k.keyword || keys[i].values == nil && keys[i].words == nil // any value will do
	}
	slices.SortFunc(order, func(a, b *key) int { return cmp.Compare(s.program.fieldOf(a.slot), s.program.fieldOf(b.slot)) })
	var ways []string
	for _, k := range order {
		field := s.program.fieldOf(k.slot)
		switch {
		case k.keyword:
			ways = append(ways, "has "+field)
		case len(k.values) > 0 && len(k.words) > 0:
			ways = append(ways, fmt.Sprintf("has in %s one of %d values or words", field, len(k.values)+len(k.words)))
		case len(k.values) > 0:
			ways = append(ways, "has in "+field+" "+oneOf(k.values, "value"))
		default:
			ways = append(ways, "has in "+field+" the text of "+oneOf(k.words, "word"))
		}
	}
	return which + " that " + strings.Join(ways, ", or ")
}

func oneOf(list []string, what string) string {
	if len(list) == 1 {
		return fmt.Sprintf("%q", list[0])
	}
	return fmt.Sprintf("one of %d %ss", len(list), what)
}

// fieldOf is the name of a slot's field.
func (p *program) fieldOf(slot int) string {
	if slot == slotText {
		return "the text"
	}
	for name, other := range p.slots {
		if other == slot {
			return name
		}
	}
	return event.SpecOf(eventv1.FieldId(slot)).Name //nolint:gosec // slots are few
}
