package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// says is a process that writes to a journal: under its own name, as whom it is.
type says struct {
	t     *testing.T
	stdin io.WriteCloser
	out   *bufio.Reader
}

// program builds one that is called name and starts it, as another user unless
// that is 0.
func (j *journal) program(name string, user uint32) *says {
	j.t.Helper()
	path := filepath.Join(j.folder, name)
	build := exec.CommandContext(j.t.Context(), "go", "build", "-o", path, "./cmd/journalsay")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		j.t.Fatalf("build journalsay: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(j.t.Context(), path, j.socket())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if user != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user, Gid: user}
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		j.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		j.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		j.t.Fatal(err)
	}
	j.t.Cleanup(func() { _, _ = stdin.Close(), cmd.Wait() })
	return &says{t: j.t, stdin: stdin, out: bufio.NewReader(stdout)}
}

func (s *says) line(identifier, message string) {
	s.t.Helper()
	if _, err := fmt.Fprintf(s.stdin, "%s\t%s\n", identifier, message); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.out.ReadString('\n'); err != nil {
		s.t.Fatalf("write to the journal: %v", err)
	}
}

// eventsOf are the events of one class.
func eventsOf(ctx context.Context, js jetstream.JetStream, class eventv1.Class) (all []event.Event, err error) {
	codec, err := event.NewCodec()
	if err != nil {
		return nil, err
	}
	err = eachMessage(ctx, js, subject.EventsStream(class), func(m jetstream.Msg) error {
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
			e.Fields = slices.Clone(e.Fields)
			all = append(all, e)
		}
	})
	return all, err
}

// sshLogins count the ssh logins of each user.
func sshLogins(ctx context.Context, js jetstream.JetStream) (map[string]int, error) {
	all, err := eventsOf(ctx, js, eventv1.Class_CLASS_AUTH)
	counts := map[string]int{}
	for i := range all {
		if string(all[i].Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION)) == "ssh_login" {
			counts[string(all[i].Get(eventv1.FieldId_FIELD_ID_USER_NAME))]++
		}
	}
	return counts, err
}

// TestTheExampleReadsEachLoginOnce runs an agent with the example configuration on
// a host that has a journal, log files, or both with the same in them. Each login
// is there once, across a restart of the agent.
func TestTheExampleReadsEachLoginOnce(t *testing.T) {
	t.Parallel()
	const each = 60
	for _, test := range []struct {
		name           string
		journal, files bool
	}{
		{"journal only", true, false},
		{"files only", false, true},
		{"both", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := newJournal(t)
			f := newFleet(t)
			up(t, f, f.Collector())
			var logs []string
			if test.files {
				logs = append(logs, authLog)
			}
			host := member(t, f, "host-1", logs...)
			host.Env = map[string]string{"TOCSIN_JOURNAL": "true", "TOCSIN_JOURNAL_DIR": j.files()}
			if !test.journal {
				host.Env["TOCSIN_JOURNAL_DIR"] = t.TempDir()
			}
			sshd := j.program("sshd", 0)
			want := map[string]int{}
			login := func() {
				user := fmt.Sprintf("user%04d", len(want))
				want[user] = 1
				message := "Failed password for " + user + " from 203.0.113.5 port 22 ssh2"
				if test.journal {
					sshd.line("sshd", message)
				}
				if test.files {
					path := filepath.Join(f.Root("host-1"), authLog)
					appendLine(t, path, time.Now().Format("2006-01-02T15:04:05.000000-07:00")+" host-1 sshd[77]: "+message)
				}
			}
			agent := up(t, f, host)
			for range each {
				login()
			}
			if err := agent.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			login() // while it is down
			agent = up(t, f, host)
			for range each {
				login()
			}
			js := jetStream(t, f)
			var got map[string]int
			j.poll("every login", func() bool {
				var err error
				got, err = sshLogins(t.Context(), js)
				return err == nil && len(got) >= len(want)
			})
			if err := agent.Stop(t.Context()); err != nil { // with all that it has read
				t.Fatal(err)
			}
			got, err := sshLogins(t.Context(), js)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, want) {
				t.Errorf("logins: %v", got)
			}
		})
	}
}

func appendLine(t *testing.T, path, line string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAUserIsNotSSHD has root's sshd and another user's program of that name write
// the same line to a real journal. Only the first is a login.
func TestAUserIsNotSSHD(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: that a user's sshd is not believed, because only root can act as another user")
	}
	j := newJournal(t)
	f := newFleet(t)
	up(t, f, f.Collector())
	agent := up(t, f, journalAgent(t, f, j))
	const words = "Accepted password for root from 203.0.113.5 port 22 ssh2"
	j.program("sshd", 65534).line("sshd", words)
	j.program("sshd", 0).line("sshd", words)
	js := jetStream(t, f)
	var doubted []event.Event
	j.poll("both lines", func() bool {
		all, err := eventsOf(t.Context(), js, eventv1.Class_CLASS_SYSTEM)
		if err != nil {
			return false
		}
		doubted = slices.DeleteFunc(all, func(e event.Event) bool { return string(e.Original) != words })
		believed, err := sshLogins(t.Context(), js)
		return err == nil && len(believed) == 1 && len(doubted) == 1
	})
	if err := agent.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	believed, err := sshLogins(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	if believed["root"] != 1 {
		t.Errorf("logins: %v", believed)
	}
	e := &doubted[0]
	if why := string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_JOURNAL_DOUBT)); why != "a process of user 65534 is not sshd" {
		t.Errorf("doubt %q", why)
	}
	if uid := string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_JOURNAL_UID)); uid != "65534" {
		t.Errorf("user %q", uid)
	}
}

// TestEntriesOfEveryKindArrive writes what is no text, what is long, and what has
// several lines, to a real journal.
func TestEntriesOfEveryKindArrive(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	f := newFleet(t)
	up(t, f, f.Collector())
	agent := up(t, f, journalAgent(t, f, j))
	for _, message := range []string{
		"bytes \xff\x00\x01 that are no text",
		"a line\nand another",
		"long " + strings.Repeat("x", 3<<20),
		"hangul 한글 and a smile 😀",
		"Traceback (most recent call last):",
		"  File \"/srv/a.py\", line 1, in f",
		"ValueError: bad",
		"the last",
	} {
		j.write("kinds", []byte(message))
	}
	wants := []string{
		"bytes \xff\x00\x01 that are no text", "a line\nand another", "long " + strings.Repeat("x", 256<<10-len("long ")),
		"hangul 한글 and a smile 😀",
		"Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in f\nValueError: bad",
		"the last",
	}
	js := jetStream(t, f)
	// The classes are read one after another: the last entry may be seen before one
	// of another class that arrived earlier.
	j.poll("every entry", func() bool {
		l, err := readLedger(t.Context(), js)
		return err == nil && !slices.ContainsFunc(wants, func(want string) bool { return l.contents[want] == 0 })
	})
	if err := agent.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := readLedger(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range wants {
		if l.contents[want] != 1 {
			t.Errorf("%.60q is there %d times", want, l.contents[want])
		}
	}
}
