package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// serviceProgram finds the parser of a network service by its syslog tag: full as
// it stands, name without a path.
func serviceProgram(full, name []byte) parser {
	if len(name) == 0 || full[len(full)-1] == ')' && contains(full, "(pam_") {
		return syslog // of a PAM module, which has its parser
	}
	if len(full) > len(name) && isPostfixDaemon(name) {
		return postfix // syslog_name/daemon, whatever syslog_name is
	}
	if len(full) > len(name) && isPostfixAgent(name) && contains(full, "postfix") {
		return postfix
	}
	if p := mailProgram(name); p != syslog {
		return p
	}
	switch string(name) {
	case "mysqld", "mariadbd", "mysql", "mariadb", "mysqld_safe", "mysql-server_auditing":
		return mysql
	case "postgres", "postgresql", "postmaster":
		return postgres
	case "mongod", "mongos", "mongodb":
		return mongodb
	case "redis", "redis-server", "redis-sentinel", "valkey", "valkey-server":
		return redis
	case "dropbear":
		return dropbear
	case "openvpn", "ovpn-server", "openvpn-server":
		return openvpn
	case "named", "bind9":
		return named
	case "asterisk":
		return asterisk
	case "slapd":
		return slapd
	case "squid", "(squid-1)", "squid3":
		return squid
	case "haproxy":
		return haproxy
	case "polkitd", "pkexec":
		return polkit
	case "kernel", "ulogd":
		return kernel
	case "systemd":
		return systemd
	case "audispd", "audisp-syslog", "auditd", "audit":
		return auditd
	case "pvedaemon", "pveproxy", "proxmox-backup-proxy", "proxmox-backup-api", "pmgdaemon", "pmgproxy":
		return proxmox
	case "webmin", "usermin":
		return webmin
	case "roundcube":
		return roundcube
	case "vaultwarden":
		return vaultwarden
	case "grafana", "grafana-server":
		return grafana
	}
	switch {
	case has(name, "auth-worker") || has(name, "auth("):
		return dovecot
	case has(name, "ovpn-") || has(name, "openvpn("):
		return openvpn
	case has(name, "polkitd("):
		return polkit
	}
	return moreProgram(full, name)
}

// mailProgram knows the programs of mail and FTP servers.
func mailProgram(name []byte) parser {
	switch string(name) {
	case "dovecot", "dovecot-auth", "imap-login", "pop3-login", "submission-login", "managesieve-login", "auth":
		return dovecot
	case "Info", "Warn", "Warning", "Error":
		return dovecot // of 1.x, in a file of its own
	case "exim", "exim4":
		return exim
	case "sendmail", "sm-mta", "sm-msp-queue", "sm-acceptingconnections", "MTA", "MSA", "sm-que":
		return sendmail
	case "smtpd":
		return opensmtpd
	case "vsftpd":
		return vsftpd
	case "proftpd":
		return proftpd
	case "pure-ftpd":
		return pureftpd
	}
	return syslog
}

// service reads a service's message; what it turned out to be decides the class.
func (e *entry) service(p parser, c *clock, m []byte) bool {
	var ok bool
	switch p {
	case dovecot:
		ok = e.dovecot(m)
	case postfix:
		ok = e.postfix(m)
	case exim:
		ok = e.exim(c, m)
	case sendmail:
		ok = e.sendmail(m)
	case opensmtpd:
		ok = e.opensmtpd(m)
	case vsftpd:
		ok = e.vsftpd(c, m)
	case proftpd:
		ok = e.proftpd(m)
	case pureftpd:
		ok = e.pureftpd(m)
	case mysql:
		ok = e.mysql(c, m)
	case postgres:
		ok = e.postgres(c, m)
	case mongodb:
		ok = e.mongodb(c, m)
	case redis:
		ok = e.redis(c, m)
	case mssql:
		ok = e.mssql(c, m)
	case dropbear:
		ok = e.dropbear(m)
	case openvpn:
		ok = e.openvpn(c, m)
	case named:
		ok = e.named(c, m)
	case asterisk:
		ok = e.asterisk(c, m)
	case slapd:
		ok = e.slapd(m)
	case squid:
		ok = e.squid(m)
	case haproxy:
		ok = e.haproxy(c, m)
	case polkit:
		ok = e.polkit(m)
	case kernel:
		ok = e.kernel(m)
	case systemd:
		ok = e.systemd(m)
	case auditd:
		ok = e.auditd(m)
	default:
		ok = e.webService(p, c, m)
	}
	if ok {
		e.out.Class = e.classByCategory()
	}
	if ok && p == polkit {
		e.out.Class = eventv1.Class_CLASS_AUTH // like sudo, whatever it ran
	}
	return ok
}

// webService reads the messages of web applications and of the servers around them.
func (e *entry) webService(p parser, c *clock, m []byte) bool {
	switch p {
	case proxmox:
		return e.proxmox(c, m)
	case webmin:
		return e.webmin(c, m)
	case roundcube:
		return e.roundcube(c, m)
	case vaultwarden:
		return e.vaultwarden(c, m)
	case nextcloud:
		return e.nextcloud(c, m)
	case gitlab:
		return e.gitlab(c, m)
	case grafana:
		return e.grafana(c, m)
	case lighttpd:
		return e.lighttpd(c, m)
	case tomcat:
		return e.tomcat(c, m)
	case iis:
		return e.w3c(c, m)
	default:
		return e.moreService(p, c, m)
	}
}

// classByCategory is the class of a service's event: one server writes logins,
// requests and its own troubles to one log.
func (e *entry) classByCategory() eventv1.Class {
	switch string(e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY)) {
	case authentication, session, iam:
		return eventv1.Class_CLASS_AUTH
	case web:
		return eventv1.Class_CLASS_WEB
	case database:
		return eventv1.Class_CLASS_APP
	default:
		return eventv1.Class_CLASS_SYSTEM
	}
}

// database is the category of what a database says about statements.
const database = "database"

// splitOnly cuts at a separator that stands exactly once: with a second one,
// nobody knows which of the two the program wrote.
func splitOnly(b []byte, sep string) (before, after []byte, ok bool) {
	before, after, ok = split(b, sep)
	if !ok || contains(after, sep) {
		return b, nil, false
	}
	return before, after, true
}

// bracketed reads "NAME[ADDRESS]" or "[ADDRESS]", each with ":PORT" or without,
// as mail servers write a client.
type bracketed struct {
	name, ip, port []byte
}

func (c *bracketed) read(b []byte) (rest []byte, ok bool) {
	open := bytes.IndexByte(b[:min(len(b), 256)], '[')
	if open < 0 || !consists(b[:open], inHost) {
		return b, false
	}
	c.name, c.port = b[:open], nil
	b, _ = cut(b[open+1:], "IPv6:") // Sendmail writes it
	end := bytes.IndexByte(b[:min(len(b), 80)], ']')
	if end < 0 {
		return b, false
	}
	c.ip, b = b[:end], b[end+1:]
	if number, rest := digits(afterColon(b)); len(b) > 0 && b[0] == ':' && isPort(number) {
		c.port, b = number, rest
	}
	return b, isIP(c.ip) || string(c.ip) == "unknown"
}

func afterColon(b []byte) []byte {
	b, _ = cut(b, ":")
	return b
}

// client sets where a bracketed client came from.
func (e *entry) client(c *bracketed) {
	if e.address(c.ip) {
		e.port(c.port)
	} else {
		e.address(c.name)
	}
}

// repeats sets how many attempts one line stands for, where it is a number and
// the envelope has not said so.
func (e *entry) repeats(count []byte) {
	if isNumber(count) && e.out.Get(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED) == nil {
		e.add(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED, count)
	}
}

// webLogin sets a login at a web application.
func (e *entry) webLogin(outcome string, host, name []byte) {
	e.did(authentication, "web_login", outcome)
	e.hostPort(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
}
