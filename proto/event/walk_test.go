package event_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const agent = "abcdefghijklmnopqrstuvwxyz"

func header(count uint32) event.Header {
	return event.Header{
		Agent: agent, Class: eventv1.Class_CLASS_AUTH, Epoch: [16]byte{1}, FirstSequence: 7,
		Count: count, Previous: [32]byte{9},
	}
}

func sample() event.Event {
	return event.Event{
		Time: 1_700_000_000_000_000_001, Observed: 1_700_000_000_500_000_000, Ordinal: 300,
		Original: []byte("Failed password for root from 192.0.2.7 port 22 ssh2"),
		Fields: []event.Field{
			{ID: eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, Value: []byte("authentication")},
			{ID: eventv1.FieldId_FIELD_ID_SOURCE_IP, Value: []byte("192.0.2.7")},
			{Key: []byte("app.shop"), Value: []byte("seoul")},
			{ID: eventv1.FieldId_FIELD_ID_MESSAGE},
		},
	}
}

func encode(h event.Header, events ...event.Event) []byte {
	b := event.AppendHeader(nil, &h)
	for i := range events {
		b = event.AppendEvent(b, &events[i])
	}
	return b
}

// message is what a walk of the batch read, as the generated type.
func message(batch []byte) (*eventv1.Batch, error) {
	var w event.Walker
	h, err := w.Open(batch)
	if err != nil {
		return nil, err
	}
	m := &eventv1.Batch{Agent: h.Agent, Class: h.Class, FirstSequence: h.FirstSequence, Count: h.Count}
	if h.Epoch != [16]byte{} {
		m.Epoch = h.Epoch[:]
	}
	if h.Previous != [32]byte{} {
		m.PreviousHash = h.Previous[:]
	}
	var e event.Event
	for {
		more, err := w.Next(&e)
		if err != nil {
			return nil, err
		}
		if !more {
			return m, nil
		}
		one := &eventv1.Event{
			Time: uint64(e.Time), Observed: uint64(e.Observed), Ordinal: e.Ordinal,
			Original: append([]byte(nil), e.Original...),
		}
		for _, f := range e.Fields {
			one.Fields = append(one.Fields, &eventv1.Field{
				Id: f.ID, Key: string(f.Key), Value: append([]byte(nil), f.Value...),
			})
		}
		m.Events = append(m.Events, one)
	}
}

func TestWhatIsAppendedIsWhatProtobufReads(t *testing.T) {
	batch := encode(header(2), sample(), event.Event{Ordinal: 1})
	var want eventv1.Batch
	if err := proto.Unmarshal(batch, &want); err != nil {
		t.Fatal(err)
	}
	if want.GetAgent() != agent || want.GetCount() != 2 || len(want.GetEvents()) != 2 ||
		want.GetEvents()[0].GetFields()[2].GetKey() != "app.shop" {
		t.Fatalf("protobuf read %v", &want)
	}
	got, err := message(batch)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	e := sample()
	canonical, err := proto.MarshalOptions{Deterministic: true}.Marshal(want.GetEvents()[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(canonical) != event.Size(&e) {
		t.Errorf("Size = %d, encoded %d", event.Size(&e), len(canonical))
	}
}

func TestWalkDoesNotAllocate(t *testing.T) {
	batch := encode(header(2), sample(), sample())
	var w event.Walker
	var e event.Event
	walk := func() {
		if _, err := w.Open(batch); err != nil {
			t.Fatal(err)
		}
		for {
			more, err := w.Next(&e)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				return
			}
		}
	}
	walk()
	if n := testing.AllocsPerRun(100, walk); n != 0 {
		t.Errorf("%v allocations a walk", n)
	}
}

func TestValidateRefuses(t *testing.T) {
	with := func(change func(*event.Header)) []byte {
		h := header(1)
		change(&h)
		return encode(h, sample())
	}
	field := func(f event.Field) []byte {
		e := sample()
		e.Fields = append(e.Fields, f)
		return encode(header(1), e)
	}
	many := make([]event.Event, event.MaxBatchEvents+1)
	wide := event.Event{Fields: make([]event.Field, event.MaxFields+1)}
	for i := range wide.Fields {
		wide.Fields[i].ID = eventv1.FieldId_FIELD_ID_MESSAGE
	}
	tests := map[string]struct {
		batch []byte
		says  string
	}{
		"another agent":     {with(func(h *event.Header) { h.Agent = strings.Repeat("b", 26) }), "claims agent"},
		"unknown class":     {with(func(h *event.Header) { h.Class = 99 }), "unknown class"},
		"no epoch":          {with(func(h *event.Header) { h.Epoch = [16]byte{} }), "no epoch"},
		"no first sequence": {with(func(h *event.Header) { h.FirstSequence = 0 }), "no first sequence"},
		"no previous hash":  {with(func(h *event.Header) { h.Previous = [32]byte{} }), "previous hash"},
		"previous of first": {with(func(h *event.Header) { h.FirstSequence = 1 }), "previous hash"},
		"overflow":          {with(func(h *event.Header) { h.FirstSequence = 1<<64 - 1 }), "overflows"},
		"count too small":   {encode(header(1), sample(), sample()), "more events than the count"},
		"count too large":   {encode(header(3), sample()), "1 events, but the count is 3"},
		"empty":             {encode(header(0)), "0 events"},
		"too many events":   {encode(header(uint32(len(many))), many...), "501 events"},
		"too many fields":   {encode(header(1), wide), "too many fields"},
		"long original": {encode(header(1), event.Event{Original: make([]byte, event.MaxLine+1)}),
			"original over the bound"},
		"large event": {field(event.Field{ID: eventv1.FieldId_FIELD_ID_MESSAGE, Value: make([]byte, event.MaxEvent)}),
			"encoded size over the bound"},
		"over the batch bound": {make([]byte, event.MaxBatch+1), "the bound is"},
		"says its host":        {field(event.Field{ID: eventv1.FieldId_FIELD_ID_HOST_NAME}), "host.name is not an agent's to say"},
		"says a verdict":       {field(event.Field{ID: eventv1.FieldId_FIELD_ID_TOCSIN_WEB_ATTACK_SCORE}), "not an agent's"},
		"says its host by key": {field(event.Field{Key: []byte("host.ip")}), "not an agent's"},
		"says an id by key":    {field(event.Field{Key: []byte("event.id")}), "not an agent's"},
		"nameless field":       {field(event.Field{}), "length of a key"},
		"garbage":              {[]byte("not a batch"), "malformed"},
		"header after events":  {append(encode(header(1), sample()), encode(header(1))...), "after the events"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := event.Validate(test.batch, agent)
			if !errors.Is(err, event.ErrMalformed) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
	if _, err := event.Validate(encode(header(1), sample()), agent); err != nil {
		t.Errorf("a good batch: %v", err)
	}
}

func TestAnyEventComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := event.Event{
			Time: rapid.Int64().Draw(t, "time"), Observed: rapid.Int64().Draw(t, "observed"),
			Ordinal: rapid.Uint64().Draw(t, "ordinal"), Original: rapid.SliceOf(rapid.Byte()).Draw(t, "original"),
		}
		for range rapid.IntRange(0, 4).Draw(t, "fields") {
			f := event.Field{ID: eventv1.FieldId(rapid.IntRange(0, event.FieldCount()+3).Draw(t, "id"))}
			if f.ID == 0 {
				f.Key = []byte(rapid.String().Draw(t, "key"))
			}
			f.Value = rapid.SliceOf(rapid.Byte()).Draw(t, "value")
			e.Fields = append(e.Fields, f)
		}
		batch := encode(header(1), e)
		got, err := message(batch)
		if err != nil {
			t.Fatal(err)
		}
		var want eventv1.Batch
		if err := proto.Unmarshal(batch, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got, protocmp.Transform()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzWalk holds the walker against the generated code: what it accepts,
// protobuf accepts and reads the same; Validate accepts no more than the walk.
func FuzzWalk(f *testing.F) {
	f.Add(encode(header(2), sample(), event.Event{Ordinal: 1}))
	f.Add(encode(header(0)))
	f.Add([]byte{})
	f.Add([]byte("\x0a\x1aabc\x7a\x00"))
	f.Fuzz(func(t *testing.T, batch []byte) {
		got, err := message(batch)
		if err != nil {
			if _, err := event.Validate(batch, agent); err == nil {
				t.Fatal("Validate accepts what the walk refuses")
			}
			return
		}
		var want eventv1.Batch
		if err := proto.Unmarshal(batch, &want); err != nil {
			t.Fatalf("the walk accepts what protobuf refuses: %v", err)
		}
		stripUnknown(&want)
		if diff := cmp.Diff(&want, got, protocmp.Transform(), protocmp.IgnoreEmptyMessages()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// stripUnknown forgets what the walker passes over: unknown fields, and an epoch
// or hash of zeroes, which is how a Header says none.
func stripUnknown(m *eventv1.Batch) {
	m.ProtoReflect().SetUnknown(nil)
	if len(m.GetEpoch()) == 0 || [16]byte(m.GetEpoch()) == [16]byte{} {
		m.Epoch = nil
	}
	if len(m.GetPreviousHash()) == 0 || [32]byte(m.GetPreviousHash()) == [32]byte{} {
		m.PreviousHash = nil
	}
	for _, e := range m.GetEvents() {
		e.ProtoReflect().SetUnknown(nil)
		for _, f := range e.GetFields() {
			f.ProtoReflect().SetUnknown(nil)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	events := make([]event.Event, event.MaxBatchEvents)
	for i := range events {
		events[i] = sample()
	}
	batch := encode(header(event.MaxBatchEvents), events...)
	b.Run("walk", func(b *testing.B) {
		var w event.Walker
		var e event.Event
		b.ReportAllocs()
		for b.Loop() {
			_, _ = w.Open(batch)
			for more := true; more; {
				more, _ = w.Next(&e)
			}
		}
		perEvent(b)
	})
	b.Run("validate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := event.Validate(batch, agent); err != nil {
				b.Fatal(err)
			}
		}
		perEvent(b)
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var m eventv1.Batch
			if err := proto.Unmarshal(batch, &m); err != nil {
				b.Fatal(err)
			}
		}
		perEvent(b)
	})
}

func perEvent(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/event.MaxBatchEvents, "ns/event")
}
