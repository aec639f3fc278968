package parse

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// pushEntries reads a journal's entries and keeps copies of their events.
func pushEntries(t testing.TB, entries ...*record.Raw) []*record.Event {
	t.Helper()
	s, err := New("auto", Options{Year: 2025})
	if err != nil {
		t.Fatal(err)
	}
	var events []*record.Event
	emit := func(e *record.Event) {
		check(t, e)
		c := clone(e)
		c.Serials = slices.Clone(e.Serials)
		events = append(events, c)
	}
	for _, raw := range entries {
		// A source uses its memory again.
		text, v := slices.Clone(raw.Text), copyEnvelope(raw.Envelope)
		r := *raw
		r.Text, r.Envelope = text, v
		s.Push(&r, emit)
		clear(text)
		for _, b := range [][]byte{v.Host, v.App, v.ProcID, v.PID, v.UID, v.Comm, v.Exe, v.Unit} {
			clear(b)
		}
		*v = record.Envelope{}
	}
	s.Flush(emit)
	if s.Pending() {
		t.Error("pending after a flush")
	}
	return events
}

// fieldsOf are an event's fields but for those that a file has not, in order.
func fieldsOf(e *record.Event) []string {
	fields := []string{"class=" + event.ClassName(e.Class), "time=" + time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano)}
	for i := range e.Fields {
		switch name := e.Fields[i].Name(); name {
		case "log.line", "log.file.path", "tocsin.journal.uid", "tocsin.systemd.unit", "process.executable":
		default:
			fields = append(fields, name+"="+string(e.Fields[i].Value))
		}
	}
	slices.Sort(fields)
	return fields
}

// TestAnEntryIsWhatItsSyslogLineIs gives every case of the programs that log to
// syslog to a file's parser and to a journal's.
func TestAnEntryIsWhatItsSyslogLineIs(t *testing.T) {
	compared := 0
	tags := map[string]string{"sshd": "sshd[7]", "sudo": "sudo", "su": "su[7]", "shadow": "useradd[7]", "login": "systemd-logind[7]", "cron": "CRON[7]", "pam": "sshd[7]", "syslog": "kernel"}
	for name := range allCases() {
		if p := parser(slices.Index(Names(), name)); p >= firstService && programParser([]byte(name)) == p {
			tags[name] = name
		}
	}
	for parser, tag := range tags {
		for _, tc := range allCases()[parser] {
			line := tc.line
			c := newClock(Options{Year: 2025})
			var v envelope
			if !v.read(&c, []byte(line)) || !v.timed {
				line = "<86>Oct  7 09:00:00 web01 " + tag + ": " + line
				c, v = newClock(Options{Year: 2025}), envelope{}
				if !v.read(&c, []byte(line)) {
					t.Fatalf("%q is no syslog line", line)
				}
			}
			if strings.HasPrefix(string(v.message), "[ID ") || len(v.msgid) > 0 || len(v.app) == 0 || len(v.message) == 0 {
				continue // no journal has it
			}
			entry := &record.Envelope{
				Time: v.time, Host: v.host, App: v.app, ProcID: v.procid, Facility: -1, Severity: -1, UID: []byte("0"),
			}
			if isNumber(v.procid) {
				entry.PID = v.procid
			}
			if len(v.priority) > 0 {
				entry.Facility, entry.Severity = int(atoi(v.priority)/8), int(atoi(v.priority)%8)
			}
			got := pushEntries(t, &record.Raw{Text: v.message, Envelope: entry})
			want := parseLines(t, "auto", Options{Year: 2025}, line)
			if len(got) != 1 || len(want) != 1 {
				t.Fatalf("%q: %d events, and %d of the file", line, len(got), len(want))
			}
			if programParser(v.app) >= firstService {
				want[0].Time = got[0].Time // the journal knows it better than a time without a zone
			}
			if diff := cmp.Diff(fieldsOf(want[0]), fieldsOf(got[0])); diff != "" {
				t.Errorf("%q (-file +journal):\n%s", line, diff)
			}
			if string(got[0].Original) != string(v.message) {
				t.Errorf("original %q, want the message", got[0].Original)
			}
			compared++
		}
	}
	if compared < 300 {
		t.Errorf("only %d lines were compared", compared)
	}
}

// sender is what a journal found out about who sent an entry.
type sender struct{ app, uid, comm, exe string }

func (s sender) entry(message string) *record.Raw {
	return &record.Raw{Text: []byte(message), Envelope: &record.Envelope{
		Time: 1759827600e9, App: []byte(s.app), UID: []byte(s.uid), Comm: []byte(s.comm), Exe: []byte(s.exe),
		Facility: 10, Severity: 6, Unit: []byte("x.service"),
	}}
}

func TestOnlyWhoMayIsBelieved(t *testing.T) {
	const (
		failed  = "Failed password for root from 203.0.113.5 port 1 ssh2"
		begun   = "Starting session: shell on pts/0 for bob from 203.0.113.5 port 1 id 0"
		command = "bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh"
		became  = "(to root) bob on pts/0"
		refused = "pam_unix(x:auth): authentication failure; logname= uid=1000 euid=0 tty= ruser=bob rhost=  user=root"
	)
	for _, test := range []struct {
		name, message string
		sender        sender
		action, doubt string
	}{
		{"sshd", failed, sender{"sshd", "0", "sshd", "/usr/sbin/sshd"}, "ssh_login", ""},
		{"sshd of OpenSSH 9.8", failed, sender{"sshd-session", "0", "sshd-session", "/usr/lib/openssh/sshd-session"}, "ssh_login", ""},
		{"a process that has ended", failed, sender{"sshd", "0", "", ""}, "ssh_login", ""},
		{"root's logger", failed, sender{"sshd", "0", "logger", "/usr/bin/logger"}, "ssh_login", ""},
		{"a user's logger", failed, sender{"sshd", "1000", "logger", "/usr/bin/logger"}, "", "a process of user 1000 is not sshd"},
		{"a user's program called sshd", failed, sender{"sshd", "1000", "sshd", "/home/bob/sshd"}, "", "a process of user 1000 is not sshd"},
		{"a user's own sshd", failed, sender{"sshd", "1000", "sshd", "/usr/sbin/sshd"}, "", "a process of user 1000 is not sshd"},
		{"the user's process of a session", begun, sender{"sshd", "1000", "sshd", "/usr/sbin/sshd"}, "ssh_session_opened", ""},
		{"a user's session that none is", begun, sender{"sshd", "1000", "sshd", "/tmp/sshd"}, "", "a process of user 1000 is not sshd"},
		{"nobody knows who", failed, sender{"sshd", "", "", ""}, "", "a sender whose user is not known is not sshd"},
		{"a container called sshd", failed, sender{"sshd", "0", "dockerd", "/usr/bin/dockerd"}, "", "the process dockerd is not sshd"},
		{"sudo of a user", command, sender{"sudo", "1000", "sudo", "/usr/bin/sudo"}, "sudo_command", ""},
		{"sudo of root", command, sender{"sudo", "0", "sudo", "/usr/bin/sudo"}, "sudo_command", ""},
		{"no sudo", command, sender{"sudo", "1000", "sudo", "/home/bob/bin/sudo"}, "", "a process of user 1000 is not sudo"},
		{"useradd of a user, which is not setuid", "failed adding user 'x', data deleted", sender{"useradd", "1000", "useradd", "/usr/sbin/useradd"}, "", "a process of user 1000 is not useradd"},
		{"passwd of a user", "password for 'bob' changed by 'bob'", sender{"passwd", "1000", "passwd", "/usr/bin/passwd"}, "password_changed", ""},
		{"polkit's helper", refused, sender{"polkit-agent-helper-1", "1000", "polkit-agent-he", "/usr/lib/polkit-1/polkit-agent-helper-1"}, "pam_authentication", ""},
		{"another name of polkit's helper", refused, sender{"gdm-password", "1000", "polkit-agent-he", "/usr/lib/polkit-1/polkit-agent-helper-1"}, "", "a process of user 1000 is not gdm-password"},
		{"no sudo, but setuid", command, sender{"sudo", "1000", "passwd", "/usr/bin/passwd"}, "", "a process of user 1000 is not sudo"},
		{"su of a user", became, sender{"su", "1000", "su", "/usr/bin/su"}, "su", ""},
		{"su that has ended", became, sender{"su", "1000", "su", ""}, "", "a process of user 1000 is not su"},
		{"a user's cron", "(root) CMD (x)", sender{"CRON", "1000", "logger", "/usr/bin/logger"}, "", "a process of user 1000 is not CRON"},
		{"cron", "(root) CMD (x)", sender{"CRON", "0", "cron", "/usr/sbin/cron"}, "cron_command", ""},
		{"a display manager", refused, sender{"gdm-password", "0", "gdm-session-wor", "/usr/libexec/gdm-session-worker"}, "pam_authentication", ""},
		{"PAM in a user's words", refused, sender{"vsftpd", "1000", "logger", "/usr/bin/logger"}, "", "a process of user 1000 is not vsftpd"},
		{"PAM in a container's words", refused, sender{"ftp", "0", "conmon", "/usr/bin/conmon"}, "", "the process conmon is not ftp"},
		{"who asserts nothing", "hello", sender{"backup", "1000", "bash", "/bin/bash"}, "", ""},
		{"a line within a line", "Oct  7 09:00:00 h sshd[1]: " + failed, sender{"backup", "1000", "bash", "/bin/bash"}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := pushEntries(t, test.sender.entry(test.message))[0]
			if got := string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION)); got != test.action {
				t.Errorf("action %q, want %q", got, test.action)
			}
			if got := string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_JOURNAL_DOUBT)); got != test.doubt {
				t.Errorf("doubt %q, want %q", got, test.doubt)
			}
			if test.doubt == "" {
				return
			}
			if e.Class != eventv1.Class_CLASS_SYSTEM || string(e.Original) != test.message || string(e.Get(eventv1.FieldId_FIELD_ID_MESSAGE)) != test.message {
				t.Errorf("class %v, original %q", e.Class, e.Original)
			}
			for _, id := range []eventv1.FieldId{
				eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, eventv1.FieldId_FIELD_ID_SOURCE_IP,
				eventv1.FieldId_FIELD_ID_USER_NAME, eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE,
			} {
				if value := e.Get(id); value != nil {
					t.Errorf("%s is %q", event.SpecOf(id).Name, value)
				}
			}
		})
	}
}

// TestTheKernelIsBelieved: what came from it has no sender whose user is known, or
// that of which it tells.
func TestTheKernelIsBelieved(t *testing.T) {
	const failed = "Failed password for root from 203.0.113.5 port 1 ssh2"
	for _, kernel := range []bool{true, false} {
		raw := sender{"sshd", "", "", ""}.entry(failed)
		raw.Envelope.Kernel = kernel
		if believed := pushEntries(t, raw)[0].Class == eventv1.Class_CLASS_AUTH; believed != kernel {
			t.Errorf("by the kernel %v, believed %v", kernel, believed)
		}
	}
}

// TestAServiceIsBelievedInItsUnit: network services run as users of their own, and
// no user gets a process into a service's unit.
func TestAServiceIsBelievedInItsUnit(t *testing.T) {
	const failed = "imap-login: Login: user=<alice>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, mpid=1, TLS, session=<x>"
	for _, test := range []struct {
		app, unit string
		believed  bool
	}{
		{"dovecot", "dovecot.service", true},
		{"dovecot", "session-4.scope", false},
		{"dovecot", "user@1000.service", false},
		{"dovecot", "cron.service", false},
		{"dovecot", "postfix@-.service", false},
		{"dovecot", "", false},
	} {
		raw := sender{test.app, "114", "imap-login", "/usr/lib/dovecot/imap-login"}.entry(failed)
		raw.Envelope.Unit = []byte(test.unit)
		e := pushEntries(t, raw)[0]
		if believed := e.Class == eventv1.Class_CLASS_AUTH && e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_JOURNAL_DOUBT) == nil; believed != test.believed {
			t.Errorf("%s of %q is believed: %v", test.app, test.unit, believed)
		}
	}
	if isUnitOf(roundcube, []byte("cron.service")) || isUnitOf(postfix, []byte("@.service")) || isUnitOf(mysql, []byte("mysql")) {
		t.Error("a unit that is another's, or none, is believed")
	}
	for unit, p := range map[string]parser{
		"php8.2-fpm.service": roundcube, "apache2.service": roundcube, "pveproxy.service": proxmox, "vaultwarden.service": vaultwarden,
		"postfix@-.service": postfix, "postgresql@15-main.service": postgres, "mariadb.service": mysql, "mysql.service": mysql,
		"pure-ftpd-mysql.service": pureftpd, "openvpn-server@home.service": openvpn, "named.service": named, "slapd.service": slapd,
		"exim4.service": exim, "redis-server.service": redis, "polkit.service": polkit, "asterisk.service": asterisk,
	} {
		if !isUnitOf(p, []byte(unit)) {
			t.Errorf("%s is not %s's", unit, p)
		}
	}
}

// TestStandardOutputIsNoSyslog: what a service prints is an application's line,
// and nothing that looks like another program's.
func TestStandardOutputIsNoSyslog(t *testing.T) {
	for line, want := range map[string]string{
		`{"level":"error","msg":"it broke","user":"bob"}`:                                  "app json",
		"2025-10-07 09:00:00,123 - shop.db - ERROR - it broke":                             "app python",
		"listening on port 8080":                                                           "system syslog",
		"Oct  7 09:00:00 h sshd[1]: Failed password for root from 203.0.113.5 port 1 ssh2": "system syslog",
		`{"level":`: "system syslog",
	} {
		raw := sender{"shop", "33", "python3", "/usr/bin/python3"}.entry(line)
		raw.Envelope.Stdout = true
		e := pushEntries(t, raw)[0]
		if got := describe(e); got != want+" 2025-10-07T09:00:00Z" {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
		if unit := string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_SYSTEMD_UNIT)); unit != "x.service" {
			t.Errorf("%q is of unit %q", line, unit)
		}
	}
}

// of makes the entries of several senders, a line each: "a:text".
func of(lines ...string) []*record.Raw {
	var entries []*record.Raw
	for i, line := range lines {
		name, text, _ := strings.Cut(line, ":")
		entries = append(entries, &record.Raw{
			Text: []byte(text), Serial: uint64(i + 1), Observed: time.Unix(1759827600, int64(i)*1e6),
			Envelope: &record.Envelope{Time: 1759827600e9, Origin: name, App: []byte(name), PID: []byte("7"), UID: []byte("0"), Facility: -1, Severity: -1},
		})
	}
	return entries
}

// TestSendersDoNotDisturbEachOther: the lines of one sender's traceback join,
// whatever others write in between, and others do not wait for it.
func TestSendersDoNotDisturbEachOther(t *testing.T) {
	entries := of(
		"a:Traceback (most recent call last):",
		"b:Traceback (most recent call last):",
		`a:  File "/srv/a.py", line 1, in f`,
		"sshd:Failed password for root from 203.0.113.5 port 1 ssh2",
		`b:  File "/srv/b.py", line 1, in g`,
		"a:ValueError: of a",
		"b:KeyError: of b",
		"a:next",
	)
	events := pushEntries(t, entries...)
	var got []string
	for _, e := range events {
		text := describe(e) + " " + string(e.Get(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE))
		for _, n := range e.Serials {
			text += string(rune('0' + n))
		}
		got = append(got, text)
	}
	want := []string{
		"auth sshd 2025-10-07T09:00:00Z 4",
		"app python 2025-10-07T09:00:00Z of a136",
		"system syslog 2025-10-07T09:00:00Z 8",
		"app python 2025-10-07T09:00:00Z of b257",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if app := string(events[1].Get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME)); app != "a" {
		t.Errorf("the first traceback is of %q", app)
	}
}

// TestASenderWaitsASecondAtMost: a journal is never quiet, so that nothing may
// wait for it to be.
func TestASenderWaitsASecondAtMost(t *testing.T) {
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var serials []uint64
	emit := func(e *record.Event) { serials = append(serials, e.Serials...) }
	for i, entry := range of("a:Traceback (most recent call last):", "b:x", "b:y", "b:z") {
		entry.Observed = time.Unix(1759827600, 0).Add(time.Duration(i) * 400 * time.Millisecond)
		s.Push(entry, emit)
	}
	if want := []uint64{2, 3, 1, 4}; !slices.Equal(serials, want) {
		t.Errorf("events of %v, want %v", serials, want)
	}
}

// TestAMessageOfSeveralLinesIsOneEvent: a journal's message may hold a whole
// traceback.
func TestAMessageOfSeveralLinesIsOneEvent(t *testing.T) {
	const trace = "Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in f\n    x()\nValueError: bad\nand worse"
	for _, test := range []struct {
		name          string
		entries       []*record.Raw
		message, kind string
		events        int
	}{
		{"alone", of("a:" + trace), "ValueError: bad", "ValueError", 1},
		{"after words", of("a:it failed\n" + trace), "it failed", "ValueError", 1},
		{"after a line of its own", of("a:ERROR:root:it failed", "a:"+trace), "it failed", "ValueError", 1},
		{"twice", of("a:"+trace, "a:"+trace), "ValueError: bad", "ValueError", 2},
		{"of no traceback", of("a:one\ntwo"), "one\ntwo", "", 1},
		{"within sshd's words", of("sshd:Failed password for root\n" + trace), "Failed password for root\n" + trace, "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			events := pushEntries(t, test.entries...)
			if len(events) != test.events {
				t.Fatalf("%d events, want %d", len(events), test.events)
			}
			e := events[0]
			if got := string(e.Get(eventv1.FieldId_FIELD_ID_MESSAGE)); got != test.message {
				t.Errorf("message %q, want %q", got, test.message)
			}
			if got := string(e.Get(eventv1.FieldId_FIELD_ID_ERROR_TYPE)); got != test.kind {
				t.Errorf("error.type %q, want %q", got, test.kind)
			}
		})
	}
}

// FuzzEntry checks what holds for every entry, between two others of its sender.
func FuzzEntry(f *testing.F) {
	for parser, cases := range allCases() {
		for _, tc := range cases {
			f.Add(parser, []byte(tc.line), "0", true)
		}
	}
	f.Add("a", []byte("x\nTraceback (most recent call last):\n  File"), "7", false)
	f.Fuzz(func(t *testing.T, app string, text []byte, uid string, stdout bool) {
		if len(text) > event.MaxLine || len(app) > 4096 || len(uid) > 64 {
			t.Skip()
		}
		raw := &record.Raw{Text: text, Serial: 2, Envelope: &record.Envelope{
			Time: 1, Origin: "o", App: []byte(app), UID: []byte(uid), Stdout: stdout, Facility: len(text)%30 - 1, Severity: len(app)%10 - 1,
		}}
		before := &record.Raw{Text: []byte("Traceback (most recent call last):"), Serial: 1, Envelope: &record.Envelope{Origin: "o", App: []byte("x")}}
		after := &record.Raw{Text: []byte("after"), Serial: 3, Envelope: &record.Envelope{Origin: "p", App: []byte("y")}}
		seen := map[uint64]int{}
		for _, e := range pushEntries(t, before, raw, after) {
			for _, n := range e.Serials {
				seen[n]++
			}
			if e.Class == eventv1.Class_CLASS_AUTH && uid != "0" && programParser([]byte(app)) == syslog {
				t.Errorf("user %q is believed: %q", uid, text)
			}
		}
		for n := uint64(1); n <= 3; n++ {
			if seen[n] != 1 {
				t.Errorf("record %d is in %d events", n, seen[n])
			}
		}
	})
}
