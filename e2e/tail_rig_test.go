package e2e

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// tailConfig reads one log in each folder of a host, and nothing else.
const tailConfig = `state_dir: ${TOCSIN_STATE_DIR}
sources:
  files:
    - paths: ["${TOCSIN_ROOT}/var/log/*/%s"]
      parser: plain
http:
  listen: ${TOCSIN_HTTP}
`

// tailed is an agent that reads many logs, each in a folder of its own.
type tailed struct {
	t       *testing.T
	fleet   *fleet.Fleet
	service fleet.Service
	agent   *fleet.Process
	js      jetstream.JetStream
}

// tailAgent starts a collector and an agent that reads what a glob matches.
func tailAgent(t *testing.T, glob string, logs ...string) *tailed {
	t.Helper()
	r := &tailed{t: t, fleet: newFleet(t)}
	up(t, r.fleet, r.fleet.Collector())
	r.service = member(t, r.fleet, "host-1", logs...)
	r.service.Config = filepath.Join(t.TempDir(), "tail.yaml")
	if err := os.WriteFile(r.service.Config, fmt.Appendf(nil, tailConfig, glob), 0o600); err != nil {
		t.Fatal(err)
	}
	r.js = jetStream(t, r.fleet)
	r.start()
	return r
}

func (r *tailed) start() { r.agent = up(r.t, r.fleet, r.service) }

// tailLog is one log, and everything that was written to it.
type tailLog struct {
	t       *testing.T
	folder  string
	prefix  string
	size    int
	written []string
	// given are lines that may be lost: nothing but their truncation tells of them.
	given map[string]bool
}

func (l *tailLog) path(name string) string { return filepath.Join(l.folder, name) }

func (l *tailLog) do(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("%s: %v", l.prefix, err)
	}
}

// write appends lines to a file of the folder, each of its own.
func (l *tailLog) write(name string, n int) {
	l.t.Helper()
	f, err := os.OpenFile(l.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	l.do(err)
	var b strings.Builder
	for range n {
		line := fmt.Sprintf("%s line %06d ", l.prefix, len(l.written))
		line += strings.Repeat("x", max(0, l.size-len(line)))
		l.written = append(l.written, line)
		b.WriteString(line + "\n")
	}
	_, err = io.WriteString(f, b.String())
	l.do(err)
	l.do(f.Close())
}

func (l *tailLog) rename(from, to string) { l.t.Helper(); l.do(os.Rename(l.path(from), l.path(to))) }

func (l *tailLog) truncate(name string) { l.t.Helper(); l.do(os.Truncate(l.path(name), 0)) }

func (l *tailLog) copy(from, to string) {
	l.t.Helper()
	data, err := os.ReadFile(l.path(from))
	l.do(err)
	l.do(os.WriteFile(l.path(to), data, 0o644))
}

// run runs a compressor on files of the folder.
func (l *tailLog) run(command string, args ...string) {
	l.t.Helper()
	cmd := exec.CommandContext(l.t.Context(), command, args...)
	cmd.Dir = l.folder
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("%s: %s: %v: %s", l.prefix, command, err, out)
	}
}

// gzip compresses a file as gzip does, where one need not be started for each.
func (l *tailLog) gzip(name string) error {
	in, err := os.Open(l.path(name))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.Create(l.path(name + ".gz"))
	if err != nil {
		return err
	}
	z := gzip.NewWriter(out)
	if _, err := io.Copy(z, in); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if err := os.Chtimes(out.Name(), info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	return os.Remove(in.Name())
}

// inode is a file's number.
func (l *tailLog) inode(name string) uint64 {
	l.t.Helper()
	info, err := os.Stat(l.path(name))
	l.do(err)
	return info.Sys().(*syscall.Stat_t).Ino
}

// arrives waits until every line that was written is in the streams, and holds
// the streams against what was written.
func (r *tailed) arrives(logs ...*tailLog) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*patience)
	defer cancel()
	var last *ledger
	var problem error
	err := fleet.Poll(ctx, func() (bool, error) {
		if last, problem = readLedger(ctx, r.js); problem != nil {
			return false, nil //nolint:nilerr // told below
		}
		for _, l := range logs {
			for _, line := range l.written {
				if last.contents[line] == 0 && !l.given[line] {
					return false, nil
				}
			}
		}
		return true, nil
	})
	if problem != nil {
		r.t.Fatal(problem)
	}
	foreign := last.total()
	for _, l := range logs {
		missing, repeated := 0, 0
		for _, line := range l.written {
			n := last.contents[line]
			foreign -= n
			if n == 0 && !l.given[line] {
				missing++
			}
			repeated += max(0, n-1)
		}
		if missing+repeated > 0 {
			r.t.Errorf("%s: of %d lines %d are missing, %d repeated", l.prefix, len(l.written), missing, repeated)
		}
	}
	if foreign > 0 {
		r.t.Errorf("%d records that nobody wrote", foreign)
	}
	if err != nil {
		r.t.Fatalf("%v; the agent's last words:\n%s", err, r.agent.LastWords())
	}
}

// declared are what the agent says of its reading, by the folder of the log.
func (r *tailed) declared() map[string]map[string]int {
	r.t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		r.t.Fatal(err)
	}
	said := map[string]map[string]int{}
	err = eachMessage(r.t.Context(), r.js, subject.EventsStream(eventv1.Class_CLASS_AGENT), func(m jetstream.Msg) error {
		batch, err := codec.Open(nil, m.Data())
		if err != nil {
			return err
		}
		var w event.Walker
		if _, err := w.Open(batch); err != nil {
			return err
		}
		var e event.Event
		for {
			more, err := w.Next(&e)
			if err != nil || !more {
				return err
			}
			path := string(e.Get(eventv1.FieldId_FIELD_ID_LOG_FILE_PATH))
			if path == "" {
				continue
			}
			folder := filepath.Base(filepath.Dir(path))
			if said[folder] == nil {
				said[folder] = map[string]int{}
			}
			said[folder][string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION))]++
		}
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return said
}
