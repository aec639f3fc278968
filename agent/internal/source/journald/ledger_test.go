package journald

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// world is a journal, a spool that may lose what it has not flushed, and a ledger
// between them.
type world struct {
	t       *testing.T
	random  *rand.Rand
	journal []cursor
	ledger  *Ledger
	// appended events are not durable yet: what each is made of, and its position.
	appended []appended
	// durable counts the events that each entry is in.
	durable map[int]int
	saved   []byte
}

type appended struct {
	entries []int
	state   []byte
}

func newWorld(t *testing.T, seed uint64, entries int) *world {
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 1)), durable: map[int]int{}}
	for n := range entries {
		c := cursor{file: [16]byte{1}, boot: [16]byte{9}, number: uint64(n + 1), monotonic: uint64(n), realtime: uint64(5000 + n), content: uint64(n)}
		if n > 0 && w.random.IntN(10) == 0 {
			// One that is alike to the microsecond: lines of one write to standard output.
			twin := w.journal[n-1]
			c.monotonic, c.realtime, c.content = twin.monotonic, twin.realtime, twin.content
		}
		w.journal = append(w.journal, c)
	}
	return w
}

// run reads for a while, and ends as a crash does: what is not durable is gone.
func (w *world) run() {
	w.ledger = newLedger("journald/x", [8]byte{})
	at := 0
	if w.saved != nil {
		st, err := decodeState(w.saved)
		if err != nil {
			w.t.Fatal(err)
		}
		low := w.ledger.restore(&st)
		at = slices.IndexFunc(w.journal, func(c cursor) bool { return c.same(&low) }) + 1
	}
	held := map[uint64]int{} // serials that the parsers hold, and their entries
	for range w.random.IntN(40) {
		if at == len(w.journal) {
			break
		}
		if serial, _, ok := w.ledger.take(&w.journal[at]); ok {
			held[serial] = at
			if w.random.IntN(3) > 0 {
				w.emit(held, []uint64{serial})
			}
		}
		at++
		if w.random.IntN(8) == 0 {
			w.emitSome(held)
		}
		if w.random.IntN(5) == 0 {
			w.flush()
		}
	}
	if at == len(w.journal) {
		for len(held) > 0 {
			w.emitSome(held)
		}
		w.flush()
	}
	w.appended = nil
}

// emitSome makes one event of one or two of the records that are held.
func (w *world) emitSome(held map[uint64]int) {
	var serials []uint64
	for serial := range held {
		serials = append(serials, serial)
	}
	slices.Sort(serials)
	w.random.Shuffle(len(serials), func(i, j int) { serials[i], serials[j] = serials[j], serials[i] })
	if len(serials) > 0 {
		serials = serials[:1+w.random.IntN(min(len(serials), 2))]
		slices.Sort(serials)
		w.emit(held, serials)
	}
}

func (w *world) emit(held map[uint64]int, serials []uint64) {
	refused := errors.New("no room")
	fail := w.random.IntN(4) == 0
	err := w.ledger.Append(context.Background(), &record.Event{Serials: serials}, func(_ context.Context, e *record.Event) error {
		if fail {
			return refused
		}
		if len(e.Positions) != 1 || e.Positions[0].Key != "journald/x" {
			w.t.Fatalf("positions %v", e.Positions)
		}
		a := appended{state: slices.Clone(e.Positions[0].State)}
		for _, serial := range serials {
			a.entries = append(a.entries, held[serial])
		}
		w.appended = append(w.appended, a)
		return nil
	})
	if fail != errors.Is(err, refused) {
		w.t.Fatal(err)
	}
	if err != nil {
		return // still held
	}
	for _, serial := range serials {
		delete(held, serial)
	}
}

// flush makes the first of the appended events durable, as a spool does: all of
// them or, where it is cut short, some.
func (w *world) flush() {
	n := len(w.appended)
	if n > 1 && w.random.IntN(2) == 0 {
		n = w.random.IntN(n) + 1
	}
	for _, a := range w.appended[:n] {
		for _, entry := range a.entries {
			w.durable[entry]++
		}
		w.saved = a.state
	}
	w.appended = w.appended[n:]
}

// move gives the journal other numbers, as its way from /run to /var does.
func (w *world) move() {
	for i := range w.journal {
		w.journal[i].file[0]++
		w.journal[i].number += 1000
	}
}

// TestCrashesRepeatAndSkipNothing loses what is not durable, again and again, with
// entries held back in every order.
func TestCrashesRepeatAndSkipNothing(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed, 120)
			for run := 0; w.total() < len(w.journal); run++ {
				if run == 10_000 {
					t.Fatalf("%d of %d entries after %d runs", w.total(), len(w.journal), run)
				}
				w.run()
			}
			w.judge()
		})
	}
}

// judge holds the events against the entries. Of entries that are alike it makes
// no difference which one became two events and which none.
func (w *world) judge() {
	w.t.Helper()
	balance := map[uint64]int{}
	for n, c := range w.journal {
		balance[c.id()] += w.durable[n] - 1
	}
	for id, n := range balance {
		if n != 0 {
			w.t.Errorf("the entries %x became %+d events too many", id, n)
		}
	}
}

func (w *world) total() (n int) {
	for _, count := range w.durable {
		n += count
	}
	return n
}

// TestAMovedJournalIsFoundAgain: the numbers of a journal's entries change on its
// way from /run to /var; what is known of them does not.
func TestAMovedJournalIsFoundAgain(t *testing.T) {
	for seed := range uint64(100) {
		w := newWorld(t, seed, 60)
		for n := range w.journal { // no twins: of those one may come twice
			w.journal[n].monotonic, w.journal[n].content = uint64(n), uint64(n)
		}
		for run := 0; w.total() < len(w.journal) && run < 10_000; run++ {
			w.run()
			if run == 3 {
				w.move()
			}
		}
		w.judge()
	}
}

// TestTheSourceWaitsForRoom: only so many entries may be open.
func TestTheSourceWaitsForRoom(t *testing.T) {
	l := newLedger("journald/x", [8]byte{})
	var serials []uint64
	for n := range maxOpen {
		if err := l.room(t.Context()); err != nil {
			t.Fatal(err)
		}
		serial, _, _ := l.take(&cursor{number: uint64(n + 1)})
		serials = append(serials, serial)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := l.room(ended); !errors.Is(err, context.Canceled) {
		t.Fatalf("there is room for more than %d: %v", maxOpen, err)
	}
	waited := make(chan error)
	go func() { waited <- l.room(context.Background()) }()
	var position []byte
	if err := l.Append(t.Context(), &record.Event{Serials: serials[1:]}, func(_ context.Context, e *record.Event) error {
		position = e.Positions[0].State
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	st, err := decodeState(position)
	if err != nil || st.low != (cursor{}) || st.high.number != maxOpen || len(st.holes) != 1 {
		t.Errorf("position %+v, %v", st, err)
	}
}

// TestHolesThatAreGoneAreCounted: what waited for its next line, and was vacuumed
// away before it could be read again, is lost.
func TestHolesThatAreGoneAreCounted(t *testing.T) {
	entry := func(n int) *cursor { return &cursor{number: uint64(n), content: uint64(n)} }
	l := newLedger("journald/x", [8]byte{})
	l.restore(&state{low: *entry(1), high: *entry(5), holes: []uint64{entry(2).id(), entry(4).id()}})
	for n, want := range map[int]bool{3: false, 4: true} {
		if _, _, ok := l.take(entry(n)); ok != want {
			t.Errorf("entry %d is taken: %v", n, ok)
		}
	}
	if n := l.missing(); n != 0 {
		t.Errorf("%d missing while reading again", n)
	}
	if _, _, ok := l.take(entry(6)); !ok {
		t.Error("a new entry is not taken")
	}
	if first, second := l.missing(), l.missing(); first != 1 || second != 0 {
		t.Errorf("%d missing, then %d", first, second)
	}
}

// TestALossIsDeclaredOnce: the position says before which entry one was.
func TestALossIsDeclaredOnce(t *testing.T) {
	l := newLedger("journald/x", [8]byte{})
	before := &cursor{number: 9, content: 9}
	serial := l.declaration(before)
	var position []byte
	if err := l.Append(t.Context(), &record.Event{Serials: []uint64{serial}}, func(_ context.Context, e *record.Event) error {
		position = e.Positions[0].State
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	st, err := decodeState(position)
	if err != nil {
		t.Fatal(err)
	}
	again := newLedger("journald/x", [8]byte{})
	again.restore(&st)
	if serial := again.declaration(before); serial != 0 {
		t.Error("it may be declared twice")
	}
	if serial := again.declaration(&cursor{number: 10, content: 10}); serial == 0 {
		t.Error("another one may not be declared")
	}
}
