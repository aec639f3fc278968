package agent

import (
	"bytes"
	"cmp"
	"container/heap"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/tocsin-security/tocsin/agent/internal/parse"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	// maxShapes is how many shapes are counted at a time.
	maxShapes = 4096
	// shownShapes is how many of them are printed.
	shownShapes = 25
)

// explainStats counts which parser understood how many records, and of the others
// how many have the same shape.
type explainStats struct {
	lines, records uint64
	skipped        uint64 // texts too long for users' patterns
	parsers        map[string]uint64
	shapes         shapeCounter
	buffer         []byte
}

func newExplainStats() *explainStats {
	return &explainStats{parsers: make(map[string]uint64), shapes: newShapeCounter(maxShapes)}
}

func (s *explainStats) add(r *record.Event) {
	s.records++
	parser := r.Get(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER)
	s.parsers[string(parser)]++
	if !isUnparsed(string(parser)) {
		return
	}
	s.buffer = append(s.buffer[:0], parser...)
	s.buffer = append(s.buffer, '\t')
	text := r.Original
	if message := r.Get(eventv1.FieldId_FIELD_ID_MESSAGE); len(message) > 0 {
		text = message
	}
	if program := r.Get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME); len(program) > 0 {
		s.buffer = append(append(s.buffer, bytes.ToValidUTF8(program, []byte("?"))...), ": "...)
	}
	s.buffer = parse.AppendShape(s.buffer, text)
	s.shapes.add(s.buffer)
}

// isUnparsed says whether a parser's name stands for having understood nothing of
// a message: a line as it is, or what syslog put around one.
func isUnparsed(parser string) bool { return parser == "plain" || parser == "syslog" }

// write prints the two tables.
func (s *explainStats) write(to io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%d lines, %d records\n\n", s.lines, s.records)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) } // Flush returns the error
	row("RECORDS\tSHARE\t  PARSER")
	names := make([]string, 0, len(s.parsers))
	for name := range s.parsers {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.parsers[b], s.parsers[a]), cmp.Compare(a, b))
	})
	unparsed := uint64(0)
	for _, name := range names {
		row("%d\t%s\t  %s", s.parsers[name], share(s.parsers[name], s.records), name)
		if isUnparsed(name) {
			unparsed += s.parsers[name]
		}
	}
	if err := table.Flush(); err != nil {
		return writeError{err}
	}
	if s.skipped > 0 {
		fmt.Fprintf(&text, "\ntoo long for patterns: %d\n", s.skipped)
	}
	fmt.Fprintf(&text, "\nnot understood: %d (%s)\n", unparsed, share(unparsed, s.records))
	if unparsed > 0 {
		s.writeShapes(&text)
	}
	if _, err := text.WriteTo(to); err != nil {
		return writeError{err}
	}
	return nil
}

func (s *explainStats) writeShapes(text *bytes.Buffer) {
	fmt.Fprintf(text, "\nRECORDS  SHAPE (N number, X hexadecimal, IP address, \"…\" quoted)\n")
	counts := s.shapes.sorted()
	for _, c := range counts[:min(len(counts), shownShapes)] {
		parser, shape, _ := bytes.Cut([]byte(c.shape), []byte("\t"))
		mark := " "
		if c.over > 0 {
			mark = "~"
		}
		fmt.Fprintf(text, "%7d%s %s: %s\n", c.count, mark, parser, bytes.ToValidUTF8(shape, []byte("?")))
	}
	if more := len(counts) - shownShapes; more > 0 {
		fmt.Fprintf(text, "and %d shapes more\n", more)
	}
	if s.shapes.evicted > 0 {
		fmt.Fprintf(text, "There were more than %d shapes: rare ones were dropped, and a count with ~ may be too high.\n", maxShapes)
	}
}

// share is a part of a whole in percent.
func share(part, whole uint64) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// shapeCounter counts the most frequent shapes in bounded memory, by the
// space-saving algorithm (Metwally, Agrawal and El Abbadi, 2005): with all counters
// taken, a new shape takes over the smallest one and its count. So whatever is more
// frequent than one in as many as there are counters is among them, and no count is
// too low.
type shapeCounter struct {
	size    int
	evicted uint64
	byShape map[string]*shapeCount
	least   shapeHeap
}

// shapeCount is one counter; over is by how much it may be too high.
type shapeCount struct {
	shape       string
	count, over uint64
	index       int
}

func newShapeCounter(size int) shapeCounter {
	return shapeCounter{size: size, byShape: make(map[string]*shapeCount)}
}

func (s *shapeCounter) add(shape []byte) {
	if c, ok := s.byShape[string(shape)]; ok {
		c.count++
		heap.Fix(&s.least, c.index)
		return
	}
	if len(s.least) < s.size {
		c := &shapeCount{shape: string(shape), count: 1}
		s.byShape[c.shape] = c
		heap.Push(&s.least, c)
		return
	}
	c := s.least[0]
	delete(s.byShape, c.shape)
	s.evicted++
	c.shape, c.over = string(shape), c.count
	c.count++
	s.byShape[c.shape] = c
	heap.Fix(&s.least, 0)
}

// sorted are the counters, the largest first.
func (s *shapeCounter) sorted() []*shapeCount {
	counts := slices.Clone([]*shapeCount(s.least))
	slices.SortFunc(counts, func(a, b *shapeCount) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.shape, b.shape))
	})
	return counts
}

// shapeHeap has the smallest count first, and of equal ones the first by name, so
// that the same input always drops the same shapes.
type shapeHeap []*shapeCount

func (h shapeHeap) Len() int { return len(h) }

func (h shapeHeap) Less(i, j int) bool {
	if h[i].count != h[j].count {
		return h[i].count < h[j].count
	}
	return h[i].shape < h[j].shape
}

func (h shapeHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is heap.Interface's: it appends a counter.
func (h *shapeHeap) Push(x any) {
	c, _ := x.(*shapeCount)
	c.index = len(*h)
	*h = append(*h, c)
}

// Pop is heap.Interface's: it takes the last counter off.
func (h *shapeHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
