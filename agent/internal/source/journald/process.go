package journald

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// starter runs journalctl until it ends or ctx does. wait is to be called once
// output was read to its end, and says how it ended.
type starter func(ctx context.Context, args []string) (output io.Reader, wait func() error, err error)

// killWait is how long a journalctl that was killed may keep its output open.
const killWait = 5 * time.Second

// maxWords bounds what is kept of what journalctl says on standard error.
const maxWords = 1 << 10

func execute(ctx context.Context, args []string) (io.Reader, func() error, error) {
	path, err := exec.LookPath("journalctl")
	if err != nil {
		return nil, nil, fmt.Errorf("find journalctl: %w", err)
	}
	return command(ctx, path, args, nil)
}

// command runs a program that ends with this process: one that went on would hold
// a place in nobody's queue. It gets nothing of this process's environment, in
// which there may be secrets.
func command(ctx context.Context, path string, args, env []string) (io.Reader, func() error, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, env...)
	cmd.WaitDelay = killWait
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	words := &lastWords{}
	cmd.Stderr = words
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("run journalctl: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("run journalctl: %w", err)
	}
	wait := func() error {
		err := cmd.Wait()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return nil
		}
		if said := words.String(); said != "" {
			return fmt.Errorf("journalctl: %s (%w)", said, err)
		}
		return fmt.Errorf("journalctl: %w", err)
	}
	return output, wait, nil
}

// lastWords keeps the end of what is written.
type lastWords struct {
	mu   sync.Mutex // guards text
	text []byte
}

func (w *lastWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	if over := len(w.text) - maxWords; over > 0 {
		w.text = append(w.text[:0], w.text[over:]...)
	}
	return len(b), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(strings.Fields(string(w.text)), " ")
}

// arguments are those that every run has; after them come those of one.
func (c *Config) arguments() []string {
	args := []string{"--output=json", "--all", "--quiet", "--no-pager", "--output-fields=" + outputFields}
	if c.Directory != "" {
		args = append(args, "--directory="+c.Directory)
	}
	if c.Namespace != "" {
		args = append(args, "--namespace="+c.Namespace)
	}
	for _, unit := range c.Units {
		args = append(args, "--unit="+unit)
	}
	for _, identifier := range c.Identifiers {
		args = append(args, "--identifier="+identifier)
	}
	if c.Priority != "" {
		args = append(args, "--priority="+c.Priority)
	}
	return args
}

// following are the arguments of a run that goes on after an entry: at it, since
// journalctl's own --after-cursor skips an entry of versions before 247 where that
// one is gone, and never tells whether it was.
func (s *Source) following(after *cursor, since uint64, boot string) []string {
	args := append(s.cfg.arguments(), "--follow", "--no-tail")
	switch {
	case boot != "":
		args = append(args, "--boot="+boot)
	case *after != (cursor{}):
		args = append(args, "--cursor="+after.String())
	case since != 0:
		args = append(args, fmt.Sprintf("--since=@%d.%06d", since/1e6, since%1e6))
	}
	return append(append(args, "--"), s.cfg.Matches...)
}

// newestWait bounds the asking for the newest entry.
const newestWait = 20 * time.Second

// newest asks for the newest entry. The zero cursor is none.
func (s *Source) newest(ctx context.Context) (cursor, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, newestWait, errors.New("journalctl does not answer"))
	defer cancel()
	args := append(append(s.cfg.arguments(), "--lines=1", "--"), s.cfg.Matches...)
	output, wait, err := s.opts.start(ctx, args)
	if err != nil {
		return cursor{}, err
	}
	var e entry
	d := newDecoder(output, maxField)
	reading := d.next(&e)
	for read := reading; !errors.Is(read, io.EOF) && (read == nil || errors.Is(read, errBroken)); {
		var rest entry
		read = d.next(&rest)
	}
	if err := wait(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return cursor{}, fmt.Errorf("ask for the newest entry: %w", err)
	}
	switch {
	case errors.Is(reading, io.EOF):
		return cursor{}, nil
	case reading != nil:
		return cursor{}, fmt.Errorf("ask for the newest entry: %w", reading)
	}
	return e.at, nil
}
