package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// journalAgent is a member that reads the whole of a journal and nothing else.
func journalAgent(t *testing.T, f *fleet.Fleet, j *journal) fleet.Service {
	t.Helper()
	s := f.Agent("host-1")
	s.Config = f.Path("journal.yaml")
	text := fmt.Sprintf(`state_dir: ${TOCSIN_STATE_DIR}
sources:
  journald: {enabled: true, start: beginning, directory: %q}
http: {listen: "${TOCSIN_HTTP}"}
`, j.files())
	if err := os.WriteFile(s.Config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Enrol(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

// journalEvents are the events of a fleet: how often each message with a prefix is
// there, and what agents declared lost.
type journalEvents struct {
	*ledger
	lost []event.Event
}

func readJournalEvents(ctx context.Context, js jetstream.JetStream) (*journalEvents, error) {
	l, err := readLedger(ctx, js)
	if err != nil {
		return nil, err
	}
	all := &journalEvents{ledger: l}
	codec, err := event.NewCodec()
	if err != nil {
		return nil, err
	}
	err = eachMessage(ctx, js, subject.EventsStream(eventv1.Class_CLASS_AGENT), func(m jetstream.Msg) error {
		batch, err := codec.Open(nil, m.Data())
		if err != nil {
			return err
		}
		var w event.Walker
		if _, err := w.Open(batch); err != nil {
			return err
		}
		for {
			var e event.Event
			more, err := w.Next(&e)
			if err != nil || !more {
				return err
			}
			all.lost = append(all.lost, e)
		}
	})
	return all, err
}

// entriesOnce holds the streams against the entries that were written: each is there
// once, and no loss is declared.
func entriesOnce(t *testing.T, js jetstream.JetStream, written []string) {
	t.Helper()
	l, err := readJournalEvents(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	l.keep("entry ")
	if err := l.compare(written); err != nil {
		t.Error(err)
	}
	if n := l.declared(); len(n) > 0 {
		t.Errorf("declared losses of %v, and there were none", n)
	}
}

// declared are the counts of what was declared lost of the journal.
func (l *journalEvents) declared() (counts []int) {
	for i := range l.lost {
		if string(l.lost[i].Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION)) == "journal_gap" {
			n, _ := strconv.Atoi(string(l.lost[i].Get(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_COUNT)))
			counts = append(counts, n)
		}
	}
	return counts
}

// TestJournalIsReadThroughRotationVacuumAndKills writes to a real journald, which
// rotates and vacuums all the while, and kills the agent now and then, and its
// journalctl more often. Every entry
// is in the streams once. In the end a vacuum outruns an agent that was stopped,
// and it declares exactly what is missing.
func TestJournalIsReadThroughRotationVacuumAndKills(t *testing.T) {
	t.Parallel()
	rotations, killEvery := 8, 3
	if soak() {
		rotations, killEvery = 100, 7
	}
	j := newJournal(t)
	f := newFleet(t)
	up(t, f, f.Collector())
	host := journalAgent(t, f, j)
	agent := up(t, f, host)
	js := jetStream(t, f)
	var written []string
	write := func(n int) {
		for range n {
			line := fmt.Sprintf("entry %07d", len(written))
			written = append(written, line)
			j.write("demo", []byte(line))
		}
	}
	struck := 0
	for i := range rotations {
		write(150)
		if i%2 == 0 && strike(t, agent, syscall.SIGKILL) {
			struck++
		}
		j.rotate()
		write(150)
		if i%killEvery == killEvery-1 {
			agent.Kill() // with entries that it has read and not recorded
			write(50)
			j.rotate()
			agent = up(t, f, host)
		}
		// What is stored may go; what is not must not, or it would be lost rightly.
		j.settled(f, host)
		j.vacuum(1)
	}
	// What journald says of itself comes when it likes: not between what the agent
	// has read and what is held against it.
	j.signal(syscall.SIGSTOP)
	j.settled(f, host)
	if err := agent.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	entriesOnce(t, js, written)
	if struck == 0 {
		t.Error("no journalctl was killed")
	}
	t.Logf("%d entries through %d rotations; journalctl was killed %d times", len(written), rotations, struck)

	missing := j.outrun(write)
	agent = up(t, f, host)
	write(1)
	j.settled(f, host)
	if err := agent.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := readJournalEvents(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	if got := l.declared(); !slices.Equal(got, []int{missing}) {
		t.Errorf("declared losses of %v, want %d", got, missing)
	}
	if last := written[len(written)-1]; l.contents[last] != 1 {
		t.Errorf("%q is there %d times", last, l.contents[last])
	}
}

// TestAStoppedJournalctlIsFound stops an agent's journalctl, which then looks like
// one that has nothing to print.
func TestAStoppedJournalctlIsFound(t *testing.T) {
	if !soak() {
		t.Skip("takes over a minute: make soak")
	}
	t.Parallel()
	j := newJournal(t)
	f := newFleet(t)
	up(t, f, f.Collector())
	host := journalAgent(t, f, j)
	agent := up(t, f, host)
	j.write("demo", []byte("entry before"))
	j.settled(f, host)
	if !strike(t, agent, syscall.SIGSTOP) {
		t.Fatal("there is no journalctl")
	}
	j.write("demo", []byte("entry after"))
	j.settled(f, host)
	if err := agent.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := readJournalEvents(t.Context(), jetStream(t, f))
	if err != nil {
		t.Fatal(err)
	}
	l.keep("entry ")
	if err := l.compare([]string{"entry before", "entry after"}); err != nil {
		t.Error(err)
	}
}

// outrun has a stopped journald go on, writes entries and deletes them, with
// whatever it said itself, and says how many are gone that were not there before.
// What is in a file is counted once it is deleted, under another name of it.
func (j *journal) outrun(write func(int)) int {
	j.t.Helper()
	before := map[string]bool{}
	for _, cursor := range j.list(j.files()) {
		before[cursor] = true
	}
	j.signal(syscall.SIGCONT)
	gone := map[string]bool{}
	write(200)
	for round := range 2 {
		j.rotate()
		write(3) // after the rotation, before the vacuum: lost in the next round
		for _, cursor := range j.vacuumed(round) {
			gone[cursor] = true
		}
	}
	maps.DeleteFunc(gone, func(cursor string, _ bool) bool { return before[cursor] })
	return len(gone)
}

// vacuumed deletes all archived files, and returns the cursors of what they held.
func (j *journal) vacuumed(round int) []string {
	j.t.Helper()
	kept := filepath.Join(j.folder, fmt.Sprintf("vacuumed-%d", round))
	if err := os.Mkdir(kept, 0o755); err != nil {
		j.t.Fatal(err)
	}
	archived, err := filepath.Glob(filepath.Join(j.files(), "*/*@*.journal"))
	if err != nil {
		j.t.Fatal(err)
	}
	for _, path := range archived {
		if err := os.Link(path, filepath.Join(kept, filepath.Base(path))); err != nil {
			j.t.Fatal(err)
		}
	}
	j.vacuum(1)
	for _, path := range archived {
		if _, err := os.Lstat(path); err == nil {
			j.t.Fatalf("the vacuum left %s", path)
		}
	}
	return j.list(kept)
}

// keep forgets the contents without a prefix: what journald says itself.
func (l *ledger) keep(prefix string) {
	maps.DeleteFunc(l.contents, func(text string, _ int) bool { return !strings.HasPrefix(text, prefix) })
}
