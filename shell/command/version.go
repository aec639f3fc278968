package command

import "runtime"

// Set by the linker: see the Makefile.
var (
	version = "devel"
	commit  = "unknown" //nolint:gochecknoglobals // the linker can set nothing else
)

// Version is the version, the commit it was built from and the Go that built it.
func Version() string {
	return version + " (commit " + commit + ", " + runtime.Version() + ")"
}
