package correlate

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Bounds of what an alert shows of its members.
const (
	maxIDs     = 1000
	maxSamples = 5
	maxValue   = 8 << 10 // bytes of one field of a shown finding
)

// place is where a member stands in the order of events.
type place struct {
	time    int64
	agent   string
	ordinal uint64
	id      string
}

func comparePlace(a, b place) int {
	return cmp.Or(
		cmp.Compare(a.time, b.time), strings.Compare(a.agent, b.agent),
		cmp.Compare(a.ordinal, b.ordinal), strings.Compare(a.id, b.id),
	)
}

// episode is one alert while findings can still change it.
type episode struct {
	id          string
	state       alertv1.AlertState
	count       uint64
	first, last int64
	firstPlace  place
	lastPlace   place
	// sum is that of the members' event id hashes, low half last.
	sum [2]uint64
	// ids are the oldest members.
	ids []place
	// counted is the sequence that it is counted through.
	counted uint64
	// through and until are the sequence and the stream time up to which its members
	// were counted by the owner that wrote what was restored; 0 for one of our own.
	through uint64
	until   int64
	// opened, updated, resolved and arrived are stream times, arrived that of the
	// last member.
	opened, updated, resolved, arrived int64
	mergedInto                         string
	// untold says that it opened since changes were taken last.
	untold  bool
	show    *alertv1.Finding
	samples []*alertv1.Finding
	// labels are the fields of the signal that opened it; they never change.
	labels        []*eventv1.Field
	backfill      bool
	firstReceived int64
	// rule is what an alert said of its rule when it was restored.
	rule *alertv1.Rule
}

// join lets alerts count new members, which are in the order of events.
func (e *Engine) join(c *cell, members []*held) {
	for _, h := range members {
		h.member = true
		if !c.counts(h) {
			e.unpack(h)
			e.count(c, h)
		}
		e.packed -= int64(len(h.packed))
		h.finding, h.packed = nil, nil
	}
}

// counts tells whether another match of the same event is a member already.
func (c *cell) counts(h *held) bool {
	i, _ := slices.BinarySearchFunc(c.held, h, compareHeld)
	same := func(i int) bool {
		return i >= 0 && i < len(c.held) && c.held[i] != h && c.held[i].id == h.id && c.held[i].member
	}
	return len(c.plan.leaves) > 1 && (same(i-1) || same(i+1))
}

// count adds a member to its episode, opens one, or joins the two it bridges.
func (e *Engine) count(c *cell, h *held) {
	var home *episode
	for _, ep := range c.episodes {
		if ep.state == alertv1.AlertState_ALERT_STATE_MERGED || !ep.reaches(h.time, c.plan.gap) {
			continue
		}
		switch {
		case e.restored(c, ep) && setSemantics:
			return // it has it
		case home == nil:
			home = ep
		default:
			home.merge(ep, e.now)
		}
	}
	if home == nil {
		home = c.open(e.seq, h, e.now)
		e.opened++
	}
	home.add(h, e.now)
	home.revive(c.plan, e.now)
	c.sortEpisodes()
	e.markDirty(c)
}

// restored says whether what is counted now was counted by the owner that wrote the
// episode. What a message completes is told by the message's sequence; what time
// judges, after the last message too, by the time of judging, which is the same for
// all owners.
func (e *Engine) restored(c *cell, ep *episode) bool {
	if c.plan.monotone {
		return e.seq <= ep.through
	}
	return e.now <= ep.until
}

// open starts an episode with a member that is yet to be added.
func (c *cell) open(seq uint64, h *held, now int64) *episode {
	ep := &episode{
		id: c.newID(seq), state: alertv1.AlertState_ALERT_STATE_FIRING, opened: now, backfill: true, untold: true,
		first: h.time, last: h.time, firstPlace: placeOf(h), lastPlace: placeOf(h), labels: labelsOf(h.finding),
	}
	c.episodes = append(c.episodes, ep)
	c.opened = true
	return ep
}

// discard takes all changes as taken.
func (c *cell) discard() {
	for _, ep := range c.episodes {
		ep.untold = false
	}
	c.opened, c.dirty = false, false
}

// labelsOf are the fields that routes may match and group by: none of the long
// texts, which every state of the alert would carry along.
func labelsOf(f *alertv1.Finding) []*eventv1.Field {
	const maxLabel = 256
	return slices.DeleteFunc(slices.Clone(f.GetFields()), func(field *eventv1.Field) bool {
		return len(field.GetValue()) > maxLabel
	})
}

// newID names the alert that a message opens; a message that opens two of one
// group numbers them.
func (c *cell) newID(seq uint64) string {
	id := fmt.Sprintf("%s-%d", c.fingerprint, seq)
	for n := 2; slices.ContainsFunc(c.episodes, func(ep *episode) bool { return ep.id == id }); n++ {
		id = fmt.Sprintf("%s-%d.%d", c.fingerprint, seq, n)
	}
	return id
}

func (c *cell) sortEpisodes() {
	slices.SortStableFunc(c.episodes, func(a, b *episode) int { return cmp.Compare(a.first, b.first) })
}

func placeOf(h *held) place { return place{time: h.time, agent: h.agent, ordinal: h.ordinal, id: h.id} }

// reaches tells whether a member at a time is of the episode.
func (ep *episode) reaches(t, gap int64) bool { return ep.first-gap <= t && t <= ep.last+gap }

func (ep *episode) add(h *held, now int64) {
	at := placeOf(h)
	ep.count++
	ep.addSum(event.IDHash(h.id))
	ep.updated, ep.arrived = now, now
	if comparePlace(at, ep.firstPlace) <= 0 {
		ep.first, ep.firstPlace, ep.firstReceived = h.time, at, int64(h.finding.GetReceived())
	}
	if ep.show == nil || comparePlace(at, ep.lastPlace) >= 0 {
		ep.last, ep.lastPlace = h.time, at
		ep.show = shown(h.finding, h.late)
	}
	ep.backfill = ep.backfill && h.finding.GetBackfill()
	i, found := slices.BinarySearchFunc(ep.ids, at, comparePlace)
	if !found && i < maxIDs {
		ep.ids = slices.Insert(ep.ids, i, at)
		ep.ids = ep.ids[:min(len(ep.ids), maxIDs)]
	}
	ep.sample(h.finding, h.late)
}

// sample keeps the oldest few findings.
func (ep *episode) sample(f *alertv1.Finding, late bool) {
	i, _ := slices.BinarySearchFunc(ep.samples, f, func(a, b *alertv1.Finding) int {
		return comparePlace(placeOfFinding(a), placeOfFinding(b))
	})
	if i < maxSamples {
		ep.samples = slices.Insert(ep.samples, i, shown(f, late))
		ep.samples = ep.samples[:min(len(ep.samples), maxSamples)]
	}
}

func placeOfFinding(f *alertv1.Finding) place {
	return place{time: int64(f.GetTime()), agent: f.GetAgent(), ordinal: f.GetOrdinal(), id: f.GetEventId()}
}

// shown is a finding as an alert carries it: long values are cut, as one message
// holds many, and it says whether it came late. The finding itself is others' too.
func shown(f *alertv1.Finding, late bool) *alertv1.Finding {
	long := late || len(f.GetOriginal()) > maxValue
	for _, field := range f.GetFields() {
		long = long || len(field.GetValue()) > maxValue
	}
	if !long {
		return f
	}
	f, _ = proto.Clone(f).(*alertv1.Finding)
	f.Late = late
	f.Original = f.GetOriginal()[:min(len(f.GetOriginal()), maxValue)]
	for _, field := range f.GetFields() {
		field.Value = field.GetValue()[:min(len(field.GetValue()), maxValue)]
	}
	return f
}

func (ep *episode) addSum(hash [16]byte) {
	ep.addHalves(binary.BigEndian.Uint64(hash[:8]), binary.BigEndian.Uint64(hash[8:]))
}

func (ep *episode) addHalves(high, low uint64) {
	var carry uint64
	ep.sum[1], carry = bits.Add64(ep.sum[1], low, 0)
	ep.sum[0], _ = bits.Add64(ep.sum[0], high, carry)
}

// merge takes over the members of a later episode.
func (ep *episode) merge(later *episode, now int64) {
	ep.count += later.count
	ep.addHalves(later.sum[0], later.sum[1])
	if later.last >= ep.last {
		ep.last, ep.lastPlace, ep.show = later.last, later.lastPlace, later.show
	}
	ep.backfill = ep.backfill && later.backfill
	ep.ids = append(ep.ids, later.ids...)
	slices.SortFunc(ep.ids, comparePlace)
	ep.ids = ep.ids[:min(len(ep.ids), maxIDs)]
	for _, f := range later.samples {
		ep.sample(f, f.GetLate())
	}
	ep.updated, ep.arrived = now, max(ep.arrived, later.arrived)
	if later.state == alertv1.AlertState_ALERT_STATE_FIRING {
		ep.state, ep.resolved = alertv1.AlertState_ALERT_STATE_FIRING, 0
	}
	later.state, later.mergedInto, later.updated = alertv1.AlertState_ALERT_STATE_MERGED, ep.id, now
}

// revive lets a resolved episode fire again if what joined it says that it goes
// on. What merely joins its past leaves it resolved.
func (ep *episode) revive(p *plan, now int64) {
	if ep.state == alertv1.AlertState_ALERT_STATE_RESOLVED && ep.last+p.gap > now {
		ep.state, ep.resolved = alertv1.AlertState_ALERT_STATE_FIRING, 0
	}
}

// resolveAt is when a firing episode has been quiet for long enough.
func (ep *episode) resolveAt(p *plan) int64 {
	if p.absent() {
		return max(ep.last, ep.arrived) + int64(missedFor)
	}
	return max(ep.last, ep.arrived) + p.gap + int64(Grace)
}

// forgetAt is when no finding can change an episode any more, and no owner that
// takes over reads its members again.
func (ep *episode) forgetAt(p *plan) int64 { return ep.updated + 3*p.keep }

func (ep *episode) next(p *plan) int64 {
	if ep.state == alertv1.AlertState_ALERT_STATE_FIRING {
		return ep.resolveAt(p)
	}
	return ep.forgetAt(p)
}

// alert renders an episode.
func (ep *episode) alert(c *cell) *alertv1.Alert {
	a := &alertv1.Alert{
		Id: ep.id, Fingerprint: c.fingerprint, Rule: ep.rule, State: ep.state, Count: ep.count,
		FirstEvent: uint64(ep.first), LastEvent: uint64(ep.last), CountedThrough: ep.counted,
		Opened: uint64(ep.opened), Updated: uint64(ep.updated), Resolved: uint64(ep.resolved),
		MergedInto: ep.mergedInto, Last: ep.show, Samples: slices.Clone(ep.samples), Backfill: ep.backfill,
		Labels:        ep.labels,
		FirstReceived: uint64(ep.firstReceived), EventIds: make([]string, len(ep.ids)),
	}
	if a.Rule == nil {
		r := c.plan.root
		a.Rule = &alertv1.Rule{
			Id: r.ID, Name: r.Name, Type: string(r.Type), Level: r.Level, Tags: r.Tags, Hash: r.Hash[:], Shadow: r.Shadow,
		}
	}
	for i, at := range ep.ids {
		a.EventIds[i] = at.id
	}
	a.EventSum = binary.BigEndian.AppendUint64(a.EventSum, ep.sum[0])
	a.EventSum = binary.BigEndian.AppendUint64(a.EventSum, ep.sum[1])
	for i, value := range c.group {
		g := &alertv1.GroupValue{Value: value}
		if i < len(c.names) {
			g.Field = c.names[i]
		}
		a.Group = append(a.Group, g)
	}
	return a
}

// restoreEpisode is the inverse of alert.
func restoreEpisode(a *alertv1.Alert) *episode {
	ep := &episode{
		id: a.GetId(), state: a.GetState(), count: a.GetCount(),
		first: int64(a.GetFirstEvent()), last: int64(a.GetLastEvent()), counted: a.GetCountedThrough(),
		opened: int64(a.GetOpened()), updated: int64(a.GetUpdated()), resolved: int64(a.GetResolved()),
		arrived: int64(a.GetUpdated()), mergedInto: a.GetMergedInto(), show: a.GetLast(),
		samples: a.GetSamples(), labels: a.GetLabels(), backfill: a.GetBackfill(), firstReceived: int64(a.GetFirstReceived()),
		rule: a.GetRule(), through: a.GetCountedThrough(), until: int64(a.GetUpdated()),
	}
	if sum := a.GetEventSum(); len(sum) == 16 {
		ep.addSum([16]byte(sum))
	}
	// Of the ids only the order is known: all but those of the samples sort behind
	// the first member and before whatever comes later than the last.
	for i, id := range a.GetEventIds() {
		ep.ids = append(ep.ids, place{time: ep.first, ordinal: uint64(i), id: id})
	}
	ep.firstPlace = place{time: ep.first}
	ep.lastPlace = place{time: ep.last, agent: a.GetLast().GetAgent(), ordinal: a.GetLast().GetOrdinal(), id: a.GetLast().GetEventId()}
	if len(ep.samples) > 0 {
		ep.firstPlace = placeOfFinding(ep.samples[0])
	}
	return ep
}
