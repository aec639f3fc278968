package cformat

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A Check holds every program's table against every version of its source.
type Check struct {
	// Sources has PROGRAM/VERSION folders, Tables PROGRAM.tsv files.
	Sources, Tables string
	// Update writes what is new into the tables instead of failing.
	Update bool
	Out    io.Writer
}

var errDiffer = errors.New("compare tables: they differ from the sources; -update adds what is new")

// Run prints a line a version, and what differs. It fails if anything does.
func (c *Check) Run() error {
	differ := false
	for _, p := range Programs() {
		path := filepath.Join(c.Tables, p.Name+".tsv")
		table, err := ReadTable(path)
		if err != nil {
			return err
		}
		versions, err := os.ReadDir(filepath.Join(c.Sources, p.Name))
		if err != nil || len(versions) == 0 {
			_, _ = fmt.Fprintf(c.Out, "%-8s SKIPPED: no source below %s\n", p.Name, c.Sources)
			continue
		}
		for _, v := range versions {
			found, err := p.Extract(filepath.Join(c.Sources, p.Name, v.Name()))
			if err != nil {
				return err
			}
			if c.Update {
				table.Update(v.Name(), found)
				continue
			}
			missing, gone := table.Compare(v.Name(), found)
			differ = differ || len(missing)+len(gone) > 0
			c.print(p.Name, v.Name(), missing, gone)
		}
		if c.Update {
			if err := table.Write(path); err != nil {
				return err
			}
		}
	}
	if differ {
		return errDiffer
	}
	return nil
}

func (c *Check) print(program, version string, missing []Found, gone []Row) {
	_, _ = fmt.Fprintf(c.Out, "%-8s %-10s %d new, %d gone\n", program, version, len(missing), len(gone))
	for _, f := range missing {
		_, _ = fmt.Fprintf(c.Out, "  + %s %s %q\n", f.File, f.Func, f.Format)
	}
	for _, r := range gone {
		_, _ = fmt.Fprintf(c.Out, "  - %s %s %q\n", r.File, r.Func, r.Format)
	}
}
