package rule

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of what a rule file may hold.
const (
	maxFile      = 1 << 20
	maxDocuments = 1000
	maxDepth     = 32
)

// mapping is a YAML mapping with its place, read key by key: whoever reads it
// says which keys there are, and every other is an error.
type mapping struct {
	path string
	node *yaml.Node
}

// fault is an error with its place.
func fault(path string, node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", path, node.Line, fmt.Sprintf(format, args...))
}

// documents splits a file into its YAML documents, each a mapping.
func documents(path string, text []byte) ([]mapping, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: a rule file is at most %d bytes", path, maxFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var docs []mapping
	for {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return unfold(docs)
		}
		if err != nil {
			return nil, yamlFault(path, err)
		}
		if root.Kind != yaml.DocumentNode || len(root.Content) != 1 || isNull(root.Content[0]) {
			continue
		}
		node := root.Content[0]
		if err := plain(path, node, 0); err != nil {
			return nil, err
		}
		if node.Kind != yaml.MappingNode {
			return nil, fault(path, node, "a rule is a mapping")
		}
		if docs = append(docs, mapping{path, node}); len(docs) > maxDocuments {
			return nil, fault(path, node, "a file holds at most %d rules", maxDocuments)
		}
	}
}

// yamlFault gives the parser's own message the form of all others.
func yamlFault(path string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		return fmt.Errorf("%s:%s", path, rest)
	}
	return fmt.Errorf("%s:1: %s", path, text)
}

// plain refuses what a rule has no use for: anchors, which could unfold into
// any size, keys given twice, of which one would be lost, and endless depth.
func plain(path string, node *yaml.Node, depth int) error {
	if depth > maxDepth {
		return fault(path, node, "nested deeper than %d levels", maxDepth)
	}
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return fault(path, node, "YAML anchors and aliases are not supported")
	}
	if node.Kind == yaml.MappingNode {
		seen := make(map[string]bool, len(node.Content)/2)
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Kind != yaml.ScalarNode {
				return fault(path, key, "a key is a word")
			}
			if seen[key.Value] {
				return fault(path, key, "%s: given twice", key.Value)
			}
			seen[key.Value] = true
		}
	}
	for _, child := range node.Content {
		if err := plain(path, child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// sub reads a value that is a mapping itself.
func (m mapping) sub(key, value *yaml.Node) (mapping, error) {
	if value.Kind != yaml.MappingNode {
		return mapping{}, fault(m.path, value, "%s: a mapping is wanted", key.Value)
	}
	return mapping{m.path, value}, nil
}

// each gives visit every key and value, and joins what is wrong with them.
func (m mapping) each(visit func(key, value *yaml.Node) error) error {
	var errs []error
	for i := 0; i < len(m.node.Content); i += 2 {
		errs = append(errs, visit(m.node.Content[i], m.node.Content[i+1]))
	}
	return errors.Join(errs...)
}

// get is the value of a key; nil where it is not given.
func (m mapping) get(name string) *yaml.Node {
	for i := 0; i < len(m.node.Content); i += 2 {
		if m.node.Content[i].Value == name {
			return m.node.Content[i+1]
		}
	}
	return nil
}

func (m mapping) unknown(key *yaml.Node, where string) error {
	return fault(m.path, key, "unknown key %q in %s", key.Value, where)
}

// text reads a value that is one word or text.
func (m mapping) text(key, value *yaml.Node, into *string) error {
	if value.Kind != yaml.ScalarNode {
		return fault(m.path, value, "%s: a text is wanted", key.Value)
	}
	*into = value.Value
	return nil
}

// texts reads a list of texts; a single one counts as a list of one.
func (m mapping) texts(key, value *yaml.Node, into *[]string) error {
	switch {
	case isNull(value):
		return nil
	case value.Kind == yaml.ScalarNode:
		*into = []string{value.Value}
		return nil
	case value.Kind != yaml.SequenceNode:
		return fault(m.path, value, "%s: a list is wanted", key.Value)
	}
	for _, item := range value.Content {
		if item.Kind != yaml.ScalarNode {
			return fault(m.path, item, "%s: a list of texts is wanted", key.Value)
		}
		*into = append(*into, item.Value)
	}
	return nil
}

// truth reads true or false.
func (m mapping) truth(key, value *yaml.Node, into *bool) error {
	if value.Kind != yaml.ScalarNode || value.Tag != "!!bool" {
		return fault(m.path, value, "%s: true or false is wanted", key.Value)
	}
	*into = strings.EqualFold(value.Value, "true")
	return nil
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Tag == "!!null"
}
