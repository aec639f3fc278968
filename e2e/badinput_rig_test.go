package e2e

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/e2e/traffic"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// patience is how long anything may take that is to happen at all.
const patience = 3 * time.Minute

// eventually waits until the answer is yes.
func eventually(t *testing.T, what string, ask func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := fleet.Poll(ctx, ask); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// ear hears what a process says on stderr from some moment on.
type ear struct {
	path string
	from int
}

// listen hears what a service says from now on, started or not.
func listen(t *testing.T, f *fleet.Fleet, service string) *ear {
	t.Helper()
	e := &ear{path: f.Path("log", service+".log")}
	e.from = len(e.heard(t))
	return e
}

func (e *ear) heard(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(e.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data[min(e.from, len(data)):])
}

// hears waits until something was said.
func (e *ear) hears(t *testing.T, pattern string) {
	t.Helper()
	re := regexp.MustCompile(pattern)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := fleet.Poll(ctx, func() (bool, error) { return re.MatchString(e.heard(t)), nil })
	if err != nil {
		t.Fatalf("%s: %v: no %s in:\n%s", filepath.Base(e.path), err, pattern, e.heard(t))
	}
}

// refuses starts a service that is to end with an exit code and words on stderr,
// and none on stdout.
func refuses(t *testing.T, f *fleet.Fleet, s fleet.Service, code int, pattern string) {
	t.Helper()
	said := listen(t, f, s.Name)
	p, err := f.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Wait(ctx); err == nil || p.ExitCode() != code {
		t.Fatalf("%s ended with %d (%v), want %d", s.Name, p.ExitCode(), err, code)
	}
	if !regexp.MustCompile(pattern).MatchString(said.heard(t)) {
		t.Errorf("%s says %q, want %s", s.Name, said.heard(t), pattern)
	}
	if out, err := os.ReadFile(p.Output); err != nil || len(out) > 0 {
		t.Errorf("%s printed %q (%v)", s.Name, out, err)
	}
}

// fails runs a command that is to end with an exit code and words on stderr, and
// returns what it printed on stdout.
func fails(t *testing.T, f *fleet.Fleet, s fleet.Service, code int, pattern string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := f.Run(ctx, s, args...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != code {
		t.Fatalf("%q: %v, want exit code %d", args, err, code)
	}
	if !regexp.MustCompile(pattern).MatchString(err.Error()) {
		t.Errorf("%q says %v, want %s", args, err, pattern)
	}
	return out
}

// stops ends a process by SIGTERM: exit code 0.
func stops(t *testing.T, p *fleet.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// begin starts a service that need not become ready.
func begin(t *testing.T, f *fleet.Fleet, s fleet.Service) *fleet.Process {
	t.Helper()
	p, err := f.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// unready waits until /readyz says no, and why.
func unready(t *testing.T, p *fleet.Process, pattern string) {
	t.Helper()
	re, said := regexp.MustCompile(pattern), ""
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := fleet.Poll(ctx, func() (bool, error) {
		code, body := readiness(ctx, p)
		said = body
		return code == http.StatusServiceUnavailable && re.MatchString(body), nil
	})
	if err != nil {
		t.Fatalf("%s is not unready by %s: it says %q; its last words: %s", p.Name, pattern, said, p.LastWords())
	}
}

// ready waits until /readyz says yes.
func ready(t *testing.T, p *fleet.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Ready(ctx); err != nil {
		t.Fatal(err)
	}
}

func readiness(ctx context.Context, p *fleet.Process) (int, string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Admin+"/readyz", http.NoBody)
	if err != nil {
		return 0, err.Error()
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(body)
}

// write appends lines to a log of an agent's host, and a newline to each.
func write(t *testing.T, f *fleet.Fleet, host, log string, lines ...string) {
	t.Helper()
	appendTo(t, filepath.Join(f.Root(host), log), lines...)
}

func appendTo(t *testing.T, path string, lines ...string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if _, err := io.WriteString(file, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// arrive waits until lines are in the streams, each once, and nothing there
// breaks a promise.
func arrive(t *testing.T, js jetstream.JetStream, lines ...string) {
	t.Helper()
	var problem error
	var missing string
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := fleet.Poll(ctx, func() (bool, error) {
		var l *ledger
		if l, problem = readLedger(ctx, js); problem != nil {
			return false, nil //nolint:nilerr // asked again: NATS may be coming back
		}
		for _, line := range lines {
			switch n := l.contents[line]; {
			case n == 0:
				missing = line
				return false, nil
			case n > 1:
				t.Errorf("%d times in the streams: %.80q", n, line)
			}
		}
		return true, nil
	})
	if err != nil {
		t.Fatalf("not in the streams: %.80q (%v, %v)", missing, problem, err)
	}
}

// alerted waits until an alert's last event is a line.
func alerted(t *testing.T, js jetstream.JetStream, line string) {
	t.Helper()
	eventually(t, "alert of "+line, func() (bool, error) {
		found := false
		err := eachMessage(t.Context(), js, subject.AlertsStream, func(m jetstream.Msg) error {
			var alerts alertv1.Alerts
			if err := proto.Unmarshal(m.Data(), &alerts); err != nil {
				return err
			}
			for _, a := range alerts.GetAlerts() {
				found = found || strings.HasPrefix(line, string(a.GetLast().GetOriginal()))
			}
			return nil
		})
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			err = nil // no alerter has been there yet
		}
		return found, err
	})
}

// good is a line that arrives if any does: a login from an address of its own.
func good(host, address string) string {
	return traffic.New(host, 1).SSHAccepted(time.Now(), "publickey", "mina", address)
}

// injection is a request that a shipped rule alerts on by itself.
func injection(address string) string {
	return traffic.New("web", 1).Request(time.Now(), address, "GET",
		"/products?id=1%27+UNION+SELECT+username%2C+password+FROM+users--+-", 200, traffic.Browser)
}

// variant writes a configuration that differs from a shipped one by one
// replacement, and returns its path.
func variant(t *testing.T, command, name, old, with string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../deploy/config", command+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s.yaml has no %q", command, old)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, with, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
