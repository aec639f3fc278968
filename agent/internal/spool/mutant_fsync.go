//go:build tocsin_mutant_fsync

package spool

import "slices"

// writeOrder reports a flush first and writes it with the next one. It is wrong
// on purpose: a build with this tag loses what it reported when it is killed, and
// a crash test that does not notice tests nothing.
type writeOrder struct{ unwritten *flush }

func (w *writeOrder) commit(s *Spool, f *flush) error {
	if err := w.finish(s); err != nil {
		return err
	}
	s.report(f)
	late := *f
	late.buf = slices.Clone(f.buf)
	w.unwritten = &late
	return nil
}

func (w *writeOrder) finish(s *Spool) error {
	if w.unwritten == nil {
		return nil
	}
	late := w.unwritten
	w.unwritten = nil
	return s.write(late)
}
