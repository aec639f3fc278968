package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/collector/internal/bus"
)

// client is a command's connection to the NATS of a collector that runs.
type client struct {
	conn *nats.Conn
	js   jetstream.JetStream
}

func dial(cfg *Config) (*client, error) {
	endpoint := externalEndpoint(cfg)
	if cfg.NATS.URL == "" {
		var err error
		if endpoint, err = bus.LocalEndpoint(cfg.StateDir); err != nil {
			return nil, err
		}
	}
	conn, err := bus.Dial(endpoint)
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	return &client{conn: conn, js: js}, nil
}

// A collector that has just started makes its buckets within moments.
const (
	bucketTimeout = 10 * time.Second
	bucketRetry   = 100 * time.Millisecond
)

// bucket opens a bucket, waiting a little for a collector that has just started.
func (c *client) bucket(ctx context.Context, name string) (jetstream.KeyValue, error) {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	for {
		bucket, err := c.js.KeyValue(ctx, name)
		if err == nil {
			return bucket, nil
		}
		if !errors.Is(err, jetstream.ErrBucketNotFound) {
			return nil, fmt.Errorf("open bucket %s: %w", name, err)
		}
		timer := time.NewTimer(bucketRetry)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("open bucket %s: %w", name, err)
		case <-timer.C:
		}
	}
}
