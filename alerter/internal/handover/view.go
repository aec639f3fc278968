package handover

import (
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// view is what one member knows of all. One goroutine uses it.
type view struct {
	me, loaded    string
	ttl, patience time.Duration
	// ready says that the bucket's state has been read once.
	ready bool
	// sets are what the living members have loaded.
	sets map[string]string
	// active is the set that is run, and revision that of its key; 0 where there is none.
	active   string
	revision uint64
	// after is the active set's revision at the time that ours was loaded; dated says that
	// it is known. It outlives an outage: who waited before it has loaded nothing since.
	after uint64
	dated bool
	// joined is when the bucket's state was first asked about.
	joined time.Time
	// since is when our set began to be wanted by enough; zero while it is not.
	since time.Time
}

func newView(me string, o Options) *view { return &view{me: me, ttl: o.TTL, patience: o.Patience} }

// join begins anew to learn of the others, with the set that we have loaded.
func (v *view) join(loaded string) {
	v.ready, v.active, v.revision = false, "", 0
	v.joined, v.since = time.Time{}, time.Time{}
	v.sets = map[string]string{v.me: loaded}
	if loaded != v.loaded {
		v.loaded, v.dated = loaded, false
	}
}

// load notes a set that we loaded now.
func (v *view) load(set string) {
	if set != v.loaded {
		v.loaded, v.after, v.since = set, v.revision, time.Time{}
		v.dated = v.ready
	}
	v.sets[v.me] = set
}

// apply takes one entry of the watch; nil says that the state as of its start has been
// read.
func (v *view) apply(entry jetstream.KeyValueEntry) {
	if entry == nil {
		if v.ready = true; !v.dated {
			v.after, v.dated = v.revision, true
		}
		return
	}
	gone := entry.Operation() != jetstream.KeyValuePut
	if id, ok := strings.CutPrefix(entry.Key(), memberPrefix); ok && id != v.me {
		if gone {
			delete(v.sets, id)
		} else {
			v.sets[id] = string(entry.Value())
		}
	}
	if entry.Key() == activeKey {
		v.active, v.revision = string(entry.Value()), entry.Revision()
		if gone {
			v.active, v.revision = "", 0
		}
	}
}

// due tells whether our set is to become the active one if nothing changes, and after
// what time. Who has just come does not know yet who else is coming: after an outage all
// come again, one after the other.
func (v *view) due(now time.Time) (wait time.Duration, ok bool) {
	if v.joined.IsZero() {
		v.joined = now
	}
	at, later := v.wanted()
	switch {
	case at && v.revision == 0:
		return 0, true
	case at:
		return v.joined.Add(v.ttl).Sub(now), true
	case !later:
		v.since = time.Time{}
		return 0, false
	case v.since.IsZero():
		v.since = now
	}
	return v.since.Add(v.patience).Sub(now), true
}

// wanted tells whether our set is to become the active one at once, or after some time.
// A minority waits for ever: one host that was forgotten, or updated by mistake, does not
// take the work from the others. Of two halves the one that loaded its set last is
// followed; so that they do not take turns, it must have loaded it since the last move.
func (v *view) wanted() (at, later bool) {
	if v.loaded == v.active {
		return false, false
	}
	count := make(map[string]int)
	most := 0
	for _, set := range v.sets {
		count[set]++
		most = max(most, count[set])
	}
	with, running := count[v.loaded], count[v.active]
	if with == len(v.sets) || running == 0 && with == most {
		return true, false
	}
	return false, with > running || with == running && v.after == v.revision
}
