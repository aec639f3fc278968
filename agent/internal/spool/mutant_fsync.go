//go:build tocsin_mutant_fsync

package spool

import "slices"

// commit reports a flush first and writes it with the next one: the order that
// tests must find wrong. No other build has this file.
func (s *Spool) commit(f *flush) error {
	if err := s.finish(); err != nil {
		return err
	}
	s.report(f)
	late := *f
	late.buf = slices.Clone(f.buf)
	s.unwritten = &late
	return nil
}

func (s *Spool) nextCommit() uint64 { return s.state.commit + 1 }

func (s *Spool) finish() error {
	if s.unwritten == nil {
		return nil
	}
	late := s.unwritten
	s.unwritten = nil
	return s.write(late)
}
