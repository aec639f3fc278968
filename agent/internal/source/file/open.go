package file

import (
	"context"
	"errors"
	"io/fs"
)

// ensureOpen opens a file that is not. It reports whether it can be read now.
func (r *runner) ensureOpen(ctx context.Context, t *tail) (bool, error) {
	r.uses++
	t.used = r.uses
	if t.file != nil {
		return true, nil
	}
	if t.path == "" {
		r.nameless[t] = struct{}{}
		return false, nil
	}
	text, l, err := openContent(t.path, t.at.packed)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.detach(t)
		return false, nil
	case err != nil:
		return false, r.fail(ctx, t, err)
	case l.id != t.id:
		_ = text.Close() // another file took the name; opened for reading only
		r.detach(t)
		return false, nil
	}
	r.keepOpen(t, text)
	return true, nil
}

// keepOpen makes a text a file's, closing the file that rested longest where
// there are too many.
func (r *runner) keepOpen(t *tail, text content) {
	for len(r.open) >= r.s.cfg.MaxOpen {
		r.closeIdlest()
	}
	t.file = text
	r.open = append(r.open, t)
}

// closeIdlest prefers a file that has a name, and so can be opened again.
func (r *runner) closeIdlest() {
	at := 0
	for i, t := range r.open {
		best := r.open[at]
		if (t.path != "") != (best.path != "") {
			if t.path != "" {
				at = i
			}
			continue
		}
		if t.used < best.used {
			at = i
		}
	}
	r.closeFile(r.open[at])
}

func (r *runner) closeFile(t *tail) {
	if t.file == nil {
		return
	}
	for i, o := range r.open {
		if o == t {
			r.open[i] = r.open[len(r.open)-1]
			r.open = r.open[:len(r.open)-1]
			break
		}
	}
	if err := t.file.Close(); err != nil {
		r.log.Warn("closing a file", "path", t.name(), "error", err)
	}
	t.file = nil
}
