package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tocsin-security/tocsin/shell/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tocsin-collector": func() { os.Exit(command.Main(root())) },
	})
}

// TestScripts runs the real commands. A script finds free addresses in $AGENTS,
// $NATS and $HTTP, and waits with "ready" for a collector it runs behind it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"AGENTS", "NATS", "HTTP"} {
				address, err := freeAddress()
				if err != nil {
					return err
				}
				e.Setenv(name, address)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "status": status},
	})
}

// freeAddress finds a port below those that the kernel gives to outgoing
// connections, so that none of those can take it first.
func freeAddress() (string, error) {
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		return l.Addr().String(), l.Close()
	}
	return "", errors.New("find a free port: 100 were taken")
}

// status runs a command that must end with the given exit code.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// ready waits until /readyz says yes, or with "!" until it says no.
func ready(ts *testscript.TestScript, negated bool, _ []string) {
	url := "http://" + ts.Getenv("HTTP") + "/readyz"
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last := "no answer"
	for {
		response, err := http.Get(url)
		if err == nil {
			_ = response.Body.Close()
			last = fmt.Sprint(response.Status)
			if (response.StatusCode == http.StatusOK) != negated {
				return
			}
		}
		select {
		case <-deadline:
			ts.Fatalf("%s: %s", url, last)
		case <-tick.C:
		}
	}
}
