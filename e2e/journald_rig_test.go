package e2e

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tocsin-security/tocsin/e2e/fleet"
)

// journal is a real systemd-journald that runs by hand, in a mount namespace of
// its own, with its sockets and files below one folder.
type journal struct {
	t      *testing.T
	folder string
	// run is what the daemon has for /run.
	run  string
	cmd  *exec.Cmd
	conn *net.UnixConn
}

// journaldScript makes a namespace in which nothing of this machine's journal is
// to be seen, and becomes the daemon.
const journaldScript = `set -eu
if [ "$3" = flushed ]; then
  mount --bind "$1/run" /run
  touch /run/systemd/journal/flushed
else # journald deletes what it moved only where it is memory
  mount -t tmpfs run /run
  mkdir -p /run/systemd/journal /run/log
fi
mount -t tmpfs etc /etc
mkdir /etc/systemd
cp "$1/machine-id" /etc/machine-id
cp "$1/journald.conf" /etc/systemd/journald.conf
mount -t tmpfs log /var/log
mkdir /var/log/journal
mount --bind "$1/journal" /var/log/journal
exec "$2"`

// newJournal starts a journal, which ends with the test. Where there is no
// journald, or the kernel refuses namespaces, the test is skipped.
func newJournal(t *testing.T) *journal {
	t.Helper()
	return startJournal(t, true)
}

// startJournal starts one that writes to /var at once, or to /run until it is told
// to go over, as at the start of a system.
func startJournal(t *testing.T, flushed bool) *journal {
	t.Helper()
	daemon := journald(t)
	// A socket's name has room for about a hundred bytes.
	folder, err := os.MkdirTemp("", "journal")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	var id [16]byte
	_, _ = rand.Read(id[:])
	machine := hex.EncodeToString(id[:])
	for _, dir := range []string{"run/systemd/journal", "run/log", "journal/" + machine} {
		if err := os.MkdirAll(filepath.Join(folder, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"machine-id":    machine + "\n",
		"journald.conf": "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\nSystemMaxFiles=1000\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	j := &journal{t: t, folder: folder, run: filepath.Join(folder, "run")}
	where := "flushed"
	if !flushed {
		where = "volatile"
	}
	args := []string{"--mount"}
	if os.Geteuid() != 0 {
		args = append(args, "--map-root-user")
	}
	probe := append(append([]string{}, args...), "sh", "-c", "mount -t tmpfs t /etc")
	if out, err := exec.CommandContext(t.Context(), "unshare", probe...).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: the journal was not read, because this kernel allows no namespaces: %v: %s", err, out)
	}
	j.cmd = exec.Command("unshare", append(args, "sh", "-c", journaldScript, "journald", folder, daemon, where)...) //nolint:gosec // ends with the test
	j.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	problem, err := os.Create(filepath.Join(folder, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	j.cmd.Stderr = problem
	if err := j.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _, _ = j.cmd.Process.Kill(), j.cmd.Wait(), problem.Close()
	})
	if !flushed {
		j.run = fmt.Sprintf("/proc/%d/root/run", j.cmd.Process.Pid)
	}
	j.poll("journald", func() bool {
		if !flushed {
			// Before the namespace is made, this is the machine's own /run.
			if _, err := os.Stat(filepath.Join(j.run, "log/journal", machine)); err != nil {
				return false
			}
		}
		j.conn, err = net.DialUnix("unixgram", nil, &net.UnixAddr{Name: j.socket(), Net: "unixgram"})
		return err == nil
	})
	t.Cleanup(func() { _ = j.conn.Close() })
	return j
}

// journald finds the daemon.
func journald(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("journalctl"); err == nil {
		for _, path := range []string{"/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald"} {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	t.Skip("NOT TESTED: the journal was not read, because there is no journalctl or no systemd-journald here; `make journald` installs both")
	return ""
}

func (j *journal) socket() string { return filepath.Join(j.run, "systemd/journal/socket") }

// files is the folder with the journal's files.
func (j *journal) files() string { return filepath.Join(j.folder, "journal") }

func (j *journal) poll(what string, ask func() bool) {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.t.Context(), 3*time.Minute)
	defer cancel()
	if err := fleet.Poll(ctx, func() (bool, error) { return ask(), nil }); err != nil {
		said, _ := os.ReadFile(filepath.Join(j.folder, "stderr"))
		j.t.Fatalf("wait for %s: %v: %s", what, err, said)
	}
}

// write writes one entry, by the protocol of the daemon's own socket. It waits
// while the daemon is behind.
func (j *journal) write(identifier string, message []byte) {
	j.t.Helper()
	entry := fmt.Appendf(nil, "PRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=%s\nMESSAGE\n", identifier)
	entry = binary.LittleEndian.AppendUint64(entry, uint64(len(message)))
	entry = append(append(entry, message...), '\n')
	if _, err := j.conn.Write(entry); errors.Is(err, syscall.EMSGSIZE) {
		j.writeLarge(entry)
	} else if err != nil {
		j.t.Fatalf("write to the journal: %v", err)
	}
}

// writeLarge writes an entry for which a datagram has no room, as the protocol has
// it: in a file of memory that is sealed.
func (j *journal) writeLarge(entry []byte) {
	j.t.Helper()
	fd, err := unix.MemfdCreate("entry", unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if err != nil {
		j.t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "entry")
	defer func() { _ = file.Close() }()
	if _, err := file.Write(entry); err != nil {
		j.t.Fatal(err)
	}
	const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		j.t.Fatal(err)
	}
	raw, err := j.conn.SyscallConn()
	if err != nil {
		j.t.Fatal(err)
	}
	var sent error
	err = raw.Write(func(socket uintptr) bool {
		sent = unix.Sendmsg(int(socket), nil, unix.UnixRights(fd), nil, 0)
		return !errors.Is(sent, unix.EAGAIN)
	})
	if err = errors.Join(err, sent); err != nil {
		j.t.Fatalf("write to the journal: %v", err)
	}
}

// active is which file is being written to.
func (j *journal) active() uint64 {
	found, _ := filepath.Glob(filepath.Join(j.files(), "*/system.journal"))
	if len(found) != 1 {
		return 0
	}
	info, err := os.Stat(found[0])
	if err != nil {
		return 0
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	return stat.Ino
}

// signal sends the daemon one.
func (j *journal) signal(s syscall.Signal) {
	j.t.Helper()
	if err := j.cmd.Process.Signal(s); err != nil {
		j.t.Fatal(err)
	}
}

// rotate has the daemon begin a new file.
func (j *journal) rotate() {
	j.t.Helper()
	before := j.active()
	j.signal(syscall.SIGUSR2)
	j.poll("rotation", func() bool { now := j.active(); return now != 0 && now != before })
}

// vacuum deletes all archived files but some.
func (j *journal) vacuum(keep int) {
	j.t.Helper()
	out, err := exec.CommandContext(j.t.Context(), "journalctl", "--directory="+j.files(), fmt.Sprintf("--vacuum-files=%d", keep)).CombinedOutput()
	if err != nil {
		j.t.Fatalf("vacuum: %v: %s", err, out)
	}
}

// list are the cursors of all entries in a folder's files.
func (j *journal) list(folder string) []string {
	j.t.Helper()
	out, err := exec.CommandContext(j.t.Context(), "journalctl", "--directory="+folder, "--output=json", "--output-fields=X", "--quiet").Output()
	if err != nil {
		j.t.Fatalf("list the journal: %v", err)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		var entry struct {
			Cursor string `json:"__CURSOR"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			j.t.Fatal(err)
		}
		all = append(all, entry.Cursor)
	}
	return all
}

// agentStatus is what the tests read of an agent's status.
type agentStatus struct {
	Sources []struct {
		Source, Note, Error string
		Offset              uint64
		Read                uint64
	}
	Spool struct {
		Lanes []struct{ Pending uint64 }
	}
}

// statusOf asks a running agent.
func statusOf(ctx context.Context, f *fleet.Fleet, s fleet.Service) (*agentStatus, error) {
	out, err := f.Run(ctx, s, "status", "--json", "--state-dir", f.Path(s.Name, "state"))
	if err != nil {
		return nil, err
	}
	var st agentStatus
	return &st, json.Unmarshal([]byte(out), &st)
}

// settled waits until an agent has read all entries that are there, and the
// collector has stored them.
func (j *journal) settled(f *fleet.Fleet, s fleet.Service) {
	j.t.Helper()
	j.poll("the agent to have read all", func() bool {
		out, err := exec.CommandContext(j.t.Context(), "journalctl", "--directory="+j.files(), "--output=json", "--output-fields=X", "--quiet", "--lines=1").Output()
		if err != nil {
			return false
		}
		_, number, _ := strings.Cut(string(out), ";i=")
		number, _, _ = strings.Cut(number, ";")
		var newest uint64
		if _, err := fmt.Sscanf(number, "%x", &newest); err != nil {
			return false
		}
		st, err := statusOf(j.t.Context(), f, s)
		if err != nil {
			return false
		}
		for _, lane := range st.Spool.Lanes {
			if lane.Pending > 0 {
				return false
			}
		}
		for _, source := range st.Sources {
			if source.Source == "journald" {
				return source.Offset == newest
			}
		}
		return false
	})
}

// strike sends a signal to the journalctl that an agent runs, if there is one now.
func strike(t *testing.T, agent *fleet.Process, signal syscall.Signal) bool {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", agent.PID()))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		children, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for child := range strings.FieldsSeq(string(children)) {
			name, err := os.ReadFile("/proc/" + child + "/comm")
			if err != nil || string(name) != "journalctl\n" {
				continue
			}
			var pid int
			if _, err := fmt.Sscan(child, &pid); err != nil {
				t.Fatal(err)
			}
			return syscall.Kill(pid, signal) == nil
		}
	}
	return false
}
