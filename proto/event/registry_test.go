package event_test

import (
	"regexp"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestEveryRegisteredFieldIsSpelledOut(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	values := eventv1.FieldId(0).Descriptor().Values()
	for i := range values.Len() {
		id := eventv1.FieldId(values.Get(i).Number())
		if id == 0 {
			continue
		}
		spec := event.SpecOf(id)
		if !name.MatchString(spec.Name) || spec.Type == eventv1.FieldType_FIELD_TYPE_UNSPECIFIED {
			t.Errorf("%v: spec %+v", id, spec)
		}
		if back, ok := event.FieldByName(spec.Name); !ok || back != id {
			t.Errorf("%s is found as %v", spec.Name, back)
		}
	}
}

// TestNumbers holds the numbers that the encoder and the walker write out by
// hand against the generated descriptors.
func TestNumbers(t *testing.T) {
	for _, test := range []struct {
		message protoreflect.ProtoMessage
		numbers map[protoreflect.Name]protoreflect.FieldNumber
	}{
		{&eventv1.Batch{}, map[protoreflect.Name]protoreflect.FieldNumber{
			"agent": 1, "class": 2, "epoch": 3, "first_sequence": 4, "count": 5, "previous_hash": 6, "events": 15}},
		{&eventv1.Event{}, map[protoreflect.Name]protoreflect.FieldNumber{
			"time": 1, "observed": 2, "ordinal": 3, "original": 4, "fields": 5}},
		{&eventv1.Field{}, map[protoreflect.Name]protoreflect.FieldNumber{"id": 1, "key": 2, "value": 3}},
	} {
		fields := test.message.ProtoReflect().Descriptor().Fields()
		if fields.Len() != len(test.numbers) {
			t.Errorf("%T has %d fields, the walker knows %d", test.message, fields.Len(), len(test.numbers))
		}
		for name, number := range test.numbers {
			if f := fields.ByName(name); f == nil || f.Number() != number {
				t.Errorf("%T.%s is not number %d", test.message, name, number)
			}
		}
	}
}

func TestClassesHaveWords(t *testing.T) {
	if len(event.Classes()) != event.ClassCount-1 {
		t.Errorf("%d classes in order, %d in all", len(event.Classes()), event.ClassCount-1)
	}
	for _, c := range event.Classes() {
		if back, ok := event.ClassByName(event.ClassName(c)); !ok || back != c {
			t.Errorf("%v is %q is %v", c, event.ClassName(c), back)
		}
	}
}

func TestIDs(t *testing.T) {
	h := header(2)
	if a, b := event.ID(&h, 0), event.ID(&h, 1); a == b || !event.ValidID(a) || a != event.ID(&h, 0) {
		t.Errorf("ids %q and %q", a, b)
	}
	for _, bad := range []string{"", "short", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxy.", "abcdefghijklmnopqrstuvwxy1"} {
		if event.ValidID(bad) {
			t.Errorf("%q is valid", bad)
		}
	}
	if a, b := event.NewID(), event.NewID(); a == b || !event.ValidID(a) {
		t.Error("random ids")
	}
}
