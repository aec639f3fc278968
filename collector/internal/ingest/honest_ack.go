//go:build !tocsin_mutant_ack

package ingest

import "context"

// settle stores a batch and then acknowledges it: never the other way round.
func (s *Server) settle(ctx context.Context, session *session, next *item, lanes Lanes) error {
	head, err := lanes.Put(ctx, next.header, next.sealed, next.received)
	if err != nil {
		return err
	}
	session.acknowledge(ctx, head)
	return nil
}
