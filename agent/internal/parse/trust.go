package parse

import (
	"bytes"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// doubt says why an entry of a journal is not believed, "" where it is.
//
// Anybody may write to the journal under any name ("logger -t sshd"). The journal
// says who really did, and an event of class auth, or one of cron's, asserts what
// only certain programs know. So:
//
//   - of root it is believed, unless the process is another program: a container
//     engine runs as root and passes on the words of strangers. logger is believed:
//     root says what it likes.
//   - of the kernel and its audit it is believed.
//   - of another user it is believed where a program that root made setuid says it,
//     by the path of the program: the journal has the real user, and that is whoever
//     called sudo or su.
//   - of another user's sshd only what the process of a session says after the
//     login: that it began, that it ended. Whoever starts an sshd of their own is
//     not to report a login with it.
//   - of a network service's own user where the process belongs to that service's
//     unit: no user gets a process into another's.
//
// A path can be made up by a user who may create namespaces; what they can lie
// about then is a limit that docs/limits.md names.
func (e *entry) doubt(v *record.Envelope) string {
	p := programParser(v.App)
	own := p == cron || p.class() == eventv1.Class_CLASS_AUTH
	if !own && e.out.Class != eventv1.Class_CLASS_AUTH {
		return ""
	}
	claim := " is not " + string(clip(v.App))
	switch {
	case v.Kernel:
		return ""
	case len(v.UID) == 0:
		return "a sender whose user is not known" + claim
	case string(v.UID) != "0":
		if !e.mayUser(p, v) {
			return "a process of user " + string(clip(v.UID)) + claim
		}
		return ""
	case len(v.Comm) == 0 || string(v.Comm) == "logger":
		return ""
	case own && programParser(v.Comm) != p, p == syslog && isRelay(v.Comm):
		return "the process " + string(clip(v.Comm)) + claim
	default:
		return ""
	}
}

// firstService is the first of the parsers of network services, whose processes run
// as users of their own.
const firstService = dovecot

// clip bounds what is repeated of a name.
func clip(b []byte) []byte { return b[:min(len(b), 64)] }

// mayUser says whether a process of a user may say what the entry says.
func (e *entry) mayUser(p parser, v *record.Envelope) bool {
	folder, name, ok := splitLast(v.Exe, "/")
	ok = ok && isSystemFolder(folder)
	switch {
	case ok && isSetuid(name) && (string(name) == string(v.App) || p != syslog && programParser(name) == p):
		return true
	case e.parser == byPattern && p == syslog:
		return e.patterns.match.Pattern.HasUnit(v.Unit, v.App)
	case p >= firstService:
		return isUnitOf(p, v.Unit)
	case p != sshd || !ok || programParser(name) != sshd:
		return false
	}
	for i := range e.out.Fields {
		f := &e.out.Fields[i]
		if f.ID == eventv1.FieldId_FIELD_ID_EVENT_CATEGORY && (string(f.Value) == authentication || string(f.Value) == iam) {
			return false
		}
	}
	return true
}

// isSetuid knows the programs that become root for whoever calls them, and log; for
// crontab a group is enough.
func isSetuid(name []byte) bool {
	switch string(name) {
	case "sudo", "sudo-rs", "doas", "su", "su-rs", "pkexec", "polkit-agent-helper-1", "passwd", "gpasswd", "chage", "chsh", "chfn",
		"newgrp", "sg", "crontab", "unix_chkpwd", "xscreensaver-auth":
		return true
	}
	return false
}

// isUnitOf says whether a unit is that of a network service: "dovecot.service",
// "postgresql@15-main.service".
func isUnitOf(p parser, unit []byte) bool {
	name, ok := cutEnd(unit, ".service")
	name, _, _ = split(name, "@")
	if !ok || len(name) == 0 {
		return false
	}
	switch by := programParser(name); {
	case by == p, has(name, p.String()):
		return true
	case p == pureftpd:
		return has(name, "pure-ftpd")
	case p == roundcube: // which runs within its web server
		return by == apache || by == nginx || has(name, "php") || has(name, "lighttpd")
	default:
		return false
	}
}

// isSystemFolder knows the folders in which only root puts programs.
func isSystemFolder(folder []byte) bool {
	switch string(folder) {
	case "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec/openssh",
		"/usr/lib/openssh", "/usr/lib/ssh", "/usr/libexec", "/usr/lib/polkit-1", "/usr/libexec/polkit-1",
		"/usr/libexec/xscreensaver", "/usr/lib/xscreensaver", "/usr/lib/cargo/bin", "/run/wrappers/bin":
		return true
	}
	return false
}

// isRelay knows processes that pass on what others say, by the fifteen bytes that
// the kernel keeps of a name.
func isRelay(comm []byte) bool {
	switch string(comm) {
	case "dockerd", "containerd", "conmon", "podman", "crio", "rsyslogd", "syslog-ng", "systemd-journal":
		return true
	}
	return bytes.HasPrefix(comm, []byte("containerd-shim"))
}
