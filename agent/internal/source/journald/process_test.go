package journald

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// act is this test's own program in the place of journalctl.
func act(script string) int {
	for step := range strings.SplitSeq(script, ";") {
		verb, rest, _ := strings.Cut(step, " ")
		switch verb {
		case "print":
			fmt.Println(rest)
		case "half":
			fmt.Print(line(9, "")[:50])
		case "say":
			fmt.Fprintln(os.Stderr, rest)
		case "noise":
			for range 1000 {
				fmt.Fprintln(os.Stderr, strings.Repeat("noise ", 100))
			}
		case "env":
			fmt.Println(len(os.Environ()), os.Getenv("SECRET"))
		case "hang":
			signal.Ignore(syscall.SIGTERM)
			select {}
		case "exit":
			return len(rest)
		}
	}
	return 0
}

// perform runs a script as journalctl is run.
func perform(ctx context.Context, script string) (io.Reader, func() error, error) {
	return command(ctx, os.Args[0], nil, []string{"JOURNALCTL_SCRIPT=" + script})
}

func TestAProgramRuns(t *testing.T) {
	t.Setenv("SECRET", "swordfish")
	for _, test := range []struct {
		name, script, output, err string
	}{
		{"well", "print hello", "hello\n", ""},
		{"with an exit code", "exit xxx", "", "journalctl: exit status 3"},
		{"with words", "say Failed to open;say  the journal;exit x", "", "journalctl: Failed to open the journal (exit status 1)"},
		{"half a line", "half;exit x", line(9, "")[:50], "journalctl: exit status 1"},
		{"without this process's environment", "env", "3 \n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			output, wait, err := perform(t.Context(), test.script)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(output)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != test.output {
				t.Errorf("output %q, want %q", text, test.output)
			}
			said := ""
			if err := wait(); err != nil {
				said = err.Error()
			}
			if said != test.err {
				t.Errorf("error %q, want %q", said, test.err)
			}
		})
	}
}

func TestWhatAProgramSaysIsBounded(t *testing.T) {
	output, wait, err := perform(t.Context(), "noise;exit x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, output); err != nil {
		t.Fatal(err)
	}
	if err := wait(); err == nil || len(err.Error()) > 2*maxWords {
		t.Errorf("%d bytes of error", len(fmt.Sprint(err)))
	}
}

// TestAProgramThatHangsIsKilled: it ignores what it can.
func TestAProgramThatHangsIsKilled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	output, wait, err := perform(ctx, "print hello;hang")
	if err != nil {
		t.Fatal(err)
	}
	var first [6]byte
	if _, err := io.ReadFull(output, first[:]); err != nil || !bytes.Equal(first[:], []byte("hello\n")) {
		t.Fatalf("%q, %v", first, err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, output); err != nil {
		t.Fatal(err)
	}
	if err := wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func TestAProgramThatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, _, err := execute(t.Context(), nil); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
