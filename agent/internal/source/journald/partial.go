package journald

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folders are where the journal's files are.
func (c *Config) folders() []string {
	if c.Directory != "" {
		return []string{c.Directory, filepath.Join(c.Directory, "*")}
	}
	return []string{"/var/log/journal/*", "/run/log/journal/*"}
}

// denied are files of the journal that this process may not read, and how many it
// may. journalctl reads what it may, and says nothing of the rest.
func (c *Config) denied() (denied []string, readable int) {
	for _, folder := range c.folders() {
		files, _ := filepath.Glob(filepath.Join(folder, "*.journal")) // the pattern is good
		for _, name := range files {
			file, err := os.Open(name)
			switch {
			case err == nil:
				readable++
				_ = file.Close() // only opened
			case errors.Is(err, fs.ErrPermission):
				denied = append(denied, name)
			}
		}
	}
	return denied, readable
}

// partial says that only a part of the journal can be read: what is written to the
// rest is missed. Where nothing can be read, journalctl says so itself.
func (r *runner) partial(ctx context.Context) error {
	denied, readable := r.s.opts.denied()
	if len(denied) == 0 || readable == 0 {
		return nil
	}
	message := fmt.Sprintf("only a part of the journal can be read: permission is denied to %d of %d files, for example %s",
		len(denied), len(denied)+readable, denied[0])
	r.log.Error("only a part of the journal can be read", "denied", len(denied), "readable", readable, "example", denied[0])
	r.s.status.only(message)
	return r.declare(ctx, "journal_partial", "failure", message, gap{reason: "permission_denied"})
}
