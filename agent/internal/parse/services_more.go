package parse

import "bytes"

// moreProgram finds, by its syslog tag, the parser of a program that is no network
// service of the first rank: full as it stands, name without a path.
func moreProgram(full, name []byte) parser {
	switch string(name) {
	case "imapd", "imapd-ssl", "imaps", "imap", "pop3d", "pop3d-ssl", "pop3", "pop3s", "ipop3d", "courieresmtpd", "courieresmtpd-ssl", "imaplogin",
		"courierpop3login", "pop3login", "timsieved":
		return imapd
	case "qmail", "qmail-smtpd", "rblsmtpd", "vpopmail", "vchkpw", "tcpserver", "solid-pop3d":
		return qmail
	case "monit":
		return monit
	case "freeswitch":
		return freeswitch
	case "fail2ban", "fail2ban-server", "fail2ban.actions", "fail2ban.filter", "fail2ban.observer":
		return fail2ban
	case "ejabberd":
		return ejabberd
	case "smbd", "smbd_audit", "samba":
		return samba
	case "endlessh":
		return endlessh
	case "cockpit-ws", "cockpit-session", "cockpit-tls":
		return cockpit
	case "danted", "sockd":
		return dante
	case "amavis", "amavisd":
		return amavis
	case "suricata":
		return suricata
	case "snort":
		return snort
	case "CEF":
		return cef
	case "phpMyAdmin", "drupal", "sogod", "sogo", "HORDE", "horde", "LLNG", "lemonldap-ng", "wordpress", "wwsympa", "sympa":
		return webapps
	}
	switch {
	case has(full, "cyrus/"):
		return imapd
	case has(name, "wordpress("):
		return webapps
	}
	return syslog
}

// moreService reads a message of one of those programs, or of one that writes only to
// a log of its own.
func (e *entry) moreService(p parser, c *clock, m []byte) bool {
	switch p {
	case imapd:
		return e.imapd(m)
	case qmail:
		return e.qmail(m)
	case monit:
		return e.monit(c, m)
	case freeswitch:
		return e.freeswitch(c, m)
	case panel:
		return e.panel(c, m)
	case webapps:
		return e.webapps(m)
	case fail2ban:
		return e.fail2ban(c, m)
	case voice:
		return e.voice(c, m)
	case ejabberd:
		return e.ejabberd(c, m)
	case kerio:
		return e.kerio(c, m)
	case domino:
		return e.domino(c, m)
	case samba:
		return e.samba(c, m)
	case couchdb:
		return e.couchdb(c, m)
	case endlessh:
		return e.endlessh(c, m)
	case fortinet:
		return e.fortinet(c, m)
	case cef:
		return e.cef(c, m)
	case suricata:
		return e.suricata(c, m)
	case snort:
		return e.snort(c, m)
	case modsecurity:
		return e.modsecurity(c, m)
	case amavis:
		return e.amavis(m)
	case softether:
		return e.softether(c, m)
	case zoneminder:
		return e.zoneminder(c, m)
	case dante:
		return e.dante(m)
	case cockpit:
		return e.cockpit(m)
	default:
		return false
	}
}

// moreOwn reads a line of a log that one of them writes itself, which has at least 20
// bytes. It is asked last, and looks for words before it lets a parser try.
func (e *entry) moreOwn(c *clock, b []byte) bool {
	head := b[:min(len(b), 160)]
	if contains(head[:min(len(head), 48)], "EF:") && e.ownOne(cef, c, b) {
		return true
	}
	switch first := b[0]; {
	case isDigit(first) && b[4] == '-':
		return e.moreISO(c, b, head)
	case isDigit(first) && b[2] == '/' && contains(b[:20], "-"):
		return contains(head, "  [") && b[5] == '/' && b[10] == '-' && e.ownOne(suricata, c, b) || e.ownOne(snort, c, b)
	case isDigit(first) && b[2] == '/' && b[5] == '/':
		return contains(head, " web_php[") && e.ownOne(zoneminder, c, b)
	case isDigit(first) && b[4] == ':':
		return e.ownOne(panel, c, b)
	case isDigit(first) && (b[2] == '-' || b[2] == '.'):
		return contains(head, " Server") && e.ownOne(domino, c, b)
	case first == '[':
		return e.moreBracket(c, b, head)
	case first == '<':
		if rest, _, ok := readPriority(b); ok && has(rest, "date=") {
			return e.ownOne(fortinet, c, rest)
		}
		return has(b, "<W>") && e.ownOne(voice, c, b)
	case isSambaHead(trimLeft(head)) || has(b, "  ") && contains(head, " (ipv"):
		return e.ownOne(samba, c, b)
	case isLetter(first) && b[3] == ' ' && b[15] == ' ' && b[16] == '(':
		return contains(head, "]: info: ") && e.ownOne(dante, c, b)
	case has(b, "ModSecurity: ") || has(b, "Message: "):
		return e.ownOne(modsecurity, c, b)
	case has(b, "date=") || has(b, "logver="):
		return contains(b[:min(len(b), 1024)], "logid=") && e.ownOne(fortinet, c, b)
	}
	return false
}

// moreISO reads a line that begins with a year. What comes after the time rules out
// nearly all.
func (e *entry) moreISO(c *clock, b, head []byte) bool {
	i := 16
	for i < len(head) && !isSpace(head[i]) {
		i++
	}
	after := trimLeft(head[i:])
	if len(after) < 8 {
		return false
	}
	switch after[0] {
	case '[', '<':
		return contains(after, "@ejabberd_") && e.ownOne(ejabberd, c, b) || contains(after, ".c") && e.ownOne(freeswitch, c, b)
	case 'f':
		return has(after, "fail2ban.") && e.ownOne(fail2ban, c, b)
	case 'A', 'C':
		return has(after[1:], "CCEPT host=") && e.ownOne(endlessh, c, b) || has(after[1:], "LOSE host=") && e.ownOne(endlessh, c, b) ||
			isSoftetherHead(after) && e.ownOne(softether, c, b)
	case 'S':
		return contains(after[:min(len(after), 24)], "Server") && e.ownOne(domino, c, b) || isSoftetherHead(after) && e.ownOne(softether, c, b)
	case 'a':
		return has(after, "authentication failure; rhost=") && e.proxmoxFile(c, b)
	}
	if isDigit(after[0]) && contains(after[:8], "% [") {
		return e.ownOne(freeswitch, c, b)
	}
	return (isSoftetherHead(after) || b[10] == 'T' && contains(after, "_LOG>: ")) && e.ownOne(softether, c, b)
}

func (e *entry) moreBracket(c *clock, b, head []byte) bool {
	switch {
	case has(b, "[client "):
		return e.ownOne(modsecurity, c, b)
	case isDigit(b[1]) && b[5] == '/':
		return isSambaHead(trimLeft(b[bytes.IndexByte(head, ']')+1:])) && e.ownOne(samba, c, b) || len(b) > 20 && b[20] == ']' && e.ownOne(modsecurity, c, b)
	case isDigit(b[1]) && b[3] == '/' && b[12] == ' ':
		return e.ownOne(kerio, c, b)
	case isDigit(b[1]) && b[3] == '/':
		return e.ownOne(modsecurity, c, b)
	case isDigit(b[1]):
		return contains(head, "] info [") && e.ownOne(panel, c, b) || contains(head, " from ") && e.ownOne(voice, c, b)
	case isLetter(b[1]) && contains(head, "] error") || contains(head, "] warn"):
		return e.ownOne(monit, c, b)
	}
	return false
}

// anyProgram reads a message that says itself in which format it is, whatever
// program's name stands before it.
func (e *entry) anyProgram(c *clock, m []byte) (parser, bool) {
	start := e.mark()
	by, head := syslog, m[:min(len(m), 160)]
	switch {
	case len(m) < 20:
	case m[0] == '{':
		if e.jsonReader.read(m) {
			if e.accessSlots(c, &e.jsonReader) {
				return access, true
			}
			if e.ownJSON(c) {
				return e.parser, true
			}
		}
	case has(m, "CEF:") || has(m, "LEEF:"):
		by = cef
	case has(m, "[client ") && (contains(head, "] ModSecurity: ") || contains(head, "] Coraza: ")):
		by = modsecurity
	case has(m, "date=") && contains(m[:min(len(m), 1024)], "logid="):
		by = fortinet
	case contains(head, "|user|"):
		by = webapps
	case (m[0] == 'I' || m[0] == '[') && contains(m[:min(len(m), 160)], "IN="):
		by = kernel // without its name: what stands there is a rule's prefix
	}
	if by != syslog && e.service(by, c, m) {
		return by, true
	}
	e.undo(start)
	return syslog, false
}
