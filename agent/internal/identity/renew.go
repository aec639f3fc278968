package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/credentials"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// Renewer replaces an identity before its certificate ends.
type Renewer struct {
	Holder *Holder
	// Collectors are whom to ask now: host:port. It is called for each attempt.
	Collectors func() []string
	Log        *slog.Logger
}

// Run renews at two thirds of every certificate's life until ctx ends; what
// fails is logged and tried again. It returns nil.
func (r *Renewer) Run(ctx context.Context) error {
	for {
		current := r.Holder.Current()
		if !sleep(ctx, time.Until(current.RenewAt())) {
			return nil
		}
		life := current.chain[0].NotAfter.Sub(current.chain[0].NotBefore)
		wait := backoff{least: min(time.Second, life/100), most: min(10*time.Minute, life/20)}
		for {
			err := r.Renew(ctx)
			if err == nil {
				break
			}
			if ctx.Err() == nil {
				r.Log.Error("the certificate could not be renewed", "expires", current.Expires(), "error", err)
			}
			if !wait.sleep(ctx) {
				return nil
			}
		}
	}
}

// Renew asks the collectors in turn for a new certificate, for a new key, stores
// it and uses it for every later connection.
func (r *Renewer) Renew(ctx context.Context) error {
	current := r.Holder.Current()
	if time.Now().After(current.Expires()) {
		return fmt.Errorf("the certificate ended at %s: enrol this host again", current.Expires().Format(time.RFC3339))
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	csr, err := request(key)
	if err != nil {
		return err
	}
	errs := []error{errors.New("renew certificate")}
	for _, collector := range r.Collectors() {
		answer, err := call(ctx, collector, credentials.NewTLS(r.Holder.TLS()),
			func(ctx context.Context, client fleetv1.EnrolmentServiceClient) (*fleetv1.RenewResponse, error) {
				return client.Renew(ctx, &fleetv1.RenewRequest{CertificateRequest: csr})
			})
		if err != nil {
			errs = append(errs, fmt.Errorf("at %s: %w", collector, err))
			if !wireerr.Retryable(err) {
				break
			}
			continue
		}
		next, err := newIdentity(current.Name, key, grant{
			chain: answer.GetCertificateChain(), authorities: answer.GetAuthorities(), collectors: answer.GetCollectors(),
		})
		if err != nil {
			return fmt.Errorf("the answer of %s is not usable: %w", collector, err)
		}
		if next.AgentID != current.AgentID {
			return fmt.Errorf("the answer of %s is not usable: it is for agent %s", collector, next.AgentID)
		}
		if len(next.Collectors) == 0 {
			next.Collectors = current.Collectors
		}
		if err := r.Holder.replace(next); err != nil {
			return err
		}
		r.Log.Info("certificate renewed", "expires", next.Expires())
		return nil
	}
	return errors.Join(errs...)
}

// backoff gives growing waits, each anywhere between nothing and its bound, so
// that a fleet that lost its collector does not come back in step.
type backoff struct {
	least, most time.Duration
	bound       time.Duration
}

// sleep waits for the next time; false when ctx ended first.
func (b *backoff) sleep(ctx context.Context) bool {
	b.bound = min(max(b.least, 2*b.bound), b.most)
	return sleep(ctx, b.least/2+rand.N(max(b.bound, 1))) //nolint:gosec // jitter is no secret
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
