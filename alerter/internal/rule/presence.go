package rule

import (
	"errors"
	"fmt"
	"slices"
)

// Presence is a condition over which of a correlation's refs matched.
type Presence struct {
	op   opcode
	kids []*Presence
	ref  int
}

// readPresence reads a condition over the words by which a correlation names its rules.
// One that holds where none of them matched would hold always.
func readPresence(text string, rules []string) (*Presence, error) {
	selections := make(map[string]*expr, len(rules))
	for i, word := range rules {
		selections[word] = &expr{op: opTest, test: &test{slot: i}}
	}
	e, err := parseCondition(text, rules, selections)
	if err != nil {
		return nil, err
	}
	p := presenceOf(e)
	if p.Holds(func(int) bool { return false }) {
		return nil, errors.New("condition: it holds where no rule matches")
	}
	for i, word := range rules {
		if !p.names(i) {
			return nil, fmt.Errorf("condition: rule %q is not part of it", word)
		}
	}
	return p, nil
}

func presenceOf(e *expr) *Presence {
	p := &Presence{op: e.op}
	if e.op == opTest {
		p.ref = e.test.slot
	}
	for _, kid := range e.kids {
		p.kids = append(p.kids, presenceOf(kid))
	}
	return p
}

// Holds tells whether the condition holds where these refs matched.
func (p *Presence) Holds(matched func(ref int) bool) bool {
	return p.eval(matched, func(kid *Presence) bool { return !kid.Holds(matched) })
}

// possible tells whether the condition may hold where only some refs can match: nothing
// that cannot match keeps a "not" from holding.
func (p *Presence) possible(can func(ref int) bool) bool {
	return p.eval(can, func(*Presence) bool { return true })
}

// eval asks refs and negations, and combines what they say.
func (p *Presence) eval(ref func(ref int) bool, not func(*Presence) bool) bool {
	ask := func(kid *Presence) bool { return kid.eval(ref, not) }
	switch p.op {
	case opTest:
		return ref(p.ref)
	case opNot:
		return not(p.kids[0])
	case opAll:
		return !slices.ContainsFunc(p.kids, func(kid *Presence) bool { return !ask(kid) })
	default:
		return slices.ContainsFunc(p.kids, ask)
	}
}

// Monotone tells whether a further match can never undo the condition.
func (p *Presence) Monotone() bool {
	if p.op == opNot {
		return false
	}
	return !slices.ContainsFunc(p.kids, func(kid *Presence) bool { return !kid.Monotone() })
}

// isAll tells whether the condition wants all of n refs, and nothing else.
func (p *Presence) isAll(n int) bool {
	if !p.Monotone() {
		return false
	}
	for without := range n {
		if p.Holds(func(ref int) bool { return ref != without }) {
			return false
		}
	}
	return true
}

func (p *Presence) names(ref int) bool {
	if p.op == opTest {
		return p.ref == ref
	}
	return slices.ContainsFunc(p.kids, func(kid *Presence) bool { return kid.names(ref) })
}
