package parse

import (
	"path"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// minShare is the share of the formats that concern authentication, sessions or
// clients which must become what their table says.
const minShare = 0.95

// scenes are the rounds that every format is filled in: either kind of address,
// one with a zone, one that version 6 holds of version 4, and other names.
func scenes() []scene {
	return []scene{
		{user: "alice", ip: "203.0.113.9", wantIP: "203.0.113.9", port: "50222"},
		{user: "svc-backup.1", ip: "2001:db8::9", wantIP: "2001:db8::9", port: "22"},
		{user: "EXAMPLE\\bob", ip: "fe80::1:2%eth0", wantIP: "fe80::1:2", port: "65535"},
		{user: "carol@example.org", ip: "::ffff:198.51.100.7", wantIP: "198.51.100.7", port: "1"},
	}
}

// formatProgram is a program with a table, the parser that its lines are for, and
// what it writes around a message.
type formatProgram struct {
	name, parser string
	line         func(*formatRow, *filled, *scene) string
}

func formatPrograms() []formatProgram {
	return []formatProgram{
		{"openssh", "sshd", opensshLine},
		{"pam", "syslog", pamLine},
		{"sudo", "syslog", sudoLine},
		{"dovecot", "dovecot", dovecotLine},
		{"postfix", "postfix", postfixLine},
		{"nginx", "nginx", nginxLine},
		{"apache", "apache", apacheLine},
	}
}

func TestFormats(t *testing.T) {
	for _, p := range formatPrograms() {
		t.Run(p.name, func(t *testing.T) {
			all, right := 0, 0
			for _, row := range readFormats(t, p.name) {
				if row.concern == "-" {
					row.mustNotFail(t, p.parser, p.line)
					continue
				}
				if all++; row.isRight(t, p.parser, p.line) {
					right++
				}
			}
			if all == 0 {
				t.Fatal("no format concerns anybody")
			}
			share := float64(right) / float64(all)
			t.Logf("%d of %d formats that concern authentication, sessions or clients: %.1f %%", right, all, 100*share)
			if share < minShare {
				t.Errorf("%.1f %% are covered, want %.0f %%", 100*share, 100*minShare)
			}
		})
	}
}

// isRight says whether the format becomes what the table says, in every scene.
func (r *formatRow) isRight(t *testing.T, parser string, line func(*formatRow, *filled, *scene) string) bool {
	t.Helper()
	for _, s := range scenes() {
		f := r.fill(&s)
		text := line(r, &f, &s)
		events := parseLines(t, parser, Options{Year: 2025}, text)
		if len(events) != 1 {
			t.Errorf("%d events of %q", len(events), text)
			return false
		}
		if got := whatHappened(events[0]); got != r.want {
			t.Logf("%s %s: %q is %q, want %q", r.file, r.function, text, got, r.want)
			return false
		}
		for name, want := range f.want {
			if got := fieldNamed(events[0], name); got != want {
				t.Logf("%s %s: %q has %s=%q, want %q", r.file, r.function, text, name, got, want)
				return false
			}
		}
	}
	return true
}

// forgeries are what strangers call themselves to have somebody else blamed: the ends
// of other messages, with an address that is never the client's.
func forgeries() []string {
	return []string{
		"root from 192.0.2.66 port 22 ssh2",
		"root from 192.0.2.66 port 22",
		"invalid user x 192.0.2.66 port 22",
		"x from 192.0.2.66",
		"x rhost=192.0.2.66  user=root",
		"x' from `192.0.2.66'",
		"root@192.0.2.66 as root",
		"x with correct key but not from a permitted host (host=a, ip=192.0.2.66, required=b).",
		"x>, method=PLAIN, rip=192.0.2.66, lip=198.51.100.1, session=<a>",
		"x,192.0.2.66,<a>): unknown user",
		"x[192.0.2.66]: SASL LOGIN authentication failed: y, sasl_username=root",
		"x from mail.example.org[192.0.2.66]",
		"x, client: 192.0.2.66, server: _, request: \"GET / HTTP/1.1\"",
		"[client 192.0.2.66:4] user root not found: /",
		"Connection from 192.0.2.66 port 22: y",
	}
}

// TestFormatsForged fills every verb that may be a stranger's with a forgery.
func TestFormatsForged(t *testing.T) {
	for _, p := range formatPrograms() {
		t.Run(p.name, func(t *testing.T) {
			for _, row := range readFormats(t, p.name) {
				if row.concern == "-" {
					continue
				}
				for _, forgery := range forgeries() {
					for _, s := range []scene{
						{user: forgery, ip: "203.0.113.9", wantIP: "203.0.113.9", port: "50222"},
						{user: forgery, ip: "203.0.113.9", wantIP: "203.0.113.9", port: "50222", word: forgery},
						{user: "alice", ip: "203.0.113.9", wantIP: "203.0.113.9", port: "50222", word: forgery},
					} {
						row.mustNotBlame(t, p, &s)
					}
				}
			}
		})
	}
}

func (r *formatRow) mustNotBlame(t *testing.T, p formatProgram, s *scene) {
	t.Helper()
	f := r.fill(s)
	text := p.line(r, &f, s)
	for _, e := range parseLines(t, p.parser, Options{Year: 2025}, text) {
		if ip := fieldNamed(e, "source.ip"); ip != "" && ip != s.wantIP {
			t.Errorf("%s %s: %q blames %s", r.file, r.function, text, ip)
		}
	}
}

// mustNotFail checks that a line which concerns nobody is no attempt of anybody's:
// neither an authentication nor a failure, but for what the table says.
func (r *formatRow) mustNotFail(t *testing.T, parser string, line func(*formatRow, *filled, *scene) string) {
	t.Helper()
	for _, s := range scenes() {
		f := r.fill(&s)
		text := line(r, &f, &s)
		for _, e := range parseLines(t, parser, Options{Year: 2025}, text) {
			got := whatHappened(e)
			fails := strings.HasSuffix(got, " failure") || strings.HasPrefix(got, authentication)
			if r.want != "" && got != r.want || r.want == "" && fails {
				t.Errorf("%s %s: %q is %q, want %q", r.file, r.function, text, got, r.want)
				return
			}
		}
	}
}

// whatHappened is "CATEGORY ACTION OUTCOME", with the first category.
func whatHappened(e *record.Event) string {
	return strings.TrimSpace(fieldNamed(e, "event.category") + " " + fieldNamed(e, "event.action") + " " + fieldNamed(e, "event.outcome"))
}

func fieldNamed(e *record.Event, name string) string {
	for i := range e.Fields {
		if e.Fields[i].Name() == name {
			return string(e.Fields[i].Value)
		}
	}
	return ""
}

const formatEnvelope = "Nov 25 10:00:00 host "

func opensshLine(r *formatRow, f *filled, _ *scene) string {
	tag := "sshd[4711]: "
	if strings.HasPrefix(r.file, "sshd-") {
		tag = strings.TrimSuffix(r.file, ".c") + "[4711]: "
	}
	switch {
	case strings.HasPrefix(r.call, "error"):
		tag += "error: "
	case strings.HasPrefix(r.call, "fatal"):
		tag += "fatal: "
	}
	return formatEnvelope + tag + f.text
}

func pamLine(r *formatRow, f *filled, _ *scene) string {
	module := path.Base(path.Dir(r.file))
	switch {
	case r.call == "helper_log_err" || strings.Contains(r.file, "unix_chkpwd") || strings.Contains(r.file, "unix_update"):
		return formatEnvelope + "unix_chkpwd[4711]: " + f.text
	case strings.HasPrefix(r.file, "libpam/pam_modutil_"): // which modules call
		module = "pam_localuser"
	case module == "libpam":
		return formatEnvelope + "sshd[4711]: PAM " + f.text
	case strings.HasPrefix(f.text, "7 more authentication failure") || strings.HasPrefix(f.text, "service("):
		return formatEnvelope + "sshd[4711]: PAM " + f.text
	}
	return formatEnvelope + "sshd[4711]: " + module + "(sshd:auth): " + f.text
}

func sudoLine(_ *formatRow, f *filled, s *scene) string {
	f.want["user.name"], f.want["user.effective.name"] = s.user, "root"
	reason := f.text
	if reason != "" {
		reason += " ; "
	}
	return formatEnvelope + "sudo[4711]: " + s.user + " : " + reason + "TTY=pts/0 ; PWD=/home/x ; USER=root ; COMMAND=/usr/bin/id -u"
}

func dovecotLine(r *formatRow, f *filled, s *scene) string {
	dir := path.Base(path.Dir(r.file))
	switch dir {
	case "auth":
		if strings.Contains(r.level, "auth_event") || strings.Contains(r.level, "conn") || strings.Contains(r.level, "cache") {
			return formatEnvelope + "dovecot: auth: " + f.text
		}
		f.want["source.ip"], f.want["user.name"] = s.wantIP, s.user
		return formatEnvelope + "dovecot: auth: passwd-file(" + s.user + "," + s.ip + ",<qZ8d1hMGoM/LAHEJ>): " + f.text
	case "imap", "pop3", "managesieve":
		f.want["user.name"] = s.user
		if strings.HasPrefix(r.call, "client_") {
			f.text = "Disconnected: " + f.text + " in=4 out=96"
		}
		return formatEnvelope + "dovecot: " + dir + "(" + s.user + ")<4711><qZ8d1hMGoM/LAHEJ>: " + f.text
	case "login-common":
		dir = "imap-login"
	}
	f.want["source.ip"], f.want["user.name"] = s.wantIP, s.user
	text := f.text
	if r.call == "client_destroy" && !strings.HasPrefix(text, "Disconnected") {
		text = "Disconnected: " + text
	}
	return formatEnvelope + "dovecot: " + dir + ": " + text + ": user=<" + s.user + ">, method=PLAIN, rip=" + s.ip +
		", lip=198.51.100.1, TLS, session=<qZ8d1hMGoM/LAHEJ>"
}

func postfixLine(r *formatRow, f *filled, _ *scene) string {
	daemon := path.Base(path.Dir(r.file))
	switch daemon {
	case "tls", "xsasl", "global":
		daemon = "smtpd"
	}
	level := map[string]string{"msg_warn": "warning: ", "msg_error": "error: ", "msg_fatal": "fatal: "}[r.call]
	return formatEnvelope + "postfix/" + daemon + "[4711]: " + level + f.text
}

func nginxLine(r *formatRow, f *filled, s *scene) string {
	head := "2025/11/25 10:00:00 [error] 4711#4711: "
	if r.concern == "-" {
		return head + f.text
	}
	f.want["source.ip"] = s.wantIP
	if strings.HasPrefix(r.level, "level ") || strings.HasPrefix(r.want, "web http_not_found") && strings.Contains(f.text, "failed") {
		f.text += " (2: No such file or directory)"
	}
	switch {
	case strings.HasPrefix(r.file, "src/mail/"):
		return head + "*5 " + f.text + ", client: " + s.ip + ", server: 0.0.0.0:143"
	case strings.HasPrefix(r.file, "src/stream/"):
		return head + "*5 " + f.text + " while initializing session, client: " + s.ip + ", server: 0.0.0.0:22"
	}
	return head + "*5 " + f.text + ", client: " + s.ip + `, server: _, request: "GET /a HTTP/1.1", host: "example.org"`
}

func apacheLine(r *formatRow, f *filled, s *scene) string {
	module := strings.TrimSuffix(strings.TrimPrefix(path.Base(r.file), "mod_"), ".c")
	head := "[Tue Nov 25 10:00:00.123456 2025] [" + module + ":error] [pid 4711:tid 4712] "
	if r.concern == "-" {
		return head + f.text
	}
	f.want["source.ip"], f.want["source.port"] = s.wantIP, s.port
	return head + "[client " + s.ip + ":" + s.port + "] " + f.text // without brackets, also of version 6
}
