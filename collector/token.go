package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-security/tocsin/collector/internal/config"
	"github.com/tocsin-security/tocsin/collector/internal/fleet"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/shell/command"
)

// TokenOptions says whom a join token admits.
type TokenOptions struct {
	TTL  time.Duration
	Uses int
	// AllowLoopback makes a token whose address other hosts cannot reach.
	AllowLoopback bool
}

// CreateToken makes a join token by way of the NATS of a collector that runs with
// the same configuration, and returns its text.
func CreateToken(ctx context.Context, cfg *Config, o TokenOptions) (string, error) {
	if o.TTL <= 0 {
		return "", command.Usage(errors.New("--ttl must be more than nothing"))
	}
	if o.Uses < 1 || o.Uses > fleet.MaxTokenUses {
		return "", command.Usage(fmt.Errorf("--uses must be from 1 to %d", fleet.MaxTokenUses))
	}
	if err := checkReach(cfg.Advertise, o.AllowLoopback); err != nil {
		return "", command.Config(err)
	}
	ca, err := fleet.ReadCA(authorityFolder(cfg), time.Now)
	if err != nil {
		return "", fmt.Errorf("find the fleet's authority: %w", err)
	}
	c, err := dial(cfg)
	if err != nil {
		return "", err
	}
	defer c.conn.Close()
	tokens, err := c.bucket(ctx, subject.TokensBucket)
	if err != nil {
		return "", err
	}
	return ca.CreateToken(ctx, tokens, fleet.TokenOptions{
		TTL: o.TTL, Uses: uint32(o.Uses), Collectors: cfg.Advertise, //nolint:gosec // bounded above
	})
}

// checkReach refuses a token that would lead a host to itself, or nowhere.
func checkReach(addresses []string, allowed bool) error {
	if allowed {
		return nil
	}
	for _, address := range addresses {
		switch {
		case config.Loopback(address):
			return fmt.Errorf("advertise: %s is a loopback address, which no other host can reach (--allow-loopback makes a token for this host alone)", address)
		case config.Unspecified(address):
			return fmt.Errorf("advertise: %s is no host's address (--allow-loopback takes it all the same)", address)
		}
	}
	return nil
}
