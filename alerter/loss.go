package alerter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/correlate"
	"github.com/tocsin-security/tocsin/alerter/internal/detect"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// actionOverflow is the event.action of what counting had to forget.
const actionOverflow = "correlation_overflow"

// lost has the rules look at what counting had to forget, as at any event: what
// they find goes where all signals go, and is counted and told like them.
func (s *service) lost(ctx context.Context, l correlate.Loss) error {
	e := lossEvent(l)
	set := s.set.Load()
	hash := set.Hash()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var errs []error
	detect.New(set).Detect(&e, func(signal finding.Signal) {
		data, err := proto.Marshal(&alertv1.Signals{RuleSet: hash[:], Signals: []*alertv1.Signal{signal.Signal}})
		if err == nil {
			_, err = s.js.PublishMsg(ctx, &nats.Msg{Subject: subject.Signals(signal.Partition), Data: data})
		}
		errs = append(errs, err)
	})
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("publish signals of a loss: %w", err)
	}
	return nil
}

// lossEvent is a loss as an event of class agent: who says so is this alerter,
// and its host the one that it runs on.
func lossEvent(l correlate.Loss) finding.Event {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	at := l.At.UnixNano()
	text := fmt.Sprintf("counting forgot %d signals or groups of partition %d, which were more than it can hold", l.Count, l.Partition)
	e := finding.Event{
		Event: event.Event{Time: at, Observed: at, Ordinal: l.Sequence, Original: []byte(text)},
		Class: eventv1.Class_CLASS_AGENT, Host: host, Corrected: at, Received: at,
		GivenID: event.HashID(fmt.Sprintf("%s %d %d", actionOverflow, l.Partition, l.Sequence)),
	}
	for _, f := range []struct {
		id    eventv1.FieldId
		value string
	}{
		{eventv1.FieldId_FIELD_ID_EVENT_ACTION, actionOverflow},
		{eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, "bounds"},
		{eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE, "correlation"},
		{eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_COUNT, strconv.FormatUint(l.Count, 10)},
	} {
		e.Add(f.id, []byte(f.value))
	}
	return e
}
