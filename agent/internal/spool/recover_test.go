package spool

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

var update = flag.Bool("update", false, "write the recorded log anew")

// recorded is where a log lies that format version 1 wrote: three segments, acks,
// a lane under its second epoch, staged batches and some sealed anew. It is a file
// and not made by each test, so that fuzzing is the same in every process, and so
// that a later build is held to what an earlier one wrote.
const recorded = "testdata/version1"

// fact is what the recorded log says up to the end of one commit.
type fact struct {
	segment, end int
	positions    map[string]int
}

// known is all that recovery may give back of the recorded log.
type known struct {
	names []string
	files map[string][]byte
	facts []fact
	// sealed are all batches in it, acked the ones that it acks somewhere or that
	// it replaced, first where each of them is whole.
	sealed map[head]fact
	acked  map[head]bool
}

func TestRecordedLog(t *testing.T) {
	if *update {
		writeRecorded(t)
	}
	k := readKnown(t)
	if len(k.names) < 3 || len(k.facts) < 8 || len(k.acked) == 0 || len(k.acked) == len(k.sealed) {
		t.Fatalf("%d segments, %d commits, %d batches, %d acked", len(k.names), len(k.facts), len(k.sealed), len(k.acked))
	}
	d := k.disk()
	k.check(t, d, len(k.facts), true)
}

// writeRecorded writes the recorded log.
func writeRecorded(t *testing.T) {
	w := newWorld(t, 1)
	w.options.segmentSize = 1500
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.open())
	w.fill(t, 3)
	must(w.send(auth, 2, 1))
	w.fill(t, 1)
	w.collector.lanes[web] = append(w.collector.lanes[web], stored{head: head{ident: ident{epoch: newEpoch(), first: 1}, count: 1}})
	must(w.connect())
	must(w.spool.flush())
	w.fill(t, 3)
	must(w.send(auth, 1, 1))
	must(w.spool.Close())
	must(os.RemoveAll(recorded))
	must(os.MkdirAll(recorded, 0o755))
	for name, f := range w.disk.files {
		must(os.WriteFile(filepath.Join(recorded, name), f.current, 0o644))
	}
}

func readKnown(t testing.TB) *known {
	t.Helper()
	k := &known{files: map[string][]byte{}, sealed: map[head]fact{}, acked: map[head]bool{}}
	entries, err := os.ReadDir(recorded)
	if err != nil {
		t.Fatal(err)
	}
	positions := map[string]int{}
	state := newState()
	for i, entry := range entries {
		data, err := os.ReadFile(filepath.Join(recorded, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		k.names, k.files[entry.Name()] = append(k.names, entry.Name()), data
		number, _ := segmentNumber(entry.Name())
		seg := &segment{number: number}
		_, payload, size, _ := readFrame(data, number, headerSize)
		snapshot, err := decodeSnapshot(payload)
		if err != nil {
			t.Fatal(err)
		}
		state.restore(&snapshot)
		for at := headerSize + size; at < int64(len(data)); {
			ops, end := readFlush(seg, data, at)
			if ops == nil {
				t.Fatalf("%s: no flush at %d", entry.Name(), at)
			}
			state.apply(ops)
			for _, p := range ops[len(ops)-1].commit.positions {
				positions[p.key], _ = strconv.Atoi(string(p.state))
			}
			f := fact{segment: i, end: int(end), positions: maps.Clone(positions)}
			k.facts = append(k.facts, f)
			for j := range ops {
				if ops[j].kind == kindBatch {
					k.sealed[ops[j].batch.head] = f
				}
			}
			at = end
		}
	}
	for h := range k.sealed {
		k.acked[h] = true
	}
	for i := range state.lanes {
		for _, e := range slices.Concat(state.lanes[i].live, state.lanes[i].staged) {
			delete(k.acked, e.head)
		}
	}
	return k
}

func (k *known) disk() *crashDisk {
	d := newCrashDisk(1)
	for name, data := range k.files {
		f := &crashFile{disk: d, durable: slices.Clone(data), current: slices.Clone(data)}
		d.files[name], d.durable[name] = f, f
	}
	return d
}

// intact counts the commits before the first byte that differs.
func (k *known) intact(d *crashDisk) int {
	n := 0
	for i, name := range k.names {
		f, whole := d.files[name], k.files[name]
		same := 0
		if f != nil {
			for same < min(len(f.current), len(whole)) && f.current[same] == whole[same] {
				same++
			}
		}
		for n < len(k.facts) && k.facts[n].segment == i && k.facts[n].end <= same {
			n++
		}
		if same < len(whole) || len(f.current) > len(whole) {
			break
		}
	}
	return n
}

// check recovers a damaged log twice. What the first commits hold must be there;
// nothing may be there that was never sealed; exact says that nothing else may be
// there at all, and that there is nothing to declare.
func (k *known) check(t testing.TB, d *crashDisk, commits int, exact bool) {
	t.Helper()
	declared := -1
	for range 2 {
		s, err := open(d, Options{Agent: testAgent, MaxSize: MinSize, segmentSize: 1500})
		if errors.Is(err, errNewer) {
			return
		}
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		own := k.checkBatches(t, s, commits, exact)
		if declared >= 0 && own != declared {
			t.Fatalf("%d events declared, %d at the second opening", declared, own)
		}
		declared = own
		if exact && own > 0 {
			t.Fatalf("%d events declared", own)
		}
		k.checkPositions(t, s, commits, exact)
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
}

// checkBatches looks at what recovery gives back, and counts what is the spool's
// own: of class agent and not in the recorded log.
func (k *known) checkBatches(t testing.TB, s *Spool, commits int, exact bool) (own int) {
	t.Helper()
	got := map[head]bool{}
	for _, l := range s.state.all() {
		for _, e := range slices.Concat(l.live, l.staged) {
			was := e.head
			if before, ok := k.origin(e); ok {
				was = before // the first opening sealed it anew
			}
			f, old := k.sealed[was]
			switch {
			case !old && l.class == eventv1.Class_CLASS_AGENT:
				own += int(e.count)
			case !old:
				t.Fatalf("%s gives a batch at %d that nobody sealed", event.ClassName(l.class), e.first)
			case exact && !k.within(f, commits):
				t.Fatalf("%s gives a batch at %d that was not committed", event.ClassName(l.class), e.first)
			}
			if _, err := s.readEntry(e); err != nil {
				t.Fatalf("read batch: %v", err)
			}
			got[was] = true
		}
	}
	for h, f := range k.sealed {
		if k.within(f, commits) && !k.acked[h] && !got[h] {
			t.Fatalf("the batch of %d at %d was committed before the damage and is gone", h.count, h.first)
		}
	}
	return own
}

// origin is the batch of the recorded log that one was sealed anew from.
func (k *known) origin(e *entry) (head, bool) {
	for h := range k.sealed {
		if h.ident == e.origin && h.count == e.count {
			return h, true
		}
	}
	return head{}, false
}

// within tells whether a fact is among the first commits.
func (k *known) within(f fact, commits int) bool {
	if commits == 0 {
		return false
	}
	last := k.facts[commits-1]
	return f.segment < last.segment || f.segment == last.segment && f.end <= last.end
}

// checkPositions wants each at least where the first commits put it, and nowhere
// where the log never had it.
func (k *known) checkPositions(t testing.TB, s *Spool, commits int, exact bool) {
	t.Helper()
	want := map[string]int{}
	if commits > 0 {
		want = k.facts[commits-1].positions
	}
	got := s.Positions()
	for key, line := range want {
		if _, ok := got[key]; !ok {
			t.Fatalf("position %s, %d at least, is gone", key, line)
		}
	}
	for key, state := range got {
		line, err := strconv.Atoi(string(state))
		switch {
		case err != nil || !slices.ContainsFunc(k.facts, func(f fact) bool { return f.positions[key] == line }):
			t.Fatalf("position %s is %q, which the log never said", key, state)
		case line < want[key], exact && line != want[key]:
			t.Fatalf("position %s is %d, %d was committed", key, line, want[key])
		}
	}
}

// TestCutAnywhere cuts the last segment at every byte, as a crash may: what is
// left are the commits before the cut, and nothing is declared.
func TestCutAnywhere(t *testing.T) {
	k := readKnown(t)
	last := k.names[len(k.names)-1]
	for at := range k.files[last] {
		d := k.disk()
		f := d.files[last]
		f.current = f.current[:at]
		f.durable = f.durable[:at]
		commits := k.intact(d)
		k.check(t, d, commits, true)
	}
}

// FuzzRecover damages the recorded log as a script says, on a disk in memory:
// bytes change, blocks are zeroed, copied to where they do not belong or cut out,
// files are cut or go. The spool must come up with everything that was
// committed before the first damage, and with nothing that was never sealed.
func FuzzRecover(f *testing.F) {
	k := readKnown(f)
	for kind := range byte(damageKinds) {
		f.Add([]byte{kind, 2, 0x90, 0x01, 40, 7})
		f.Add([]byte{kind, 0, 0x20, 0x00, 12, 9, kind, 1, 0x00, 0x02, 200, 3})
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		d := k.disk()
		cut := true
		for n := 0; len(script) >= damageSize && n < 8; n++ {
			cut = k.damage(d, script[:damageSize]) && cut
			script = script[damageSize:]
		}
		for _, f := range d.files {
			f.durable = slices.Clone(f.current)
		}
		k.check(t, d, k.intact(d), cut)
	})
}

const (
	// damageSize is one step of a script: kind, segment, offset (2), length, argument.
	damageSize  = 6
	damageKinds = 6
)

// damage does one step. It reports whether that is no more than a crash may do.
func (k *known) damage(d *crashDisk, step []byte) bool {
	index := int(step[1]) % len(k.names)
	f := d.files[k.names[index]]
	if f == nil || len(f.current) == 0 {
		return true
	}
	at := (int(step[2]) | int(step[3])<<8) % len(f.current)
	end := min(at+1+int(step[4]), len(f.current))
	last := index == len(k.names)-1
	switch step[0] % damageKinds {
	case 0:
		f.current[at] ^= max(step[5], 1)
	case 1:
		clear(f.current[at:end])
	case 2: // a block that belongs elsewhere
		from := d.files[k.names[int(step[5])%len(k.names)]]
		if from != nil && at < len(from.current) {
			copy(f.current[at:end], bytes.Clone(from.current[at:]))
		}
	case 3:
		f.current = slices.Delete(f.current, at, end)
	case 4:
		f.current = f.current[:at]
		return last
	default:
		delete(d.files, k.names[index])
		delete(d.durable, k.names[index])
	}
	return false
}
