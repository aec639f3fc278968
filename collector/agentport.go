package collector

import (
	"context"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/tocsin-security/tocsin/collector/internal/fleet"
	"github.com/tocsin-security/tocsin/collector/internal/ingest"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/shell/sparse"
)

const (
	drainTimeout = 10 * time.Second
	idleTimeout  = 2 * time.Minute
	// registryTimeout bounds what a stream's start and end wait for the registry.
	registryTimeout = 2 * time.Second
)

// grpcServer makes the one port that agents speak to. That a call comes with a
// valid certificate of this fleet is for the services to demand, as enrolment
// cannot.
func (s *service) grpcServer() (*grpc.Server, error) {
	enrolment, err := fleet.NewEnrolment(fleet.EnrolmentOptions{
		CA: s.ca, Buckets: s.bus, Registry: s.registry,
		Lifetime: time.Duration(s.cfg.Certificates.Lifetime), Collectors: func() []string { return s.live.Load().Advertise },
		Log: s.log, Metrics: s.metrics, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(
		grpc.Creds(&handshakes{credentials.NewTLS(s.certificate.AgentTLS()), sparse.Logger(s.log)}),
		grpc.InTapHandle(enrolment.Tap),
		grpc.MaxRecvMsgSize(ingest.MaxMessage),
		grpc.MaxConcurrentStreams(16),
		grpc.MaxHeaderListSize(16<<10),
		grpc.ConnectionTimeout(10*time.Second),
		grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: 30 * time.Second, Timeout: 15 * time.Second,
			// Anybody may connect; who then asks for nothing does not stay.
			MaxConnectionIdle: idleTimeout,
		}),
	)
	ingestv1.RegisterIngestServiceServer(server, s.ingest)
	fleetv1.RegisterEnrolmentServiceServer(server, enrolment)
	return server, nil
}

// stopAgents takes no more connections, lets streams store what they have taken,
// and ends them.
func (s *service) stopAgents(server *grpc.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	graceful := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(graceful)
	}()
	s.ingest.Drain(ctx)
	select {
	case <-graceful:
	case <-ctx.Done():
		server.Stop()
		<-graceful
	}
	s.ingest.Wait()
}

// handshakes logs connections that never became any: the other side learns only
// what a TLS alert can say.
type handshakes struct {
	credentials.TransportCredentials
	log *slog.Logger
}

// ServerHandshake implements credentials.TransportCredentials.
func (h *handshakes) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	secured, info, err := h.TransportCredentials.ServerHandshake(conn)
	if err != nil {
		h.log.Warn("connection refused", "remote", conn.RemoteAddr().String(), "error", err)
	}
	return secured, info, err
}

// Clone implements credentials.TransportCredentials.
func (h *handshakes) Clone() credentials.TransportCredentials {
	return &handshakes{h.TransportCredentials.Clone(), h.log}
}

// members is what ingest asks of the fleet.
type members struct {
	ca       *fleet.CA
	registry *fleet.Registry
	log      *slog.Logger
}

// Identify implements ingest.Fleet.
func (m *members) Identify(ctx context.Context) (string, time.Time, error) {
	id, err := m.ca.Identify(ctx)
	return id.AgentID, id.Expires, err
}

// Connected implements ingest.Fleet.
func (m *members) Connected(ctx context.Context, hello *ingestv1.Hello) (func(), error) {
	id, err := m.ca.Identify(ctx)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	stamp, err := m.registry.Connected(bounded, id, hello.GetVersion(), hello.GetPlatform())
	if err != nil {
		return nil, err
	}
	return func() {
		// The stream's own context has ended by now.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
		defer cancel()
		if err := m.registry.Disconnected(bounded, id.AgentID, stamp); err != nil {
			m.log.Warn("note that agent disconnected", "agent", id.AgentID, "error", err)
		}
	}, nil
}
