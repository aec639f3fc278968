package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// parser is one of the parsers.
type parser int

const (
	auto parser = iota
	syslog
	sshd
	pam
	sudo
	su
	shadow
	login
	cron
	nginx
	apache
	access
	nginxError
	apacheError
	python
	appLog
	jsonLine
	plain
	dovecot
	postfix
	exim
	sendmail
	opensmtpd
	vsftpd
	proftpd
	pureftpd
	mysql
	postgres
	mongodb
	redis
	mssql
	dropbear
	openvpn
	named
	asterisk
	slapd
	squid
	haproxy
	polkit
	kernel
	systemd
	auditd
	proxmox
	webmin
	roundcube
	vaultwarden
	nextcloud
	gitlab
	grafana
	lighttpd
	tomcat
	iis
	imapd
	qmail
	monit
	freeswitch
	panel
	webapps
	fail2ban
	voice
	ejabberd
	kerio
	domino
	samba
	couchdb
	endlessh
	fortinet
	cef
	suricata
	modsecurity
	amavis
	softether
	zoneminder
	dante
	snort
	cockpit
	parserCount
)

// String is the parser's name, as Names lists it.
func (p parser) String() string {
	names := [...]string{
		"auto", "syslog", "sshd", "pam", "sudo", "su", "shadow", "login", "cron", "nginx",
		"apache", "access", "nginx_error", "apache_error", "python", "applog", "json", "plain",
		"dovecot", "postfix", "exim", "sendmail", "opensmtpd",
		"vsftpd", "proftpd", "pureftpd", "mysql", "postgres", "mongodb", "redis", "mssql",
		"dropbear", "openvpn", "named", "asterisk", "slapd", "squid", "haproxy", "polkit",
		"kernel", "systemd", "auditd", "proxmox", "webmin", "roundcube", "vaultwarden", "nextcloud", "gitlab", "grafana",
		"lighttpd", "tomcat", "iis",
		"imapd", "qmail", "monit", "freeswitch", "panel", "webapps", "fail2ban", "voice", "ejabberd", "kerio", "domino",
		"samba", "couchdb", "endlessh", "fortinet", "cef", "suricata", "modsecurity", "amavis", "softether", "zoneminder", "dante",
		"snort", "cockpit",
	}
	return names[p]
}

// programParser finds the parser of a syslog program's messages.
func programParser(name []byte) parser {
	full := name
	if i := lastIndex(name, "/"); i >= 0 {
		name = name[i+1:]
	}
	if n := len(name); n > 0 && name[n-1] == ')' {
		name, _, _ = split(name, "(pam_")
	}
	switch string(name) {
	case "sshd", "sshd-session", "sshd-auth", "sftp-server", "internal-sftp":
		return sshd
	case "sudo", "doas":
		return sudo
	case "su", "runuser":
		return su
	case "useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "gpasswd", "passwd",
		"chage", "chsh", "chfn", "chpasswd", "newusers", "adduser", "chgpasswd", "groupmems", "newgrp", "sg", "systemd-sysusers":
		return shadow
	case "login", "systemd-logind":
		return login
	case "cron", "CRON", "crond", "CROND", "crontab", "anacron":
		return cron
	case "unix_chkpwd", "unix_update", "pam_duo", "login_duo": // a module's helpers
		return pam
	case "nginx":
		return nginx
	case "httpd", "apache", "apache2":
		return apache
	}
	return serviceProgram(full, name)
}

// class is where a parser's lines go, understood or not.
func (p parser) class() eventv1.Class {
	switch p {
	case sshd, pam, sudo, su, shadow, login:
		return eventv1.Class_CLASS_AUTH
	case nginx, apache, access:
		return eventv1.Class_CLASS_WEB
	case nginxError, apacheError, python, appLog, jsonLine, plain:
		return eventv1.Class_CLASS_APP
	default:
		return eventv1.Class_CLASS_SYSTEM
	}
}

// understand reads a message with one parser and says which one understood it.
func (e *entry) understand(p parser, c *clock, m []byte) (parser, bool) {
	start := e.mark()
	if m = trimLeft(m); len(m) == 0 {
		return p, false
	}
	if has(m, "pam_") && e.pam(m) {
		return pam, true
	}
	switch p {
	case sshd:
		if e.sshd(m) {
			return sshd, true
		}
	case sudo:
		if e.sudo(m) || e.doas(m) {
			return sudo, true
		}
	case su:
		if e.su(m) {
			return su, true
		}
	case shadow:
		if e.shadow(m) {
			return shadow, true
		}
	case login:
		if e.login(m) {
			return login, true
		}
	case cron:
		if e.cron(m) {
			return cron, true
		}
	case nginx, apache, access, nginxError, apacheError:
		return e.server(p, c, m)
	case python, appLog:
		if by, ok := e.logger(c, m); ok {
			return by, true
		}
		if e.undo(start); e.json(c, m) {
			return jsonLine, true
		}
		e.undo(start)
		return p, false
	case jsonLine:
		ok := e.json(c, m)
		return jsonLine, ok
	case plain, auto, syslog, parserCount, pam:
	default:
		if e.service(p, c, m) {
			return p, true
		}
	}
	if e.undo(start); e.pam(m) || p == pam && e.pamBody(m) {
		return pam, true
	}
	e.undo(start)
	return p, false
}

// server reads a web server's line.
func (e *entry) server(p parser, c *clock, m []byte) (parser, bool) {
	start := e.mark()
	if p == nginx || p == apache || p == access {
		if e.accessLine(c, m) {
			return access, true
		}
		if e.undo(start); e.accessJSON(c, m) {
			return access, true
		}
		if e.undo(start); e.accessOther(c, m) {
			return access, true
		}
		e.undo(start)
	}
	if p == nginx || p == nginxError {
		if e.nginxError(c, m) {
			return nginxError, true
		}
		e.undo(start)
	}
	if p == apache || p == apacheError {
		if e.apacheError(c, m) {
			return apacheError, true
		}
		e.undo(start)
	}
	return p, false
}
