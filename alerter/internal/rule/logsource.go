package rule

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// classes is a set of event classes: bit n stands for class n.
type classes uint32

const allClasses = ^classes(0)

func classesOf(list ...eventv1.Class) classes {
	var set classes
	for _, c := range list {
		set |= 1 << c
	}
	return set
}

func (c classes) has(class eventv1.Class) bool { return c&(1<<class) != 0 }

// logSource is what a rule's log source means here: the classes of events to
// look at, what else they must hold, and our names of the rule's fields.
type logSource struct {
	classes classes
	// only maps fields to values: one of the fields must hold one of its values.
	only map[string][]string
	// names maps the source's usual field names to ours.
	names map[string]string
	// mapped says that the rule's words were translated into ours; unfed says of a
	// source of which we have no events that it is one, and which.
	mapped bool
	unfed  string
	// words are the rule's own: category, product, service.
	words [3]string
}

// covers says whether every word of this log source stands in the other one too.
func (l *logSource) covers(other *logSource) bool {
	for i, word := range l.words {
		if word != "" && word != other.words[i] {
			return false
		}
	}
	return true
}

// fields renames a field of the rule.
func (l *logSource) fields(name string) string {
	if ours, ok := l.names[name]; ok {
		return ours
	}
	return name
}

// readLogSource maps a log source. With raw, it means every event, as it is. One
// that is not mapped is no error: a rule may come with many others, and of a source
// that is collected only later.
func readLogSource(m mapping, raw bool) (logSource, error) {
	if m.node.Kind != yaml.MappingNode {
		return logSource{}, fault(m.path, m.node, "logsource: a mapping is wanted")
	}
	var category, product, service, definition string
	err := m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "category":
			return m.text(key, value, &category)
		case "product":
			return m.text(key, value, &product)
		case "service":
			return m.text(key, value, &service)
		case "definition":
			return m.text(key, value, &definition)
		default:
			return m.unknown(key, "logsource")
		}
	})
	if err != nil {
		return logSource{}, err
	}
	words := [3]string{category, product, service}
	if raw {
		return logSource{classes: allClasses, words: words}, nil
	}
	source, ok := byService(product, service, category)
	if !ok {
		source, ok = byCategory(product, service, category)
	}
	if !ok {
		source = logSource{unfed: fmt.Sprintf("unmapped logsource category %q, product %q, service %q", category, product, service)}
	}
	source.mapped, source.words = ok, words
	return source, nil
}

// byService maps log sources that name a program.
func byService(product, service, category string) (logSource, bool) {
	const (
		auth   = eventv1.Class_CLASS_AUTH
		web    = eventv1.Class_CLASS_WEB
		app    = eventv1.Class_CLASS_APP
		system = eventv1.Class_CLASS_SYSTEM
	)
	if category != "" {
		return logSource{}, false
	}
	if service == "" && (product == "nginx" || product == "apache") {
		service = product
	}
	if product == "tocsin" {
		class, ok := event.ClassByName(service)
		return logSource{classes: classesOf(class)}, ok
	}
	if product != "" && product != "linux" && product != service {
		return logSource{}, false
	}
	switch service {
	case "sshd", "sudo", "su":
		// A line without a syslog prefix names no process, an event of another
		// collector no parser.
		processes := []string{service}
		if service == "sshd" {
			processes = append(processes, "sshd-session")
		}
		return logSource{
			classes: classesOf(auth),
			only:    map[string][]string{"tocsin.parser": {service}, "process.name": processes},
		}, true
	case "auth", "pam":
		return logSource{classes: classesOf(auth)}, true
	case "cron":
		return logSource{
			classes: classesOf(auth, system),
			only:    map[string][]string{"log.syslog.appname": {"cron", "crond", "anacron", "crontab"}},
		}, true
	case "syslog":
		return logSource{classes: classesOf(auth, system)}, true
	case "auditd":
		return logSource{
			classes: classesOf(auth, eventv1.Class_CLASS_PROCESS, eventv1.Class_CLASS_FILE, system),
			only:    map[string][]string{"tocsin.parser": {service}}, names: auditNames(),
		}, true
	case "nginx", "apache":
		return logSource{classes: classesOf(web, app), names: webNames()}, true
	case "":
		return logSource{classes: allClasses}, product == "linux"
	}
	if names := programNames(service); names != nil {
		return logSource{
			classes: allClasses,
			only:    map[string][]string{"tocsin.parser": {service}, "process.name": names},
		}, true
	}
	return logSource{}, false
}

// programNames are the names under which a service's programs log; nil for a service that
// is not known. Each service is one that a parser reads, or one that logs to syslog.
func programNames(service string) []string {
	switch service {
	case "bind", "named":
		return []string{"named"}
	case "clamav":
		return []string{"clamd", "freshclam", "clamav", "clamscan", "clamonacc"}
	case "guacamole":
		return []string{"guacd", "guacamole"}
	case "mysql", "mariadb":
		return []string{"mysqld", "mariadbd"}
	case "openldap", "slapd":
		return []string{"slapd"}
	case "postgres", "postgresql":
		return []string{"postgres"}
	case "pureftpd":
		return []string{"pure-ftpd"}
	case "redis":
		return []string{"redis-server"}
	case "samba":
		return []string{"smbd", "nmbd", "winbindd", "samba"}
	case "asterisk", "dovecot", "dropbear", "exim", "haproxy", "mongodb", "openvpn", "postfix", "proftpd", "sendmail", "squid", "vsftpd":
		return []string{service}
	default:
		return nil
	}
}

// byCategory maps log sources that name a kind of event.
func byCategory(product, service, category string) (logSource, bool) {
	if service != "" || product != "" && product != "linux" && category != "application" {
		return logSource{}, false
	}
	file := func(actions ...string) (logSource, bool) {
		s := logSource{classes: classesOf(eventv1.Class_CLASS_FILE), names: map[string]string{"TargetFilename": "file.path"}}
		if len(actions) > 0 {
			s.only = map[string][]string{"event.action": actions}
		}
		return s, true
	}
	switch category {
	case "webserver", "proxy":
		return logSource{classes: classesOf(eventv1.Class_CLASS_WEB), names: webNames()}, true
	case "authentication":
		return logSource{classes: classesOf(eventv1.Class_CLASS_AUTH)}, true
	case "application":
		frameworks := []string{"", "linux", "python", "django", "jvm", "spring", "velocity", "nodejs", "ruby_on_rails", "sql"}
		return logSource{classes: classesOf(eventv1.Class_CLASS_APP)}, slices.Contains(frameworks, product)
	case "process_creation":
		return logSource{classes: classesOf(eventv1.Class_CLASS_PROCESS), names: processNames()}, product == "linux" || product == ""
	case "file_event":
		return file("created", "modified", "attributes_modified", "renamed")
	case "file_change":
		return file("modified", "attributes_modified")
	case "file_delete":
		return file("deleted")
	case "file_rename":
		return file("renamed")
	default:
		return logSource{}, false
	}
}

// webNames are the names that Sigma rules use for parts of a request. What they
// call the query is in practice the whole request target.
func webNames() map[string]string {
	return map[string]string{
		"c-ip": "source.ip", "c-uri": "url.original", "c-uri-query": "url.original", "c-uri-extension": "url.extension",
		"cs-uri": "url.original", "cs-uri-query": "url.original", "cs-uri-stem": "url.path", "cs-method": "http.request.method",
		"c-useragent": "user_agent.original", "cs-user-agent": "user_agent.original",
		"cs-referer": "http.request.referrer", "cs-referrer": "http.request.referrer",
		"sc-status": "http.response.status_code", "cs-host": "url.domain", "cs-username": "user.name",
	}
}

// auditNames are the audit's own names. Each of its records is an event.
func auditNames() map[string]string {
	names := map[string]string{
		"type": "event.code", "exe": "process.executable", "comm": "process.name", "name": "file.path", "cwd": "process.working_directory",
		"acct": "user.name", "unit": "service.name", "pid": "process.pid", "ppid": "process.parent.pid",
		"SYSCALL": "auditd.data.syscall", "syscall": "auditd.data.syscall",
	}
	for _, name := range []string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "euid", "key", "nametype"} {
		names[name] = "auditd.data." + name
	}
	return names
}

func processNames() map[string]string {
	return map[string]string{
		"Image": "process.executable", "CommandLine": "process.command_line", "ProcessId": "process.pid",
		"ParentImage": "process.parent.executable", "ParentCommandLine": "process.parent.command_line",
		"CurrentDirectory": "process.working_directory", "User": "user.name",
	}
}

// tests are what else the log source wants, as expressions.
func (l *logSource) tests() []*expr {
	var kids []*expr
	for field, values := range l.only {
		t := &test{field: field}
		for _, v := range values {
			t.folded.add(foldPattern(ascii(v)))
		}
		kids = append(kids, &expr{op: opTest, test: t})
	}
	if len(kids) > 1 {
		return []*expr{{op: opAny, kids: kids}}
	}
	return kids
}
