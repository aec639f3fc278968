package event

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Spec describes one registered field.
type Spec struct {
	Name string
	Type eventv1.FieldType
	// List says that an event may hold several values.
	List bool
	// Attested says that only the certificate and the registry may supply it.
	Attested bool
	// Derived says that only an alerter may supply it.
	Derived bool
}

type fieldRegistry struct {
	byID []Spec
	// reserved says of each id whether it is another's than the agent's to say.
	reserved []bool
	byName   map[string]eventv1.FieldId
}

// registry is read from the generated descriptors once and never changes.
//
//nolint:gochecknoglobals // immutable
var registry = readRegistry()

func readRegistry() fieldRegistry {
	values := eventv1.FieldId(0).Descriptor().Values()
	r := fieldRegistry{byName: make(map[string]eventv1.FieldId, values.Len())}
	for i := range values.Len() {
		v := values.Get(i)
		options, ok := v.Options().(*descriptorpb.EnumValueOptions)
		if !ok || !proto.HasExtension(options, eventv1.E_Field) {
			continue
		}
		spec, ok := proto.GetExtension(options, eventv1.E_Field).(*eventv1.FieldSpec)
		if !ok {
			continue
		}
		id := int(v.Number())
		for len(r.byID) <= id {
			r.byID, r.reserved = append(r.byID, Spec{}), append(r.reserved, false)
		}
		r.byID[id] = Spec{
			Name: spec.GetName(), Type: spec.GetType(), List: spec.GetList(),
			Attested: spec.GetAttested(), Derived: spec.GetDerived(),
		}
		r.reserved[id] = spec.GetAttested() || spec.GetDerived()
		r.byName[spec.GetName()] = eventv1.FieldId(v.Number())
	}
	return r
}

func (r *fieldRegistry) isReserved(id eventv1.FieldId) bool {
	return uint(id) < uint(len(r.reserved)) && r.reserved[id]
}

// SpecOf describes a registered field; the zero Spec for an id this build does
// not know.
func SpecOf(id eventv1.FieldId) Spec {
	if id < 0 || int(id) >= len(registry.byID) {
		return Spec{}
	}
	return registry.byID[id]
}

// FieldByName finds a registered field by its dotted name.
func FieldByName(name string) (eventv1.FieldId, bool) {
	id, ok := registry.byName[name]
	return id, ok
}

// FieldCount is one more than the largest registered field id: the length of a
// table indexed by field id.
func FieldCount() int { return len(registry.byID) }
