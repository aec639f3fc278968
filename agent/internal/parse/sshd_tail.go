package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sshTail reads "NAME from HOST port N ssh2[: KEY]". The name is the client's and
// may imitate all that follows it, so the last " from " that begins a whole tail
// wins. What follows "ssh2: " may be the client's too (a certificate's id, a
// remote user's name): unless it is exactly a key, a second tail anywhere makes
// the line ambiguous, and neither the address nor the name is taken from it.
func (e *entry) sshTail(b []byte) { e.sshTailPort(b, false) }

// sshTailPort is sshTail; needPort says that sshd never leaves the port out of
// this message.
func (e *entry) sshTailPort(b []byte, needPort bool) {
	var t tail
	if !t.readEnd(b) && !t.search(b, needPort) {
		return
	}
	e.address(t.host)
	e.add(eventv1.FieldId_FIELD_ID_SOURCE_PORT, t.port) // which is one, or absent
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_SSH_KEY_FINGERPRINT, t.key)
	e.sshUser(b[:t.at])
}

// search finds the tail that is certain.
func (t *tail) search(b []byte, needPort bool) bool {
	var try tail
	count := 0
	for end := len(b); ; {
		i := lastIndex(b[:end], " from ")
		if i < 0 {
			break
		}
		if try.read(b[i+6:]) && (!needPort || len(try.port) > 0) {
			if count++; count == 1 {
				*t, t.at = try, i
				if t.exact {
					break
				}
			}
		}
		end = i + 5
	}
	if name, ok := cut(b, "from "); ok && count == 0 && try.read(name) && (!needPort || len(try.port) > 0) {
		*t, count = try, 1 // no name, and two spaces that became one
	}
	return count == 1
}

func (e *entry) sshUser(name []byte) {
	if len(name) > 0 && name[0] == 'i' {
		name, _ = cutUnknown(name)
	}
	if string(name) == "<invalid username>" {
		return // Solaris's word for one that it does not repeat
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
}

// cutUnknown removes what sshd writes before the name of a user that does not exist.
func cutUnknown(b []byte) ([]byte, bool) {
	if rest, ok := cut(b, "invalid user "); ok {
		return rest, true
	}
	return cut(b, "illegal user ")
}

func isUnknown(b []byte) bool {
	_, ok := cutUnknown(b)
	return ok
}

// tail is "HOST port N ssh2[: KEY]".
type tail struct {
	host, port, key []byte
	exact           bool // nothing follows that the client could have written
	at              int
}

// readEnd reads "NAME from HOST port N ssh2" from its end, the most frequent tail, and
// what the search for " from " finds there as well: no part of it has room for another.
func (t *tail) readEnd(b []byte) bool {
	rest, ok := cutEnd(b, " ssh2")
	i := len(rest)
	for i > 0 && isDigit(rest[i-1]) {
		i--
	}
	t.port = rest[i:]
	if !ok || !isPort(t.port) {
		return false
	}
	if rest, ok = cutEnd(rest[:i], " port "); !ok {
		return false
	}
	i = len(rest)
	for i > 0 && byteKinds[rest[i-1]]&inPeer != 0 {
		i--
	}
	t.host, t.at = rest[i:], i-len(" from ")
	return len(t.host) > 0 && t.at >= 0 && string(rest[t.at:i]) == " from "
}

// read reads a tail that begins with its host.
func (t *tail) read(b []byte) bool {
	host, rest := token(b)
	if !isPeer(host) {
		return false
	}
	*t = tail{host: host, exact: len(rest) == 0}
	if t.exact {
		return true
	}
	rest, ok := cut(rest, "port ")
	if !ok {
		return false
	}
	if t.port, rest = digits(rest); !isPort(t.port) {
		return false
	}
	rest, _ = cut(rest, " ssh2")
	rest, _ = cut(rest, " ssh1")
	if t.exact = len(rest) == 0; t.exact {
		return true
	}
	if rest, ok = cut(rest, ": "); !ok {
		return false
	}
	_, rest = token(rest)
	if key, rest := token(rest); isFingerprint(key) {
		t.key, t.exact = key, len(rest) == 0
	}
	return true
}

// isPeer says whether b can be an address or a name, also one in a form that
// address does not take.
func isPeer(b []byte) bool { return len(b) > 0 && consists(b, inPeer) }

// isFingerprint knows "SHA256:…" and the sixteen hexadecimal pairs of MD5.
func isFingerprint(b []byte) bool {
	if !has(b, "SHA256:") && !has(b, "MD5:") && (len(b) != 47 || b[2] != ':') {
		return false
	}
	return consists(b, inKey)
}
