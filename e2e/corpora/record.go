package corpora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Record is what the agent says of a record: its fields by their dotted names,
// numbers and booleans as they stand in JSON.
type Record map[string][]string

// Get is a field's first value, empty where it is absent.
func (r Record) Get(name string) string {
	if len(r[name]) == 0 {
		return ""
	}
	return r[name][0]
}

// Has says whether a value is among those of a field.
func (r Record) Has(name, value string) bool { return slices.Contains(r[name], value) }

// readRecord reads a line of the agent's output.
func readRecord(line []byte) (Record, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	r := Record{}
	r.flatten("", object)
	return r, nil
}

// flatten keeps what a JSON value holds under a name.
func (r Record) flatten(name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		if name != "" {
			name += "."
		}
		for key, inner := range v {
			r.flatten(name+key, inner)
		}
	case []any:
		for _, inner := range v {
			r.flatten(name, inner)
		}
	case nil:
	default:
		r[name] = append(r[name], fmt.Sprint(v))
	}
}
