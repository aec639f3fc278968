package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/shell/settings"
)

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "collector.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestWhatAFileLeavesOutIsTheDefault(t *testing.T) {
	c, err := load(t, "advertise: [collector.example.com:7443]\ncertificates: {lifetime: 7d}\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":7443" || c.NATS.Embedded.Listen != "127.0.0.1:4222" || c.HTTP.Listen != "127.0.0.1:9465" {
		t.Errorf("addresses %+v", c)
	}
	if got := time.Duration(c.Certificates.Lifetime); got != 7*24*time.Hour {
		t.Errorf("lifetime %v", got)
	}
}

func TestBadFilesAreNamedByLineAndKey(t *testing.T) {
	const good = "advertise: [a:1]\n"
	tests := map[string]struct{ text, want string }{
		"unknown key":         {good + "advertize: x\n", ":2: advertize: unknown key"},
		"unknown inner key":   {good + "nats:\n  embedding: {}\n", ":3: nats.embedding: unknown key"},
		"nothing advertised":  {"listen: :1\n", "advertise: must hold at least one"},
		"advertised no port":  {"advertise:\n- a:1\n- b\n", `:3: advertise[1]: "b" is not host:port`},
		"advertised port 0":   {"advertise: [a:0]\n", "has no usable port"},
		"advertised no host":  {"advertise: [':1']\n", "has no host"},
		"bad listen":          {good + "listen: x\n", ":2: listen:"},
		"short lifetime":      {good + "certificates: {lifetime: 1s}\n", ":2: certificates.lifetime: must be from"},
		"wild heartbeat":      {good + "heartbeat: 0s\n", ":2: heartbeat: must be from"},
		"bad level":           {good + "log: {level: loud}\n", ":2: log: unknown log level"},
		"keys without url":    {good + "nats: {nkey_file: /x}\n", ":2: nats.nkey_file: needs nats.url"},
		"two credentials":     {good + "nats: {url: 'nats://x', nkey_file: /x, credentials_file: /y}\n", "only one of them"},
		"bad embedded listen": {good + "nats: {embedded: {listen: '4222'}}\n", ":2: nats.embedded.listen:"},
		"bad http listen":     {good + "http: {listen: '9465'}\n", ":2: http.listen:"},
		"no state folder":     {good + "state_dir: ''\n", ":2: state_dir:"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, tt.text)
			var fault *settings.Error
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestWhereAnAddressLeads(t *testing.T) {
	tests := []struct {
		address               string
		loopback, unspecified bool
	}{
		{"127.0.0.1:1", true, false}, {"127.9.9.9:1", true, false}, {"[::1]:1", true, false},
		{"[::ffff:127.0.0.1]:1", true, false}, {"localhost:1", true, false},
		{"0.0.0.0:1", false, true}, {"[::]:1", false, true}, {":1", false, true},
		{"192.0.2.1:1", false, false}, {"collector.example.com:1", false, false},
	}
	for _, tt := range tests {
		if Loopback(tt.address) != tt.loopback || Unspecified(tt.address) != tt.unspecified {
			t.Errorf("%s: loopback %t, unspecified %t", tt.address, Loopback(tt.address), Unspecified(tt.address))
		}
	}
}
