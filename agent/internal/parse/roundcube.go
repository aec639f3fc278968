package parse

// roundcube reads Roundcube's logins, by syslog, in errors.log ("[02-Jan-2006 15:04:05
// -0700]: <SESSION> TEXT") and in userlogins.log; written from 1.6:
// program/lib/Roundcube/rcube_imap.php (connect), program/include/rcmail.php
// (log_login), rcube_utils.php (remote_ip). A name may hold " from IP" itself: the
// address counts where exactly one is followed by words of Roundcube's.
func (e *entry) roundcube(c *clock, m []byte) bool {
	var t stamp
	unix, timed := int64(0), false
	if rest, ok := cut(m, "["); ok {
		rest, ok = t.dashTime(rest)
		rest, _ = cut(rest, " ")
		rest = t.zone(rest)
		if unix, timed = c.unix(&t); !ok || !timed {
			return false
		}
		if rest, ok = cut(rest, "]: "); !ok {
			return false
		}
		m = rest
	}
	if rest, ok := cut(m, "<"); ok {
		if session, after, ok := split(rest, "> "); ok && len(session) < 80 {
			m = after
		}
	}
	outcome := failure
	rest, ok := cut(m, "IMAP Error: Login failed for ")
	if !ok {
		if rest, ok = cut(m, "Failed login for "); !ok {
			if rest, ok = cut(m, "Successful login for "); !ok {
				return false
			}
			outcome = success
		}
	}
	if timed {
		e.at(unix)
	}
	var name, host []byte
	count := 0
	for at := 0; count < 2; {
		i := index(rest[at:], " from ")
		if i < 0 {
			break
		}
		i += at
		at = i + 6
		ip := until(rest[at:], " (\"")
		tail := rest[at+len(ip):]
		bare, dot := cutEnd(ip, ".")
		if isIP(bare) && (len(tail) == 0 || has(tail, "(") || has(tail, " in session ") || dot && roundcubeTail(tail)) {
			if count++; count == 1 {
				name, host = rest[:i], bare
			}
		}
	}
	if count != 1 {
		host, name = nil, nil
	}
	// Since 1.5 "NAME against HOST from IP".
	if before, server, ok := splitLast(name, " against "); ok && (isIP(server) || isHost(server)) {
		name = before
	}
	if outcome == success {
		name, _, _ = splitLast(name, " (ID: ")
	}
	e.webLogin(outcome, host, name)
	return true
}

// roundcubeTail knows what the reason of a failure begins with.
func roundcubeTail(b []byte) bool {
	for _, words := range [...]string{" AUTHENTICATE ", " LOGIN", " Could not connect", " Empty ", " Unable ", " Login failed", " Authentication failed"} {
		if has(b, words) {
			return true
		}
	}
	return false
}
