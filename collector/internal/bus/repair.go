package bus

import (
	"context"
	"fmt"
	"time"
)

// looks is how often Run looks at the server. No stream answers from its failed
// write to the look after which it is started again.
const looks = 5 * time.Second

// Run looks after the server until ctx ends. A stream to which a write failed,
// for want of room or because the disk is broken, refuses everything until the
// server is started again: that happens as soon as there is room. What was
// acknowledged was on disk before, and what failed is cut off at the start.
func (s *Server) Run(ctx context.Context) error {
	tick := time.NewTicker(looks)
	defer tick.Stop()
	p := patient{well: s.ailment() == ""}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		ailment := s.ailment()
		if !p.needsHelp(ailment) || s.Room() != nil {
			continue
		}
		if err := s.repair(ailment); err != nil {
			return err
		}
		p = patient{well: s.ailment() == ""}
	}
}

// patient is a server as it was seen since its start.
type patient struct {
	// well says that it was once: whatever ails a server from its start on, starting
	// it again does not cure.
	well bool
	last string
}

// needsHelp tells whether a server is to be started again. It has to ail of the
// same twice: a stream that is being made looks like one that is broken.
func (p *patient) needsHelp(ailment string) bool {
	again := ailment != "" && ailment == p.last
	p.last = ailment
	p.well = p.well || ailment == ""
	return p.well && again
}

// ailment is what keeps JetStream from storing, "" for nothing.
func (s *Server) ailment() string { return s.current().Healthz(nil).Error }

// repair starts the server anew, where it was. Clients connect again by themselves.
func (s *Server) repair(ailment string) error {
	s.log.Warn("embedded NATS is started again, for it cannot store", "why", ailment)
	old := s.current()
	old.Shutdown()
	old.WaitForShutdown()
	if err := s.launch(); err != nil {
		return fmt.Errorf("start embedded NATS again: %w", err)
	}
	s.log.Info("embedded NATS runs again", "url", s.url)
	return nil
}
