package alerter_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
)

func TestReceiverTestPrintsTheConversationWithoutSecrets(t *testing.T) {
	server, err := smtptest.Start(smtptest.Options{Username: "ops", Password: "s3cret-word"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	ca, path := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "alerter.yaml")
	if err := os.WriteFile(ca, server.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	mail := fmt.Sprintf("{host: localhost, port: %d, username: ops, password: %%s, ca_file: %s, from: t@example.com, to: [ops@example.com]}", server.Port(), ca)
	text := "locale: ko\nreceivers:\n" +
		"  - {name: ops, email: " + fmt.Sprintf(mail, "s3cret-word") + "}\n" +
		"  - {name: wrong, email: " + fmt.Sprintf(mail, "guess-word") + "}\n" +
		"  - {name: daily, report: {folder: " + filepath.Join(dir, "reports") + "}}\n" +
		"route: {receiver: ops}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := alerter.LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"ops": "", "wrong": "535", "nobody": "no receiver", "daily": ""} {
		var out bytes.Buffer
		err := alerter.TestReceiver(t.Context(), cfg, name, &out)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		for _, secret := range []string{"s3cret", "guess", "czNjcmV0", "Z3Vlc3"} {
			if strings.Contains(out.String(), secret) || err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: a secret is shown:\n%s%v", name, out.String(), err)
			}
		}
		if name == "ops" && (!strings.Contains(out.String(), "> STARTTLS") || !strings.Contains(out.String(), "< 235") || !strings.Contains(out.String(), "> DATA")) {
			t.Errorf("the conversation is not told:\n%s", out.String())
		}
	}
	mails := server.Mails()
	if len(mails) != 1 || server.ClearCredentials() != 0 {
		t.Errorf("%d mails", len(mails))
	}
}
