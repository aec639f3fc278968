package alerter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/report"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// ErrNoReceiver means that a receiver was asked for which is not configured.
var ErrNoReceiver = errors.New("no receiver")

// TestReceiver tells one configured receiver of an alert made up for the purpose,
// and prints what was said. A mail is really sent; of a report's folder it is
// shown that it can be written.
func TestReceiver(ctx context.Context, cfg *Config, name string, out io.Writer) error {
	r, ok := cfg.Receiver(name)
	if !ok {
		names := make([]string, len(cfg.Receivers))
		for i := range cfg.Receivers {
			names[i] = cfg.Receivers[i].Name
		}
		return fmt.Errorf("%w %q is configured; there are: %s", ErrNoReceiver, name, strings.Join(names, ", "))
	}
	if r.Report != nil {
		if err := report.Probe(r.Report.Folder); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "receiver %s: %s can be written\n", name, r.Report.Folder)
		return err
	}
	return testMail(ctx, cfg, r, out)
}

func testMail(ctx context.Context, cfg *config.Config, r *config.Receiver, out io.Writer) error {
	mail, err := email.Render(email.Style{
		Locale: cfg.Locale, Location: cfg.Location(), BaseURL: cfg.BaseURL,
		DigestOver: r.Email.DigestOver, From: r.Email.From, To: r.Email.To,
	}, testContent(r, time.Now()))
	if err != nil {
		return err
	}
	client, err := email.NewClient(r.Email)
	if err != nil {
		return err
	}
	client.Observe(func(fromServer bool, line string) {
		arrow := "> "
		if fromServer {
			arrow = "< "
		}
		for text := range strings.Lines(strings.TrimRight(line, "\r\n")) {
			_, _ = fmt.Fprintln(out, arrow+strings.TrimRight(text, "\r\n")) // the mail is what matters
		}
	})
	if err := client.Send(ctx, mail); err != nil {
		return fmt.Errorf("receiver %s: %w", r.Name, err)
	}
	_, err = fmt.Fprintf(out, "receiver %s: accepted %s for %s\n", r.Name, mail.ID, strings.Join(mail.To, ", "))
	return err
}

// testContent is an alert that nobody can take for a real one.
func testContent(r *config.Receiver, now time.Time) email.Content {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	at := uint64(now.UnixNano())
	id := event.NewID()
	a := &alertv1.Alert{
		Id: id + "-1", Fingerprint: id, State: alertv1.AlertState_ALERT_STATE_FIRING,
		Rule: &alertv1.Rule{
			Id: "tocsin-test", Name: "Test of receiver " + r.Name, Type: "detection",
			Level: alertv1.Level_LEVEL_INFORMATIONAL,
		},
		Group: []*alertv1.GroupValue{{Field: "host.name", Value: host}},
		Count: 1, FirstEvent: at, LastEvent: at, Opened: at, Updated: at,
		Last: &alertv1.Finding{
			EventId: id, Time: at, Original: []byte("tocsin-alerter receivers test " + r.Name),
			Fields: []*eventv1.Field{{Id: eventv1.FieldId_FIELD_ID_HOST_NAME, Value: []byte(host)}},
		},
	}
	n := &alertv1.Notification{Receiver: r.Name, Flush: 1, Intended: at}
	n.MessageId = email.MessageID(r.Name, id, 1, r.Email.From)
	return email.Content{Notification: n, GroupID: id, Alerts: []*alertv1.Alert{a}}
}
