package rule

import "time"

// sampled is one in how many events the time that each rule takes is measured of:
// reading the clock costs more than most rules.
const sampled = 256

// Tally is what a detection was asked.
type Tally struct {
	// Asked are events that had what it looks for first, and were held against the
	// whole of it; Matched those that satisfy it.
	Asked, Matched uint64
	// Cost is about the time that it took: of one event in 256, times 256.
	Cost time.Duration
}

// attempt is what a matcher notes of one detection.
type attempt struct {
	// generation is that of the event for which it was last tried.
	generation uint32
	Tally
}

// Tally gives visit what each detection was asked since the last call.
func (m *Matcher) Tally(visit func(*Info, Tally)) {
	for _, index := range m.touched {
		visit(m.program.detections[index].info, m.attempts[index].Tally)
		m.attempts[index].Tally = Tally{}
	}
	m.touched = m.touched[:0]
}

// try adds those of the candidates to the hits that the event satisfies.
func (m *Matcher) try(candidates []*detection) {
	for _, d := range candidates {
		a := &m.attempts[d.index]
		if a.generation == m.generation {
			continue
		}
		a.generation = m.generation
		if a.Asked == 0 {
			m.touched = append(m.touched, d.index)
		}
		a.Asked++
		if m.ask(d, a) {
			a.Matched++
			m.hits = append(m.hits, d)
		}
	}
}

func (m *Matcher) ask(d *detection, a *attempt) bool {
	if m.generation%sampled != 0 {
		return m.eval(d.expr)
	}
	start := time.Now()
	holds := m.eval(d.expr)
	a.Cost += time.Since(start) * sampled
	return holds
}
