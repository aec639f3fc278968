package main

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tocsin-security/tocsin/agent/internal/identity/fleettest"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tocsin-agent": func() { os.Exit(run()) }})
}

func TestScripts(t *testing.T) {
	fleet, foreign := fleettest.New(t), fleettest.New(t)
	withID := func(id string) string {
		return fleet.Token(func(token *fleetv1.JoinToken) { token.Id = id })
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			// Every script has a join token of its own.
			e.Setenv("TOKEN", withID(e.WorkDir))
			e.Setenv("EXPIRED", withID(fleettest.ExpiredToken))
			e.Setenv("USED", withID(fleettest.UsedToken))
			e.Setenv("FOREIGN", fleet.Token(func(token *fleetv1.JoinToken) { token.AuthorityPin = foreign.Pin() }))
			e.Setenv("NOWHERE", fleet.Token(func(token *fleetv1.JoinToken) { token.Collectors = []string{"localhost:1"} }))
			return nil
		},
		Condition: func(name string) (bool, error) { return name == "root" && os.Geteuid() == 0, nil },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"until": until,
		},
	})
}

// exits runs a command that must exit with a code: exits 3 tocsin-agent …
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	default:
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// until waits for a pattern to be in a file that a process in the background
// writes, a number of times if one is given: until FILE PATTERN [COUNT]
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	count := 1
	if len(args) > 2 {
		count, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && len(pattern.FindAll(data, -1)) >= count {
			return
		}
		select {
		case <-deadline.C:
			ts.Fatalf("%s does not hold %q %d times: %s", args[0], args[1], count, data)
		case <-ticker.C:
		}
	}
}
