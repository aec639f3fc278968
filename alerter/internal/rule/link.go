package rule

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxNodes bounds a root's tree: correlations of correlations could unfold to
// any size.
const maxNodes = 1024

// detectionGap is the quiet after which a detection's next match opens a new episode.
const detectionGap = time.Hour

// linker turns definitions into trees.
type linker struct {
	byWord map[string]*definition
	nodes  map[*definition]*Node
	sizes  map[*definition]int
	// path is the way to the definition being linked, to find cycles.
	path []*definition
}

// link resolves every reference, and hashes what it can.
func link(definitions []*definition) (*linker, error) {
	l := &linker{
		byWord: make(map[string]*definition),
		nodes:  make(map[*definition]*Node),
		sizes:  make(map[*definition]int),
	}
	var errs []error
	for _, d := range definitions {
		words := []string{d.ID}
		if d.ref != "" && d.ref != d.ID {
			words = append(words, d.ref)
		}
		for _, word := range words {
			if other := l.byWord[word]; other != nil {
				errs = append(errs, d.at("rule %q exists already, in %s:%d", word, other.Path, other.doc.node.Line))
				continue
			}
			l.byWord[word] = d
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, d := range definitions {
		if _, err := l.node(d); err != nil {
			errs = append(errs, err)
		}
	}
	return l, joinOnce(errs)
}

// joinOnce joins errors, each once: a broken rule breaks all that refer to it.
func joinOnce(errs []error) error {
	seen := make(map[string]bool)
	var once []error
	for _, err := range errs {
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			once = append(once, err)
		}
	}
	return errors.Join(once...)
}

// node links one definition and everything beneath it.
func (l *linker) node(d *definition) (*Node, error) {
	if n, ok := l.nodes[d]; ok {
		return n, nil
	}
	if i := slices.Index(l.path, d); i >= 0 {
		var names []string
		for _, on := range append(slices.Clone(l.path[i:]), d) {
			names = append(names, on.Name)
		}
		return nil, d.at("correlations refer to each other in a circle: %s", strings.Join(names, " → "))
	}
	l.path = append(l.path, d)
	defer func() { l.path = l.path[:len(l.path)-1] }()

	n := &Node{}
	size := 1
	var refs []*definition
	if c := d.correlation; c != nil {
		n.GroupBy, n.Timespan, n.Condition = c.groupBy, c.timespan, c.condition
		for _, word := range c.rules {
			ref := l.byWord[word]
			if ref == nil {
				return nil, d.at("correlation %q refers to rule %q, which is not loaded", d.Name, word)
			}
			child, err := l.node(ref)
			if err != nil {
				return nil, err
			}
			if d.Type == Absence && ref.Type != Detection || ref.Type == Absence {
				return nil, d.at("correlation %q refers to %q: an absence is of detections, and no correlation is of it", d.Name, child.Name)
			}
			if c.typ == Temporal && slices.Contains(n.Refs, child) {
				return nil, d.at("correlation %q refers to rule %q twice", d.Name, child.Name)
			}
			refs, n.Refs = append(refs, ref), append(n.Refs, child)
			if size += l.sizes[ref]; size > maxNodes {
				return nil, d.at("correlation %q unfolds to more than %d rules", d.Name, maxNodes)
			}
		}
		if err := l.alias(d, n); err != nil {
			return nil, err
		}
		if err := contains(d, n); err != nil {
			return nil, err
		}
	} else {
		n.GroupBy = d.groupBy
	}
	d.feed(refs)
	d.Hash = d.hash(refs)
	n.Info = d.Info
	l.nodes[d], l.sizes[d] = n, size
	return n, nil
}

// feed says of a correlation whether the rules that it refers to are fed: all of
// them for what wants all, any of them for what counts.
func (d *definition) feed(refs []*definition) {
	if d.correlation == nil {
		return
	}
	unfed := slices.DeleteFunc(slices.Clone(refs), func(ref *definition) bool { return ref.Unfed == "" })
	c := &d.correlation.condition
	wanting := len(unfed) == len(refs)
	switch temporal := d.Type == Temporal || d.Type == TemporalOrdered; {
	case c.Presence != nil:
		wanting = !c.Presence.possible(func(ref int) bool { return refs[ref].Unfed == "" })
	case temporal && len(c.Bounds) == 0:
		wanting = len(unfed) > 0
	}
	if wanting {
		d.Unfed = fmt.Sprintf("so is rule %q, which it refers to", unfed[0].Name)
	}
}

// alias resolves the rules' words in a correlation's aliases to ids.
func (l *linker) alias(d *definition, n *Node) error {
	for _, alias := range slices.Sorted(maps.Keys(d.correlation.aliases)) {
		fields := make(map[string]string)
		for word, field := range d.correlation.aliases[alias] {
			ref := l.byWord[word]
			if ref == nil || !slices.ContainsFunc(n.Refs, func(r *Node) bool { return r.ID == ref.ID }) {
				return d.at("aliases: %s names rule %q, which the correlation does not refer to", alias, word)
			}
			fields[ref.ID] = field
		}
		for _, ref := range n.Refs {
			if fields[ref.ID] == "" {
				return d.at("aliases: %s names no field for rule %q", alias, ref.Name)
			}
		}
		if n.Aliases == nil {
			n.Aliases = make(map[string]map[string]string)
		}
		n.Aliases[alias] = fields
	}
	return nil
}

// field is the name under which a ref knows a field of the node's group.
func (n *Node) field(name string, ref *Node) string {
	if fields, ok := n.Aliases[name]; ok {
		return fields[ref.ID]
	}
	return name
}

// contains checks that every correlation beneath is counted where this one is:
// a chain is partitioned once, by its root's group.
func contains(d *definition, n *Node) error {
	for _, ref := range n.Refs {
		if ref.Type == Detection {
			continue
		}
		for _, name := range n.GroupBy {
			field := n.field(name, ref)
			if !slices.Contains(ref.GroupBy, field) {
				return d.at("correlation %q groups by %s, but %q, which it refers to, does not: an inner group-by must contain the outer's", d.Name, field, ref.Name)
			}
		}
	}
	return nil
}

// root makes the root of a rule that alerts.
func (l *linker) root(d *definition) *Root {
	n := l.nodes[d]
	r := &Root{Info: d.Info, GroupBy: n.GroupBy, Tree: n, Timespan: n.span()}
	if d.correlation == nil {
		r.Timespan = detectionGap
	}
	return r
}

// span is the longest way from a member to the condition that it completes.
func (n *Node) span() time.Duration {
	var span time.Duration
	for _, ref := range n.Refs {
		span = max(span, ref.span())
	}
	return span + n.Timespan
}

// beneath are the detections that a rule counts, each once.
func (l *linker) beneath(d *definition) []*Info {
	if d.correlation == nil {
		return []*Info{&d.Info}
	}
	var all []*Info
	for _, word := range d.correlation.rules {
		for _, r := range l.beneath(l.byWord[word]) {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

// leaf is a detection in a root's tree, and the way to it.
type leaf struct {
	node *Node
	// groupBy are the root's group, and carries all group and counted fields on
	// the way, as the detection's events name them.
	groupBy []string
	carries []string
	// through are the ids of the rules on the way, the leaf's own excluded.
	through []string
}

// leaves walks a tree. A detection that is reached on several ways is given once
// for each.
func (n *Node) leaves() []leaf {
	if n.Refs == nil {
		return []leaf{{node: n, groupBy: n.GroupBy, carries: slices.Clone(n.GroupBy)}}
	}
	var all []leaf
	for _, ref := range n.Refs {
		for _, under := range ref.leaves() {
			under.through = append([]string{n.ID}, under.through...)
			carries := under.carries
			if ref.Type == Detection {
				carries = nil // its own group is of its own root only
			}
			up := make([]string, len(n.GroupBy))
			for i, name := range n.GroupBy {
				up[i] = under.resolve(ref, n.field(name, ref))
			}
			under.groupBy = up
			under.carries = append(carries, up...)
			under.carries = append(under.carries, n.Condition.Fields...)
			all = append(all, under)
		}
	}
	return all
}

// resolve is the event's field for a name in the group of a ref above the leaf.
func (u *leaf) resolve(ref *Node, name string) string {
	if ref.Type == Detection {
		return name
	}
	if i := slices.Index(ref.GroupBy, name); i >= 0 {
		return u.groupBy[i]
	}
	return name
}

// feedAll connects the detections beneath a root with it.
func feedAll(r *Root, detections map[string]*detection, except map[string][]*expr) error {
	var all []string
	ways := make(map[string][]leaf)
	var order []string
	for _, way := range r.Tree.leaves() {
		if len(ways[way.node.ID]) == 0 {
			order = append(order, way.node.ID)
		}
		ways[way.node.ID] = append(ways[way.node.ID], way)
		all = append(all, way.carries...)
	}
	slices.Sort(all)
	r.Fields = slices.Compact(all)
	for _, id := range order {
		f := feed{Feed: Feed{Root: r, GroupBy: ways[id][0].groupBy}}
		closed := [][]*expr{}
		for _, way := range ways[id] {
			if !slices.Equal(way.groupBy, f.GroupBy) {
				return fmt.Errorf("%s: rule %q groups the events of %q in two ways: %s and %s", r.Path, r.Name, way.node.Name,
					strings.Join(f.GroupBy, ", "), strings.Join(way.groupBy, ", "))
			}
			var on []*expr
			for _, rule := range way.through {
				on = append(on, except[rule]...)
			}
			closed = append(closed, on)
		}
		f.except = closedOn(closed)
		d := detections[id]
		d.feeds = append(d.feeds, f)
	}
	return nil
}

// closedOn says when all ways are closed: each of them by one of its exceptions.
func closedOn(ways [][]*expr) []*expr {
	if slices.ContainsFunc(ways, func(on []*expr) bool { return len(on) == 0 }) {
		return nil
	}
	if len(ways) == 1 {
		return ways[0]
	}
	kids := make([]*expr, len(ways))
	for i, on := range ways {
		kids[i] = join(opAny, on)
	}
	return []*expr{join(opAll, kids)}
}

// byID orders rules.
func byID(a, b *definition) int { return cmp.Compare(a.ID, b.ID) }
