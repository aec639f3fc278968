package fleet

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/tap"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// Bounds of what strangers may ask for at once: what a call says is held in
// memory before anything can look at it.
const (
	enrolTimeout   = 15 * time.Second
	enrolAtOnce    = 64
	sourceAtOnce   = 16
	sourcePerSec   = 50
	sourceBurst    = 200
	maxSources     = 4096
	sourceIPv6Bits = 64 // what one host has of addresses, at least
)

// gate holds enrolment calls back before their message is read, by where they
// come from: one host must not keep the others out.
type gate struct {
	mu      sync.Mutex // guards the fields below
	open    int
	sources map[netip.Addr]*source
}

type source struct {
	limiter *rate.Limiter
	open    int
}

func newGate() *gate { return &gate{sources: make(map[netip.Addr]*source)} }

// Tap is for grpc.InTapHandle: it lets every call through but enrolments that
// are too many.
func (e *Enrolment) Tap(ctx context.Context, call *tap.Info) (context.Context, error) {
	if call.FullMethodName != fleetv1.EnrolmentService_Enrol_FullMethodName {
		return ctx, nil
	}
	leave, ok := e.gate.enter(sourceOf(ctx), e.o.Now())
	if !ok {
		err := wireerr.New(codes.ResourceExhausted, wireerr.Backpressure, "too many hosts enrol at once")
		e.count("enrol", err)
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, enrolTimeout)
	// The stream's own end cancels ctx, too.
	context.AfterFunc(ctx, func() { cancel(); leave() })
	return ctx, nil
}

// sourceOf is the address that a call comes from, as far as it tells one host
// from another.
func sourceOf(ctx context.Context) netip.Addr {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return netip.Addr{}
	}
	tcp, ok := p.Addr.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	address := tcp.AddrPort().Addr().Unmap()
	if address.Is6() {
		if prefix, err := address.WithZone("").Prefix(sourceIPv6Bits); err == nil {
			return prefix.Addr()
		}
	}
	return address
}

func (g *gate) enter(from netip.Addr, now time.Time) (leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sources[from]
	if s == nil {
		if len(g.sources) >= maxSources {
			g.forget(now)
		}
		s = &source{limiter: rate.NewLimiter(sourcePerSec, sourceBurst)}
		g.sources[from] = s
	}
	if g.open >= enrolAtOnce || s.open >= sourceAtOnce || !s.limiter.AllowN(now, 1) {
		return nil, false
	}
	g.open++
	s.open++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.open--
		s.open--
	}, true
}

// forget drops the sources of which nothing has to be remembered, and, should a
// flood have left none, all that have no call open. g.mu is held.
func (g *gate) forget(now time.Time) {
	for from, s := range g.sources {
		if s.open == 0 && s.limiter.TokensAt(now) >= sourceBurst {
			delete(g.sources, from)
		}
	}
	if len(g.sources) < maxSources {
		return
	}
	for from, s := range g.sources {
		if s.open == 0 {
			delete(g.sources, from)
		}
	}
}
