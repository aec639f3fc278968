// Package report writes what happened as pages and as data: a file for each day
// in a folder, and the last hours on demand.
//
// In flow TOCSIN_ALERTS, out flow HTML and JSON. A report is a function of a
// slice of that stream: every alert with news in a span of stream time, as it
// stood at the span's end. So nothing of it has to be remembered elsewhere, and
// whoever takes over writes the same file.
package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/stored"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// manyAlerts is from how many alerts on only their last events are kept.
const manyAlerts = 1000

// Report is every alert with news in a span of stream time.
type Report struct {
	From, To time.Time
	// Locale is "en" or "ko", Location the zone of its times.
	Locale   string
	Location *time.Location
	// Final says that To has passed: nothing will be added.
	Final bool
	// Unreadable counts messages that hold no alerts: they are left out, for no
	// retry would read them.
	Unreadable int

	keep    func(*alertv1.Alert) bool
	alerts  map[string]*alertv1.Alert
	through uint64 // the last sequence read
}

// New is an empty report. keep says which alerts belong to it; nil keeps all.
func New(from, to time.Time, locale string, location *time.Location, keep func(*alertv1.Alert) bool) *Report {
	return &Report{
		From: from, To: to, Locale: locale, Location: location,
		keep: keep, alerts: make(map[string]*alertv1.Alert),
	}
}

// Update reads what was stored since the last Update, or since From, and
// reports whether there was anything.
func (r *Report) Update(ctx context.Context, js jetstream.JetStream) (bool, error) {
	stream, err := js.Stream(ctx, subject.AlertsStream)
	if err != nil {
		return false, fmt.Errorf("open alerts: %w", err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return false, fmt.Errorf("open alerts: %w", err)
	}
	if info.State.LastSeq <= r.through || info.State.Msgs == 0 || info.State.LastTime.Before(r.From) {
		return false, nil
	}
	from := stored.From{Filter: subject.AlertsFilter, Policy: jetstream.DeliverByStartTimePolicy, Time: &r.From}
	if r.through > 0 {
		from = stored.From{Filter: subject.AlertsFilter, Policy: jetstream.DeliverByStartSequencePolicy, Sequence: r.through + 1}
	}
	changed := false
	err = stored.Read(ctx, stream, from, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		if !meta.Timestamp.Before(r.To) {
			return stored.ErrEnough // the next report's
		}
		alerts := new(alertv1.Alerts)
		if err := proto.Unmarshal(m.Data(), alerts); err != nil {
			r.Unreadable++
			alerts.Reset()
		}
		for _, a := range alerts.GetAlerts() {
			changed = r.add(a) || changed
		}
		r.through = meta.Sequence.Stream
		return nil
	})
	return changed, err
}

// add takes an alert's newer state.
func (r *Report) add(a *alertv1.Alert) bool {
	news := max(a.GetOpened(), a.GetUpdated(), a.GetResolved())
	if a.GetState() == alertv1.AlertState_ALERT_STATE_MERGED {
		_, known := r.alerts[a.GetId()]
		delete(r.alerts, a.GetId())
		return known
	}
	if int64(news) < r.From.UnixNano() || r.keep != nil && !r.keep(a) {
		return false
	}
	if len(r.alerts) > manyAlerts {
		a.Samples, a.EventIds = nil, nil
	}
	r.alerts[a.GetId()] = a
	return true
}

// Alerts are those of the report, the worst first, and of one level the latest.
func (r *Report) Alerts() []*alertv1.Alert {
	list := make([]*alertv1.Alert, 0, len(r.alerts))
	for _, a := range r.alerts {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *alertv1.Alert) int {
		return cmp.Or(
			cmp.Compare(b.GetRule().GetLevel(), a.GetRule().GetLevel()),
			cmp.Compare(b.GetLastEvent(), a.GetLastEvent()),
			cmp.Compare(a.GetId(), b.GetId()),
		)
	})
	return list
}
