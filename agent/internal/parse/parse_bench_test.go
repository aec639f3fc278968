package parse

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// BenchmarkParse reads one line of each parser through a stream, as the agent does:
// with the parser that the line is for, and with auto, which has to find it.
func BenchmarkParse(b *testing.B) {
	for _, bm := range benchLines() {
		for _, way := range []struct{ name, parser string }{{"named", spoke(b, bm.line)}, {"auto", "auto"}} {
			b.Run(bm.parser+"/"+way.name, func(b *testing.B) {
				s, err := New(way.parser, Options{})
				if err != nil {
					b.Fatal(err)
				}
				r := &record.Raw{Text: []byte(bm.line), Path: "/var/log/x.log", Line: 123456, Observed: time.Unix(1759827600, 0)}
				emit := func(*record.Event) {}
				b.ReportAllocs()
				b.SetBytes(int64(len(bm.line)))
				for b.Loop() {
					s.Push(r, emit)
				}
				perLine(b, 1)
			})
		}
	}
}

// TestEveryParserIsMeasured holds BenchmarkParse and the fuzz targets to the list of
// parsers.
func TestEveryParserIsMeasured(t *testing.T) {
	measured := map[string]bool{"auto": true, "nginx": true, "apache": true} // of their lines, access speaks
	for _, bm := range benchLines() {
		measured[spoke(t, bm.line)] = true
	}
	fuzzed := fuzzedParsers(t)
	for _, name := range Names() {
		if !measured[name] {
			t.Errorf("%s: BenchmarkParse has no line of its", name)
		}
		if !fuzzed[name] {
			t.Errorf("%s: no fuzz target calls fuzzParser with it", name)
		}
	}
}

// spoke names the parser that auto lets a line be read by.
func spoke(t testing.TB, line string) string {
	t.Helper()
	return string(parseLines(t, "auto", Options{}, line)[0].Get(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER))
}

// fuzzedParsers reads the package's tests for the calls of fuzzParser.
func fuzzedParsers(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`(?m)^func Fuzz\w+\(f \*testing\.F\) +\{\s+fuzzParser\(f, "(\w+)"`)
	fuzzed := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range call.FindAllSubmatch(text, -1) {
			fuzzed[string(found[1])] = true
		}
	}
	return fuzzed
}

func benchLines() []struct{ parser, line string } {
	syslogOf := func(tag, message string) string { return "Oct  7 09:00:00 web01 " + tag + ": " + message }
	lines := []struct{ parser, line string }{
		{"sshd", syslogOf("sshd[32343]", "Failed password for invalid user admin from 203.0.113.5 port 44465 ssh2")},
		{"pam", syslogOf("sshd[32343]", "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root")},
		{"sudo", syslogOf("sudo", "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls -l /root")},
		{"su", syslogOf("su[12]", "FAILED SU (to root) alice on pts/0")},
		{"shadow", syslogOf("useradd[12]", "new user: name=bob, UID=1001, GID=1002, home=/home/bob, shell=/bin/bash, from=/dev/pts/0")},
		{"login", syslogOf("systemd-logind[12]", "New session 5 of user bob.")},
		{"cron", syslogOf("CRON[12]", "(root) CMD (cd / && run-parts --report /etc/cron.hourly)")},
		{"syslog", syslogOf("backupd[12]", "volume archive1 mounted read-only")},
		{"syslog_iso", "2025-10-07T09:00:00.123456+02:00 web01 kernel: device eth0 entered promiscuous mode"},
		{"nginx", `203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /catalog/items?id=42&sort=price HTTP/1.1" 200 5123 "https://example.com/" "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"`},
		{"apache", `203.0.113.5 - alice [07/Oct/2025:09:00:00 +0000] "GET /a?q=\"x\" HTTP/1.1" 200 512 "-" "curl/8"`},
		{"access_json", `{"time_iso8601":"2025-10-07T09:00:00+00:00","remote_addr":"203.0.113.5","request":"GET /x?y=1 HTTP/1.1","status":"200","body_bytes_sent":"12","http_user_agent":"curl"}`},
		{"nginx_error", `2025/10/07 09:00:00 [error] 12#12: *456 open() "/var/www/x" failed (2: No such file or directory), client: 203.0.113.5, server: example.com, request: "GET /x?a=1 HTTP/1.1", host: "example.com"`},
		{"apache_error", `[Tue Oct 07 09:00:00.123456 2025] [authz_core:error] [pid 1:tid 2] [client 203.0.113.5:9] AH01630: client denied by server configuration: /srv`},
		{"python", "2025-10-07 09:00:00,123 - app.db - INFO - connected to the database"},
		{"json", `{"time":"2025-10-07T09:00:00.5Z","level":"info","msg":"request served","user":"bob","duration":5}`},
		{"plain", "listening on port 8080"},
	}
	return slices.Concat(lines, serviceBenches(), moreBenches())
}

// perLine reports what one of the n lines of an operation takes.
func perLine(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/line")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTraceback joins five lines to one event.
func BenchmarkTraceback(b *testing.B) {
	s, err := New("auto", Options{})
	if err != nil {
		b.Fatal(err)
	}
	lines := []string{
		"[2025-10-07 09:00:00,123] ERROR in app: Exception on /login [POST]", "Traceback (most recent call last):",
		`  File "/srv/app.py", line 12, in login`, "    db.execute(q)", "ValueError: bad",
	}
	var records []*record.Raw
	for _, line := range lines {
		records = append(records, &record.Raw{Text: []byte(line), Path: "/var/log/x.log", Line: 1})
	}
	emit := func(*record.Event) {}
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range records {
			s.Push(r, emit)
		}
	}
	perLine(b, len(records))
}
