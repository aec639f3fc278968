package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/identity"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// EnrollOptions say how a host is to join a fleet.
type EnrollOptions struct {
	StateDir string
	// Token is the join token's text.
	Token string
	// Name is what people are to call the host; empty is the host's own name.
	Name string
	// Force lets the new identity replace an existing one.
	Force bool
	Log   *slog.Logger
}

// Membership is what enrolment came to.
type Membership struct {
	AgentID    string
	Name       string
	Collectors []string
	Expires    time.Time
}

// Enroll makes this host a member of the fleet that the token names, until ctx
// ends. The state folder must not be in use by a running agent. Called by root,
// it goes on as the user that the folder belongs to, as does the whole process.
func Enroll(ctx context.Context, o EnrollOptions) (_ *Membership, err error) {
	if o.Name == "" {
		if o.Name, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("find the host's name: %w", err)
		}
	}
	if err := becomeOwner(o.StateDir); err != nil {
		return nil, err
	}
	state, err := openState(o.StateDir)
	if errors.Is(err, statedir.ErrLocked) {
		return nil, fmt.Errorf("%w: stop the agent before enrolling", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	if err := os.MkdirAll(state.Path(identityFolder), 0o700); err != nil {
		return nil, fmt.Errorf("create identity folder: %w", err)
	}
	id, err := identity.Enrol(ctx, identity.EnrolOptions{
		Dir: state.Path(identityFolder), Token: o.Token, Name: o.Name, Force: o.Force, Log: orDiscard(o.Log),
	})
	if errors.Is(err, identity.ErrEnrolled) {
		return nil, fmt.Errorf("%w; --force replaces that identity", err)
	}
	if err != nil {
		return nil, err
	}
	return &Membership{AgentID: id.AgentID, Name: id.Name, Collectors: id.Collectors, Expires: id.Expires()}, nil
}
