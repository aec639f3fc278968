package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/e2e/internal/binary"
	"github.com/tocsin-security/tocsin/e2e/traffic"
)

const (
	authLog = "var/log/auth.log"
	webLog  = "var/log/nginx/access.log"
	appLog  = "var/log/apps/shop.log"
)

// storm is a run in which processes are killed again and again.
type storm struct {
	lines   int
	kills   int      // of each victim
	victims []string // commands; all three unless set
	seed    uint64
}

// TestNothingIsLostOrRepeatedWhenEverythingIsKilled writes lines while agent,
// collector (with its NATS) and alerter are killed by SIGKILL at seeded moments.
// In the streams each event id is there once, each line as often as it was
// written, each lane in order.
func TestNothingIsLostOrRepeatedWhenEverythingIsKilled(t *testing.T) {
	s := storm{lines: 24_000, kills: 5, seed: 1}
	if soak() {
		s = storm{lines: 200_000, kills: 40, seed: uint64(time.Now().UnixNano())}
	}
	t.Logf("seed %d", s.seed)
	if err := s.run(t, newFleet(t)); err != nil {
		t.Error(err)
	}
}

// TestTheStormFindsWrongBuilds runs the storm over builds that are wrong on
// purpose. A storm that they survive proves nothing.
func TestTheStormFindsWrongBuilds(t *testing.T) {
	for tag, name := range map[string]string{
		"tocsin_mutant_ack":   "collector", // acks before it publishes
		"tocsin_mutant_fsync": "agent",     // reports a flush before it is written
	} {
		t.Run(tag, func(t *testing.T) {
			bin := mutant(t, tag, name)
			for seed := uint64(1); seed <= 5; seed++ { // a crash hits a window of a few milliseconds, or not
				s := storm{lines: 40_000, kills: 15, victims: []string{name}, seed: seed}
				if err := s.run(t, fleetOf(t, bin)); err != nil {
					t.Logf("found with seed %d: %v", seed, err)
					return
				}
			}
			t.Error("survived 5 storms")
		})
	}
}

// mutant is a folder with the honest binaries but one, which is built with a tag
// that makes it wrong.
func mutant(t *testing.T, tag, wrong string) string {
	t.Helper()
	honest := binary.Folder(t, "tocsin-agent", "tocsin-collector", "tocsin-alerter")
	bin := t.TempDir()
	for _, command := range []string{"agent", "collector", "alerter"} {
		if command == wrong {
			continue
		}
		if err := os.Symlink(filepath.Join(honest, "tocsin-"+command), filepath.Join(bin, "tocsin-"+command)); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", tag, "-o", filepath.Join(bin, "tocsin-"+wrong),
		"github.com/tocsin-security/tocsin/"+wrong+"/cmd/tocsin-"+wrong)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

func (s storm) run(t *testing.T, f *fleet.Fleet) error {
	running := map[string]*fleet.Process{"collector": up(t, f, f.Collector())}
	services := []fleet.Service{f.Collector(), member(t, f, "host-1", authLog, webLog, appLog), f.Alerter("alerter", nil)}
	for _, service := range services[1:] {
		running[service.Name] = up(t, f, service)
	}
	r := rand.New(rand.NewPCG(s.seed, s.seed))
	w, err := newWriter(f.Root("host-1"), s.seed)
	if err != nil {
		return err
	}
	var order []fleet.Service
	for _, service := range services {
		if s.victims == nil || slices.Contains(s.victims, service.Command) {
			order = append(order, slices.Repeat([]fleet.Service{service}, s.kills)...)
		}
	}
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	// Lines are written all the while, so that batches are unacked at every kill.
	over := time.Duration(len(order)+1) * 400 * time.Millisecond
	written, calm := make(chan error, 1), make(chan struct{})
	go func() { written <- w.write(s.lines, over, calm) }()
	for _, victim := range order {
		if err := working(t.Context(), running[victim.Name]); err != nil {
			for name, p := range running {
				t.Logf("the last words of %s:\n%s", name, p.LastWords())
			}
			close(calm)
			return errors.Join(err, <-written)
		}
		<-time.After(time.Duration(r.IntN(150)) * time.Millisecond)
		running[victim.Name].Kill()
		if running[victim.Name], err = f.Start(victim); err != nil {
			close(calm)
			return errors.Join(err, <-written)
		}
	}
	close(calm)
	if err := <-written; err != nil {
		return err
	}
	for _, service := range services {
		ready, cancel := context.WithTimeout(t.Context(), patience)
		err := running[service.Name].Ready(ready)
		cancel()
		if err != nil {
			return err
		}
	}
	err = w.settle(t.Context(), jetStream(t, f))
	t.Logf("%d lines, %d kills", len(w.lines), len(order))
	return err
}

// working waits until a process does its job again, the collector by storing
// what agents send: killing what has not begun proves little.
func working(ctx context.Context, p *fleet.Process) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.Ready(ctx); err != nil || p.Name != "collector" {
		return err
	}
	return fleet.Poll(ctx, func() (bool, error) {
		n, err := p.Metric(ctx, "tocsin_publish_batches_stored_total")
		return n > 0, err
	})
}

// settle waits until everything written is stored and handled, and judges it.
func (w *writer) settle(ctx context.Context, js jetstream.JetStream) error {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last *ledger
	var problem error
	before := -1
	err := fleet.Poll(wait, func() (bool, error) {
		if last, problem = readLedger(wait, js); problem != nil {
			return true, nil //nolint:nilerr // told below
		}
		total := last.total()
		if total >= len(w.lines) {
			return true, nil
		}
		if done, err := handled(wait, js); err != nil || !done {
			return false, nil //nolint:nilerr // asked again
		}
		before = total
		return false, nil
	})
	if problem != nil {
		return problem
	}
	if last == nil {
		return fmt.Errorf("nothing was read after %d events: %w", before, err)
	}
	return last.compare(w.lines)
}

// writer writes lines, each of its own, to a host's logs.
type writer struct {
	host  *traffic.Host
	files []*bufio.Writer
	lines []string
}

func newWriter(root string, seed uint64) (*writer, error) {
	w := &writer{host: traffic.New("host-1", seed)}
	for _, log := range []string{authLog, webLog, appLog} {
		f, err := os.OpenFile(filepath.Join(root, log), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		w.files = append(w.files, bufio.NewWriterSize(f, 4096)) // a flush may end within a line
	}
	return w, nil
}

// write writes lines evenly over a time, a few every 2 ms, and goes on at that
// pace until calm is closed.
func (w *writer) write(lines int, over time.Duration, calm <-chan struct{}) error {
	const step = 2 * time.Millisecond
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	steps := int(over/step) + 1
	for i := 0; ; i++ {
		<-ticker.C
		if i >= steps {
			select {
			case <-calm:
				return nil
			default:
			}
		}
		for range lines*(i+1)/steps - lines*i/steps {
			n, now := len(w.lines), time.Now()
			line := []string{
				w.host.SSHAccepted(now, "publickey", fmt.Sprintf("user%07d", n), "10.20.0.9"),
				w.host.Request(now, "198.18.0.9", "GET", fmt.Sprintf("/item/%07d", n), 200, traffic.Browser),
				fmt.Sprintf("%s - shop.orders - INFO - order %07d was placed", now.Format("2006-01-02 15:04:05,000"), n),
			}[n%3]
			w.lines = append(w.lines, line)
			if _, err := w.files[n%3].WriteString(line + "\n"); err != nil {
				return err
			}
		}
		for _, f := range w.files {
			if err := f.Flush(); err != nil {
				return err
			}
		}
	}
}
