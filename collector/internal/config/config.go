// Package config reads and checks the collector's configuration file.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// Config is the whole file with its defaults filled in.
type Config struct {
	// StateDir holds the fleet's CA, the embedded NATS's data and its credentials.
	StateDir string `yaml:"state_dir"`
	// Listen is where agents connect: host:port, or :port for every address.
	Listen string `yaml:"listen"`
	// Advertise is where agents reach collectors: host:port each. It goes into
	// the server certificate and into join tokens.
	Advertise    []string          `yaml:"advertise"`
	Certificates Certificates      `yaml:"certificates"`
	NATS         NATS              `yaml:"nats"`
	Heartbeat    settings.Duration `yaml:"heartbeat"`
	HTTP         HTTP              `yaml:"http"`
	Log          Log               `yaml:"log"`
}

// Certificates says what the fleet's CA hands out.
type Certificates struct {
	// Lifetime is that of agents' and of the collector's own certificates.
	Lifetime settings.Duration `yaml:"lifetime"`
}

// NATS is the embedded server, or the one outside where URL is set.
type NATS struct {
	Embedded        Embedded `yaml:"embedded"`
	URL             string   `yaml:"url"`
	CredentialsFile string   `yaml:"credentials_file"`
	NKeyFile        string   `yaml:"nkey_file"`
	CAFile          string   `yaml:"ca_file"`
	// MaxBytes bounds each events stream; a full one holds its agents back. 0
	// gives the embedded server's streams shares of the disk, and those of a server
	// outside no bound but its own.
	MaxBytes settings.Bytes `yaml:"max_bytes"`
}

// Embedded is the NATS server inside the collector.
type Embedded struct {
	// Listen is where alerters and consumers connect. Off loopback it speaks TLS
	// with a certificate of the fleet's CA.
	Listen string `yaml:"listen"`
}

// HTTP is the admin endpoint.
type HTTP struct {
	Listen string `yaml:"listen"`
}

// Log is what is logged, and how.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Bounds of certificate lifetimes and heartbeats.
const (
	minLifetime  = time.Minute
	maxLifetime  = 10 * 365 * 24 * time.Hour
	minHeartbeat = time.Second
	maxHeartbeat = time.Hour
)

// Default is the configuration of an empty file.
func Default() *Config {
	return &Config{
		StateDir:     "/var/lib/tocsin-collector",
		Listen:       ":7443",
		Certificates: Certificates{Lifetime: settings.Duration(30 * 24 * time.Hour)},
		NATS:         NATS{Embedded: Embedded{Listen: "127.0.0.1:4222"}},
		Heartbeat:    settings.Duration(15 * time.Second),
		HTTP:         HTTP{Listen: "127.0.0.1:9465"},
		Log:          Log{Level: "info", Format: "text"},
	}
}

// Load reads a file over the defaults and checks it. Its errors name the file,
// the line and the key.
func Load(path string) (*Config, error) {
	c := Default()
	document, err := settings.Load(path, c)
	if err != nil {
		return nil, command.Config(err)
	}
	if key, err := c.check(); err != nil {
		return nil, document.Errorf(key, "%s", err)
	}
	return c, nil
}

// check returns the key of the first value that cannot be, and why.
func (c *Config) check() (string, error) {
	if c.StateDir == "" {
		return "state_dir", fmt.Errorf("must name a folder")
	}
	if err := checkAddress(c.Listen, true); err != nil {
		return "listen", err
	}
	if len(c.Advertise) == 0 {
		return "advertise", fmt.Errorf("must hold at least one host:port at which agents reach this collector")
	}
	for i, address := range c.Advertise {
		if err := checkAddress(address, false); err != nil {
			return fmt.Sprintf("advertise[%d]", i), err
		}
	}
	if d := time.Duration(c.Certificates.Lifetime); d < minLifetime || d > maxLifetime {
		return "certificates.lifetime", fmt.Errorf("must be from %s to %s", minLifetime, maxLifetime)
	}
	if d := time.Duration(c.Heartbeat); d < minHeartbeat || d > maxHeartbeat {
		return "heartbeat", fmt.Errorf("must be from %s to %s", minHeartbeat, maxHeartbeat)
	}
	if c.HTTP.Listen != "" {
		if err := checkAddress(c.HTTP.Listen, true); err != nil {
			return "http.listen", err
		}
	}
	if _, err := command.Logger(c.Log.Level, c.Log.Format); err != nil {
		return "log", err
	}
	return c.NATS.check()
}

func (n *NATS) check() (string, error) {
	if n.CredentialsFile != "" && n.NKeyFile != "" {
		return "nats.nkey_file", fmt.Errorf("credentials_file is set too; only one of them can be")
	}
	if n.URL == "" {
		for _, given := range []struct{ key, value string }{
			{"credentials_file", n.CredentialsFile}, {"nkey_file", n.NKeyFile}, {"ca_file", n.CAFile},
		} {
			if given.value != "" {
				return "nats." + given.key, fmt.Errorf("needs nats.url; the embedded NATS makes its own credentials")
			}
		}
		if err := checkAddress(n.Embedded.Listen, true); err != nil {
			return "nats.embedded.listen", err
		}
	}
	return "", nil
}

// checkAddress checks host:port; bind allows what only a listener can use: no
// host, and port 0.
func checkAddress(address string, bind bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port", address)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || (n == 0 && !bind) {
		return fmt.Errorf("%q has no usable port", address)
	}
	if host == "" && !bind {
		return fmt.Errorf("%q has no host", address)
	}
	return nil
}

// Loopback tells whether a host:port can only be reached from its own host, or
// stands for no host at all.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Unspecified tells whether a host:port names every address of a host, and so
// none that another host could dial.
func Unspecified(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if host == "" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsUnspecified()
}
