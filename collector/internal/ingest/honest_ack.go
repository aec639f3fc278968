//go:build !tocsin_mutant_ack

package ingest

// settle stores a batch and then acknowledges it: never the other way round.
func (s *Server) settle(session *session, next *item, lanes Lanes) error {
	head, err := lanes.Put(session.ctx, next.header, next.sealed, next.received)
	if err != nil {
		return err
	}
	session.acknowledge(head)
	return nil
}
