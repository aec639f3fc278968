package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxDepth bounds how deep the JSON of an event may nest.
const maxDepth = 64

// ParseJSON reads what AppendJSON wrote, or any other JSON object, nested or
// with dotted names: objects flatten to dotted names, arrays to repeated fields,
// null to nothing. Names outside the registry become keys. "@timestamp" must be
// RFC 3339 where it is there; without it the event's time is 0.
func ParseJSON(line []byte) (*Event, Meta, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	token, err := decoder.Token()
	if err != nil {
		return nil, Meta{}, jsonError(err)
	}
	if token != json.Delim('{') {
		return nil, Meta{}, errors.New("not a JSON object")
	}
	f := flattener{decoder: decoder, event: &Event{}}
	if err := f.object("", 1); err != nil {
		return nil, Meta{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, Meta{}, errors.New("more than one JSON value")
	}
	return f.event, f.meta, nil
}

type flattener struct {
	decoder *json.Decoder
	event   *Event
	meta    Meta
}

func (f *flattener) object(prefix string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	for {
		token, err := f.decoder.Token()
		if err != nil {
			return jsonError(err)
		}
		name, ok := token.(string)
		if !ok {
			return nil // the closing brace
		}
		if prefix != "" {
			name = prefix + "." + name
		}
		if err := f.value(name, depth); err != nil {
			return err
		}
	}
}

func (f *flattener) value(name string, depth int) error {
	token, err := f.decoder.Token()
	if err != nil {
		return jsonError(err)
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return f.object(name, depth+1)
		}
		if depth >= maxDepth {
			return fmt.Errorf("nested deeper than %d", maxDepth)
		}
		for f.decoder.More() {
			if err := f.value(name, depth+1); err != nil {
				return err
			}
		}
		_, err := f.decoder.Token()
		return jsonError(err)
	case string:
		return f.scalar(name, v)
	case json.Number:
		return f.scalar(name, v.String())
	case bool:
		if v {
			return f.scalar(name, "true")
		}
		return f.scalar(name, "false")
	}
	return nil // null
}

// scalar takes one value in. What AppendJSON writes beside the fields goes back
// to where it came from.
func (f *flattener) scalar(name, value string) error {
	switch name {
	case "@timestamp":
		t, err := time.Parse(time.RFC3339Nano, value)
		if err != nil {
			return fmt.Errorf("@timestamp: %w", err)
		}
		f.event.Time = t.UnixNano()
		return nil
	case "event.id":
		f.meta.ID = value
	case "agent.id":
		f.meta.AgentID = value
	case "host.name":
		f.meta.HostName = value
	case "log.original":
		f.event.Original = []byte(value)
	case "event.kind":
	case "tocsin.class":
		if c, ok := ClassByName(value); ok {
			f.meta.Class = c
			return nil
		}
		return fmt.Errorf("tocsin.class: unknown class %q", value)
	default:
		field := Field{Value: []byte(value)}
		if id, ok := FieldByName(name); ok {
			field.ID = id
		} else {
			field.Key = []byte(name)
		}
		f.event.Fields = append(f.event.Fields, field)
	}
	return nil
}

func jsonError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("invalid JSON: %w", err)
}
