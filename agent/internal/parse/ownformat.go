package parse

// ownFormat reads a line of a log file that a service writes itself, chosen by the
// shape that it begins with. No shape has more than a few candidates, and each of
// them looks for its own words before it sets a field.
func (e *entry) ownFormat(c *clock, b []byte) bool {
	return len(b) >= 20 && (e.moreOwn(c, b) || e.ownFirst(c, b))
}

func (e *entry) ownFirst(c *clock, b []byte) bool {
	switch {
	case isDigit(b[0]) && b[4] == '-' && (b[10] == ' ' || b[10] == 'T'):
		return e.ownISO(c, b)
	case isDigit(b[0]) && (b[6] == ' ' && b[9] == ':' || b[8] == ' ' && b[17] == ','), b[0] == '\t' && b[1] == '\t':
		return e.ownOne(mysql, c, b)
	case isDigit(b[0]):
		return e.ownNumber(c, b)
	case has(b, "NOTICE["), has(b, "WARNING["), has(b, "ERROR["), has(b, "SECURITY["), has(b, "VERBOSE["):
		return e.ownOne(asterisk, c, b) // on its console
	case isLetter(b[0]) && contains(b[:20], ", 2") && e.ownOne(gitlab, c, b):
		return true
	case isLetter(b[0]) && b[3] == ' ' && b[7] == ' ':
		return e.ownOne(vsftpd, c, b) || e.ownOne(openvpn, c, b) || contains(b[:min(len(b), 40)], " [") && e.ownOne(mongodb, c, b)
	case b[0] == '[':
		return e.ownOne(asterisk, c, b) || e.ownOne(vaultwarden, c, b) || b[3] == '-' && e.ownOne(roundcube, c, b) ||
			b[5] == '-' && contains(b[:min(len(b), 400)], ":  ") && e.ownOne(postgres, c, b)
	case b[0] == '@':
		return e.multilog(c, b)
	case has(b, "type=") || has(b, "node="):
		return e.ownOne(auditd, c, b)
	case has(b, "t=") || has(b, "logger="):
		return e.ownOne(grafana, c, b)
	case has(b, "<2") || has(b, "< 2") || isLetter(b[0]):
		return contains(b[:min(len(b), 400)], ":  ") && e.ownOne(postgres, c, b) // "<%m>", "user=%u,…"
	}
	return false
}

// ownISO reads lines that begin with a year. What follows the time tells who wrote
// it: a thread's number and a level, a severity and a component, a process id.
func (e *entry) ownISO(c *clock, b []byte) bool {
	if b[13] != ':' || b[19] == ',' {
		return false // a comma before the fraction is an application's
	}
	i := 14
	for i < len(b) && i < 40 && !isSpace(b[i]) {
		i++
	}
	rest := trimSpace(b[i:min(len(b), i+64)])
	if len(rest) < 4 {
		return false
	}
	if isLevel(until(rest, " :[]")) || rest[0] == '-' && rest[1] == ' ' {
		return false
	}
	switch first := rest[0]; {
	case isDigit(first) && isThread(rest) && e.ownOne(mysql, c, b), first == '[' && b[10] == ' ' && (e.ownOne(exim, c, b) || e.ownOne(mysql, c, b)):
		return true
	case (first == '[' || rest[1] == ' ') && b[10] == 'T' && e.ownOne(mongodb, c, b):
		return true
	case b[10] != ' ':
		return false
	case has(rest, "Logon "), has(rest, "spid"), has(rest, "Server  "), has(rest, "Backup  "):
		return e.ownOne(mssql, c, b)
	case first == '(' || has(rest, "mod_auth"):
		return e.ownOne(lighttpd, c, b)
	case (isDigit(first) || has(rest, "W3SVC")) && e.ownOne(iis, c, b):
		return true
	}
	return rest[0] != '[' && e.ownOne(exim, c, b) || (contains(b[:min(len(b), 600)], ":  ") || contains(rest[:min(len(rest), 8)], ",")) && e.ownOne(postgres, c, b) ||
		e.ownOne(openvpn, c, b)
}

// isThread says whether a number comes first: an address goes on after its digits.
func isThread(b []byte) bool {
	_, rest := digits(b)
	return len(rest) > 0 && isSpace(rest[0])
}

// ownNumber reads lines that begin with a number: "PID:ROLE ", seconds since 1970, a
// day of a month, or an address.
func (e *entry) ownNumber(c *clock, b []byte) bool {
	number, rest := digits(b[:20])
	switch {
	case len(rest) < 3:
		return false
	case rest[0] == ':' && rest[2] == ' ' && len(number) < 8:
		return e.ownOne(redis, c, b)
	case rest[0] == '.' && len(number) > 8:
		return e.ownOne(squid, c, b) || e.ownOne(webmin, c, b) || contains(b[:min(len(b), 400)], ":  ") && e.ownOne(postgres, c, b)
	case rest[0] == '-' && len(number) == 2:
		return e.ownOne(named, c, b) || e.ownOne(tomcat, c, b)
	}
	head := b[:min(len(b), 600)]
	return contains(head[:min(len(head), 80)], " [") && e.ownOne(haproxy, c, b) ||
		contains(head, ":  ") && e.ownOne(postgres, c, b) ||
		len(number) < 10 && rest[0] == ' ' && contains(head, " IN=") && e.ownOne(proxmox, c, b)
}

// ownOne lets one service try a line, and leaves nothing behind if it is not its.
func (e *entry) ownOne(p parser, c *clock, b []byte) bool {
	start := e.mark()
	if !e.service(p, c, b) {
		e.undo(start)
		return false
	}
	e.parser = p
	return true
}

// ownJSON recognises a service's line in the JSON that has been read.
func (e *entry) ownJSON(c *clock) bool {
	switch {
	case e.mongodbJSON(c):
		e.parser = mongodb
	case e.postgresJSON(c):
		e.parser = postgres
	case e.mysqlJSON(c):
		e.parser = mysql
	case e.nextcloudJSON(c):
		e.parser = nextcloud
	case e.gitlabJSON(c):
		e.parser = gitlab
	case e.suricataJSON(c):
		e.parser = suricata
	case e.modsecurityJSON(c):
		e.parser = modsecurity
	case e.sambaJSON(c):
		e.parser = samba
	default:
		return false
	}
	e.out.Class = e.classByCategory()
	return true
}

// multilog reads a line that daemontools' multilog or runit's svlogd stamped, "@" and
// 24 hexadecimal digits of TAI64N, of a program that has a parser: "NAME[PID]: TEXT".
func (e *entry) multilog(c *clock, b []byte) bool {
	if len(b) < 27 || b[25] != ' ' {
		return false
	}
	var number [2]int64
	for i, digit := range b[1:25] {
		value := hex(digit)
		if value < 0 {
			return false
		}
		number[i/16] = number[i/16]<<4 | int64(value)
	}
	// TAI is ten seconds ahead of 1970 in this count, leap seconds left aside.
	seconds := number[0] - 1<<62 - 10
	if seconds < 0 || seconds > 9_000_000_000 || number[1] > 999_999_999 {
		return false
	}
	v := envelope{time: seconds*1e9 + number[1], timed: true}
	tag, message := token(b[26:])
	if !v.readTag(tag) {
		return false
	}
	v.message = message
	p := programParser(v.app)
	if p == syslog {
		return false
	}
	start := e.mark()
	e.addEnvelope(&v)
	by, ok := e.understand(p, c, message)
	if !ok {
		e.undo(start)
		return false
	}
	e.parser = by
	return true
}
