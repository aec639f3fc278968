package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/e2e/internal/binary"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// soak tells whether the long forms run: `make soak`.
func soak() bool { return os.Getenv("TOCSIN_SOAK") != "" }

// newFleet is a fleet of the released binaries below a folder of the test; what
// still runs at the test's end is stopped.
func newFleet(t *testing.T) *fleet.Fleet {
	t.Helper()
	return fleetOf(t, binary.Folder(t, "tocsin-agent", "tocsin-collector", "tocsin-alerter"))
}

func fleetOf(t *testing.T, bin string) *fleet.Fleet {
	t.Helper()
	f, err := fleet.New(fleet.Options{Bin: bin, Dir: t.TempDir(), Config: "../deploy/config"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := f.Close(ctx); err != nil {
			t.Errorf("stop fleet: %v", err)
		}
	})
	return f
}

// up starts a service and waits until it does its job.
func up(t *testing.T, f *fleet.Fleet, s fleet.Service) *fleet.Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := f.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return p
}

// member enrols an agent and gives its host empty logs.
func member(t *testing.T, f *fleet.Fleet, name string, logs ...string) fleet.Service {
	t.Helper()
	s := f.Agent(name)
	for _, log := range logs {
		path := filepath.Join(f.Root(name), log)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Enrol(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

// jetStream connects to the fleet's NATS for the test's time.
func jetStream(t *testing.T, f *fleet.Fleet) jetstream.JetStream {
	t.Helper()
	conn, err := f.NATS("alerter")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// handled tells whether no alerter has anything left to read.
func handled(ctx context.Context, js jetstream.JetStream) (bool, error) {
	for _, class := range event.Classes() {
		stream, err := js.Stream(ctx, subject.EventsStream(class))
		if err != nil {
			return false, err
		}
		list := stream.ListConsumers(ctx)
		for info := range list.Info() {
			if info.Config.Durable != "" && info.NumPending+uint64(info.NumAckPending) > 0 {
				return false, nil
			}
		}
		if err := list.Err(); err != nil && !errors.Is(err, jetstream.ErrEndOfData) {
			return false, err
		}
	}
	return true, nil
}
