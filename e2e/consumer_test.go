package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/subject"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	follower   = "cmd/follow/main.go"
	followed   = eventv1.Class_CLASS_AUTH
	manyLogins = 300
)

// TestConsumerIsDocumented holds the program of docs/consumers.md against the
// one that is run here.
func TestConsumerIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/consumers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "```go\n")
	shown, _, ok := strings.Cut(shown, "```\n")
	program, err := os.ReadFile(follower)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(program), shown); !ok || diff != "" {
		t.Errorf("docs/consumers.md does not show %s (-program +page):\n%s", follower, diff)
	}
}

// TestConsumer runs that program on a fleet, with the credentials that the
// collector makes for consumers: it sees one class, whole and in order, and its
// user may change nothing.
func TestConsumer(t *testing.T) {
	f := newFleet(t)
	up(t, f, f.Collector())
	up(t, f, f.Alerter("alerter", nil))
	agent := member(t, f, "web", "var/log/auth.log", "var/log/nginx/access.log")
	up(t, f, agent)
	lines := follow(t, f)
	want := logins(t, f)
	var got []string
	for len(got) < len(want) {
		line, ok := <-lines
		if !ok {
			t.Fatalf("the consumer ended after %d events of %d", len(got), len(want))
		}
		var record struct {
			Log    struct{ Original string }
			Tocsin struct{ Class string }
			Agent  struct{ ID string }
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if record.Tocsin.Class != "auth" || record.Agent.ID == "" {
			t.Errorf("not a login event of a member: %s", line)
		}
		got = append(got, record.Log.Original)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-written +read):\n%s", diff)
	}
	t.Run("may change nothing", func(t *testing.T) { mayNot(t, f) })
}

// logins writes failed logins, with requests to a web server in between, and
// returns the logins.
func logins(t *testing.T, f *fleet.Fleet) (written []string) {
	t.Helper()
	var auth, web strings.Builder
	now := time.Now().UTC()
	for i := range manyLogins {
		line := fmt.Sprintf("%s web sshd[%d]: Failed password for root from 192.0.2.%d port %d ssh2",
			now.Format("2006-01-02T15:04:05.000000+00:00"), 1000+i, i%250, 40000+i)
		written = append(written, line)
		auth.WriteString(line + "\n")
		fmt.Fprintf(&web, "192.0.2.%d - - [%s] \"GET /%d HTTP/1.1\" 200 17 \"-\" \"curl/8\"\n", i%250, now.Format("02/Jan/2006:15:04:05 -0700"), i)
	}
	for log, text := range map[string]string{"auth.log": auth.String(), "nginx/access.log": web.String()} {
		if err := os.WriteFile(filepath.Join(f.Root("web"), "var/log", log), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return written
}

// follow runs the consumer until the test ends and returns what it prints.
func follow(t *testing.T, f *fleet.Fleet) <-chan string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "follow")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/follow")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build consumer: %v\n%s", err, out)
	}
	address, err := f.Address("nats")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	cmd := exec.CommandContext(ctx, program, "nats://"+address, f.Path("collector", "state", "nats", "consumer.nkey"))
	cmd.Stderr = t.Output()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	t.Cleanup(func() {
		cancel()
		for range lines {
			t.Error("the consumer printed more events than there are logins")
		}
		_ = cmd.Wait() // killed
	})
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	return lines
}

// mayNot tries what a consumer's user must not do.
func mayNot(t *testing.T, f *fleet.Fleet) {
	conn, err := f.NATS("consumer")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	refused := make(chan error, 64)
	conn.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err })
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream := subject.EventsStream(followed)
	before := state(t, f, stream)
	for what, try := range map[string]func(ctx context.Context) error{
		"publish an event": func(ctx context.Context) error { return discard(js.Publish(ctx, before.subject, nil)) },
		"publish an alert": func(ctx context.Context) error { return discard(js.Publish(ctx, "tocsin.alerts.a.b", nil)) },
		"delete a stream":  func(ctx context.Context) error { return js.DeleteStream(ctx, stream) },
		"change a stream":  func(ctx context.Context) error { return discard(js.UpdateStream(ctx, before.config)) },
		"make a stream": func(ctx context.Context) error {
			return discard(js.CreateStream(ctx, jetstream.StreamConfig{Name: "MINE", Subjects: []string{"mine"}}))
		},
		"delete a message": func(ctx context.Context) error {
			return discard(conn.RequestWithContext(ctx, "$JS.API.STREAM.MSG.DELETE."+stream, []byte(`{"seq":1}`)))
		},
		"purge a stream": func(ctx context.Context) error {
			return discard(conn.RequestWithContext(ctx, "$JS.API.STREAM.PURGE."+stream, nil))
		},
		"delete alerters' durable": func(ctx context.Context) error { return js.DeleteConsumer(ctx, stream, "alerter-auth") },
		"read join tokens":         func(ctx context.Context) error { return discard(js.KeyValue(ctx, subject.TokensBucket)) },
		"write an agent": func(ctx context.Context) error {
			return discard(js.Publish(ctx, "$KV."+subject.AgentsBucket+".a", nil))
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		done := make(chan error, 1)
		go func() { done <- try(ctx) }()
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: %v", what, err)
			}
		case err := <-done:
			t.Errorf("%s was not refused: %v", what, err)
		}
		cancel()
	}
	if diff := cmp.Diff(before.info, state(t, f, stream).info); diff != "" {
		t.Errorf("the stream has changed:\n%s", diff)
	}
}

func discard[T any](_ T, err error) error { return err }

// condition is what a consumer must not change.
type condition struct {
	subject string
	config  jetstream.StreamConfig
	info    jetstream.StreamState
}

func state(t *testing.T, f *fleet.Fleet, name string) condition {
	t.Helper()
	stream, err := jetStream(t, f).Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter(subject.EventsFilter(followed)))
	if err != nil {
		t.Fatal(err)
	}
	c := condition{config: info.Config, info: info.State}
	for c.subject = range info.State.Subjects {
		break
	}
	return c
}
