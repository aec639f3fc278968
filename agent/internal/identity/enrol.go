package identity

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// ErrEnrolled says that the folder already holds an identity.
var ErrEnrolled = errors.New("this host is already enrolled")

// EnrolOptions say how a host is to join.
type EnrolOptions struct {
	// Dir is where the identity is kept; it exists.
	Dir string
	// Token is a join token's text.
	Token string
	// Name is what people are to call the host.
	Name string
	// Force lets a new identity replace the one that is there.
	Force bool
	Log   *slog.Logger
}

// attemptTimeout bounds one call to one collector.
const attemptTimeout = 10 * time.Second

// Enrol joins the fleet that the token names and stores the identity that comes
// of it. While collectors cannot be reached or are not ready it tries again,
// until ctx ends. Interrupted anywhere, it can be run again with the same token:
// it uses the same key, so that it costs the token no second use.
func Enrol(ctx context.Context, o EnrolOptions) (*Identity, error) {
	token, err := ParseToken(o.Token)
	if err != nil {
		return nil, err
	}
	if err := refuseExisting(o); err != nil {
		return nil, err
	}
	key, err := pendingKey(o.Dir)
	if err != nil {
		return nil, err
	}
	id, err := enrol(ctx, o, token, key)
	if err != nil {
		return nil, err
	}
	if err := id.save(o.Dir); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(o.Dir, pendingFile)); err != nil {
		return nil, fmt.Errorf("remove the used key: %w", err)
	}
	return id, nil
}

func refuseExisting(o EnrolOptions) error {
	if o.Force {
		return nil
	}
	existing, err := Load(o.Dir)
	switch {
	case errors.Is(err, ErrNone):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("%w as %s (agent %s)", ErrEnrolled, existing.Name, existing.AgentID)
	}
}

// enrol asks each of the token's collectors in turn, and again while that may help.
func enrol(ctx context.Context, o EnrolOptions, token *fleetv1.JoinToken, key crypto.Signer) (*Identity, error) {
	wait := backoff{least: 200 * time.Millisecond, most: 5 * time.Second}
	for {
		var errs []error
		again := false
		for _, collector := range token.GetCollectors() {
			id, retry, err := enrolAt(ctx, collector, o.Name, token, key)
			if err == nil {
				return id, nil
			}
			again = again || retry
			errs = append(errs, fmt.Errorf("enrol at %s: %w", collector, err))
		}
		err := errors.Join(errs...)
		if !again || ctx.Err() != nil {
			return nil, err
		}
		o.Log.Warn("cannot enrol yet", "error", err)
		if !wait.sleep(ctx) {
			return nil, err
		}
	}
}

// enrolAt makes one attempt at one collector, and tells whether another may work.
func enrolAt(ctx context.Context, collector, name string, token *fleetv1.JoinToken, key crypto.Signer) (_ *Identity, retry bool, _ error) {
	csr, err := request(key)
	if err != nil {
		return nil, false, err
	}
	var handshake refusal
	answer, err := call(ctx, collector, pinned(token.GetAuthorityPin(), handshake.set),
		func(ctx context.Context, client fleetv1.EnrolmentServiceClient) (*fleetv1.EnrolResponse, error) {
			return client.Enrol(ctx, &fleetv1.EnrolRequest{
				TokenId: token.GetId(), Secret: token.GetSecret(), CertificateRequest: csr, Name: name,
			})
		})
	if refused := handshake.get(); err != nil && refused != nil {
		return nil, false, refused
	}
	if err != nil {
		return nil, wireerr.Retryable(err), explainRefusal(err)
	}
	id, err := newIdentity(name, key, grant{
		chain: answer.GetCertificateChain(), authorities: answer.GetAuthorities(), collectors: answer.GetCollectors(),
	})
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("the collector's answer is not usable: %w", err)
	case id.AgentID != answer.GetAgentId():
		return nil, false, errors.New("the collector's answer is not usable: its certificate is for another agent")
	case authorityOf(id.authorities, token.GetAuthorityPin()) == nil:
		return nil, false, ErrPin
	case len(id.Collectors) == 0:
		id.Collectors = token.GetCollectors()
	}
	return id, false, nil
}

// explainRefusal says in words what a collector's reason means to who enrols.
func explainRefusal(err error) error {
	switch wireerr.ReasonOf(err) {
	case wireerr.TokenExpired:
		return fmt.Errorf("the join token has expired; ask for a new one: %w", err)
	case wireerr.TokenUsed:
		return fmt.Errorf("the join token has been used by as many hosts as it admits; ask for a new one: %w", err)
	case wireerr.TokenUnknown:
		return fmt.Errorf("the collector does not know this join token; ask for a new one: %w", err)
	default:
		return err
	}
}

// call makes one call on a connection of its own.
func call[T any](ctx context.Context, collector string, creds credentials.TransportCredentials, f func(context.Context, fleetv1.EnrolmentServiceClient) (T, error)) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	conn, err := grpc.NewClient("dns:///"+collector, grpc.WithTransportCredentials(creds), grpc.WithDisableServiceConfig())
	if err != nil {
		return answer, fmt.Errorf("connect: %w", err)
	}
	answer, err = f(ctx, fleetv1.NewEnrolmentServiceClient(conn))
	return answer, errors.Join(err, conn.Close())
}

// refusal keeps why a handshake was refused: gRPC turns it into text.
type refusal struct {
	mu  sync.Mutex // guards err
	err error
}

func (r *refusal) set(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *refusal) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
