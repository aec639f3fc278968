//go:build !tocsin_mutant_fsync

package spool

// writeOrder is the order in which a flush becomes durable and known. A build
// that swaps it on purpose has another one.
type writeOrder struct{}

// commit makes a flush durable, and only then lets anyone know. logMu is held.
func (writeOrder) commit(s *Spool, f *flush) error {
	if err := s.write(f); err != nil {
		return err
	}
	s.report(f)
	return nil
}

// finish has nothing to do: every reported flush is on disk.
func (writeOrder) finish(*Spool) error { return nil }
