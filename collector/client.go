package collector

import (
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/collector/internal/bus"
	"github.com/tocsin-security/tocsin/collector/internal/config"
)

// client is a command's connection to the NATS of a collector that runs.
type client struct {
	conn *nats.Conn
	js   jetstream.JetStream
}

func dial(cfg *config.Config) (*client, error) {
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
