package alerter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/notify/report"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// ReportOptions say which report is wanted, and where.
type ReportOptions struct {
	// Since is how far back it reaches.
	Since time.Duration
	// Format is "html" or "json".
	Format string
	// Folder is where both forms are written, instead of one to Out.
	Folder string
	Out    io.Writer
	Log    *slog.Logger
}

// Report writes every alert with news in the time up to now, whoever was told.
func Report(ctx context.Context, cfg *Config, o ReportOptions) error {
	s := &service{log: o.Log, down: teardown{log: o.Log}}
	defer s.down.run()
	if err := s.connect(cfg.NATS); err != nil {
		return err
	}
	reach, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := s.conn.FlushWithContext(reach); err != nil {
		return fmt.Errorf("reach NATS at %s: %w", settings.Redact(cfg.NATS.URL), err)
	}
	now := time.Now()
	r := report.New(now.Add(-o.Since), now, cfg.Locale, cfg.Location(), nil)
	r.Final = true
	_, err := r.Update(ctx, s.js)
	if errors.Is(err, jetstream.ErrStreamNotFound) { // a page that says "nothing happened" would be a lie
		return fmt.Errorf("no alerter has run on the NATS at %s yet: nothing was looked at", settings.Redact(cfg.NATS.URL))
	}
	if err != nil {
		return err
	}
	if r.Unreadable > 0 {
		o.Log.Error("alerts messages are unreadable: the report lacks them", "messages", r.Unreadable)
	}
	switch {
	case o.Folder != "":
		name := "report-" + now.In(cfg.Location()).Format("2006-01-02T150405")
		if err := r.Save(o.Folder, name); err != nil {
			return err
		}
		_, err := fmt.Fprintln(o.Out, filepath.Join(o.Folder, name+".html"))
		return err
	case o.Format == "json":
		return r.WriteJSON(o.Out)
	default:
		return r.WriteHTML(o.Out)
	}
}
