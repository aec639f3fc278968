package alerter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// connect returns at once: a server that is away is waited for in the background.
func (s *service) connect(cfg config.NATS) error {
	options := []nats.Option{
		nats.Name("tocsin-alerter"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		// What could not be sent is not sent later: whoever wanted it decides anew.
		nats.ReconnectBufSize(-1),
		// Else two refusals close the connection for ever: credentials may be repaired.
		nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				s.log.Warn("connection to NATS lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { s.log.Info("connected to NATS again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { s.log.Debug("NATS", "error", err) }),
	}
	if cfg.NKeyFile != "" {
		option, err := nats.NkeyOptionFromSeed(cfg.NKeyFile)
		if err != nil {
			return fmt.Errorf("read nkey: %w", err)
		}
		options = append(options, option)
	}
	if cfg.CredentialsFile != "" {
		options = append(options, nats.UserCredentials(cfg.CredentialsFile))
	}
	if cfg.CAFile != "" {
		options = append(options, nats.RootCAs(cfg.CAFile))
	}
	conn, err := nats.Connect(cfg.URL, options...)
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	s.down.add("NATS connection", func() { conn.Close() })
	s.conn = conn
	if s.js, err = jetstream.New(conn); err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	return nil
}

// ensure creates what alerters write, where it is missing. It waits for NATS.
func (s *service) ensure(ctx context.Context) error {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := ensureStreams(ctx, s.js)
		if err == nil {
			return nil
		}
		if !s.conn.IsConnected() { // what a request says then helps nobody
			err = cmp.Or(s.conn.LastError(), nats.ErrNoServers)
		}
		s.setWaiting(fmt.Errorf("waiting for NATS: %w", err))
		s.log.Info("waiting for NATS", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// ensureStreams creates the streams and the buckets. What exists is left as its
// operator configured it.
func ensureStreams(ctx context.Context, js jetstream.JetStream) error {
	stream := func(name, filter, about string, groups bool) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Subjects: []string{filter}, Description: about, Storage: jetstream.FileStorage,
			Discard: jetstream.DiscardNew, AllowDirect: true, AllowAtomicPublish: groups,
		}
	}
	for _, c := range []jetstream.StreamConfig{
		stream(subject.SignalsStream, subject.SignalsFilter, "Findings on their way to where they are counted.", true),
		stream(subject.AlertsStream, subject.AlertsFilter, "The state of alerts: the last message of each subject.", true),
		stream(subject.OutboxStream, subject.OutboxFilter, "Notifications: what was intended, and how it ended.", true),
		stream(subject.DeadLetterStream, subject.DeadLetterFilter, "What could not be handled, with why.", false),
	} {
		_, err := js.CreateStream(ctx, c)
		if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return fmt.Errorf("create stream %s: %w", c.Name, err)
		}
	}
	for bucket, about := range map[string]string{
		subject.LeasesBucket: "Who owns which partition of signals, and how far it has counted.",
		subject.RulesBucket:  "Which rules the alerters run, and which each has loaded.",
	} {
		if _, err := lease.Ensure(ctx, js, bucket, about); err != nil {
			return err
		}
	}
	return nil
}
