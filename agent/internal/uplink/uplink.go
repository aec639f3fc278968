// Package uplink carries sealed batches from the spool to a collector.
//
// In flow the spool's lanes, out flow batches on one gRPC stream; only acks come
// back. It holds nothing of its own: a batch stays in the spool until the
// collector says that it is on disk, and is sent again, byte for byte, on every
// stream until then. So it never drops anything, whatever happens to it.
//
// One goroutine calls Run; Stats may be called by any.
package uplink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/status"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// Lanes is the reading side of the spool. What it returns is on disk.
type Lanes interface {
	// Read returns the first unacked batch of a lane after a sequence number, and
	// its head; a nil head means that there is none now.
	Read(class eventv1.Class, after uint64) (sealed []byte, head *ingestv1.LaneHead, err error)
	// Ready is signalled when batches were added.
	Ready() <-chan struct{}
	// Lag is what each lane still has to send.
	Lag() []*ingestv1.LaneLag
}

// Acks is where the collector's word goes.
type Acks interface {
	// Ack drops a stored batch and all before it in its lane. An error ends the stream.
	Ack(head *ingestv1.LaneHead) error
	// Resume is called once a stream, before any Read of it, with all lanes that
	// the collector has something of.
	Resume(heads []*ingestv1.LaneHead) error
}

// Spool is what the uplink needs of one. Read and Resume are called by one
// goroutine, Ack by another.
type Spool interface {
	Lanes
	Acks
}

// Options configure an uplink. Addresses, TLS and Spool are required.
type Options struct {
	// Addresses of collectors, host:port; at least one. It is asked at each connect,
	// and one is used at a time.
	Addresses func() []string
	// TLS is asked at each connect, so that renewed authorities and certificates
	// take effect: the fleet's authorities are its only roots.
	TLS func() *tls.Config
	// Version and HostName are shown to people.
	Version, HostName string
	Spool             Spool
	// Log gets each change of the connection's state; nil discards it.
	Log *slog.Logger
	// Clock is the time that hello and heartbeats tell; nil is time.Now.
	Clock func() time.Time
	// Registerer gets the uplink's metrics; nil registers none.
	Registerer prometheus.Registerer

	pace pace
}

// pace is how long the uplink waits for what.
type pace struct {
	// first and most bound the pause after a failure, slow is the pause after one
	// that the next attempt will most likely meet again.
	first, most, slow time.Duration
	// welcome bounds the wait for the collector's first word, ack the wait for any
	// ack while something is unacked.
	welcome, ack time.Duration
	// steady: a stream that lived this long has worked.
	steady time.Duration
}

func defaultPace() pace {
	return pace{
		first: 100 * time.Millisecond, most: 30 * time.Second, slow: time.Minute,
		welcome: 30 * time.Second, ack: 2 * time.Minute, steady: time.Minute,
	}
}

// Stats is the state of an uplink.
type Stats struct {
	Connected bool
	// Address is the collector that is or was tried last.
	Address string
	// Since is when Connected last changed.
	Since time.Time
	// LastError is why the last stream ended, "" since a stream works.
	LastError string
	// SentBatches and AckedEvents count since the start.
	SentBatches, AckedEvents uint64
}

// Uplink is a client of one fleet's collectors.
type Uplink struct {
	o       Options
	metrics *metrics

	mu    sync.Mutex // guards stats
	stats Stats
}

// New makes an uplink. It connects only in Run.
func New(o Options) (*Uplink, error) {
	switch {
	case o.Addresses == nil || len(o.Addresses()) == 0:
		return nil, errors.New("make uplink: no collector's address")
	case o.TLS == nil:
		return nil, errors.New("make uplink: no TLS configuration")
	case o.Spool == nil:
		return nil, errors.New("make uplink: no spool")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.pace == (pace{}) {
		o.pace = defaultPace()
	}
	u := &Uplink{o: o}
	var err error
	if u.metrics, err = newMetrics(u, o.Registerer); err != nil {
		return nil, fmt.Errorf("make uplink: %w", err)
	}
	u.stats.Since = o.Clock()
	return u, nil
}

// Stats tells the present state.
func (u *Uplink) Stats() Stats {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.stats
}

// Run keeps a stream to one of the collectors until ctx ends. It returns nil then,
// and never before: whatever fails is tried again.
func (u *Uplink) Run(ctx context.Context) error {
	defer u.metrics.unregister()
	at := rand.IntN(1 << 16) // a fleet does not start at one collector
	failures := 0
	said := ""
	for {
		addresses := u.o.Addresses()
		address := addresses[at%len(addresses)]
		worked, err := u.session(ctx, address)
		u.ended(err)
		if ctx.Err() != nil {
			return nil
		}
		u.metrics.failed(err)
		if worked {
			failures, said = 0, ""
		} else {
			at++
		}
		pause := u.pause(err, failures/len(addresses))
		failures++
		if now := kindOf(err); now != said {
			said = now
			u.o.Log.Warn("no stream to the collector; everything is kept and tried again",
				"collector", address, "error", err, "next", pause.Round(time.Millisecond))
		}
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

// pause is how long to wait after a failure, after a number of rounds through
// all addresses: full jitter, so that a fleet does not come back as one.
func (u *Uplink) pause(err error, rounds int) time.Duration {
	p := u.o.pace
	if !wireerr.Retryable(err) {
		return p.slow/2 + rand.N(p.slow)
	}
	ceiling := p.most
	if rounds < 30 && p.first<<rounds < ceiling {
		ceiling = p.first << rounds
	}
	return rand.N(ceiling) + 1
}

// kindOf is what makes two failures the same to whoever reads the log.
func kindOf(err error) string {
	if reason := wireerr.ReasonOf(err); reason != "" {
		return string(reason)
	}
	return status.Code(err).String()
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// trying notes an attempt, connected a welcome, ended the end of either.
func (u *Uplink) trying(address string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stats.Address = address
}

func (u *Uplink) connected(address string) {
	u.mu.Lock()
	u.stats.Connected, u.stats.Since, u.stats.LastError = true, u.o.Clock(), ""
	u.mu.Unlock()
	u.o.Log.Info("connected to the collector", "collector", address)
}

func (u *Uplink) ended(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stats.Connected {
		u.stats.Connected, u.stats.Since = false, u.o.Clock()
	}
	if err != nil {
		u.stats.LastError = err.Error()
	}
}

func (u *Uplink) sent(class eventv1.Class, size int) {
	u.mu.Lock()
	u.stats.SentBatches++
	u.mu.Unlock()
	u.metrics.sent(class, size)
}

func (u *Uplink) acked(class eventv1.Class, events uint64) {
	u.mu.Lock()
	u.stats.AckedEvents += events
	u.mu.Unlock()
	u.metrics.acked(class)
}
