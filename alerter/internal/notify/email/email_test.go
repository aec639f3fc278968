package email

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/delivery"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/shell/settings"
)

var update = flag.Bool("update", false, "rewrite the golden mails")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "s3cret-Passw0rd"

func serve(t testing.TB, o smtptest.Options) (*smtptest.Server, *config.Email) {
	t.Helper()
	if o.Username == "" {
		o.Username, o.Password = "ops", password
	}
	server, err := smtptest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, server.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	tls := config.StartTLS
	if o.Implicit {
		tls = config.ImplicitTLS
	}
	return server, &config.Email{
		Host: "127.0.0.1", Port: server.Port(), TLS: tls, Auth: "auto", Username: o.Username, Password: o.Password,
		CAFile: ca, From: "Tocsin <tocsin@example.com>", To: []string{"ops@example.com"}, Hello: "alerter.example.com",
		DigestOver: 10, Timeout: settings.Duration(60 * time.Second),
	}
}

func send(t testing.TB, c *config.Email, m *Mail) error {
	t.Helper()
	client, err := NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	return client.Send(t.Context(), m)
}

func render(t testing.TB, locale string, c Content) *Mail {
	t.Helper()
	if c.Notification == nil {
		c.Notification = &alertv1.Notification{Receiver: "ops", Flush: 1, Intended: uint64(base.Add(time.Minute).UnixNano())}
	}
	c.GroupID = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	c.Notification.MessageId = MessageID("ops", c.GroupID, c.Notification.GetFlush(), "tocsin@example.com")
	m, err := Render(Style{
		Locale: locale, DigestOver: 10, From: "Tocsin <tocsin@example.com>", To: []string{"ops@example.com"},
	}, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var base = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func field(id eventv1.FieldId, value string) *eventv1.Field {
	return &eventv1.Field{Id: id, Value: []byte(value)}
}

func bruteForce() *alertv1.Alert {
	found := func(i int) *alertv1.Finding {
		return &alertv1.Finding{
			EventId: fmt.Sprint("event", i), Time: uint64(base.Add(time.Duration(i) * time.Second).UnixNano()),
			Original: fmt.Appendf(nil, "Mar 14 09:26:%02d web-01 sshd[811]: Failed password for root from 203.0.113.7 port 4%d ssh2", 53+i, 1000+i),
			Fields: []*eventv1.Field{
				field(eventv1.FieldId_FIELD_ID_HOST_NAME, "web-01"), field(eventv1.FieldId_FIELD_ID_SOURCE_IP, "203.0.113.7"),
				field(eventv1.FieldId_FIELD_ID_USER_NAME, "root"), field(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, "failure"),
			},
		}
	}
	return &alertv1.Alert{
		Id: "bbbbbbbbbbbbbbbbbbbbbbbbbb-7", State: alertv1.AlertState_ALERT_STATE_FIRING, Count: 12,
		Rule: &alertv1.Rule{
			Id: "7f1a3b52-6f0e-4a35-9d5c-0d2a7a1f0001", Name: "SSH brute force", Type: "event_count",
			Level: alertv1.Level_LEVEL_HIGH, Tags: []string{"attack.t1110"},
		},
		Group:      []*alertv1.GroupValue{{Field: "source.ip", Value: "203.0.113.7"}},
		FirstEvent: uint64(base.UnixNano()), LastEvent: uint64(base.Add(11 * time.Second).UnixNano()),
		Opened: uint64(base.Add(12 * time.Second).UnixNano()), Samples: []*alertv1.Finding{found(0), found(1)}, Last: found(6),
	}
}

func fileChange() *alertv1.Alert {
	return &alertv1.Alert{
		Id: "cccccccccccccccccccccccccc-9", State: alertv1.AlertState_ALERT_STATE_FIRING, Count: 1,
		Rule:       &alertv1.Rule{Id: "file-1", Name: "Watched file changed", Level: alertv1.Level_LEVEL_CRITICAL},
		Group:      []*alertv1.GroupValue{{Field: "host.name", Value: "web-01"}, {Field: "file.path", Value: "/etc/passwd"}},
		FirstEvent: uint64(base.UnixNano()), LastEvent: uint64(base.UnixNano()), Opened: uint64(base.UnixNano()),
		Last: &alertv1.Finding{EventId: "f", Fields: []*eventv1.Field{
			field(eventv1.FieldId_FIELD_ID_HOST_NAME, "web-01"), field(eventv1.FieldId_FIELD_ID_FILE_PATH, "/etc/passwd"),
			field(eventv1.FieldId_FIELD_ID_FILE_HASH_SHA256, strings.Repeat("ab", 32)),
			field(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_HASH_SHA256, strings.Repeat("12", 32)),
		}},
	}
}

func appException() *alertv1.Alert {
	return &alertv1.Alert{
		Id: "dddddddddddddddddddddddddd-4", State: alertv1.AlertState_ALERT_STATE_FIRING, Count: 3,
		Rule:       &alertv1.Rule{Id: "app-1", Name: "Unhandled exception", Level: alertv1.Level_LEVEL_MEDIUM},
		Group:      []*alertv1.GroupValue{{Field: "error.type", Value: "ValueError"}},
		FirstEvent: uint64(base.UnixNano()), LastEvent: uint64(base.UnixNano()), Opened: uint64(base.UnixNano()),
		Last: &alertv1.Finding{EventId: "x", Original: []byte("ERROR:app:boom <script>alert(1)</script>"), Fields: []*eventv1.Field{
			field(eventv1.FieldId_FIELD_ID_HOST_NAME, "app-01"), field(eventv1.FieldId_FIELD_ID_ERROR_TYPE, "ValueError"),
			field(eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE, "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    boom()\nValueError: boom"),
		}},
	}
}

func storm(n int) []*alertv1.Alert {
	var list []*alertv1.Alert
	for i := range n {
		a := bruteForce()
		a.Id = fmt.Sprintf("%026d-1", i)
		a.Group[0].Value = fmt.Sprintf("198.51.100.%d", i)
		list = append(list, a)
	}
	return list
}

func TestGolden(t *testing.T) {
	hints := func(id string) (Hints, bool) {
		return Hints{
			Description: "Many failed logins from one address.", FalsePositives: []string{"A monitoring probe with an old password"},
			References: []string{"https://attack.mitre.org/techniques/T1110/"},
		}, strings.HasPrefix(id, "7f1a")
	}
	again := &alertv1.Notification{Receiver: "ops", Flush: 3, Intended: uint64(base.Add(time.Hour).UnixNano())}
	over := bruteForce()
	over.State = alertv1.AlertState_ALERT_STATE_RESOLVED
	for name, c := range map[string]Content{
		"one":     {Alerts: []*alertv1.Alert{bruteForce()}, Hints: hints},
		"several": {Alerts: []*alertv1.Alert{bruteForce(), fileChange(), appException()}, Lost: 1},
		"digest":  {Alerts: storm(12)},
		"delayed": {Alerts: []*alertv1.Alert{bruteForce(), fileChange()}, Delay: 3*time.Hour + 20*time.Minute},
		"over":    {Alerts: []*alertv1.Alert{over}, News: map[string]bool{}, Notification: again},
	} {
		for _, locale := range []string{"en", "ko"} {
			t.Run(name+"-"+locale, func(t *testing.T) {
				m := render(t, locale, c)
				raw, err := m.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				got := decoded(t, raw)
				path := filepath.Join("testdata", name+"."+locale+".golden")
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Error(diff)
				}
				if strings.Contains(got, "ZgotmplZ") || strings.Contains(got, "<script>alert") && strings.Contains(got, "<pre>ERROR:app:boom <script>") {
					t.Error("the HTML is not safe")
				}
				raw2, err := render(t, locale, c).Bytes()
				if err != nil || !bytes.Equal(raw, raw2) {
					t.Error("two renderings differ")
				}
			})
		}
	}
}

// decoded is a mail with its encodings undone, for people to read.
func decoded(t testing.TB, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	decoder := new(mime.WordDecoder)
	for _, name := range []string{
		"From", "To", "Subject", "Date", "Message-Id", "References", "In-Reply-To", "Auto-Submitted",
		"X-Tocsin-Receiver", "X-Tocsin-Group", "X-Tocsin-Alerts", "X-Tocsin-Rule", "X-Tocsin-Level", "Content-Type",
	} {
		if value := m.Header.Get(name); value != "" {
			value, err := decoder.DecodeHeader(value)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n===== %s\n%s", part.Header.Get("Content-Type"), strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
}

func TestSendsProtectedAndAuthenticated(t *testing.T) {
	for _, test := range []struct {
		name string
		o    smtptest.Options
		auth string
	}{
		{"STARTTLS and what is offered", smtptest.Options{}, "auto"},
		{"PLAIN", smtptest.Options{}, "plain"},
		{"LOGIN", smtptest.Options{}, "login"},
		{"only LOGIN is offered", smtptest.Options{Mechanisms: []string{"LOGIN"}}, "auto"},
		{"implicit TLS", smtptest.Options{Implicit: true}, "auto"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, c := serve(t, test.o)
			c.Auth = test.auth
			m := render(t, "ko", Content{Alerts: []*alertv1.Alert{bruteForce()}})
			if err := send(t, c, m); err != nil {
				t.Fatal(err)
			}
			mails := server.Mails()
			if len(mails) != 1 || mails[0].From != "tocsin@example.com" || server.ClearCredentials() != 0 {
				t.Fatalf("mails %v", mails)
			}
			want, err := m.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytes.TrimRight(mails[0].Data, "\r\n"), bytes.TrimRight(want, "\r\n")) {
				t.Error(cmp.Diff(string(want), string(mails[0].Data)))
			}
		})
	}
}

func TestFaultsHaveTypes(t *testing.T) {
	var refused *delivery.RefusedError
	var deferred *delivery.DeferredError
	var uncertain *delivery.UncertainError
	kind := func(err error) string {
		switch {
		case err == nil:
			return "sent"
		case errors.As(err, &refused):
			return "refused"
		case errors.As(err, &deferred):
			return "deferred"
		case errors.As(err, &uncertain):
			return "uncertain"
		default:
			return "receiver"
		}
	}
	for fault, want := range map[smtptest.Fault]string{
		smtptest.NoFault: "sent", smtptest.RefuseAuth: "receiver", smtptest.DeferMail: "receiver",
		smtptest.DeferRcpt: "deferred", smtptest.RefuseRcpt: "refused", smtptest.DeferData: "deferred",
		smtptest.RefuseData: "refused", smtptest.CutData: "uncertain", smtptest.LateCut: "uncertain",
		smtptest.StripTLS: "receiver",
	} {
		t.Run(string(fault), func(t *testing.T) {
			server, c := serve(t, smtptest.Options{Fault: fault})
			err := send(t, c, render(t, "en", Content{Alerts: []*alertv1.Alert{bruteForce()}}))
			if got := kind(err); got != want {
				t.Errorf("%s, want %s: %v", got, want, err)
			}
			if server.ClearCredentials() != 0 {
				t.Error("a password was sent in the clear")
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Error("the error tells the password")
			}
		})
	}
	t.Run("a foreign certificate", func(t *testing.T) {
		_, c := serve(t, smtptest.Options{})
		c.CAFile = ""
		if got := kind(send(t, c, render(t, "en", Content{Alerts: []*alertv1.Alert{bruteForce()}}))); got != "receiver" {
			t.Error(got)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		server, c := serve(t, smtptest.Options{})
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		if got := kind(send(t, c, render(t, "en", Content{Alerts: []*alertv1.Alert{bruteForce()}}))); got != "receiver" {
			t.Error(got)
		}
	})
}

func TestOneRefusedAddressDoesNotKeepTheMailFromOthers(t *testing.T) {
	server, c := serve(t, smtptest.Options{RefuseTo: "gone@example.com"})
	c.To = []string{"gone@example.com", "ops@example.com"}
	m := render(t, "en", Content{Alerts: []*alertv1.Alert{bruteForce()}})
	m.To = c.To
	err := send(t, c, m)
	var refused *delivery.RefusedError
	if !errors.As(err, &refused) || !refused.Partly || !strings.Contains(err.Error(), "gone@example.com") {
		t.Fatal(err)
	}
	var reply *textproto.Error
	if !errors.As(err, &reply) || reply.Code != 550 {
		t.Errorf("%v", err)
	}
	if mails := server.Mails(); len(mails) != 1 || len(mails[0].To) != 1 || mails[0].To[0] != "ops@example.com" {
		t.Errorf("%v", mails)
	}
}

func TestConversationMasksSecrets(t *testing.T) {
	for _, auth := range []string{"plain", "login"} {
		_, c := serve(t, smtptest.Options{})
		c.Auth = auth
		client, err := NewClient(c)
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		client.Observe(func(fromServer bool, line string) { fmt.Fprintln(&said, fromServer, line) })
		if err := client.Send(t.Context(), render(t, "en", Content{Alerts: []*alertv1.Alert{bruteForce()}})); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{password, "czNjcmV0", "AG9wc", "b3Bz"} {
			if strings.Contains(said.String(), secret) {
				t.Errorf("%s: the conversation shows %q:\n%s", auth, secret, said.String())
			}
		}
		for _, word := range []string{"EHLO alerter.example.com", "STARTTLS", "MAIL FROM", "RCPT TO:<ops@example.com>", "DATA", "QUIT"} {
			if !strings.Contains(said.String(), word) {
				t.Errorf("%s: the conversation lacks %q:\n%s", auth, word, said.String())
			}
		}
	}
}

// FuzzMail gives whatever an attacker can write into a log to every place of a
// mail where it may show.
func FuzzMail(f *testing.F) {
	f.Add("root\r\nBcc: victim@example.com\r\n\r\nhello", "web-01", "line")
	f.Add("\x00\x1b[31m\u202eevil\u2028x", "\xff\xfe", "a\r\n.\r\nMAIL FROM:<x@y>\r\n")
	f.Add("=?utf-8?q?x=0D=0ABcc=3A_a?=", strings.Repeat("가", 400), "<script>alert(1)</script>")
	f.Fuzz(func(t *testing.T, user, host, line string) {
		a := bruteForce()
		a.Rule.Name = "Rule " + user
		a.Rule.Id = host
		a.Group = []*alertv1.GroupValue{{Field: "user.name", Value: user}, {Field: user, Value: host}}
		a.Last.Fields = append(a.Last.Fields, field(eventv1.FieldId_FIELD_ID_HOST_NAME, host), &eventv1.Field{Key: user, Value: []byte(line)})
		a.Last.Original = []byte(line)
		for _, locale := range []string{"en", "ko"} {
			raw, err := render(t, locale, Content{Alerts: []*alertv1.Alert{a}}).Bytes()
			if err != nil {
				t.Fatal(err)
			}
			m, err := mail.ReadMessage(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			for name := range m.Header {
				switch name {
				case "From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Auto-Submitted",
					"X-Auto-Response-Suppress", "X-Tocsin-Receiver", "X-Tocsin-Group", "X-Tocsin-Alerts", "X-Tocsin-Rule", "X-Tocsin-Level":
				default:
					t.Errorf("a header was smuggled in: %q", name)
				}
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			if err != nil || !strings.HasPrefix(subject, "[Tocsin] ") || strings.ContainsAny(subject, "\r\n\x00") {
				t.Errorf("subject %q: %v", subject, err)
			}
			if strings.Contains(decoded(t, raw), "<script") {
				if strings.Contains(strings.SplitN(decoded(t, raw), "text/html", 2)[1], "<script") {
					t.Error("a script got into the HTML")
				}
			}
		}
	})
}
