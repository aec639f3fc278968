package parse

import "bytes"

// role is what a word of the program says of the value after it.
type role int

const (
	noRole role = iota
	namesUser
	namesHost
	namesEither // "for"
	isFiller    // a word of the program that names nothing
)

// roleOf knows the words that lead to a name or an address.
func roleOf(word []byte) role {
	var low [16]byte
	if len(word) == 0 || len(word) > len(low) {
		return noRole
	}
	for i, c := range word {
		low[i] = lower(c)
	}
	switch string(low[:len(word)]) {
	case "user", "username", "login", "account", "email", "user_name", "uname", "userid", "user_login", "acct", "e-mail", "mail":
		return namesUser
	case "from", "ip", "ip-address", "ip_address", "ipaddress", "address", "rhost", "client", "client_ip", "remote_ip", "remote", "src", "srcip",
		"host", "source", "remote_addr", "ip-adresse", "peer", "clientip", "remoteip":
		return namesHost
	case "for":
		return namesEither
	case "attempt", "attempts", "the", "a", "an", "to", "at", "on", "of", "by", "with", "using", "as", "in", "is", "was", "via", "and", "due", "because",
		"but", "not", "invalid", "unknown", "name", "password", "reason", "method", "has", "failed", "denied", "access", "-", "--", "=", ":", "service",
		"db", "request", "web", "admin", "protocol", "error", "over", "through", "method:", "local", "type", "session", "or", "credentials", "input":
		return isFiller
	}
	return noRole
}

// words reads what follows the verdict, word by word.
func (p *loginPhrase) words(b []byte, lead role) {
	for n := 0; len(b) > 0 && n < 96; n++ {
		b = bytes.TrimLeft(b, " ,;.:\t{}")
		if len(b) == 0 {
			return
		}
		if of, rest, ok := jsonRole(b); ok {
			lead, b = of, rest
			continue
		}
		if of, rest, ok := leadingRole(b); ok && (of != isFiller || lead == noRole || isArticle(b) || isKeyed(b)) {
			if of != isFiller {
				lead = of
			}
			b = rest
			continue
		}
		value, rest, quoted := phraseValue(b)
		if len(value) == 0 {
			b = b[1:]
			continue
		}
		bracket := b[0] == '(' || b[0] == '['
		switch {
		case p.address(value, lead == namesHost || lead == namesEither || bracket):
		case (lead == namesUser || lead == namesEither) && p.user == nil && !isNobody(value) && (quoted || p.followed(rest)):
			p.user = value
		}
		lead = noRole
		b = rest
	}
}

// leadingRole reads a word of the program: alone, or as a key with its value behind
// "=" or ":".
func leadingRole(b []byte) (role, []byte, bool) {
	i := 0
	if b[0] == '(' || b[0] == '[' {
		i++
	}
	start := i
	for i < len(b) && (isLetter(b[i]) || b[i] == '-' || b[i] == '_') {
		i++
	}
	of := roleOf(b[start:i])
	if of == noRole || i < len(b) && b[i] != ' ' && b[i] != '=' && b[i] != ':' && b[i] != ',' && b[i] != ';' && b[i] != '.' {
		return noRole, b, false
	}
	if i < len(b) && (b[i] == '=' || b[i] == ':') {
		i++
		if of == isFiller { // the value of a key that does not matter
			_, rest, _ := phraseValue(trimLeft(b[i:]))
			return of, rest, true
		}
	}
	return of, trimLeft(b[i:]), true
}

// isArticle says whether a text goes on with a word that may stand between a name and
// what leads to it: "user name bob", "for unknown user bob". Of others nobody knows
// whether they are the name.
func isArticle(b []byte) bool {
	_, ok := cutAny(b, "the|name|address|with|input|invalid|unknown|-|=|is|was")
	return ok
}

// isKeyed says whether a word is a key, with its value at it: "db:odoo".
func isKeyed(b []byte) bool {
	i := 0
	for i < len(b) && isLetter(b[i]) {
		i++
	}
	return i+1 < len(b) && (b[i] == ':' || b[i] == '=') && b[i+1] != ' '
}

// jsonRole reads a key of a JSON object inside a text: `"ip":`.
func jsonRole(b []byte) (role, []byte, bool) {
	key, rest, ok := quoted(b)
	if !ok || len(rest) == 0 || rest[0] != ':' {
		return noRole, b, false
	}
	of := roleOf(key)
	return of, rest[1:], of == namesUser || of == namesHost
}

// phraseValue takes a value: in quotes or brackets, or one word without the marks
// that end it.
func phraseValue(b []byte) (value, rest []byte, quoted bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	if closing := closes(b[0]); closing != 0 {
		end := bytes.IndexByte(b[1:], closing)
		if end < 0 {
			return nil, b[1:], false
		}
		inside, rest := b[1:1+end], b[2+end:]
		if closing == ')' || closing == ']' {
			if value, after, quoted := phraseValue(inside); quoted && len(after) == 0 {
				return value, rest, true
			}
		}
		return inside, rest, true
	}
	i := 0
	for i < len(b) && !endsValue(b[i]) {
		i++
	}
	return bytes.TrimRight(b[:i], ".:!"), b[i:], false
}

// endsValue says whether a byte ends a value without quotes.
func endsValue(c byte) bool {
	switch c {
	case ' ', ',', ';', '\t', '(', ')', '"', '\'':
		return true
	}
	return c < ' '
}

// closes is what ends a value that begins with a byte, 0 where nothing does.
func closes(c byte) byte {
	switch c {
	case '"', '\'', '`':
		return c
	case '(':
		return ')'
	case '[':
		return ']'
	case '<':
		return '>'
	}
	return 0
}

// followed says whether a name without quotes ends where it seems to: at the end, at
// a mark, or before a word of the program.
func (p *loginPhrase) followed(rest []byte) bool {
	after := trimLeft(rest)
	if len(after) == 0 || bytes.IndexByte([]byte(",;()[-"), after[0]) >= 0 {
		return true
	}
	_, _, ok := leadingRole(after)
	return ok
}

// isNobody knows the words for no name.
func isNobody(b []byte) bool {
	switch string(b) {
	case "", "-", "N/A", "undefined", "null", "(null)", "none", "None", "nil", "unknown", "<unknown>", "invalid", "user":
		return true
	}
	return false
}

// address takes a value that is an address, with a port or without.
func (p *loginPhrase) address(value []byte, led bool) bool {
	if !isIP(value) {
		name, port, ok := splitLast(value, ":")
		if !ok || !isPort(port) || !isIP(name) {
			return false
		}
	}
	if p.hosts == 0 || !bytes.Equal(p.host, value) {
		p.hosts++
		p.host = value
		p.led = led
	}
	p.led = p.led || led
	return true
}
