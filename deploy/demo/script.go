package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-security/tocsin/e2e/traffic"
)

// host is the machine that is attacked, as a folder: its logs and its files.
type host struct {
	root    string
	traffic *traffic.Host

	mu    sync.Mutex // guards traffic and the counts: noise and attacks share the host
	noise int
	lines int
}

// The logs and files of the host, below its root, as the example configuration
// reads them.
const (
	authLog   = "var/log/auth.log"
	accessLog = "var/log/nginx/access.log"
	appLog    = "var/log/apps/shop.log"
	watched   = "root/.ssh/authorized_keys"
)

const adminKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample admin\n"

// furnish makes the host as it was before anybody attacked it.
func furnish(root string) (*host, error) {
	h := &host{root: root, traffic: traffic.New("web-1", 20261122)}
	files := map[string]string{
		authLog: "", accessLog: "", appLog: "",
		"etc/passwd": "root:x:0:0:root:/root:/bin/bash\nmina:x:1000:1000::/home/mina:/bin/bash\n",
		watched:      adminKey, "usr/local/bin/backup": "#!/bin/sh\n",
		"usr/local/sbin/.keep": "", "var/www/index.html": "<h1>shop</h1>\n",
	}
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("furnish host: %w", err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return nil, fmt.Errorf("furnish host: %w", err)
		}
	}
	return h, nil
}

// write appends lines to one of the host's logs.
func (h *host) write(log string, lines ...string) error {
	f, err := os.OpenFile(filepath.Join(h.root, log), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	if _, err := f.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		_ = f.Close()
		return fmt.Errorf("write log: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

// everyday writes a few everyday lines to every log, 20 times a second, until
// ctx ends.
func (h *host) everyday(ctx context.Context) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			h.mu.Lock()
			auth, web := []string{h.traffic.Auth(now)}, []string{h.traffic.Web(now), h.traffic.Web(now), h.traffic.Web(now)}
			app := []string{h.traffic.App(now)}
			h.noise += len(auth) + len(web) + len(app)
			h.mu.Unlock()
			for log, lines := range map[string][]string{authLog: auth, accessLog: web, appLog: app} {
				if err := h.write(log, lines...); err != nil {
					return err
				}
			}
		}
	}
}

// hostile writes an attack's lines, made while no noise is made.
func (h *host) hostile(log string, lines func(t *traffic.Host, now time.Time) []string) error {
	h.mu.Lock()
	made := lines(h.traffic, time.Now())
	h.lines += len(made)
	h.mu.Unlock()
	return h.write(log, made...)
}

// expectation is one alert that an attack is to raise.
type expectation struct {
	rule  string // the rule's id
	name  string // what the table calls it
	group map[string]string
}

// attack is what is done to the host, and what is to come of it.
type attack struct {
	name   string
	play   func(h *host) error
	expect []expectation
}

// The rules that the attacks are to set off, as alerter/rules has them.
const (
	ruleBruteForce = "66080f17-4c96-48e2-9cbd-0ba3a1a6bcde"
	ruleSuccess    = "2330fcf1-562a-44b8-8866-8d77e827062c"
	ruleInjection  = "c1b87f1a-7323-491b-99f9-cbef0f69a4d0"
	ruleTraversal  = "ac3e0b5b-c291-4709-8c1e-26038dabf68e"
	ruleKeys       = "6a015b66-5e4a-429c-9be7-df00cba497dd"
	ruleException  = "f054e0b8-3ce3-494d-b394-7d9c777a5bbb"
)

func failures(n int, user, address string) func(*traffic.Host, time.Time) []string {
	return func(t *traffic.Host, now time.Time) []string {
		lines := make([]string, n)
		for i := range lines {
			lines[i] = t.SSHFailed(now, user, address)
		}
		return lines
	}
}

func request(address, target string, status int) func(*traffic.Host, time.Time) []string {
	return func(t *traffic.Host, now time.Time) []string {
		return []string{t.Request(now, address, "GET", target, status, traffic.Browser)}
	}
}

// script is the demo's attacks in their order.
func script() []attack {
	injection := "/products?id=" + url.QueryEscape("1' UNION SELECT username, password FROM users-- -")
	return []attack{
		{
			name:   "ssh brute force",
			play:   func(h *host) error { return h.hostile(authLog, failures(20, "root", "203.0.113.66")) },
			expect: []expectation{{ruleBruteForce, "Brute force against ssh", map[string]string{"source.ip": "203.0.113.66"}}},
		},
		{
			name: "success after failures",
			play: func(h *host) error {
				return h.hostile(authLog, func(t *traffic.Host, now time.Time) []string {
					lines := failures(6, "mina", "203.0.113.77")(t, now)
					return append(lines, t.SSHAccepted(now, "password", "mina", "203.0.113.77"))
				})
			},
			expect: []expectation{
				{ruleBruteForce, "Brute force against ssh", map[string]string{"source.ip": "203.0.113.77"}},
				{ruleSuccess, "ssh login succeeded after a brute force", map[string]string{"source.ip": "203.0.113.77"}},
			},
		},
		{
			name:   "SQL injection",
			play:   func(h *host) error { return h.hostile(accessLog, request("203.0.113.88", injection, 200)) },
			expect: []expectation{{ruleInjection, "SQL injection attempt", map[string]string{"source.ip": "203.0.113.88"}}},
		},
		{
			name: "path traversal",
			play: func(h *host) error {
				return h.hostile(accessLog, request("203.0.113.99", "/download?file=..%2f..%2f..%2fsrv%2fshop%2fsettings.py", 200))
			},
			expect: []expectation{{ruleTraversal, "Path traversal attempt", map[string]string{"source.ip": "203.0.113.99"}}},
		},
		{
			name: "changed watched file",
			play: func(h *host) error {
				h.mu.Lock()
				h.lines++
				h.mu.Unlock()
				path := filepath.Join(h.root, watched)
				return os.WriteFile(path, []byte(adminKey+"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAnother intruder\n"), 0o644)
			},
			expect: []expectation{{ruleKeys, "Keys that may log in changed", map[string]string{"file.path": watched}}},
		},
		{
			name: "application exception",
			play: func(h *host) error {
				return h.hostile(appLog, func(t *traffic.Host, now time.Time) []string { return t.Exception(now) })
			},
			expect: []expectation{{ruleException, "Unhandled exception in an application", map[string]string{"error.type": "shop.payment.GatewayTimeout"}}},
		},
	}
}

// extra is an attack that the demo does not expect, to see that it would notice.
func extra() attack {
	target := "/search?q=" + url.QueryEscape("<script>alert(document.cookie)</script>")
	return attack{
		name: "cross-site scripting, which nobody expects",
		play: func(h *host) error { return h.hostile(accessLog, request("203.0.113.111", target, 200)) },
	}
}
