package report

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

const dayFormat = "2006-01-02"

// How often a day's file is looked after. Writing takes at most a tenth of the
// time; a failed try is repeated after up to retryMost.
const (
	pace      = 2 * time.Second
	retryMost = 30 * time.Second
	// catchUp is how many missed days are written at most.
	catchUp = 31
)

// Options are what a Daily needs.
type Options struct {
	Folder    string
	JetStream jetstream.JetStream
	Locale    string
	Location  *time.Location
	// Keep says which alerts belong to the report; nil keeps all.
	Keep func(*alertv1.Alert) bool
	// Owns says whether this alerter is the one to write.
	Owns func() bool
	Log  *slog.Logger
	Now  func() time.Time
}

// Daily keeps a folder with a report for each day: the running one up to date
// within seconds, the others final.
type Daily struct {
	o     Options
	today *Report // nil until read from the start of the day

	mu    sync.Mutex // guards fault
	fault error
}

// NewDaily is a writer for a folder.
func NewDaily(o Options) *Daily { return &Daily{o: o} }

// Ready is nil unless the folder cannot be kept up to date.
func (d *Daily) Ready() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fault
}

// Run writes while this alerter owns the report, until the context ends.
func (d *Daily) Run(ctx context.Context) error {
	for {
		wait := pace
		if d.o.Owns() {
			began := time.Now()
			err := d.step(ctx)
			if ctx.Err() != nil {
				return nil //nolint:nilerr // told to stop
			}
			d.note(err)
			wait = max(pace, 10*time.Since(began))
			if err != nil {
				wait = pace + rand.N(retryMost)
			}
		} else {
			d.today = nil
			d.note(nil)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

func (d *Daily) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil && (d.fault == nil || d.fault.Error() != err.Error()) {
		d.o.Log.Warn("report cannot be written; it is tried again", "folder", d.o.Folder, "error", err)
	}
	d.fault = err
}

// step brings the folder up to date.
func (d *Daily) step(ctx context.Context) error {
	now := d.o.Now().In(d.o.Location)
	if d.today == nil {
		if err := d.missed(ctx, now); err != nil {
			return err
		}
		return d.begin(ctx, now)
	}
	changed, err := d.update(ctx, d.today)
	if err != nil {
		return err
	}
	if !now.Before(d.today.To) {
		d.today.Final = true
		if err := d.save(d.today); err != nil {
			d.today.Final = false
			return err
		}
		return d.begin(ctx, now)
	}
	if !changed {
		return nil
	}
	if err := d.save(d.today); err != nil {
		d.today = nil // read again, so that the change is not forgotten
		return err
	}
	return nil
}

// update reads what is new, and says what could not be read.
func (d *Daily) update(ctx context.Context, r *Report) (bool, error) {
	before := r.Unreadable
	changed, err := r.Update(ctx, d.o.JetStream)
	if n := r.Unreadable - before; n > 0 {
		d.o.Log.Error("alerts messages are unreadable: the report lacks them", "messages", n)
	}
	return changed, err
}

// begin reads and writes the running day, even when nothing has happened on it.
func (d *Daily) begin(ctx context.Context, now time.Time) error {
	d.today = nil
	r := d.day(now)
	if _, err := d.update(ctx, r); err != nil {
		return err
	}
	if err := d.save(r); err != nil {
		return err
	}
	d.today = r
	return nil
}

// missed writes the days since the newest file's that passed while nobody wrote.
func (d *Daily) missed(ctx context.Context, now time.Time) error {
	name, final, err := newest(d.o.Folder)
	if err != nil || name == "" {
		return err
	}
	at, err := time.ParseInLocation(dayFormat, name, d.o.Location)
	if err != nil {
		return nil //nolint:nilerr // a file of somebody else's
	}
	if final {
		at = at.AddDate(0, 0, 1)
	}
	if oldest := now.AddDate(0, 0, -catchUp); at.Before(oldest) {
		at = oldest
	}
	for ; ; at = at.AddDate(0, 0, 1) {
		r := d.day(at)
		if now.Before(r.To) {
			return nil
		}
		r.Final = true
		if _, err := d.update(ctx, r); err != nil {
			return err
		}
		if err := d.save(r); err != nil {
			return err
		}
	}
}

func (d *Daily) day(at time.Time) *Report {
	from := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, d.o.Location)
	return New(from, from.AddDate(0, 0, 1), d.o.Locale, d.o.Location, d.o.Keep)
}

func (d *Daily) save(r *Report) error {
	if err := r.Save(d.o.Folder, r.From.In(d.o.Location).Format(dayFormat)); err != nil {
		return fmt.Errorf("report of %s: %w", r.From.In(d.o.Location).Format(dayFormat), err)
	}
	return nil
}
