package rule

// automaton finds which of many words a text holds, in one pass over it: a
// deterministic form of the machine of Aho and Corasick ("Efficient string matching: an
// aid to bibliographic search", 1975). It is immutable, and scanning allocates nothing.
// Why it is our own: docs/adr/0016-an-automaton-of-our-own.md.
type automaton struct {
	// class maps a byte to its column: bytes that no word has share the first.
	class [256]uint8
	width int32
	// next is, by the state's first cell plus the column, the first cell of the next
	// state, negated where words end there. A state's number is its cell over the width.
	next []int32
	// found are, by state, the words that end there.
	found [][]int32
}

// newAutomaton builds the machine. No word is empty.
func newAutomaton(words []string) *automaton {
	a := &automaton{width: 1}
	for _, word := range words {
		for i := range len(word) {
			if c := word[i]; a.class[c] == 0 && a.width < 256 {
				a.class[c] = uint8(a.width) //nolint:gosec // below 256
				a.width++
			}
		}
	}
	a.state()
	for id, word := range words {
		at := int32(0)
		for i := range len(word) {
			edge := at + int32(a.class[word[i]])
			if a.next[edge] == 0 {
				to := a.state() // which may move the cells
				a.next[edge] = to
			}
			at = a.next[edge]
		}
		a.found[at/a.width] = append(a.found[at/a.width], int32(id)) //nolint:gosec // fewer words than a file has bytes
	}
	a.link()
	for edge, to := range a.next {
		if a.found[to/a.width] != nil {
			a.next[edge] = -to
		}
	}
	return a
}

// state adds one, and gives its first cell.
func (a *automaton) state() int32 {
	a.next = append(a.next, make([]int32, a.width)...)
	a.found = append(a.found, nil)
	return int32(len(a.next)) - a.width //nolint:gosec // at most 256 for each byte of the words
}

// link gives every state, breadth first, the edges of the longest suffix that is a
// state too, and what that one ends with.
func (a *automaton) link() {
	suffix := make([]int32, len(a.found))
	var queue []int32
	for _, to := range a.next[:a.width] {
		if to != 0 {
			queue = append(queue, to)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		from := suffix[at/a.width]
		a.found[at/a.width] = append(a.found[at/a.width], a.found[from/a.width]...)
		for column := range a.width {
			other := a.next[from+column]
			if to := a.next[at+column]; to != 0 {
				suffix[to/a.width] = other
				queue = append(queue, to)
			} else {
				a.next[at+column] = other
			}
		}
	}
}

// step reads a byte in a state. words are those that end with it, mostly none.
func (a *automaton) step(at int32, c byte) (to int32, words []int32) {
	to = a.next[at+int32(a.class[c])]
	if to >= 0 {
		return to, nil
	}
	return -to, a.found[-to/a.width]
}
