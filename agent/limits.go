package agent

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/tocsin-security/tocsin/agent/internal/config"
)

// limit holds this process to what a configuration lets it take, and returns how
// to let it go again. Go's own variables win, as the environment does everywhere;
// so does a CPU quota of the control group that allows fewer cores.
func limit(r config.Resources) (undo func() error) {
	memory, cores := debug.SetMemoryLimit(-1), runtime.GOMAXPROCS(0)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(r.Memory))
	}
	if os.Getenv("GOMAXPROCS") == "" && r.CPUs < cores {
		runtime.GOMAXPROCS(r.CPUs)
	}
	return func() error {
		debug.SetMemoryLimit(memory)
		if runtime.GOMAXPROCS(0) != cores {
			runtime.GOMAXPROCS(cores)
		}
		return nil
	}
}
