package spool

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// recover reads the log, cuts a torn tail, makes what is left durable, declares
// what is missing, and leaves a segment to write to.
func (s *Spool) recover() error {
	numbers, err := s.segmentNumbers()
	if err != nil {
		return err
	}
	r := newReplay()
	s.mu.Lock()
	s.state = r.state
	s.mu.Unlock()
	for i, number := range numbers {
		if err := s.load(r, number, i == len(numbers)-1); err != nil {
			return err
		}
	}
	s.ordinal = s.state.ordinal
	if err := s.settle(r); err != nil {
		return err
	}
	if !r.begun {
		s.state.agent = s.o.Agent
		for _, l := range s.state.all() {
			l.num = numbering{epoch: newEpoch(), next: 1}
		}
	}
	if len(r.damages) > 0 || len(s.state.segments) == 0 {
		if err := s.roll(true); err != nil {
			return err
		}
	}
	if len(r.damages) > 0 {
		if err := s.repair(r); err != nil {
			return err
		}
	}
	return s.adopt()
}

func (s *Spool) segmentNumbers() ([]uint64, error) {
	names, err := s.disk.list()
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, name := range names {
		n, ok := segmentNumber(name)
		if !ok {
			s.o.Log.Warn("spool ignores a file that is not its own", "name", name)
			continue
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers, nil
}

// load replays one segment.
func (s *Spool) load(r *replay, number uint64, newest bool) error {
	f, err := s.disk.open(segmentName(number), false)
	if err != nil {
		return err
	}
	seg := &segment{number: number, file: f}
	s.state.segments = append(s.state.segments, seg)
	if seg.size, err = f.bytes(); err != nil {
		return err
	}
	data := make([]byte, seg.size)
	if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read segment %d: %w", number, err)
	}
	seg.end, err = r.segment(seg, data, newest)
	return err
}

// settle removes a segment that was never used, cuts the torn tail of the last
// one, and makes the last flush durable.
func (s *Spool) settle(r *replay) error {
	if len(s.state.segments) == 0 {
		return nil
	}
	last := s.state.active()
	if last.end == 0 && !slices.ContainsFunc(r.damages, func(d damage) bool { return d.segment == last.number }) {
		s.state.segments = s.state.segments[:len(s.state.segments)-1]
		name := segmentName(last.number)
		if err := errors.Join(last.file.Close(), s.disk.remove(name), s.disk.sync()); err != nil {
			return err
		}
		if len(s.state.segments) == 0 {
			return nil
		}
		last = s.state.active()
	}
	if last.end < last.size {
		s.o.Log.Info("spool cuts what was never committed", "segment", last.number, "bytes", last.size-last.end)
		if err := last.file.Truncate(last.end); err != nil {
			return fmt.Errorf("cut segment: %w", err)
		}
		last.size = last.end
	}
	// The same bytes again: after an fsync that failed the kernel may hold pages
	// that it believes clean and the disk does not have.
	flush := make([]byte, last.size-last.last)
	if _, err := last.file.ReadAt(flush, last.last); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read last flush: %w", err)
	}
	if _, err := last.file.WriteAt(flush, last.last); err != nil {
		return fmt.Errorf("rewrite last flush: %w", err)
	}
	if err := last.file.Sync(); err != nil {
		return fmt.Errorf("sync segment: %w", err)
	}
	return s.disk.sync()
}

// repair declares damage, in one flush with the new epochs of the lanes it hit
// and the record that keeps it from being declared again.
func (s *Spool) repair(r *replay) error {
	s.mu.Lock()
	var hit []*lane
	for _, l := range s.state.all() {
		lost := l.missing()
		if lost == 0 && l.num.epoch != (epoch{}) {
			continue
		}
		hit = append(hit, l)
		if lost > 0 {
			s.dropped(l.class, lost)
			s.declare(s.pending, declaration{
				action: actionLoss, reason: "spool_corrupted", class: l.class, count: lost,
				message: "recorded events could not be read back from the spool",
			})
		}
	}
	message := fmt.Sprintf("the spool was corrupted: %s; new epochs: %s", r.describe(), strings.Join(classNames(hit), " "))
	s.declare(s.pending, declaration{action: actionCorrupted, reason: "spool_corrupted", message: message})
	number := s.state.active().number
	s.mu.Unlock()
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return s.flushLocked(append(laneOps(hit), op{kind: kindRepair, repaired: number})...)
}

// describe names the first damages.
func (r *replay) describe() string {
	var parts []string
	for _, d := range r.damages {
		if len(parts) == 8 {
			parts = append(parts, fmt.Sprintf("%d more", len(r.damages)-len(parts)))
			break
		}
		part := fmt.Sprintf("segment %d bytes %d to %d", d.segment, d.from, d.to)
		if d.flushes > 0 {
			part += fmt.Sprintf(" (%d flushes missing)", d.flushes)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// adopt makes a spool that another agent id filled this one's: every lane gets a
// new epoch, under which what is unacked is sealed anew.
func (s *Spool) adopt() error {
	if s.state.agent == s.o.Agent {
		return nil
	}
	s.mu.Lock()
	lanes := s.state.all()
	var extra []op
	for _, l := range lanes {
		extra = append(extra, laneOp(l, newEpoch(), head{}))
	}
	s.declare(s.pending, declaration{
		action: actionAdopted, reason: "agent_changed",
		message: "the spool was filled under agent id " + s.state.agent,
	})
	s.mu.Unlock()
	s.logMu.Lock()
	defer s.logMu.Unlock()
	if err := s.flushLocked(extra...); err != nil {
		return err
	}
	s.mu.Lock()
	s.state.agent = s.o.Agent
	s.mu.Unlock()
	return s.roll(true)
}
