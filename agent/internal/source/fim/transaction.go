package fim

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/packages"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	packageKey = keyPrefix + "package:"
	// positionBatch is how many positions travel in one record.
	positionBatch = 1024
	setid         = 0o6000
)

// packageGroup collects what a package transaction changed.
type packageGroup struct {
	base  *packageBase
	index *packages.Index
	// changed are the packages that the transaction was about, by their keys.
	changed map[string]*packageChange
	since   time.Time
}

// packageChange is what a transaction did to one package.
type packageChange struct {
	was packageInfo
	now *packages.Package
	// told says that an event was made of it before a crash.
	told      bool
	files     int
	positions []record.Position
}

// newGroup finds what packages have changed since their files were last reported.
func (r *runner) newGroup(b *packageBase, index *packages.Index) *packageGroup {
	g := &packageGroup{base: b, index: index, changed: map[string]*packageChange{}, since: b.since}
	table := &r.tree.packages
	for i, p := range index.Packages() {
		key := b.key(p.Key)
		was := table.get(key)
		told := r.told[key]
		if was.version != p.Version || was.stamp != p.Stamp || told {
			g.changed[key] = &packageChange{was: was, now: &index.Packages()[i], told: told}
		}
	}
	for _, was := range table.list {
		if b.ours(was.name) && was.version != "" && g.changed[was.name] == nil && index.Get(was.name[len(b.key("")):]) == nil {
			g.changed[was.name] = &packageChange{was: was}
		}
	}
	return g
}

// takes tells whether a change is part of what a package manager did, and keeps it
// then: content that the database knows, or the end of a file that it no longer
// knows. A file that gained setuid, setgid or capabilities is told by itself, for
// no digest covers those.
func (g *packageGroup) takes(c *change, of *packages.File) bool {
	p := g.owner(c, of)
	if p == nil || c.gainsPrivilege() || c.from != "" { // no package manager renames a file
		return false
	}
	if !p.told {
		p.files++
	}
	p.positions = append(p.positions, record.Position{Key: keyPrefix + c.path, State: encodePosition(c.now)})
	return true
}

func (g *packageGroup) owner(c *change, of *packages.File) *packageChange {
	if about, own := g.base.db.Bookkeeping(c.path); own {
		if p := g.changed[g.base.key(about)]; about != "" && p != nil {
			return p
		}
		for _, key := range slices.Sorted(maps.Keys(g.changed)) {
			return g.changed[key] // what is of all packages goes with the first
		}
		return nil
	}
	switch {
	case c.now == nil:
		if of != nil || c.was.pkg == "" {
			return nil // it should be there, or was no package's
		}
		return g.changed[c.was.pkg]
	case of == nil:
		return nil
	case c.now.kind == kindLink && !g.leadsHome(c), c.now.kind == kindFile && c.pkgState != stateMatches:
		return nil
	}
	return g.changed[g.base.key(of.Package.Key)]
}

// leadsHome tells whether a link leads to what a package has, or into a folder of
// one: no database says where a link should lead.
func (g *packageGroup) leadsHome(c *change) bool {
	target := g.index.LinkTarget(c.path, c.now.target)
	return g.base.territory(target) && (g.index.Find(target) != nil || g.index.Find(filepath.Dir(target)) != nil)
}

func (c *change) gainsPrivilege() bool {
	if c.now == nil {
		return false
	}
	var mode uint32
	var caps string
	if c.was != nil {
		mode, caps = c.was.mode, c.was.caps
	}
	return c.now.kind == kindFile && (c.now.mode&setid&^mode != 0 || c.now.caps != "" && c.now.caps != caps)
}

// closeTransactions ends the transactions whose database has come to rest, or has
// not for too long.
func (r *runner) closeTransactions(ctx context.Context) error {
	for _, b := range r.bases {
		if len(b.deferred) == 0 || b.isBusy() && time.Since(b.since) < deferMax {
			continue
		}
		if err := r.closeTransaction(ctx, b); err != nil {
			return err
		}
	}
	r.dropIndexes()
	return nil
}

func (r *runner) closeTransaction(ctx context.Context, b *packageBase) error {
	paths := slices.Sorted(maps.Keys(b.deferred))
	clear(b.deferred)
	if index := r.packageIndex(ctx, b); index != nil {
		b.group = r.newGroup(b, index)
	} else {
		b.group = &packageGroup{base: b, index: &packages.Index{}, changed: nil} // nothing is part of it
	}
	for _, path := range paths {
		delete(r.pending, path)
		if err := r.look(ctx, nil, path, pending{first: b.since}); err != nil {
			return err
		}
	}
	if err := r.finishJobs(ctx); err != nil {
		return err
	}
	for _, path := range paths {
		if _, gone := r.held[path]; !gone {
			continue
		}
		delete(r.held, path)
		if e := r.tree.get(path); e != nil {
			if err := r.deleted(ctx, path, e); err != nil {
				return err
			}
		}
	}
	return r.reportGroup(ctx, b)
}

// reportGroup puts one event for each package that changed watched files, and
// makes what the packages are now part of the baseline.
func (r *runner) reportGroup(ctx context.Context, b *packageBase) error {
	g := b.group
	b.group = nil
	for _, key := range slices.Sorted(maps.Keys(g.changed)) {
		p := g.changed[key]
		is := packageInfo{name: key}
		if p.now != nil {
			is.version, is.stamp = p.now.Version, p.now.Stamp
		}
		r.tree.packages.set(is)
		delete(r.told, key)
		r.dirty = true
		if err := r.reportPackage(ctx, g, p, is); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) reportPackage(ctx context.Context, g *packageGroup, p *packageChange, is packageInfo) error {
	now := r.s.opts.Clock()
	raw := &record.Raw{Stream: keyPrefix, Observed: now}
	if p.files > 0 {
		state := appendText(appendText([]byte{entryVersion}, is.version), is.stamp)
		p.positions = append([]record.Position{{Key: packageKey + is.name, State: state}}, p.positions...)
		raw.Event = &record.Event{Class: eventv1.Class_CLASS_FILE}
		raw.Event.Time, raw.Event.Observed = now.UnixNano(), now.UnixNano()
		if !g.since.IsZero() {
			raw.Event.Time -= time.Since(g.since).Nanoseconds()
		}
		raw.Event.Fields = p.fields()
		r.s.status.change(func(s *Status) { s.Events++ })
	}
	for first := true; first && raw.Event != nil || len(p.positions) > 0; first = false {
		n := min(positionBatch, len(p.positions))
		raw.Positions, p.positions = p.positions[:n], p.positions[n:]
		for _, at := range raw.Positions {
			r.overlay[at.Key] = struct{}{}
		}
		if err := r.send(ctx, raw); err != nil {
			return err
		}
		raw = &record.Raw{Stream: keyPrefix, Observed: now}
	}
	return nil
}

func (p *packageChange) fields() []event.Field {
	e := event.Event{}
	add := func(id eventv1.FieldId, value string) {
		if value != "" {
			e.Add(id, []byte(value))
		}
	}
	action, kind, name, version, was := "package_installed", "installation", "", "", p.was.version
	switch {
	case p.now == nil:
		action, kind, name, version, was = "package_removed", "deletion", shownName(p.was.name), p.was.version, ""
	case p.was.version != "" && p.was.version != p.now.Version:
		action, kind = "package_upgraded", "change"
	}
	if p.now != nil {
		name, version = p.now.Name, p.now.Version
	}
	message := fmt.Sprintf("package %s %s was %s, %d files", name, version, action[len("package_"):], p.files)
	if action == "package_upgraded" {
		message = fmt.Sprintf("package %s was upgraded from %s to %s, %d files", name, was, version, p.files)
	} else {
		was = ""
	}
	add(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, "package")
	add(eventv1.FieldId_FIELD_ID_EVENT_TYPE, kind)
	add(eventv1.FieldId_FIELD_ID_EVENT_ACTION, action)
	add(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, "success")
	add(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	add(eventv1.FieldId_FIELD_ID_PACKAGE_NAME, name)
	add(eventv1.FieldId_FIELD_ID_PACKAGE_VERSION, version)
	add(eventv1.FieldId_FIELD_ID_TOCSIN_PACKAGE_PREVIOUS_VERSION, was)
	add(eventv1.FieldId_FIELD_ID_TOCSIN_PACKAGE_FILES, strconv.Itoa(p.files))
	return e.Fields
}
