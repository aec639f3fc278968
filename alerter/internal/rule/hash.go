package rule

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// canon is what content is written into to be hashed: every part has its length
// in front, so that no two contents run into the same bytes.
type canon []byte

func (c *canon) text(s string) {
	*c = binary.AppendUvarint(*c, uint64(len(s)))
	*c = append(*c, s...)
}

func (c *canon) texts(list []string) {
	*c = binary.AppendUvarint(*c, uint64(len(list)))
	for _, s := range list {
		c.text(s)
	}
}

// node writes YAML without what does not matter: comments, quotes, the order of keys.
func (c *canon) node(n *yaml.Node) {
	if n == nil {
		c.text("")
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		c.text("{")
		values := make(map[string]*yaml.Node, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			values[n.Content[i].Value] = n.Content[i+1]
		}
		keys := slices.Sorted(maps.Keys(values))
		c.texts(keys)
		for _, key := range keys {
			c.node(values[key])
		}
	case yaml.SequenceNode:
		c.text("[")
		*c = binary.AppendUvarint(*c, uint64(len(n.Content)))
		for _, item := range n.Content {
			c.node(item)
		}
	default:
		if isNull(n) {
			c.text("null")
			return
		}
		c.text("=")
		c.text(n.Value)
	}
}

// hash is the hash of what decides what the rule finds: its id, its log source,
// detection or correlation, our own group, and the rules it refers to. A new description or
// level leaves it as it is, and with it the windows that are open. So does another entry of
// a list: lists are read when their files change, by each alerter at a moment of its own.
func (d *definition) hash(refs []*definition) Hash {
	var c canon
	c.text(d.ID)
	c.text(string(d.Type))
	for _, key := range []string{"logsource", "detection", "correlation"} {
		c.node(d.doc.get(key))
	}
	c.texts(d.groupBy)
	for _, ref := range refs {
		c.text(string(ref.Hash[:]))
	}
	return sha256.Sum256(c)
}

// setHash is the hash of everything that says what a set does, but for the entries of lists.
func setHash(definitions []*definition, filters []*filter, o Options) Hash {
	var c canon
	narrowing := make([]string, len(filters))
	for i, f := range filters {
		var one canon
		one.node(f.doc.node)
		narrowing[i] = string(one)
	}
	slices.Sort(narrowing)
	c.texts(narrowing)
	for _, d := range definitions {
		c.node(d.doc.node)
		c.text(string(d.Hash[:]))
	}
	for _, ids := range [...][]string{o.Disable, o.Shadow} {
		sorted := slices.Clone(ids)
		slices.Sort(sorted)
		c.texts(slices.Compact(sorted))
	}
	exceptions := make([]string, len(o.Exceptions))
	for i, e := range o.Exceptions {
		var one canon
		one.text(e.Rule)
		for _, field := range slices.Sorted(maps.Keys(e.Match)) {
			one.text(field)
			one.texts(e.Match[field])
		}
		exceptions[i] = string(one)
	}
	slices.Sort(exceptions)
	c.texts(exceptions)
	c.texts(slices.Sorted(maps.Keys(o.Lists)))
	if o.Raw {
		c.text("raw")
	}
	return sha256.Sum256(c)
}
