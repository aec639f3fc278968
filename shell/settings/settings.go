// Package settings reads a command's configuration: YAML with strict keys,
// ${ENV} in values, and errors that name the file, the line and the key.
//
// Only scalar values are expanded, after parsing: a variable can never change
// the document's structure.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is a fault in a configuration file.
type Error struct {
	File string
	Line int
	// Key is the path of the key, "receivers[0].email.host"; may be empty.
	Key     string
	Message string
}

func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Key == "" {
		return place + ": " + e.Message
	}
	return place + ": " + e.Key + ": " + e.Message
}

// Document is a file that was read: it knows on which line each key stands.
type Document struct {
	file string
	root *yaml.Node
}

// Load reads a file into a configuration that already holds its defaults. An
// unknown key, a value of the wrong kind or an unset variable is an *Error.
func Load(path string, into any) (*Document, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, data, os.LookupEnv, into)
}

// Parse is Load of bytes that came from the named file, with variables from env;
// where that is nil, nothing in the file stands for one.
func Parse(file string, data []byte, env func(string) (string, bool), into any) (*Document, error) {
	d := &Document{file: file, root: &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}}
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	var node yaml.Node
	if err := decoder.Decode(&node); err != nil {
		if errors.Is(err, io.EOF) {
			return d, nil // an empty file is all defaults
		}
		return nil, d.yamlError(err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, &Error{File: file, Message: "more than one document"}
	}
	d.root = node.Content[0]
	if d.root.Kind == yaml.ScalarNode && d.root.Tag == "!!null" {
		return d, nil
	}
	if env != nil {
		if err := d.expand(d.root, "", env); err != nil {
			return nil, err
		}
	}
	if err := d.check(d.root, shapeOf(into), ""); err != nil {
		return nil, err
	}
	if err := d.root.Decode(into); err != nil {
		fault := d.yamlError(err)
		fault.Key = keyOn(d.root, fault)
		return nil, fault
	}
	return d, nil
}

// keyOn is the key of the value that a fault is about: the one of its line that
// it quotes, else the first of that line; "" for none.
func keyOn(root *yaml.Node, fault *Error) string {
	first, quoted := "", ""
	var visit func(node *yaml.Node, key string)
	visit = func(node *yaml.Node, key string) {
		for i, child := range node.Content {
			if node.Kind == yaml.MappingNode && i%2 == 0 {
				continue // a key
			}
			at := joinKey(node, key, i)
			if child.Line == fault.Line && first == "" {
				first = at
			}
			if child.Line == fault.Line && quoted == "" && fault.quotes(child) {
				quoted = at
			}
			visit(child, at)
		}
	}
	visit(root, "")
	return cmp.Or(quoted, first)
}

func (e *Error) quotes(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode &&
		(strings.Contains(e.Message, `"`+node.Value+`"`) || strings.Contains(e.Message, "`"+node.Value+"`"))
}

// Errorf is an *Error at a key. Where the file does not hold the key, the line
// is that of the nearest key around it.
func (d *Document) Errorf(key, format string, args ...any) error {
	return &Error{File: d.file, Line: d.Line(key), Key: key, Message: fmt.Sprintf(format, args...)}
}

// Line is that of a key, or of the nearest key around it that the file holds; 0 for
// none.
func (d *Document) Line(key string) int {
	node, line := d.root, 0
	for _, part := range splitKey(key) {
		child, at := childOf(node, part)
		if child == nil {
			break
		}
		node, line = child, at
	}
	return line
}

// variable is "${NAME}" or "${NAME:-default}"; "$$" stands for one dollar.
var variable = regexp.MustCompile(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}`)

func (d *Document) expand(node *yaml.Node, key string, env func(string) (string, bool)) error {
	if node.Kind == yaml.ScalarNode {
		return d.expandScalar(node, key, env)
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			continue // a key
		}
		if err := d.expand(child, joinKey(node, key, i), env); err != nil {
			return err
		}
	}
	return nil
}

func (d *Document) expandScalar(node *yaml.Node, key string, env func(string) (string, bool)) error {
	if !strings.Contains(node.Value, "$") {
		return nil
	}
	var unset string
	expanded := variable.ReplaceAllStringFunc(node.Value, func(match string) string {
		if match == "$$" {
			return "$"
		}
		parts := variable.FindStringSubmatch(match)
		if value, ok := env(parts[1]); ok {
			return value
		}
		if parts[2] == "" && unset == "" {
			unset = parts[1]
		}
		return parts[3]
	})
	if unset != "" {
		return &Error{File: d.file, Line: node.Line, Key: key, Message: "variable " + unset + " is not set"}
	}
	if expanded != node.Value && node.Style == 0 {
		node.Tag = "" // a plain scalar's kind is that of what it became
	}
	node.Value = expanded
	return nil
}

// yamlError gives an error of the YAML library the form of an *Error.
func (d *Document) yamlError(err error) *Error {
	text := err.Error()
	var typed *yaml.TypeError
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		text = typed.Errors[0]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	e := &Error{File: d.file, Message: text}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if n, message, ok := strings.Cut(rest, ": "); ok {
			if _, err := fmt.Sscanf(n, "%d", &e.Line); err == nil {
				e.Message = message
			}
		}
	}
	return e
}
