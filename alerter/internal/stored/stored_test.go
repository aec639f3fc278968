package stored

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/alerter/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fill makes a stream of n messages, dealt to three subjects in turn.
func fill(t *testing.T, js jetstream.JetStream, n int) jetstream.Stream {
	t.Helper()
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.*"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := js.Publish(t.Context(), fmt.Sprintf("s.%d", i%3), []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	return stream
}

func TestReadGivesWhatIsThereInOrderAndOnce(t *testing.T) {
	js := natstest.Start(t).JetStream()
	stream := fill(t, js, 10)
	began := time.Now().Add(-time.Hour)
	tests := []struct {
		name string
		from From
		want []uint64
	}{
		{"all", From{Filter: "s.*", Policy: jetstream.DeliverAllPolicy}, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"one subject", From{Filter: "s.1", Policy: jetstream.DeliverAllPolicy}, []uint64{2, 5, 8}},
		{"the last of each", From{Filter: "s.*", Policy: jetstream.DeliverLastPerSubjectPolicy}, []uint64{8, 9, 10}},
		{"after a sequence", From{Filter: "s.*", Policy: jetstream.DeliverByStartSequencePolicy, Sequence: 9}, []uint64{9, 10}},
		{"since a time", From{Filter: "s.0", Policy: jetstream.DeliverByStartTimePolicy, Time: &began}, []uint64{1, 4, 7, 10}},
		{"nothing", From{Filter: "s.9", Policy: jetstream.DeliverAllPolicy}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []uint64
			err := Read(t.Context(), stream, test.from, func(_ jetstream.Msg, meta *jetstream.MsgMetadata) error {
				got = append(got, meta.Sequence.Stream)
				return nil
			})
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %v and %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestWhatComesMeanwhileIsNotWaitedFor(t *testing.T) {
	js := natstest.Start(t).JetStream()
	stream := fill(t, js, 3)
	n := 0
	err := Read(t.Context(), stream, From{Filter: "s.*", Policy: jetstream.DeliverAllPolicy}, func(m jetstream.Msg, _ *jetstream.MsgMetadata) error {
		n++
		_, err := js.Publish(t.Context(), m.Subject(), nil) // one more for each that is read
		return err
	})
	if err != nil || n != 3 {
		t.Errorf("read %d, %v", n, err)
	}
}

func TestTakeEndsTheRead(t *testing.T) {
	js := natstest.Start(t).JetStream()
	stream := fill(t, js, 5)
	full := errors.New("full")
	for say, want := range map[error]error{ErrEnough: nil, full: full} {
		n := 0
		err := Read(t.Context(), stream, From{Filter: "s.*", Policy: jetstream.DeliverAllPolicy}, func(jetstream.Msg, *jetstream.MsgMetadata) error {
			n++
			return say
		})
		if n != 1 || !errors.Is(err, want) {
			t.Errorf("%v: took %d, %v", say, n, err)
		}
	}
}

// A server that goes away in the middle, and does not come back, ends the read by
// an error: its caller decides what then.
func TestAServerThatGoesAwayEndsTheRead(t *testing.T) {
	server := natstest.Start(t)
	js := server.JetStream()
	const n = 2000 // more than one request for messages brings
	stream := fill(t, js, n)
	read := 0
	err := Read(t.Context(), stream, From{Filter: "s.*", Policy: jetstream.DeliverAllPolicy}, func(jetstream.Msg, *jetstream.MsgMetadata) error {
		if read++; read == 1 {
			server.Stop()
		}
		return nil
	})
	if err == nil {
		t.Errorf("read %d of %d, and no error", read, n)
	}
}

// The same while the read waits for a message: here for those that were removed
// after they had been counted.
func TestAServerThatGoesAwayEndsTheWait(t *testing.T) {
	for _, stops := range []bool{true, false} {
		t.Run(fmt.Sprintf("server stops %v", stops), func(t *testing.T) {
			t.Parallel() // takes the whole of silence
			server := natstest.Start(t)
			stream := fill(t, server.JetStream(), 1000)
			var read atomic.Int64
			failed := make(chan error)
			go func() {
				failed <- Read(t.Context(), stream, From{Filter: "s.*", Policy: jetstream.DeliverAllPolicy}, func(jetstream.Msg, *jetstream.MsgMetadata) error {
					if read.Add(1) > 1 {
						return nil
					}
					return stream.Purge(t.Context())
				})
			}()
			if stops {
				before := int64(-1)
				natstest.Eventually(t, time.Minute, "the read waits", func() bool {
					now := read.Load()
					rests := now > 0 && now == before
					before = now
					return rests
				})
				server.Stop()
			}
			if err := <-failed; err == nil {
				t.Errorf("read %d of 1000, and no error", read.Load())
			}
		})
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	js := natstest.Start(t).JetStream()
	stream := fill(t, js, 600)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := Read(ctx, stream, From{Filter: "s.*", Policy: jetstream.DeliverAllPolicy}, func(jetstream.Msg, *jetstream.MsgMetadata) error {
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
