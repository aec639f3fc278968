package settings_test

import (
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/shell/settings"
)

func TestRedact(t *testing.T) {
	for urls, want := range map[string]string{
		"nats://127.0.0.1:4222":                           "nats://127.0.0.1:4222",
		"nats://ops:s3cret@nats.example.com:4222":         "nats://xxxxx@nats.example.com:4222",
		"nats://s3cret@nats.example.com":                  "nats://xxxxx@nats.example.com",
		"tls://a:4222,tls://ops:s3cret@b:4222, tls://c:1": "tls://a:4222,tls://xxxxx@b:4222, tls://c:1",
		"nats://ops:s3%zzcret@nats.example.com":           "nats://xxxxx@nats.example.com",
		"":                                                "",
	} {
		if got := settings.Redact(urls); got != want || strings.Contains(got, "s3") {
			t.Errorf("%q becomes %q, want %q", urls, got, want)
		}
	}
}
