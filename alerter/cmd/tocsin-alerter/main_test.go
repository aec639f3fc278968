package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/shell/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tocsin-alerter": func() { os.Exit(command.Main(root())) }})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
		Setup: func() func(*testscript.Env) error {
			mails, url, fresh := mailServer(t), alertsServer(t), natstest.Start(t).URL()
			return func(env *testscript.Env) error {
				env.Setenv("SMTP_PORT", strconv.Itoa(mails.Port()))
				env.Setenv("NATS_URL", url)
				env.Setenv("NATS_FRESH", fresh)
				return os.WriteFile(filepath.Join(env.WorkDir, "mail-ca.pem"), mails.CA(), 0o600)
			}
		}(),
	})
}

// mailServer is a real one, which all scripts share.
func mailServer(t *testing.T) *smtptest.Server {
	t.Helper()
	s, err := smtptest.Start(smtptest.Options{Username: "ops", Password: "s3cret-word"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// alertsServer is a NATS server that holds one alert, of names that would like
// to be markup.
func alertsServer(t *testing.T) (url string) {
	t.Helper()
	s := natstest.Start(t)
	js := s.JetStream()
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: subject.AlertsStream, Subjects: []string{subject.AlertsFilter},
	}); err != nil {
		t.Fatal(err)
	}
	now := uint64(time.Now().UnixNano())
	data, err := proto.Marshal(&alertv1.Alerts{Alerts: []*alertv1.Alert{{
		Id: "a-1", Fingerprint: "a", State: alertv1.AlertState_ALERT_STATE_FIRING,
		Rule:  &alertv1.Rule{Id: "r", Name: "Sign-in failures", Level: alertv1.Level_LEVEL_HIGH},
		Group: []*alertv1.GroupValue{{Field: "user.name", Value: "<script>alert(1)</script>"}},
		Count: 3, FirstEvent: now, LastEvent: now, Opened: now, Updated: now,
		Last: &alertv1.Finding{EventId: "e", Time: now, Original: []byte("Failed password for </pre><b>root</b>")},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), subject.Alerts("r", "a"), data); err != nil {
		t.Fatal(err)
	}
	return s.URL()
}

// exits runs a command and wants an exit code: exits 3 tocsin-alerter check-config.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
