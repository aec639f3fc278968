package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

const (
	agentName    = "web-1"
	mailReceiver = "mail" // in the example configuration of the alerter
	username     = "tocsin"
	password     = "a demo password"

	// patience is how long the demo waits for what is still missing after the
	// last attack; quiet is how long it then listens for what should not come.
	patience = 15 * time.Second
	quiet    = 3 * time.Second
)

type options struct {
	bin, dir, config string
	stay             bool
	fault            string
}

// demo is one run.
type demo struct {
	o     options
	out   io.Writer
	start time.Time
	fleet *fleet.Fleet
	smtp  *smtptest.Server
	host  *host
	watch *watcher
}

func (d *demo) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, "%6.2fs  %s\n", time.Since(d.start).Seconds(), fmt.Sprintf(format, args...))
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	if !slices.Contains([]string{"", "auth", "rule", "extra"}, o.fault) {
		return fmt.Errorf("unknown fault %q", o.fault)
	}
	for _, path := range []*string{&o.bin, &o.dir, &o.config} {
		if *path, err = filepath.Abs(*path); err != nil {
			return fmt.Errorf("find folder: %w", err)
		}
	}
	if err := os.RemoveAll(o.dir); err != nil {
		return fmt.Errorf("clear folder: %w", err)
	}
	d := &demo{o: o, out: out, start: time.Now()}
	d.watch = newWatcher(d.say)
	if d.fleet, err = fleet.New(fleet.Options{Bin: o.bin, Dir: o.dir, Config: o.config}); err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		err = errors.Join(err, d.fleet.Close(stop))
		if d.smtp != nil {
			err = errors.Join(err, d.smtp.Close())
		}
	}()
	if err := d.setUp(ctx); err != nil {
		return err
	}
	conn, err := d.fleet.NATS("alerter")
	if err != nil {
		return err
	}
	defer conn.Close()
	stop, err := d.watch.follow(ctx, conn)
	if err != nil {
		return err
	}
	defer stop()
	rows, unexpected, err := d.play(ctx)
	if err != nil {
		return err
	}
	verdict := d.report(rows, unexpected)
	if o.stay && verdict == nil {
		d.say("everything keeps running; write lines to %s and see; Ctrl-C ends it", d.host.root)
		<-ctx.Done()
	}
	return verdict
}

// setUp starts everything, from the receiver of mails to the agent.
func (d *demo) setUp(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	mails := d.fleet.Path("mails")
	if err := os.MkdirAll(mails, 0o700); err != nil {
		return fmt.Errorf("create folder: %w", err)
	}
	s := smtptest.Options{Folder: mails, Username: username, Password: password}
	if d.o.fault == "auth" {
		s.Fault = smtptest.RefuseAuth
	}
	if d.smtp, err = smtptest.Start(s); err != nil {
		return fmt.Errorf("start mail server: %w", err)
	}
	ca := d.fleet.Path("smtp-ca.pem")
	if err := os.WriteFile(ca, d.smtp.CA(), 0o600); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	d.say("mail server on port %d, wants STARTTLS and AUTH", d.smtp.Port())
	if err := d.startAndWait(ctx, d.fleet.Collector()); err != nil {
		return err
	}
	agent := d.fleet.Agent(agentName)
	if d.host, err = furnish(d.fleet.Root(agentName)); err != nil {
		return err
	}
	if err := d.fleet.Enrol(ctx, agent); err != nil {
		return err
	}
	d.say("agent %s enrolled with a join token", agentName)
	for _, name := range []string{"alerter-1", "alerter-2"} {
		alerter := d.fleet.Alerter(name, map[string]string{
			"TOCSIN_SMTP_HOST": "127.0.0.1", "TOCSIN_SMTP_PORT": strconv.Itoa(d.smtp.Port()), "TOCSIN_SMTP_CA": ca,
			"TOCSIN_SMTP_USERNAME": username, "TOCSIN_SMTP_PASSWORD": password,
			"TOCSIN_MAIL_FROM": "tocsin@example.com", "TOCSIN_MAIL_TO": "oncall@example.com",
			"TOCSIN_GROUP_WAIT": "1s", "TOCSIN_GROUP_INTERVAL": "5s", "TOCSIN_REPORT_FOLDER": d.fleet.Path("reports"),
		})
		if alerter.Config, err = d.alerterConfig(); err != nil {
			return err
		}
		if err := d.startAndWait(ctx, alerter); err != nil {
			return err
		}
	}
	return d.startAndWait(ctx, agent)
}

func (d *demo) startAndWait(ctx context.Context, s fleet.Service) error {
	p, err := d.fleet.Start(s)
	if err != nil {
		return err
	}
	if err := p.Ready(ctx); err != nil {
		return err
	}
	d.say("%s ready, pid %d", s.Name, p.PID())
	return nil
}

// alerterConfig is the example configuration, with one rule disabled where the
// demo is to fail by that.
func (d *demo) alerterConfig() (string, error) {
	example := filepath.Join(d.o.config, "alerter.yaml")
	if d.o.fault != "rule" {
		return example, nil
	}
	text, err := os.ReadFile(example)
	if err != nil {
		return "", fmt.Errorf("read example: %w", err)
	}
	changed := bytes.Replace(text, []byte("disable: []"), []byte("disable: ["+ruleTraversal+"]"), 1)
	path := d.fleet.Path("alerter.yaml")
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		return "", fmt.Errorf("write configuration: %w", err)
	}
	return path, nil
}

// play attacks the host within everyday noise, and waits for what comes of it.
func (d *demo) play(ctx context.Context) (rows []*row, unexpected []string, err error) {
	noise, stopNoise := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- d.host.everyday(noise) }()
	defer func() {
		stopNoise()
		err = errors.Join(err, <-done)
	}()
	attacks := script()
	if d.o.fault == "extra" {
		attacks = append(attacks, extra())
	}
	written := make(map[*row]time.Time)
	for _, a := range attacks {
		if err := pause(ctx, 700*time.Millisecond); err != nil {
			return nil, nil, err
		}
		at := time.Now()
		if err := a.play(d.host); err != nil {
			return nil, nil, err
		}
		d.say("ATTACK    %s", a.name)
		for _, e := range a.expect {
			r := &row{Attack: a.name, Rule: e.name, expected: e}
			rows, written[r] = append(rows, r), at
		}
	}
	deadline := time.Now().Add(patience)
	for {
		complete, _, changed := d.match(rows, written)
		if complete && time.Until(deadline) > quiet {
			deadline = time.Now().Add(quiet)
		}
		select {
		case <-changed:
		case <-time.After(min(100*time.Millisecond, time.Until(deadline))): // mails have no signal here
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("play: %w", ctx.Err())
		}
		if !time.Now().Before(deadline) {
			_, unexpected, _ = d.match(rows, written)
			return rows, unexpected, nil
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("pause: %w", ctx.Err())
	}
}

// match fills the rows with the alerts and mails that are known by now.
func (d *demo) match(rows []*row, written map[*row]time.Time) (complete bool, unexpected []string, changed <-chan struct{}) {
	alerts, messages, changed := d.watch.state()
	mails := mailsByID(d.smtp.Mails())
	for _, r := range rows {
		r.alerts = 0
	}
	for _, a := range alerts {
		if a.GetState() == alertv1.AlertState_ALERT_STATE_MERGED {
			continue
		}
		at := slices.IndexFunc(rows, func(r *row) bool { return r.expected.fits(a) })
		if at < 0 {
			unexpected = append(unexpected, a.GetRule().GetName()+" "+groupText(a))
			continue
		}
		r := rows[at]
		r.alerts++
		r.FindingIDs, r.MessageID = a.GetEventIds(), messages[a.GetId()]
		if m, ok := mails[r.MessageID]; ok {
			r.Mail, r.LatencyMS = m.File, m.Accepted.Sub(written[r]).Milliseconds()
		}
	}
	complete = !slices.ContainsFunc(rows, func(r *row) bool { return r.problem() != "" })
	return complete, unexpected, changed
}

// fits tells whether an alert is the expected one.
func (e *expectation) fits(a *alertv1.Alert) bool {
	if a.GetRule().GetId() != e.rule {
		return false
	}
	for field, value := range e.group {
		if !slices.ContainsFunc(a.GetGroup(), func(g *alertv1.GroupValue) bool {
			return g.GetField() == field && strings.HasSuffix(g.GetValue(), value)
		}) {
			return false
		}
	}
	return true
}

func mailsByID(mails []smtptest.Mail) map[string]smtptest.Mail {
	byID := make(map[string]smtptest.Mail, len(mails))
	for _, m := range mails {
		message, err := mail.ReadMessage(bytes.NewReader(m.Data))
		if err != nil {
			continue // no mail of Tocsin's
		}
		id := message.Header.Get("Message-Id")
		if _, known := byID[id]; !known {
			byID[id] = m
		}
	}
	return byID
}

func (d *demo) report(rows []*row, unexpected []string) error {
	result := d.fleet.Path("result.json")
	if err := writeRows(d.out, result, rows); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(d.out, "\n%d hostile lines among %d everyday ones.\nmails:  %s\nreport: %s\nresult: %s\n\n",
		d.host.lines, d.host.noise, d.fleet.Path("mails"), d.fleet.Path("reports"), result)
	if d.host.noise < 10*d.host.lines {
		return fmt.Errorf("only %d everyday lines to %d hostile ones", d.host.noise, d.host.lines)
	}
	return judge(rows, unexpected)
}
