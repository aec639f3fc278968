// Package bus is the collector's way to NATS: the connection, the server inside
// the process where none outside is configured, and the streams and buckets that
// the collector owns.
//
// The connection outlives outages: it reconnects for ever, keeps nothing in
// memory meanwhile, and Ready says why nothing can be stored.
package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// errPreparing is what Ready says between the connection and the first look at
// the streams.
var errPreparing = errors.New("streams are being prepared")

const (
	setupTimeout = 15 * time.Second
	setupRetry   = 2 * time.Second
)

// Options are what a Bus is made of.
type Options struct {
	Endpoint Endpoint
	Bounds   Bounds
	// Room says why nothing may be stored although NATS would; nil for never.
	Room func() error
	Log  *slog.Logger
}

// Bus is the connection with the streams and buckets on it. Its methods may be
// called from any goroutine.
type Bus struct {
	o       Options
	conn    *nats.Conn
	js      jetstream.JetStream
	kick    chan struct{}
	current atomic.Pointer[handles]
	failure atomic.Pointer[error]
}

type handles struct {
	streams [event.ClassCount]jetstream.Stream
	buckets map[string]jetstream.KeyValue
}

// Open starts to connect. It does not wait for a server: Run prepares streams
// and buckets whenever there is one.
func Open(o Options) (*Bus, error) {
	b := &Bus{o: o, kick: make(chan struct{}, 1)}
	b.failure.Store(&errPreparing)
	connected := func(c *nats.Conn) {
		o.Log.Info("connected to NATS", "server", c.ConnectedUrlRedacted())
		select {
		case b.kick <- struct{}{}:
		default:
		}
	}
	options, err := o.Endpoint.options()
	if err != nil {
		return nil, err
	}
	options = append(options,
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500*time.Millisecond),
		nats.IgnoreAuthErrorAbort(), // credentials may be repaired while we wait
		nats.PingInterval(10*time.Second),
		nats.ConnectHandler(connected),
		nats.ReconnectHandler(connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				o.Log.Warn("disconnected from NATS", "error", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			o.Log.Error("NATS reports", "error", err)
		}),
	)
	if b.conn, err = nats.Connect(o.Endpoint.URL, options...); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	if !b.conn.IsConnected() {
		o.Log.Warn("NATS cannot be reached; it is tried again", "error", cmp.Or(b.conn.LastError(), nats.ErrNoServers))
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		b.conn.Close()
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	return b, nil
}

// Run prepares streams and buckets at the first connection and looks at them
// again after every later one, until ctx ends: a server may come back empty.
func (b *Bus) Run(ctx context.Context) error {
	var retry <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.kick:
		case <-retry:
		}
		retry = nil
		if err := b.setup(ctx); err != nil {
			b.failure.Store(&err)
			b.o.Log.Warn("prepare streams", "error", err)
			retry = time.After(setupRetry)
			continue
		}
		b.failure.Store(nil)
	}
}

func (b *Bus) setup(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	h := &handles{buckets: make(map[string]jetstream.KeyValue)}
	for _, class := range event.Classes() {
		stream, err := ensureStream(ctx, b.js, streamConfig(class, b.o.Bounds[class]))
		if err != nil {
			return err
		}
		h.streams[class] = stream
	}
	for _, name := range []string{subject.AgentsBucket, subject.TokensBucket} {
		bucket, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: name, Storage: jetstream.FileStorage, History: 1,
		})
		if err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
		h.buckets[name] = bucket
	}
	b.current.Store(h)
	return nil
}

// Ready is nil while events can be stored, else why they cannot.
func (b *Bus) Ready() error {
	if !b.conn.IsConnected() {
		if err := b.conn.LastError(); err != nil {
			return fmt.Errorf("NATS at %s is not connected: %w", settings.Redact(b.o.Endpoint.URL), err)
		}
		return fmt.Errorf("NATS at %s is not connected", settings.Redact(b.o.Endpoint.URL))
	}
	if failure := b.failure.Load(); failure != nil {
		return fmt.Errorf("NATS at %s: %w", settings.Redact(b.o.Endpoint.URL), *failure)
	}
	return nil
}

// Bucket gives a key-value bucket by its name, or says why it cannot be had now.
func (b *Bus) Bucket(name string) (jetstream.KeyValue, error) {
	h := b.current.Load()
	if h == nil {
		return nil, b.unready()
	}
	bucket, ok := h.buckets[name]
	if !ok {
		return nil, fmt.Errorf("bucket %s is not the collector's", name)
	}
	return bucket, nil
}

// Stream gives a class's events stream, or says why it cannot be had now.
func (b *Bus) Stream(class eventv1.Class) (jetstream.Stream, error) {
	h := b.current.Load()
	if h == nil {
		return nil, b.unready()
	}
	return h.streams[class], nil
}

func (b *Bus) unready() error {
	if err := b.Ready(); err != nil {
		return err
	}
	return errPreparing
}

// Room is nil while events may be stored, else says what is short.
func (b *Bus) Room() error {
	if b.o.Room == nil {
		return nil
	}
	return b.o.Room()
}

// Conn is the connection.
func (b *Bus) Conn() *nats.Conn { return b.conn }

// JetStream publishes.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

// Close ends the connection. Whoever publishes has stopped before.
func (b *Bus) Close() { b.conn.Close() }
