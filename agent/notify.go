package agent

import (
	"fmt"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// notify tells the service manager, if there is one.
func (r *runner) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		r.log.Warn("the service manager could not be told", "state", state, "error", err)
	}
}

// monotonic is the moment of a reload, as the service manager wants it.
func monotonic() string {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return "MONOTONIC_USEC=0"
	}
	return fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000)
}
