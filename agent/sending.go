package agent

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/identity"
	"github.com/tocsin-security/tocsin/agent/internal/spool"
	"github.com/tocsin-security/tocsin/agent/internal/uplink"
	"github.com/tocsin-security/tocsin/proto/event"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/shell/admin"
)

// sendWait bounds how long an agent that ends goes on sending what it has. What
// is left is on disk and is sent after the next start.
const sendWait = 5 * time.Second

// sending is the part of a run that a dry run does without.
type sending struct {
	// named are the configuration's collectors.
	named  []string
	holder *identity.Holder
	spool  *ackedSpool
	uplink *uplink.Uplink
}

// beginSending makes the spool what events go to, and leads them on from there.
func (r *runner) beginSending() error {
	holder, err := identity.Hold(r.state.Path(identityFolder))
	if errors.Is(err, identity.ErrNone) {
		return fmt.Errorf("%w: run tocsin-agent enroll first", err)
	}
	if err != nil {
		return err
	}
	return r.send(&sending{named: r.cfg.Collectors, holder: holder})
}

func (r *runner) send(s *sending) error {
	r.fimFolder = r.state.Path(fimFolder)
	if err := os.MkdirAll(r.fimFolder, 0o700); err != nil {
		return fmt.Errorf("create fim folder: %w", err)
	}
	kept, err := spool.Open(r.state.Path(spoolFolder), spool.Options{
		Agent: s.holder.Current().AgentID, MaxSize: int64(r.cfg.Spool.MaxSize),
		Log: r.log.With("stage", stageSpool), Registerer: r.registry,
	})
	if err != nil {
		return err
	}
	r.life.onEnd("spool files", kept.Close)
	s.spool = &ackedSpool{Spool: kept}
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("find the host's name: %w", err)
	}
	s.uplink, err = uplink.New(uplink.Options{
		Addresses: s.collectors, TLS: s.holder.TLS, Version: r.options.Version, HostName: host,
		Spool: s.spool, Log: r.log.With("stage", stageUplink), Registerer: r.registry,
	})
	if err != nil {
		return err
	}
	r.store, r.sending = kept, s
	renewer := &identity.Renewer{Holder: s.holder, Collectors: s.collectors, Log: r.log.With("stage", "identity")}
	r.life.start("certificate renewal", renewer.Run, nil)
	r.life.start(stageUplink, s.uplink.Run, s.drained)
	r.life.start(stageSpool, kept.Run, nil)
	ready := func() error { return errors.Join(s.ready(), r.takingStock()) }
	server := &admin.Server{Listen: r.cfg.HTTP.Listen, Registry: r.registry, Ready: ready, Log: r.log}
	r.life.start("admin endpoint", server.Run, nil)
	return r.serve()
}

// takingStock says that changes may yet go unseen, or already do.
func (r *runner) takingStock() error {
	if r.draining.Load() {
		return errors.New("draining")
	}
	reading := r.reading.Load()
	if reading == nil {
		return errors.New("starting")
	}
	for _, ready := range reading.ready {
		select {
		case <-ready:
		default:
			return errors.New("the sources are still looking at what exists")
		}
	}
	return nil
}

// drained returns when everything kept is acked, when that cannot be now, or
// when it takes too long.
func (s *sending) drained() {
	deadline := time.NewTimer(sendWait)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for s.pending() && s.sends() {
		select {
		case <-deadline.C:
			return
		case <-ticker.C:
		}
	}
}

// sends tells whether there is a stream, or the first one is being opened.
func (s *sending) sends() bool {
	stats := s.uplink.Stats()
	return stats.Connected || stats.LastError == ""
}

func (s *sending) pending() bool {
	return slices.ContainsFunc(s.spool.Stats().Lanes, func(l spool.LaneStats) bool { return l.Events > 0 })
}

// ackedSpool remembers how far each lane is acked, for those who ask.
type ackedSpool struct {
	*spool.Spool
	acked [event.ClassCount]atomic.Uint64
}

// Ack implements the uplink's spool.
func (s *ackedSpool) Ack(head *ingestv1.LaneHead) error {
	if err := s.Spool.Ack(head); err != nil {
		return err
	}
	s.note(head)
	return nil
}

// Resume implements the uplink's spool.
func (s *ackedSpool) Resume(heads []*ingestv1.LaneHead) error {
	if err := s.Spool.Resume(heads); err != nil {
		return err
	}
	for _, head := range heads {
		s.note(head)
	}
	return nil
}

func (s *ackedSpool) note(head *ingestv1.LaneHead) {
	if class := int(head.GetClass()); class > 0 && class < len(s.acked) {
		s.acked[class].Store(head.GetFirstSequence() + uint64(head.GetCount()) - 1)
	}
}

// collectors are whom to speak to: those of the configuration, else those that
// the collector named last.
func (s *sending) collectors() []string {
	if len(s.named) > 0 {
		return slices.Clone(s.named)
	}
	return slices.Clone(s.holder.Current().Collectors)
}

// ready says why the agent cannot do its job.
func (s *sending) ready() error {
	if id := s.holder.Current(); time.Now().After(id.Expires()) {
		return fmt.Errorf("the certificate ended at %s: enrol this host again", clock(id.Expires()))
	}
	if stats := s.uplink.Stats(); !stats.Connected {
		return fmt.Errorf("not connected to a collector: %s", cmp.Or(stats.LastError, "connecting"))
	}
	if s.spool.Stats().Blocked > 0 {
		return errors.New("the spool is full: sources wait")
	}
	return nil
}

// sendingStatus adds what only an agent that sends has.
func (r *runner) sendingStatus(to *Status) {
	if r.sending == nil {
		return
	}
	id := r.sending.holder.Current()
	to.Agent = &memberStatus{ID: id.AgentID, Name: id.Name, Expires: id.Expires().UTC()}
	link := r.sending.uplink.Stats()
	to.Connection = &connectionStatus{
		Connected: link.Connected, Collector: link.Address, Since: link.Since.UTC(), Error: link.LastError,
	}
	stats := r.sending.spool.Stats()
	to.Spool = &spoolStatus{Bytes: stats.Bytes, MaxSize: stats.MaxSize, Blocked: stats.Blocked > 0}
	for _, lane := range stats.Lanes {
		to.Spool.Lanes = append(to.Spool.Lanes, laneStatus{
			Class: event.ClassName(lane.Class), Pending: lane.Events, Refused: lane.Refused,
			Acked: r.sending.spool.acked[lane.Class].Load(), Oldest: lane.Oldest.UTC(),
		})
	}
}
