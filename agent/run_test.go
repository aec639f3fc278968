package agent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/config"
	"github.com/tocsin-security/tocsin/agent/internal/identity/fleettest"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// host is an enrolled host with one log file and an agent that can be run.
type host struct {
	t     *testing.T
	fleet *fleettest.Fleet
	cfg   config.Config
	file  string
	log   lockedBuffer

	dryRun io.Writer
	reload chan os.Signal
	load   func() (*Config, error)
	cancel context.CancelFunc
	done   chan error
}

func newHost(t *testing.T, fleet *fleettest.Fleet) *host {
	t.Helper()
	dir := t.TempDir()
	h := &host{t: t, fleet: fleet, file: filepath.Join(dir, "logs", "app.log"), reload: make(chan os.Signal, 1)}
	for _, folder := range []string{"logs", "watched"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	h.write("before the agent was there\n")
	h.cfg = *config.Default()
	h.cfg.StateDir = filepath.Join(dir, "a-state-folder-with-a-name-that-is-much-longer-than-a-socket's-may-be-and-so-needs-care", "state")
	h.cfg.HTTP.Listen = ""
	h.cfg.Sources.Files = []config.File{{
		Paths: []string{filepath.Join(dir, "logs", "*.log")}, Parser: "auto", Start: config.StartEnd, Timezone: "UTC",
	}}
	h.cfg.Sources.FIM = config.FIM{Paths: []string{filepath.Join(dir, "watched")}, Rescan: settings.Duration(time.Hour)}
	h.load = func() (*Config, error) {
		cfg := h.cfg
		return &cfg, nil
	}
	return h
}

func (h *host) enroll() *Membership {
	h.t.Helper()
	m, err := Enroll(h.t.Context(), EnrollOptions{StateDir: h.cfg.StateDir, Token: h.fleet.Token(), Name: "web-1"})
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

func (h *host) write(text string) {
	h.t.Helper()
	f, err := os.OpenFile(h.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		h.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		h.t.Fatal(err)
	}
}

// start runs the agent until stop.
func (h *host) start() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	h.cancel, h.done = cancel, make(chan error, 1)
	running := strings.Count(h.log.String(), "msg=running")
	go func() {
		h.done <- Run(ctx, RunOptions{
			Load: h.load, Reload: h.reload, Version: "test", DryRun: h.dryRun,
			Log: func(string, string) (*slog.Logger, error) { return slog.New(slog.NewTextHandler(&h.log, nil)), nil },
		})
	}()
	h.until(func() bool { return strings.Count(h.log.String(), "msg=running") > running })
}

func (h *host) stop() {
	h.t.Helper()
	h.cancel()
	if err := <-h.done; err != nil {
		h.t.Errorf("the agent ended with: %v", err)
	}
}

func (h *host) until(condition func() bool) {
	h.t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case err := <-h.done:
			h.t.Fatalf("the agent ended: %v\n%s", err, h.log.String())
		case <-deadline.C:
			h.t.Fatalf("it did not come to be; got %q\n%s", h.fleet.Originals(), h.log.String())
		case <-ticker.C:
		}
	}
}

func (h *host) arrived(text string) func() bool {
	return func() bool { return slices.Contains(h.fleet.Originals(), text) }
}

type lockedBuffer struct {
	mu     sync.Mutex // guards buffer
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestRunSendsWhatIsWritten(t *testing.T) {
	h := newHost(t, fleettest.New(t))
	member := h.enroll()
	h.start()
	h.write("the first line\n")
	h.until(h.arrived("the first line"))
	status, err := ReadStatus(t.Context(), h.cfg.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	if status.Agent.ID != member.AgentID || !status.Connection.Connected || status.Connection.Collector != h.fleet.Address {
		t.Errorf("status %+v %+v", status.Agent, status.Connection)
	}
	i := slices.IndexFunc(status.Sources, func(s sourceStatus) bool { return s.Path == h.file })
	if i < 0 || status.Sources[i].Lag != 0 || status.Sources[i].Read != 1 {
		t.Errorf("sources %+v", status.Sources)
	}
	var table bytes.Buffer
	if err := status.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"connected to " + h.fleet.Address, h.file, "web-1 (" + member.AgentID + ")", "app "} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}
	h.stop()
	if slices.Contains(h.fleet.Originals(), "before the agent was there") {
		t.Error("a log is read from its end at first sight")
	}
}

// What was read is sent before the agent ends, a held traceback included; what
// was not is read by the next one. Nothing comes twice.
func TestRunDrainsInOrder(t *testing.T) {
	h := newHost(t, fleettest.New(t))
	h.enroll()
	var want []string
	for round := range 3 {
		h.start()
		first := fmt.Sprintf("2026-11-10 11:22:33,%03d - app - ERROR - boom", round)
		h.write(first + "\n")
		want = append(want, first)
		for i := range 200 {
			text := fmt.Sprintf("round %d line %d", round, i)
			want = append(want, text)
			h.write(text + "\n")
		}
		h.stop()
	}
	h.start()
	h.until(func() bool { return len(h.fleet.Originals()) >= len(want) })
	h.stop()
	got := h.fleet.Originals()
	if !slices.Equal(got, want) {
		t.Errorf("%d events arrived, %d were written", len(got), len(want))
	}
}

// What was read when the agent is told to end is sent and acked before it does.
func TestRunSendsWhatItReadBeforeItEnds(t *testing.T) {
	h := newHost(t, fleettest.New(t))
	h.enroll()
	h.start()
	const lines = 2000
	h.write(strings.Repeat("one of many\n", lines) + "2026-11-10 11:22:33,123 - app - ERROR - held for its traceback\n")
	h.until(func() bool {
		status, err := ReadStatus(t.Context(), h.cfg.StateDir)
		return err == nil && slices.ContainsFunc(status.Sources, func(s sourceStatus) bool { return s.Read == lines+1 })
	})
	h.stop()
	if got := len(h.fleet.Originals()); got != lines+1 {
		t.Errorf("%d events arrived before the end, %d were read", got, lines+1)
	}
}

func TestRunReloads(t *testing.T) {
	h := newHost(t, fleettest.New(t))
	h.enroll()
	configs := make(chan func() (*Config, error), 1)
	first := h.load
	h.load = func() (*Config, error) {
		select {
		case load := <-configs:
			return load()
		default:
			return first()
		}
	}
	h.start()
	configs <- func() (*Config, error) { return nil, fmt.Errorf("agent.yaml:3: no") }
	h.reload <- os.Interrupt
	h.until(func() bool { return strings.Contains(h.log.String(), "the old one stays") })
	h.write("after a refused reload\n")
	h.until(h.arrived("after a refused reload"))

	other := filepath.Join(t.TempDir(), "other.log")
	configs <- func() (*Config, error) {
		cfg := h.cfg
		cfg.Sources.Files = append(slices.Clone(cfg.Sources.Files), config.File{
			Paths: []string{other}, Parser: "plain", Start: config.StartBeginning, Timezone: "UTC",
		})
		cfg.Spool.MaxSize *= 2
		return &cfg, nil
	}
	if err := os.WriteFile(other, []byte("of the new file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.reload <- os.Interrupt
	h.until(h.arrived("of the new file"))
	h.write("after a reload\n")
	h.until(h.arrived("after a reload"))
	h.stop()
	if got := h.fleet.Originals(); len(got) != 3 {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(h.log.String(), "a change that needs a restart") {
		t.Error("it is not told that the spool's size needs a restart")
	}
}

func TestRunRenewsItsCertificate(t *testing.T) {
	fleet := fleettest.New(t)
	h := newHost(t, fleet)
	fleet.Set(func(b *fleettest.Behaviour) {
		b.From, b.To = time.Now().Add(-2*time.Hour), time.Now().Add(59*time.Minute)
	})
	first := h.enroll()
	h.start()
	h.until(func() bool {
		status, err := ReadStatus(t.Context(), h.cfg.StateDir)
		return err == nil && !status.Agent.Expires.Equal(first.Expires)
	})
	h.write("with the renewed certificate\n")
	h.until(h.arrived("with the renewed certificate"))
	h.stop()
	if renewals := fleet.Get().Renewals; renewals != 1 {
		t.Errorf("%d renewals", renewals)
	}
}

func TestRunKeepsWhatNobodyTakes(t *testing.T) {
	h := newHost(t, fleettest.New(t))
	h.enroll()
	h.cfg.Collectors = []string{"localhost:1"}
	h.cfg.HTTP.Listen = "127.0.0.1:0"
	h.start()
	h.write("while no collector is there\n")
	h.until(func() bool {
		status, err := ReadStatus(t.Context(), h.cfg.StateDir)
		return err == nil && slices.ContainsFunc(status.Spool.Lanes, func(l laneStatus) bool { return l.Pending == 1 })
	})
	if code, body := h.get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "not connected to a collector") {
		t.Errorf("ready: %d %s", code, body)
	}
	if code, body := h.get("/metrics"); code != http.StatusOK || !strings.Contains(body, `tocsin_agent_stage_sent_total{stage="parse"} 1`) {
		t.Errorf("metrics: %d %s", code, body)
	}
	h.stop()
	h.cfg.Collectors = nil
	h.start()
	h.until(h.arrived("while no collector is there"))
	h.stop()
}

// An agent whose certificate ended goes on recording, and says what is to be done.
func TestRunWithACertificateThatEnded(t *testing.T) {
	fleet := fleettest.New(t)
	fleet.Set(func(b *fleettest.Behaviour) { b.From, b.To = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour) })
	h := newHost(t, fleet)
	h.enroll()
	h.cfg.HTTP.Listen = "127.0.0.1:0"
	h.start()
	h.write("with a certificate that ended\n")
	h.until(func() bool {
		status, err := ReadStatus(t.Context(), h.cfg.StateDir)
		return err == nil && slices.ContainsFunc(status.Spool.Lanes, func(l laneStatus) bool { return l.Pending == 1 })
	})
	if code, body := h.get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "enrol this host again") {
		t.Errorf("ready: %d %s", code, body)
	}
	h.stop()
	if got := fleet.Originals(); len(got) != 0 {
		t.Errorf("arrived: %q", got)
	}
	if !strings.Contains(h.log.String(), "enrol this host again") {
		t.Errorf("log: %s", h.log.String())
	}
}

// Watching a folder that holds the agent's own state must not become a loop.
func TestRunDoesNotWatchItself(t *testing.T) {
	h := newHost(t, fleettest.New(t))
	dir := filepath.Dir(filepath.Dir(h.file))
	h.cfg.Sources.FIM.Paths = []string{dir}
	h.cfg.Sources.Files[0].Paths = []string{filepath.Join(dir, "**", "*")}
	out := &lockedBuffer{}
	h.dryRun = out
	h.start()
	for _, name := range []string{"one", "two", "three"} {
		if err := os.WriteFile(filepath.Join(dir, "watched", name), []byte("text of "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		h.until(func() bool {
			return strings.Contains(out.String(), `/watched/`+name+`","size"`) && strings.Contains(out.String(), `"text of `+name)
		})
	}
	h.stop()
	if strings.Contains(out.String(), h.cfg.StateDir) {
		t.Errorf("its own state is in %s", out.String())
	}
}

// get asks the admin endpoint, whose port the log told.
func (h *host) get(path string) (int, string) {
	h.t.Helper()
	_, after, ok := strings.Cut(h.log.String(), `"admin endpoint" address=`)
	if !ok {
		h.t.Fatalf("no address in %s", h.log.String())
	}
	address, _, _ := strings.Cut(after, "\n")
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
