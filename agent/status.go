package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Status is what a running agent says of itself.
type Status struct {
	Version string    `json:"version"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	// Agent is nil in a dry run.
	Agent      *memberStatus     `json:"agent,omitempty"`
	Connection *connectionStatus `json:"connection,omitempty"`
	Sources    []sourceStatus    `json:"sources"`
	Spool      *spoolStatus      `json:"spool,omitempty"`
}

// memberStatus is who the agent is.
type memberStatus struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Expires time.Time `json:"certificate_expires"`
}

// connectionStatus is how it stands with the collector.
type connectionStatus struct {
	Connected bool   `json:"connected"`
	Collector string `json:"collector,omitempty"`
	// Since is when that began.
	Since time.Time `json:"since,omitzero"`
	Error string    `json:"error,omitempty"`
}

// sourceStatus is how far one file, or the watched folders, have been read.
type sourceStatus struct {
	// Source is "file", "journald" or "fim".
	Source string `json:"source"`
	Path   string `json:"path"`
	// Offset is where reading goes on, Lag how many bytes are after it; of a journal
	// the number of the last entry, and how many entries.
	Offset int64 `json:"offset"`
	Lag    int64 `json:"lag"`
	// Read counts the records since the source was started. Refused are those of
	// them that were not taken in, to be read again at the next start.
	Read    uint64 `json:"read"`
	Refused uint64 `json:"refused"`
	Note    string `json:"note,omitempty"`
	Error   string `json:"error,omitempty"`
}

// spoolStatus is what is kept.
type spoolStatus struct {
	Bytes   int64        `json:"bytes"`
	MaxSize int64        `json:"max_size"`
	Blocked bool         `json:"blocked"`
	Lanes   []laneStatus `json:"lanes"`
}

// laneStatus is what one lane has yet to send.
type laneStatus struct {
	Class string `json:"class"`
	// Pending events are recorded and not acked.
	Pending uint64 `json:"pending"`
	// Refused events found no room and could not be read again, or could not be read
	// back: each is declared as lost.
	Refused uint64 `json:"refused"`
	// Acked is the sequence number of the last event that a collector has stored;
	// 0 until one said so.
	Acked uint64 `json:"acked"`
	// Oldest is when the oldest pending event was read.
	Oldest time.Time `json:"oldest,omitzero"`
}

// statusTimeout bounds one exchange.
const statusTimeout = 5 * time.Second

// statusServer answers each connection with the status, and closes it.
type statusServer struct {
	listener net.Listener
	status   func() *Status
	log      *slog.Logger
}

// acceptPause is how long the server rests after a request that could not be
// taken, for want of descriptors perhaps.
const acceptPause = 100 * time.Millisecond

func listenStatus(folder string, status func() *Status, log *slog.Logger) (*statusServer, error) {
	var listener *net.UnixListener
	err := inFolder(folder, func(name string) error {
		// The folder is locked: a socket that is there is a dead agent's.
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		var err error
		listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
		if err != nil {
			return err
		}
		listener.SetUnlinkOnClose(false) // the name is good only in here
		return os.Chmod(name, 0o600)
	})
	if err != nil {
		return nil, fmt.Errorf("listen for status requests: %w", err)
	}
	return &statusServer{listener: listener, status: status, log: log}, nil
}

func (s *statusServer) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	defer stop()
	for {
		conn, err := s.listener.Accept()
		if err == nil {
			_ = s.answer(conn) // who asked is told by what they did not get
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		s.log.Warn("a status request could not be taken", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(acceptPause):
		}
	}
}

func (s *statusServer) answer(conn net.Conn) error {
	err := conn.SetDeadline(time.Now().Add(statusTimeout))
	if err == nil {
		err = json.NewEncoder(conn).Encode(s.status())
	}
	return errors.Join(err, conn.Close())
}

// ErrNotRunning says that no agent runs with the state folder.
var ErrNotRunning = errors.New("no agent is running with this state folder")

// ReadStatus asks the agent that runs with a state folder.
func ReadStatus(ctx context.Context, folder string) (*Status, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	var conn net.Conn
	err := inFolder(folder, func(name string) error {
		var err error
		conn, err = (&net.Dialer{}).DialContext(ctx, "unix", name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for status: %w (%s): %w", ErrNotRunning, folder, err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(deadline)
	}
	status := &Status{}
	if err == nil {
		err = json.NewDecoder(conn).Decode(status)
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		return nil, fmt.Errorf("ask for status: %w", err)
	}
	return status, nil
}

// inFolder gives the socket a short name: that of a socket has room for about a
// hundred bytes, which a folder's may fill alone.
func inFolder(folder string, use func(name string) error) (err error) {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	return use(filepath.Join("/proc/self/fd", strconv.Itoa(int(dir.Fd())), socketFile))
}

// Status is the agent's state now. It may be called from any goroutine.
func (r *runner) Status() *Status {
	s := &Status{Version: r.options.Version, PID: os.Getpid(), Started: r.started.UTC()}
	if reading := r.reading.Load(); reading != nil {
		s.Sources = reading.status()
	}
	r.sendingStatus(s)
	return s
}

func (s *sources) status() []sourceStatus {
	out := []sourceStatus{}
	if s.file != nil {
		for _, f := range s.file.Status().Files {
			one := sourceStatus{Source: "file", Path: f.Path, Offset: f.Offset, Lag: max(f.Size-f.Offset, 0),
				Error: f.Error}
			one.Read, one.Refused = s.pipe.counts(f.Path)
			switch {
			case f.Refused:
				one.Note = "not read: this agent writes it"
			case f.Rotated:
				one.Note = "rotated"
			}
			out = append(out, one)
		}
	}
	out = append(out, s.journal.status()...)
	if s.fim != nil {
		f := s.fim.Status()
		note := fmt.Sprintf("%d files, %d folders", f.Files, f.Folders)
		if f.Unwatched > 0 {
			note += fmt.Sprintf(", %d polled", f.Unwatched)
		}
		if !f.Ready {
			note += ", baseline under way"
		}
		out = append(out, sourceStatus{
			Source: "fim", Path: "(watched folders)", Lag: int64(f.Pending), Read: f.Events, Note: note, Error: f.Error,
		})
	}
	return out
}
