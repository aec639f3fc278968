package rule

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// maxUnfolded bounds the nodes of a file's documents after global ones have gone
// into them, which could make a small file large.
const maxUnfolded = 1 << 18

// unfold carries out the actions of a file's documents (rule collections of Sigma's
// specification 1.0): the keys of "global" ones go into all that follow until a
// "reset", and "repeat" is the rule before with further keys. What a document says
// itself goes before what comes from others.
func unfold(docs []mapping) ([]mapping, error) {
	var rules []mapping
	var global, last *yaml.Node
	size := 0
	for _, doc := range docs {
		action, node, err := doc.action()
		if err != nil {
			return nil, err
		}
		switch action {
		case "global":
			global = merge(node, global)
			continue
		case "reset":
			global, last = nil, nil
			continue
		case "repeat":
			if last == nil {
				return nil, fault(doc.path, doc.node, "action: repeat without a rule before it")
			}
			node = merge(node, last)
		case "":
			node = merge(node, global)
		default:
			return nil, fault(doc.path, doc.node, "action: %q is none of global, reset, repeat", action)
		}
		if size += nodes(node); size > maxUnfolded && node != doc.node {
			return nil, fault(doc.path, doc.node, "global documents unfold to more than %d values", maxUnfolded)
		}
		last = node
		rules = append(rules, mapping{doc.path, node})
	}
	return rules, nil
}

// action is what a document says that is to be done with it, and the document
// without that word.
func (m mapping) action() (string, *yaml.Node, error) {
	for i := 0; i < len(m.node.Content); i += 2 {
		if key := m.node.Content[i]; key.Value == "action" {
			rest := *m.node
			rest.Content = slices.Delete(slices.Clone(m.node.Content), i, i+2)
			word := ""
			err := m.text(key, m.node.Content[i+1], &word)
			return word, &rest, err
		}
	}
	return "", m.node, nil
}

// merge is a mapping with what under has besides, mappings in it alike. Neither is
// changed.
func merge(over, under *yaml.Node) *yaml.Node {
	if under == nil {
		return over
	}
	both := *over
	both.Content = slices.Clone(over.Content)
	at := make(map[string]int, len(both.Content)/2)
	for i := 0; i < len(both.Content); i += 2 {
		at[both.Content[i].Value] = i + 1
	}
	for i := 0; i < len(under.Content); i += 2 {
		key, value := under.Content[i], under.Content[i+1]
		own, ok := at[key.Value]
		switch {
		case !ok:
			both.Content = append(both.Content, key, value)
		case value.Kind == yaml.MappingNode && both.Content[own].Kind == yaml.MappingNode:
			both.Content[own] = merge(both.Content[own], value)
		}
	}
	return &both
}

func nodes(n *yaml.Node) int {
	count := 1
	for _, kid := range n.Content {
		count += nodes(kid)
	}
	return count
}
