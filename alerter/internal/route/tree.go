// Package route decides who is told of an alert, in which group and when, in the
// way and the words of Prometheus Alertmanager.
//
// In flow alerts with their revisions and what a group was last told, out flow
// targets, due times and notifications to intend. Everything is pure: nothing
// here reads a clock or talks to anybody, so that two alerters that know the same
// come to the same end.
package route

import (
	"slices"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Delays of what is told late: an alert whose last event was older than
// DelayedAfter when it opened goes into the receiver's digest of delayed alerts.
const (
	DelayedAfter = time.Hour
	delayedWait  = 10 * time.Second
	delayedPath  = "delayed"
)

// Tree is the configured tree of routes. It never changes.
type Tree struct{ root node }

type node struct {
	config   *config.Route
	path     string
	children []node
}

// New builds the tree of a valid configuration.
func New(root *config.Route) *Tree { return &Tree{root: build(root, "{}")} }

// build names a route by the matchers on the way to it: the name stays when
// routes are added or moved, and groups with it.
func build(r *config.Route, path string) node {
	n := node{config: r, path: path}
	for i := range r.Routes {
		child := &r.Routes[i]
		texts := make([]string, len(child.Matchers))
		for k := range child.Matchers {
			texts[k] = child.Matchers[k].String()
		}
		slices.Sort(texts)
		n.children = append(n.children, build(child, path+"/{"+strings.Join(texts, ",")+"}"))
	}
	return n
}

// Target is one group that an alert belongs to.
type Target struct {
	Receiver string
	// Path is the route's place in the tree, by matchers.
	Path string
	// Names and Values are the group's labels, as group_by orders them.
	Names, Values []string
	// Wait, Interval and Repeat are the route's group_wait, group_interval and
	// repeat_interval.
	Wait, Interval, Repeat time.Duration
}

// ID names the group among its receiver's: 26 base32 characters.
func (t *Target) ID() string {
	var b strings.Builder
	for _, part := range slices.Concat([]string{t.Path}, t.Names, t.Values) {
		b.WriteString(event.HashID(part)) // of one length each, so that no two lists are the same text
	}
	return event.HashID(b.String())
}

// Delayed says whether this is a receiver's digest of delayed alerts.
func (t *Target) Delayed() bool { return t.Path == delayedPath }

// Partition is whose owner tells the group.
func Partition(receiver, groupID string) uint32 {
	return finding.Partition(receiver, []string{groupID})
}

// Match is every group that the alert belongs to, at least one: the root takes
// what no other route does.
func (t *Tree) Match(a *alertv1.Alert) []Target {
	labels := LabelsOf(a)
	var targets []Target
	t.root.match(labels, func(n *node) {
		target := n.target(labels, a)
		if Delay(a) > DelayedAfter {
			target = Target{
				Receiver: target.Receiver, Path: delayedPath,
				Wait: delayedWait, Interval: target.Interval, Repeat: target.Repeat,
			}
		}
		same := func(other Target) bool {
			return other.Receiver == target.Receiver && other.Path == target.Path &&
				slices.Equal(other.Names, target.Names)
		}
		if !slices.ContainsFunc(targets, same) {
			targets = append(targets, target)
		}
	})
	return targets
}

// Delay is how long after its last event an alert opened. It only ever shrinks
// while the alert grows.
func Delay(a *alertv1.Alert) time.Duration {
	if a.GetOpened() < a.GetLastEvent() {
		return 0
	}
	return time.Duration(a.GetOpened() - a.GetLastEvent())
}

// match visits the routes that take an alert and reports whether there is one.
func (n *node) match(labels Labels, visit func(*node)) bool {
	for i := range n.config.Matchers {
		m := &n.config.Matchers[i]
		if !m.Matches(labels[m.Name]) {
			return false
		}
	}
	taken := false
	for i := range n.children {
		child := &n.children[i]
		if child.match(labels, visit) {
			taken = true
			if !child.config.Continue {
				break
			}
		}
	}
	if !taken {
		visit(n)
	}
	return true
}

func (n *node) target(labels Labels, a *alertv1.Alert) Target {
	t := Target{
		Receiver: n.config.Receiver, Path: n.path, Names: n.config.GroupBy,
		Wait:     time.Duration(*n.config.GroupWait),
		Interval: time.Duration(*n.config.GroupInterval),
		Repeat:   time.Duration(*n.config.RepeatInterval),
	}
	if slices.Equal(t.Names, []string{"..."}) {
		t.Names = []string{"rule.id"}
		for _, g := range a.GetGroup() {
			t.Names = append(t.Names, g.GetField())
		}
	}
	t.Values = make([]string, len(t.Names))
	for i, name := range t.Names {
		t.Values[i] = strings.Join(labels[name], ",")
	}
	return t
}
