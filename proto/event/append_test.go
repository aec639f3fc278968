package event_test

import (
	"bytes"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// TestAppendEventIsProtobufByteForByte tries the lengths and ids at which an
// encoding takes another byte.
func TestAppendEventIsProtobufByteForByte(t *testing.T) {
	lengths := []int{0, 1, 127, 128, 16383, 16384, 1<<21 - 1, 1 << 21}
	for n := 110; n < 135; n++ {
		lengths = append(lengths, n)
	}
	for n := 16360; n < 16384; n++ {
		lengths = append(lengths, n)
	}
	for _, id := range []int32{0, 1, 127, 128, 16383, 16384, -1} {
		for _, length := range lengths {
			for _, ordinal := range []uint64{0, 1, 1 << 40} {
				check(t, fmt.Sprintf("field %d of %d bytes, ordinal %d", id, length, ordinal), &event.Event{Ordinal: ordinal, Fields: []event.Field{
					{ID: eventv1.FieldId(id), Key: []byte("key"), Value: bytes.Repeat([]byte("v"), length)},
				}})
			}
		}
	}
	for _, length := range lengths {
		check(t, fmt.Sprintf("text of %d bytes", length), &event.Event{Time: -1, Observed: 1, Original: bytes.Repeat([]byte("o"), length)})
	}
}

func check(t *testing.T, name string, e *event.Event) {
	t.Helper()
	message := &eventv1.Event{Time: uint64(e.Time), Observed: uint64(e.Observed), Ordinal: e.Ordinal, Original: e.Original}
	for _, f := range e.Fields {
		field := &eventv1.Field{Id: f.ID, Value: f.Value}
		if f.ID == 0 {
			field.Key = string(f.Key)
		}
		message.Fields = append(message.Fields, field)
	}
	want, err := proto.MarshalOptions{Deterministic: true}.Marshal(&eventv1.Batch{Events: []*eventv1.Event{message}})
	if err != nil {
		t.Fatal(err)
	}
	before := []byte("before")
	got := event.AppendEvent(bytes.Clone(before), e)
	if !bytes.Equal(got, append(before, want...)) {
		t.Errorf("%s: %d bytes, protobuf writes %d", name, len(got)-len(before), len(want))
	}
	if size := proto.Size(message); event.Size(e) != size {
		t.Errorf("%s: size %d, want %d", name, event.Size(e), size)
	}
}
