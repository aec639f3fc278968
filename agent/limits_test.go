package agent

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/config"
)

func TestLimitsAreSetAndTakenBack(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	t.Setenv("GOMAXPROCS", "")
	memory, cores := debug.SetMemoryLimit(-1), runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(cores)
	undo := limit(config.Resources{Memory: 100 << 20, CPUs: 3})
	if got := debug.SetMemoryLimit(-1); got != 100<<20 {
		t.Errorf("memory limit %d", got)
	}
	if got := runtime.GOMAXPROCS(0); got != 3 {
		t.Errorf("%d cores", got)
	}
	if err := undo(); err != nil {
		t.Error(err)
	}
	if got := debug.SetMemoryLimit(-1); got != memory {
		t.Errorf("memory limit %d afterwards, %d before", got, memory)
	}
	if got := runtime.GOMAXPROCS(0); got != 4 {
		t.Errorf("%d cores afterwards", got)
	}
}

func TestTheEnvironmentWinsOverLimits(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "200MiB")
	t.Setenv("GOMAXPROCS", "2")
	memory, cores := debug.SetMemoryLimit(-1), runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(cores)
	undo := limit(config.Resources{Memory: 100 << 20, CPUs: 1})
	if got := debug.SetMemoryLimit(-1); got != memory || runtime.GOMAXPROCS(0) != 2 {
		t.Errorf("memory limit %d, %d cores", got, runtime.GOMAXPROCS(0))
	}
	if err := undo(); err != nil {
		t.Error(err)
	}
}
