package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func shapeOf(into any) reflect.Type { return reflect.TypeOf(into) }

// check refuses keys that the configuration has no field for, before anything is
// decoded, so that the error can name the key's whole path.
func (d *Document) check(node *yaml.Node, shape reflect.Type, key string) error {
	for shape.Kind() == reflect.Pointer {
		if shape.Implements(reflect.TypeFor[yaml.Unmarshaler]()) {
			return nil
		}
		shape = shape.Elem()
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if reflect.PointerTo(shape).Implements(reflect.TypeFor[yaml.Unmarshaler]()) {
		return nil
	}
	switch {
	case node.Kind == yaml.MappingNode && shape.Kind() == reflect.Struct:
		return d.checkStruct(node, shape, key)
	case node.Kind == yaml.MappingNode && shape.Kind() == reflect.Map,
		node.Kind == yaml.SequenceNode && shape.Kind() == reflect.Slice:
		for i, child := range node.Content {
			if node.Kind == yaml.MappingNode && i%2 == 0 {
				continue
			}
			if err := d.check(child, shape.Elem(), joinKey(node, key, i)); err != nil {
				return err
			}
		}
	case node.Kind == yaml.MappingNode && shape.Kind() == reflect.Slice,
		node.Kind == yaml.ScalarNode && node.Tag != "!!null" && shape.Kind() == reflect.Slice:
		return &Error{File: d.file, Line: node.Line, Key: key, Message: "must be a list"}
	case node.Kind != yaml.MappingNode && node.Tag != "!!null" && shape.Kind() == reflect.Struct:
		return &Error{File: d.file, Line: node.Line, Key: key, Message: "must hold keys"}
	}
	return nil
}

func (d *Document) checkStruct(node *yaml.Node, shape reflect.Type, key string) error {
	fields := fieldsOf(shape)
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i].Value
		path := joinKey(node, key, i+1)
		if seen[name] {
			return &Error{File: d.file, Line: node.Content[i].Line, Key: path, Message: "given twice"}
		}
		seen[name] = true
		field, ok := fields[name]
		if !ok {
			return &Error{File: d.file, Line: node.Content[i].Line, Key: path, Message: unknownKey(name, fields)}
		}
		if err := d.check(node.Content[i+1], field, path); err != nil {
			return err
		}
	}
	return nil
}

func unknownKey(name string, fields map[string]reflect.Type) string {
	known := make([]string, 0, len(fields))
	for field := range fields {
		known = append(known, field)
	}
	slices.Sort(known)
	return fmt.Sprintf("unknown key %q (known here: %s)", name, strings.Join(known, ", "))
}

func fieldsOf(shape reflect.Type) map[string]reflect.Type {
	fields := make(map[string]reflect.Type)
	for i := range shape.NumField() {
		f := shape.Field(i)
		tag := f.Tag.Get("yaml")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case name == "-" || !f.IsExported():
		case strings.Contains(options, "inline"):
			for inner, t := range fieldsOf(f.Type) {
				fields[inner] = t
			}
		case name == "":
			fields[strings.ToLower(f.Name)] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

// joinKey is the path of a node's i-th content under the node's own path.
func joinKey(node *yaml.Node, key string, i int) string {
	if node.Kind == yaml.SequenceNode {
		return key + "[" + strconv.Itoa(i) + "]"
	}
	name := node.Content[i-1].Value
	if key == "" {
		return name
	}
	return key + "." + name
}

// splitKey takes "a.b[1].c" apart: "a", "b", "[1]", "c".
func splitKey(key string) []string {
	var parts []string
	for _, dotted := range strings.Split(key, ".") {
		name, index, ok := strings.Cut(dotted, "[")
		if name != "" {
			parts = append(parts, name)
		}
		for ok {
			var one string
			one, index, ok = strings.Cut(index, "[")
			parts = append(parts, "["+one)
		}
	}
	return parts
}

// childOf finds a part of a key in a node, and the line on which it stands.
func childOf(node *yaml.Node, part string) (*yaml.Node, int) {
	if index, ok := strings.CutPrefix(part, "["); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		if err != nil || node.Kind != yaml.SequenceNode || n >= len(node.Content) || n < 0 {
			return nil, 0
		}
		return node.Content[n], node.Content[n].Line
	}
	if node.Kind != yaml.MappingNode {
		return nil, 0
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == part {
			return node.Content[i+1], node.Content[i].Line
		}
	}
	return nil, 0
}
