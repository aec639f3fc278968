package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/subject"
)

// inNamespace is set in the process that may mount file systems of its own.
const inNamespace = "TOCSIN_E2E_NAMESPACE"

// TestFullDisk lets the collector's disk run full long before any stream's bound:
// first by events, which stop where some room is left, then to the last byte by
// what alerters write. Once there is room, everything goes on by itself.
func TestFullDisk(t *testing.T) {
	if os.Getenv(inNamespace) == "" {
		t.Parallel()
		again(t)
		return
	}
	f := newFleet(t)
	disk := f.Path("collector", "state")
	mount(t, disk, "size=24m")
	service := f.Collector()
	service.Env = map[string]string{"TOCSIN_NATS_MAX_BYTES": "16GiB"}
	said := listen(t, f, "collector")
	collector := up(t, f, service)
	said.hears(t, `level=WARN msg="nats.max_bytes, once for each class, is more than 60 % of the disk.*web=4.3MiB`)
	agent := up(t, f, member(t, f, "host-1", authLog, appLog))
	lines := incompressible(32 << 20)
	write(t, f, "host-1", appLog, lines...)
	const waits = `level=WARN msg="batches wait" class=app why="the disk of .*/nats has .*MiB free, and 2.4MiB of it are kept so"`
	said.hears(t, waits)
	unready(t, collector, "events of class app wait, of 1 agents: the disk of ")
	collector.Kill()
	said = listen(t, f, "collector")
	collector = begin(t, f, service)
	said.hears(t, waits)
	if strings.Contains(said.heard(t), "no space left") {
		t.Errorf("events filled the disk to the last byte:\n%s", said.heard(t))
	}

	js := jetStream(t, f)
	stored := fill(t, js)
	said.hears(t, "TOCSIN_SIGNALS.*no space left on device")
	line := good("host-1", "203.0.113.1")
	write(t, f, "host-1", authLog, line)
	lines = append(lines, line)
	mount(t, disk, "remount,size=512m")
	said.hears(t, `level=INFO msg="embedded NATS runs again"`)
	arrive(t, js, lines...)
	l, err := readLedger(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.compare(lines); err != nil {
		t.Error(err)
	}
	stream, err := js.Stream(t.Context(), subject.SignalsStream)
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Msgs; n < stored {
		t.Errorf("%d signals of %d acknowledged ones are left", n, stored)
	}
	ready(t, collector)
	ready(t, agent)
	stops(t, agent)
	stops(t, collector)
}

// fill publishes as alerters do until the disk is full, and returns how much was
// acknowledged.
func fill(t *testing.T, js jetstream.JetStream) (stored uint64) {
	t.Helper()
	eventually(t, "NATS is back", func() (bool, error) { return js.Conn().Status() == nats.CONNECTED, nil })
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: subject.SignalsStream, Subjects: []string{subject.SignalsFilter}, AllowAtomicPublish: true,
	}); err != nil {
		t.Fatal(err)
	}
	for {
		// The server says nothing at all of a write that failed.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err := js.Publish(ctx, subject.Signals(1), make([]byte, 64<<10))
		cancel()
		if err != nil {
			return stored
		}
		if stored++; stored > 1000 {
			t.Fatal("the disk is larger than it should be")
		}
	}
}

// incompressible is log lines of so many bytes in all.
func incompressible(bytes int) (lines []string) {
	r := rand.New(rand.NewPCG(7, 7))
	noise := make([]byte, 6000)
	for n := 0; n < bytes; {
		for i := range noise {
			noise[i] = byte(r.IntN(256))
		}
		line := fmt.Sprintf("2026-11-22 10:00:00,000 - shop.orders - INFO - %d %s", len(lines), base64.RawStdEncoding.EncodeToString(noise))
		lines, n = append(lines, line), n+len(line)
	}
	return lines
}

// again runs the test in a process that may mount file systems of its own, which
// go with it.
func again(t *testing.T) {
	t.Helper()
	flags := []string{"--mount"}
	if os.Geteuid() != 0 {
		flags = append(flags, "--map-root-user")
	}
	probe := exec.CommandContext(t.Context(), "unshare", append(flags, "mount", "-t", "tmpfs", "probe", t.TempDir())...)
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: a full disk, because here we may not mount one: %v: %s", err, out)
	}
	test := append(flags, os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd := exec.CommandContext(t.Context(), "unshare", test...)
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in a namespace of its own: %v\n%s", err, out)
	}
}

// mount gives a folder a file system of its own, or changes its size.
func mount(t *testing.T, folder, options string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "disk", folder).CombinedOutput()
	if err != nil {
		t.Fatalf("mount %s: %v: %s", options, err, out)
	}
	if strings.HasPrefix(options, "remount") {
		return
	}
	t.Cleanup(func() { // before the test's folder is removed
		if out, err := exec.Command("umount", "--lazy", folder).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
}
