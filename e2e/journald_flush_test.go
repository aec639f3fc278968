package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// flush has the daemon move its journal from /run to /var, which gives all entries
// other numbers.
func (j *journal) flush() {
	j.t.Helper()
	if err := j.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		j.t.Fatal(err)
	}
	j.poll("the move to /var", func() bool {
		left, _ := filepath.Glob(filepath.Join(j.run, "log/journal/*/*.journal"))
		return j.active() != 0 && len(left) == 0
	})
}

// inside is a folder with the released binaries, of which the agent runs where the
// journal is that of the system.
func (j *journal) inside() string {
	j.t.Helper()
	released := binary.Folder(j.t, "tocsin-agent", "tocsin-collector", "tocsin-alerter")
	bin := j.t.TempDir()
	for _, name := range []string{"tocsin-collector", "tocsin-alerter"} {
		if err := os.Symlink(filepath.Join(released, name), filepath.Join(bin, name)); err != nil {
			j.t.Fatal(err)
		}
	}
	user := ""
	if os.Geteuid() != 0 {
		user = "--user --preserve-credentials "
	}
	script := fmt.Sprintf("#!/bin/sh\nexec nsenter --target %d --mount %s-- %s \"$@\"\n", j.cmd.Process.Pid, user, filepath.Join(released, "tocsin-agent"))
	if err := os.WriteFile(filepath.Join(bin, "tocsin-agent"), []byte(script), 0o755); err != nil {
		j.t.Fatal(err)
	}
	return bin
}

// TestTheJournalMovesFromRunToVar: at the start of a system journald writes to
// /run; when /var is there it copies all that, and deletes it. What was read in
// the one is not read again in the other, and nothing is missing: while the agent
// runs, and while it does not. It reads the system's own journal here.
func TestTheJournalMovesFromRunToVar(t *testing.T) {
	t.Parallel()
	for _, stopped := range []bool{false, true} {
		t.Run(fmt.Sprintf("while the agent is stopped is %v", stopped), func(t *testing.T) {
			t.Parallel()
			j := startJournal(t, false)
			f := fleetOf(t, j.inside())
			up(t, f, f.Collector())
			host := systemJournalAgent(t, f)
			agent := up(t, f, host)
			var written []string
			write := func(n int) {
				for range n {
					line := fmt.Sprintf("entry %07d", len(written))
					written = append(written, line)
					j.write("demo", []byte(line))
				}
			}
			js := jetStream(t, f)
			arrived := func() {
				j.poll("all that was written", func() bool {
					l, err := readLedger(t.Context(), js)
					if err != nil {
						return false
					}
					l.keep("entry ")
					return l.total() >= len(written)
				})
			}
			write(200)
			arrived()
			if stopped {
				agent.Kill()
			}
			write(100)
			j.flush()
			write(100)
			if stopped {
				agent = up(t, f, host)
			}
			arrived()
			if err := agent.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			entriesOnce(t, js, written)
		})
	}
}

// systemJournalAgent is a member that reads all of the system's own journal.
func systemJournalAgent(t *testing.T, f *fleet.Fleet) fleet.Service {
	t.Helper()
	s := f.Agent("host-1")
	s.Config = f.Path("journal.yaml")
	text := "state_dir: ${TOCSIN_STATE_DIR}\nsources:\n  journald: {enabled: true, start: beginning}\nhttp: {listen: \"${TOCSIN_HTTP}\"}\n"
	if err := os.WriteFile(s.Config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Enrol(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}
