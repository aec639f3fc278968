//go:build !tocsin_mutant_fsync

package spool

// commit makes a flush durable, and only then lets anyone know.
func (s *Spool) commit(f *flush) error {
	if err := s.write(f); err != nil {
		return err
	}
	s.report(f)
	return nil
}

// nextCommit is the number of the next commit. mu is held.
func (s *Spool) nextCommit() uint64 { return s.state.commit + 1 }

// finish has nothing to do: every reported flush is on disk.
func (s *Spool) finish() error { return nil }
