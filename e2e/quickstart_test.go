package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/e2e/fleet"
)

// TestQuickstart follows docs/quickstart.md to the letter: every sh block, in
// order, on two throwaway hosts made of namespaces (testdata/quickstart).
func TestQuickstart(t *testing.T) {
	h := newHosts(t)
	checks := []struct {
		after string // the block that holds this
		check func(h *hosts)
	}{
		{"receivers test mail", func(h *hosts) { h.mail("to: <you@example.com>") }},
		{"--unit tocsin-alerter", func(h *hosts) { h.mail("brute force against ssh", "203.0.113.9") }},
		{"--unit tocsin-alerter", readsTheJournal},
		{"203.0.113.20", func(h *hosts) { h.mail("brute force against ssh", "203.0.113.20", "web1") }},
		{"systemctl reload tocsin-alerter", silenced},
		{"systemctl restart tocsin-collector", upgraded},
		{"sudo make uninstall", uninstalled},
		{"userdel $user", removed},
	}
	for _, block := range blocks(t, "../docs/quickstart.md") {
		h.run(block.host, block.text)
		for len(checks) > 0 && strings.Contains(block.text, checks[0].after) {
			checks[0].check(h)
			checks = checks[1:]
		}
	}
	if len(checks) > 0 {
		t.Errorf("the page has no block with %q any more", checks[0].after)
	}
}

// readsTheJournal looks whether the first host's logins came from its journal,
// where there is one, and the second's from its file.
func readsTheJournal(h *hosts) {
	status := h.run("tocsin", "if [ -S /run/systemd/journal/socket ]; then sudo tocsin-agent status; fi")
	if status == "" {
		h.t.Log("NOT TESTED: the journal, because there is no journald here")
	} else if !strings.Contains(status, "(journal)") || !strings.Contains(status, "read to ") || strings.Contains(status, "auth.log  ") {
		h.t.Errorf("the journal was not read:\n%s", status)
	}
}

// silenced looks whether an exception that was loaded holds, and nothing else.
func silenced(h *hosts) {
	h.await("tocsin", "grep -q 'configuration reloaded' /run/quickstart/tocsin-alerter.log")
	h.attack("198.51.100.7")
	h.run("tocsin", "until sudo tocsin-collector events --class auth | grep -q 198.51.100.7; do sleep 0.1; done")
	h.attack("203.0.113.77")
	h.mail("brute force against ssh", "203.0.113.77")
	for _, mail := range h.mails() {
		if strings.Contains(mail, "198.51.100.7") {
			h.t.Errorf("the silenced address is in a mail:\n%s", mail)
		}
	}
	report := h.run("tocsin", "sudo tocsin-alerter report --since 1h --format json")
	if strings.Contains(report, "198.51.100.7") || !strings.Contains(report, "203.0.113.77") {
		h.t.Errorf("the report holds what is silenced, or not what is not:\n%s", report)
	}
}

// upgraded looks whether configurations stay and alerts go on.
func upgraded(h *hosts) {
	h.run("tocsin", "grep -q 'host: smtp.example.com' /etc/tocsin/alerter.yaml; grep -q tocsin.example.com /etc/tocsin/collector.yaml")
	h.await("tocsin", "sudo tocsin-collector agents list | grep -c ' yes ' | grep -qx 2")
	h.attack("203.0.113.99")
	h.mail("brute force against ssh", "203.0.113.99")
}

// uninstalled looks whether programs are gone, and what is the user's is not.
func uninstalled(h *hosts) {
	h.run("tocsin", `
		for c in agent collector alerter; do
			test ! -e /usr/local/bin/tocsin-$c
			test ! -e /etc/systemd/system/tocsin-$c.service
			test ! -e /run/quickstart/tocsin-$c.pid
			test -s /etc/tocsin/$c.yaml
			test -n "$(ls /var/lib/tocsin-$c)"
		done`)
	h.run("web1", "test ! -e /usr/local/bin/tocsin-agent; test ! -e /run/quickstart/tocsin-agent.pid; test -s /etc/tocsin/agent.yaml; test -n \"$(ls /var/lib/tocsin-agent)\"")
}

// removed looks whether anything at all is left.
func removed(h *hosts) {
	for _, host := range []string{"tocsin", "web1"} {
		script := "! grep tocsin- /etc/passwd /etc/group; find \"$WORK\"/layers/" + host + "/{etc,usr,var}/upper -name '*tocsin*' ! -type c"
		if left := h.run(host, script); left != "" {
			h.t.Errorf("left on %s:\n%s", host, left)
		}
	}
	if left := h.run("web1", "ls"); left != "" {
		h.t.Errorf("left in web1's home:\n%s", left)
	}
}

// block is one fenced block of a page: ```sh, or ```sh host=NAME.
type block struct{ host, text string }

func blocks(t *testing.T, path string) (all []block) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for rest := string(page); ; {
		_, after, ok := strings.Cut(rest, "\n```sh")
		if !ok {
			return all
		}
		info, after, _ := strings.Cut(after, "\n")
		text, after, ok := strings.Cut(after, "\n```\n")
		if !ok {
			t.Fatalf("%s: a block does not end", path)
		}
		host := "tocsin"
		if name, ok := strings.CutPrefix(strings.TrimSpace(info), "host="); ok {
			host = name
		}
		all = append(all, block{host: host, text: text})
		rest = "\n" + after
	}
}

// hosts are the two hosts of the page.
type hosts struct {
	t      *testing.T
	work   string
	stdin  io.Writer
	stdout *bufio.Reader
	count  int
}

// newHosts makes the hosts, which end with the test. Where the kernel refuses
// namespaces the test is skipped.
func newHosts(t *testing.T) *hosts {
	t.Helper()
	h := &hosts{t: t, work: t.TempDir()}
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	flags := namespaces(t)
	h.build("shims/smtpsink", "./cmd/smtpsink")
	h.build("shims/systemctl", "./cmd/systemctl")
	args := append(slices.Clone(flags), "--fork", "--kill-child", "--mount-proc", "testdata/quickstart/host.sh", h.work, repository)
	cmd := exec.Command("unshare", args...) //nolint:gosec // ends with its stdin
	cmd.Env = append(os.Environ(), "GOPROXY=off", "LANG=C.UTF-8")
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		cmd.Env = append(cmd.Env, name+"="+goEnv(t, name))
	}
	if slices.Contains(flags, "--map-root-user") {
		cmd.Env = append(cmd.Env, "ROOTLESS=1")
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	problem, err := os.Create(filepath.Join(h.work, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = problem
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The loop reads no more and exits; the kernel ends what else is in there.
		_, _ = stdin.Close(), cmd.Wait()
		_ = problem.Close()
	})
	h.stdin, h.stdout = stdin, bufio.NewReader(stdout)
	if answer, err := h.stdout.ReadString('\n'); answer != "ready\n" {
		why, _ := os.ReadFile(problem.Name())
		t.Fatalf("make hosts: %q %v: %s", answer, err, why)
	}
	return h
}

// namespaces are the flags with which unshare is allowed to make them.
func namespaces(t *testing.T) []string {
	t.Helper()
	flags := []string{"--mount", "--net", "--pid", "--uts"}
	var refused []string
	for _, more := range [][]string{nil, {"--map-root-user"}} {
		try := append(slices.Clone(flags), more...)
		if os.Geteuid() != 0 && more == nil {
			continue
		}
		probe := `d=$(mktemp -d) && mount -t tmpfs t $d && mkdir $d/u $d/w && mount -t overlay o -o "lowerdir=/etc,upperdir=$d/u,workdir=$d/w" /etc && hostname probe`
		if more != nil {
			probe = strings.Replace(probe, `workdir=$d/w`, `workdir=$d/w,userxattr`, 1)
		}
		out, err := exec.CommandContext(t.Context(), "unshare", append(try, "--fork", "--mount-proc", "sh", "-c", probe)...).CombinedOutput()
		if err == nil {
			return try
		}
		refused = append(refused, fmt.Sprintf("%v: %v: %s", try, err, out))
	}
	t.Skipf("NOT TESTED: docs/quickstart.md was not followed, because this kernel allows no namespaces with overlays:\n%s", strings.Join(refused, "\n"))
	return nil
}

func (h *hosts) build(name, source string) {
	h.t.Helper()
	build := exec.CommandContext(h.t.Context(), "go", "build", "-o", filepath.Join(h.work, name), source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		h.t.Fatalf("build %s: %v\n%s", source, err, out)
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// run runs a script on a host and returns what it said.
func (h *hosts) run(host, script string) string {
	h.t.Helper()
	out, code := h.try(host, script)
	if code != "0" {
		h.t.Fatalf("on %s:\n%s\nexit code %s:\n%s", host, script, code, out)
	}
	return out
}

func (h *hosts) try(host, script string) (out, code string) {
	h.t.Helper()
	h.count++
	file := filepath.Join(h.work, fmt.Sprintf("%03d.sh", h.count))
	if err := os.WriteFile(file, []byte(script+"\n"), 0o600); err != nil {
		h.t.Fatal(err)
	}
	began := time.Now()
	if _, err := fmt.Fprintln(h.stdin, host, file, file+".log"); err != nil {
		h.t.Fatal(err)
	}
	code, err := h.stdout.ReadString('\n')
	if err != nil {
		h.t.Fatalf("on %s: %v", host, err)
	}
	said, err := os.ReadFile(file + ".log")
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Logf("%s (%s):\n%s\n%s", host, time.Since(began).Round(time.Millisecond), script, said)
	return string(said), strings.TrimSpace(code)
}

// await runs a script until it succeeds.
func (h *hosts) await(host, script string) {
	h.t.Helper()
	h.poll(script, func() bool { _, code := h.try(host, script); return code == "0" })
}

func (h *hosts) poll(what string, ask func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	if err := fleet.Poll(ctx, func() (bool, error) { return ask(), nil }); err != nil {
		log, _ := h.try("tocsin", "tail -n 30 /run/quickstart/*.log")
		h.t.Fatalf("wait for %s: %v\n%s", what, err, log)
	}
}

// attack has six logins fail on the first host.
func (h *hosts) attack(address string) {
	h.t.Helper()
	h.run("tocsin", `for port in 1 2 3 4 5 6; do
		logger --tag sshd "Failed password for root from `+address+` port 4000$port ssh2"
	done`)
}

func (h *hosts) mails() (all []string) {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.work, "mails", "*.eml"))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, strings.ToLower(string(data)))
	}
	return all
}

// mail waits for a mail that holds all of these, letters in lower case.
func (h *hosts) mail(texts ...string) {
	h.t.Helper()
	h.poll(fmt.Sprintf("a mail with %q", texts), func() bool {
		return slices.ContainsFunc(h.mails(), func(mail string) bool {
			return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(mail, text) })
		})
	})
}
