package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
)

// TestBadConfigurationIsRefused gives each command a configuration with an
// unknown key and the alerter a broken rule: at the start that is exit code 3, to
// a service that runs it is a complaint, and lines go on to become alerts.
func TestBadConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	rules := t.TempDir()
	services := []fleet.Service{f.Collector(), f.Agent("host-1"), f.Alerter("alerter", nil)}
	for i, s := range services {
		old, with := "log:\n", "log:\n"
		if s.Command == "alerter" {
			old, with = "shipped: true\n", "shipped: true\n  paths: ["+rules+"]\n"
		}
		services[i].Config = variant(t, s.Command, s.Command+".yaml", old, with)
	}
	running := make(map[string]*fleet.Process)
	running["collector"] = up(t, f, services[0])
	member(t, f, "host-1", authLog, webLog)
	for _, s := range services[1:] {
		running[s.Name] = up(t, f, s)
	}
	js := jetStream(t, f)
	for i, s := range services {
		t.Run(s.Command+"/unknown key", func(t *testing.T) {
			unknownKey(t, f, s, running[s.Name])
			arrivesAndAlerts(t, f, js, fmt.Sprintf("203.0.113.%d", i+1))
		})
	}
	t.Run("alerter/unknown modifier", func(t *testing.T) {
		unknownModifier(t, f, services[2], running["alerter"], rules)
		arrivesAndAlerts(t, f, js, "203.0.113.11")
	})
	for i, s := range services[:2] { // those with a state folder
		t.Run(s.Command+"/second process", func(t *testing.T) {
			secondProcess(t, f, s)
			arrivesAndAlerts(t, f, js, fmt.Sprintf("203.0.113.%d", 21+i))
		})
	}
	for _, p := range running {
		stops(t, p)
	}
}

func arrivesAndAlerts(t *testing.T, f *fleet.Fleet, js jetstream.JetStream, address string) {
	t.Helper()
	line, attack := good("host-1", address), injection(address)
	write(t, f, "host-1", authLog, line)
	write(t, f, "host-1", webLog, attack)
	arrive(t, js, line, attack)
	alerted(t, js, attack)
}

// unknownKey puts a key that is none where log.level was.
func unknownKey(t *testing.T, f *fleet.Fleet, s fleet.Service, running *fleet.Process) {
	t.Helper()
	valid, err := os.ReadFile(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(string(valid), "  level: ")
	line := strings.Count(before, "\n") + 1
	broken := []byte(before + "  lvl: " + after)
	wants := func(path string) string {
		return regexp.QuoteMeta(fmt.Sprintf(`%s:%d: log.lvl: unknown key "lvl"`, path, line))
	}
	other := s
	other.Name, other.Config = s.Name+"-broken", filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(other.Config, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, f, other, 3, "^tocsin-"+s.Command+": "+wants(other.Config)+` \(known here: format, level\)\n$`)
	if out := fails(t, f, other, 3, wants(other.Config), "check-config", "--config", other.Config); out != "" {
		t.Errorf("check-config prints %q", out)
	}
	reloads(t, f, running, s.Config, broken, "level=ERROR.*"+strings.ReplaceAll(wants(s.Config), `"`, `\\"`))
	reloads(t, f, running, s.Config, valid, "level=INFO msg=\"configuration reloaded\"")
}

// reloads changes a running service's configuration and waits for what it says.
func reloads(t *testing.T, f *fleet.Fleet, p *fleet.Process, config string, text []byte, pattern string) {
	t.Helper()
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	said := listen(t, f, p.Name)
	if err := p.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	said.hears(t, pattern)
}

func unknownModifier(t *testing.T, f *fleet.Fleet, s fleet.Service, running *fleet.Process, rules string) {
	t.Helper()
	path := filepath.Join(rules, "broken.yml")
	text := "title: T\nlogsource: {category: webserver}\ndetection:\n  s:\n    url.original|fuzzy: x\n  condition: s\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	named := regexp.QuoteMeta(path) + `:5: url\.original\|fuzzy: unknown modifier \\?"fuzzy\\?"`
	other := s
	other.Name = "alerter-broken"
	refuses(t, f, other, 3, "^tocsin-alerter: "+named)
	for _, args := range [][]string{
		{"check-config", "--config", s.Config}, {"rules", "check", path},
		{"rules", "list", "--config", s.Config}, {"explain", "--rules", path},
	} {
		if out := fails(t, f, other, 3, named, args...); out != "" {
			t.Errorf("%q prints %q", args, out)
		}
	}
	said := listen(t, f, s.Name)
	if err := running.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	said.hears(t, "level=ERROR.*"+named)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// secondProcess starts a command on the state folder of one that runs: exit code
// 1 and which folder it is.
func secondProcess(t *testing.T, f *fleet.Fleet, s fleet.Service) {
	t.Helper()
	state := f.Path(s.Name, "state")
	s.Name, s.Env = s.Name+"-second", map[string]string{"TOCSIN_STATE_DIR": state}
	const taken = ": another process uses this state folder"
	refuses(t, f, s, 1, regexp.QuoteMeta(state)+taken+"\n$")
	if s.Command == "agent" {
		s.Args = []string{"--dry-run"}
		refuses(t, f, s, 1, regexp.QuoteMeta(state)+taken+"\n$")
		fails(t, f, s, 1, taken+": stop the agent before enrolling", enrolment(s, joinToken(t, f), "--force")...)
	}
}

// TestSecondWatchIsRefused starts watch twice on one state folder: the second is
// refused, the first tells of the next change.
func TestSecondWatchIsRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	folder, state := t.TempDir(), f.Path("watch")
	first := exec.CommandContext(t.Context(), f.Binary("agent"), "watch", "--state", state, folder)
	stdout, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := first.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(stderr).ReadString('\n'); err != nil || said != "ready\n" {
		t.Fatalf("the first says %q (%v)", said, err)
	}
	fails(t, f, f.Agent("second"), 1, regexp.QuoteMeta(state)+": another process uses this state folder$",
		"watch", "--state", state, folder)
	appendTo(t, filepath.Join(folder, "after"), "a line")
	change, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.Contains(change, `"action":"created"`) || !strings.Contains(change, folder+"/after") {
		t.Fatalf("the first tells %q (%v)", change, err)
	}
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("the first ends: %v", err)
	}
}
