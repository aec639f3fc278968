package fleettest

import (
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/tocsin-security/tocsin/proto/event"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// ingested is what a fleet was sent.
type ingested struct {
	heads     map[int32]*ingestv1.LaneHead
	originals []string
	batches   int
	cuts      int
}

// errCut ends a stream after a batch was stored and before it was acked.
var errCut = wireerr.New(codes.Unavailable, wireerr.Unavailable, "the stream is cut")

// Originals are the raw texts of all events that were acked, in order of arrival.
func (f *Fleet) Originals() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.ingested.originals...)
}

// Cuts is how many streams were cut as Behaviour.CutEvery says.
func (f *Fleet) Cuts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ingested.cuts
}

// ingest takes every batch and acks it.
type ingest struct {
	ingestv1.UnimplementedIngestServiceServer
	fleet *Fleet
}

// Stream implements the service.
func (i *ingest) Stream(stream grpc.BidiStreamingServer[ingestv1.StreamRequest, ingestv1.StreamResponse]) error {
	if err := member(stream.Context()); err != nil {
		return err
	}
	f := i.fleet
	codec, err := event.NewCodec()
	if err != nil {
		return err
	}
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var answer *ingestv1.StreamResponse
		switch {
		case request.GetHello() != nil:
			answer = f.welcome()
		case request.GetBatch() != nil:
			if answer, err = f.take(codec, request.GetBatch().GetSealed()); err != nil {
				return err
			}
		default:
			continue
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

func (f *Fleet) welcome() *ingestv1.StreamResponse {
	f.mu.Lock()
	defer f.mu.Unlock()
	welcome := &ingestv1.Welcome{HeartbeatSeconds: 1}
	for _, head := range f.ingested.heads {
		welcome.Heads = append(welcome.Heads, head)
	}
	return &ingestv1.StreamResponse{Message: &ingestv1.StreamResponse_Welcome{Welcome: welcome}}
}

func (f *Fleet) take(codec *event.Codec, sealed []byte) (*ingestv1.StreamResponse, error) {
	batch, err := codec.Open(nil, sealed)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	header, err := event.Validate(batch, f.behaviour.AgentID)
	if err != nil {
		return nil, err
	}
	f.ingested.batches++
	cut := f.behaviour.CutEvery > 0 && f.ingested.batches%f.behaviour.CutEvery == 0
	var walker event.Walker
	if _, err := walker.Open(batch); err != nil {
		return nil, err
	}
	var e event.Event
	for {
		more, err := walker.Next(&e)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		f.ingested.originals = append(f.ingested.originals, string(e.Original))
	}
	hash := event.Hash(sealed)
	head := &ingestv1.LaneHead{
		Class: header.Class, Epoch: header.Epoch[:], FirstSequence: header.FirstSequence,
		Count: header.Count, Hash: hash[:],
	}
	if f.ingested.heads == nil {
		f.ingested.heads = make(map[int32]*ingestv1.LaneHead)
	}
	f.ingested.heads[int32(header.Class)] = head
	if cut {
		f.ingested.cuts++
		return nil, errCut
	}
	return &ingestv1.StreamResponse{Message: &ingestv1.StreamResponse_Ack{Ack: &ingestv1.Ack{Head: head}}}, nil
}
