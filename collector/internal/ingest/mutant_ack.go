//go:build tocsin_mutant_ack

package ingest

import (
	"context"

	"github.com/tocsin-security/tocsin/proto/event"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
)

// settle acknowledges a batch and then stores it. It is wrong on purpose: a
// build with this tag loses batches when the collector is killed, and a crash
// test that does not notice tests nothing.
func (s *Server) settle(ctx context.Context, session *session, next *item, lanes Lanes) error {
	hash := event.Hash(next.sealed)
	session.acknowledge(ctx, &ingestv1.LaneHead{
		Class: next.header.Class, Epoch: next.header.Epoch[:],
		FirstSequence: next.header.FirstSequence, Count: next.header.Count, Hash: hash[:],
	})
	_, err := lanes.Put(ctx, next.header, next.sealed, next.received)
	return err
}
