package rule

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// publicRules reads the rule files of the folder that TOCSIN_SIGMA_RULES names, those
// left out that do not compile by themselves.
func publicRules(b *testing.B) []string {
	b.Helper()
	root := os.Getenv("TOCSIN_SIGMA_RULES")
	if root == "" {
		b.Skip("SKIPPED: TOCSIN_SIGMA_RULES names no folder of rules (make bench unpacks the public set where it finds it)")
	}
	var paths []string
	if err := walk(root, func(path string) {
		if _, err := Load(Options{Paths: []string{path}}); err == nil {
			paths = append(paths, path)
		}
	}); err != nil {
		b.Fatal(err)
	}
	return paths
}

// publicInputs are events as the agent sends them.
func publicInputs() map[string]Input {
	nginx := benchEvent()
	nginx.Original = []byte(`203.0.113.7 - - [07/Oct/2025:09:00:00 +0000] "GET /catalog/shoes?colour=red&size=42 HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"`)
	sshd := eventOf("event.category=authentication", "event.action=ssh_login", "event.outcome=failure", "source.ip=203.0.113.7",
		"source.port=50122", "user.name=root", "process.name=sshd", "process.pid=4711", "tocsin.parser=sshd", "log.syslog.appname=sshd",
		"log.syslog.hostname=web01", "message=Failed password for root from 203.0.113.7 port 50122 ssh2", "log.file.path=/var/log/auth.log")
	sshd.Original = []byte("Oct  7 09:00:00 web01 sshd[4711]: Failed password for root from 203.0.113.7 port 50122 ssh2")
	return map[string]Input{
		"nginx": {Event: nginx, Class: eventv1.Class_CLASS_WEB, Host: "web01", Agent: "a"},
		"sshd":  {Event: sshd, Class: eventv1.Class_CLASS_AUTH, Host: "web01", Agent: "a"},
		"process": {Event: eventOf("event.category=process", "process.executable=/usr/bin/rsync", "process.pid=4711",
			"process.command_line=/usr/bin/rsync -a --delete /srv/www/ backup@192.0.2.9:/backup/www/", "process.parent.executable=/usr/bin/bash",
			"process.parent.command_line=bash /usr/local/bin/nightly", "process.working_directory=/root", "user.name=root"),
			Class: eventv1.Class_CLASS_PROCESS, Host: "web01", Agent: "a"},
		"file": {Event: eventOf("event.category=file", "event.action=modified", "file.path=/etc/ssh/sshd_config",
			"file.hash.sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), Class: eventv1.Class_CLASS_FILE, Host: "web01", Agent: "a"},
	}
}

// naive asks every rule of the event's class, one after the other.
func (m *Matcher) naive(in Input) (hits int) {
	m.load(in)
	for _, d := range m.program.detections {
		if d.classes.has(in.Class) && m.eval(d.expr) {
			hits++
		}
	}
	return hits
}

// BenchmarkPublic asks the public rules about everyday events: those that events of
// ours feed, and all of them on every event (raw), beside a loop over the same rules.
func BenchmarkPublic(b *testing.B) {
	paths := publicRules(b)
	inputs := publicInputs()
	for _, set := range []struct {
		name  string
		raw   bool
		rules int
	}{{"fed", false, len(paths)}, {"raw", true, 100}, {"raw", true, 1000}, {"raw", true, len(paths)}} {
		start := time.Now()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		step := len(paths) / set.rules
		var some []string
		for i := 0; i < len(paths) && len(some) < set.rules; i += step {
			some = append(some, paths[i])
		}
		loaded, err := Load(Options{Paths: some, Raw: set.raw})
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.Logf("%d rules (%s): loaded in %v, %d MiB", len(some), set.name, took.Round(time.Millisecond), (after.HeapAlloc-before.HeapAlloc)>>20)
		for _, name := range []string{"sshd", "nginx", "process", "file"} {
			in := inputs[name]
			for _, way := range []string{"routed", "naive"} {
				b.Run(fmt.Sprintf("%s_%d/%s/%s", set.name, len(some), name, way), func(b *testing.B) {
					m := loaded.Matcher()
					ask := func() int { return len(m.Match(in)) }
					if way == "naive" {
						ask = func() int { return m.naive(in) }
					}
					hits := ask()
					b.ReportAllocs()
					for b.Loop() {
						if ask() != hits {
							b.Fatal("not the same again")
						}
					}
					b.ReportMetric(float64(hits), "hits")
				})
			}
		}
	}
}

// The naive loop and the matcher find the same.
func TestNaiveLoopAgrees(t *testing.T) {
	set := load(t, benchRules(90))
	m := set.Matcher()
	for name, in := range publicInputs() {
		if a, b := len(m.Match(in)), m.naive(in); a != b {
			t.Errorf("%s: %d and %d", name, a, b)
		}
	}
}
