package parse

import "bytes"

// role is what a word of the program says of the value after it.
type role int

const (
	noRole role = iota
	namesUser
	namesHost
	namesEither // "for"
	namesServer // "to": an address that is not the client's
	namesForwarded
	isFiller // a word of the program that names nothing
)

// roleOf says what a word, or words with dashes between them, lead to.
func roleOf(word []byte) role {
	const longest = 32
	if len(word) == 0 || len(word) > longest {
		return noRole
	}
	if _, ok := cutFold(word, "x-forwarded-for"); ok && len(word) == len("x-forwarded-for") {
		return namesForwarded
	}
	of := isFiller
	for len(word) > 0 {
		i := 0
		for i < len(word) && word[i] != '-' && word[i] != '_' {
			i++
		}
		k := kindOf(word[:i])
		switch {
		case i > 0 && k == 0:
			return noRole
		case k&attempt != 0:
			return isFiller
		case k&user != 0:
			of = namesUser
		case k&place != 0 && of != namesUser:
			of = namesHost
		case k&either != 0:
			of = namesEither
		case k&server != 0:
			of = namesServer
		case k&forwards != 0:
			of = namesForwarded
		}
		word = word[min(i+1, len(word)):]
	}
	return of
}

// words reads what follows the verdict, word by word.
func (p *loginPhrase) words(b []byte, lead role) {
	p.direct = lead == noRole && !p.deferred
	for n := 0; len(b) > 0 && n < 96; n++ {
		b = bytes.TrimLeft(b, " ,;.:\t{}")
		if len(b) == 0 {
			return
		}
		if p.deferred && lead == noRole {
			if rest, ok := p.settle(b, verdict{noun: true}); ok {
				b = rest
				continue
			}
		}
		if of, rest, ok := jsonRole(b); ok {
			lead, b = of, rest
			continue
		}
		if of, rest, ok := leadingRole(b); ok && (!isWeakRole(of) || lead == noRole || isArticle(b) || isKeyed(b)) {
			if after, ok := p.again(b, lead, of); ok { // "invalid username or password"
				b = after
				continue
			}
			if of == namesEither && !p.deferred && hasAny(b, "by|of") {
				of = isFiller // "denied by policy"; but "attempt by bob"
			}
			if of != isFiller {
				lead, p.direct = of, false
			}
			b = rest
			continue
		}
		if lead == namesForwarded {
			list := until(b, ")]}\"")
			p.forwarded = firstAddress(list)
			lead, b = noRole, b[len(list):]
			continue
		}
		value, rest, quoted := phraseValue(b)
		if len(value) == 0 {
			b = b[1:]
			continue
		}
		p.value(b[0], value, rest, quoted, lead)
		lead = noRole
		b = rest
	}
}

// again passes a further verdict, which leads to no name: "wrong username or password".
func (p *loginPhrase) again(b []byte, lead, of role) ([]byte, bool) {
	if lead != noRole || of != isFiller && of != namesUser {
		return b, false
	}
	word, rest := nextWord(b)
	if of == namesUser {
		return rest, hasAny(trimLeft(rest), "or|and|oder|und|ou|et|o|y|e|lub")
	}
	if kindOf(word)&failing == 0 {
		return b, false
	}
	var q loginPhrase
	rest, to, ok := q.head(b)
	return rest, ok && to == noRole && !q.deferred
}

// isWeakRole says whether a word behind one that leads to a name may be the name.
func isWeakRole(of role) bool { return of == isFiller || of == namesServer }

// value takes one word, or what stands in quotes or brackets.
func (p *loginPhrase) value(first byte, value, rest []byte, quoted bool, lead role) {
	bracket := first == '(' || first == '['
	if lead == namesServer && !p.named {
		return // of a server
	}
	direct := p.direct
	p.direct = false
	if lead != namesUser && p.address(value, lead == namesHost || lead == namesEither || bracket || direct) {
		if h := &p.hosts[0]; (lead == namesEither || lead == noRole && direct && !bracket) && len(p.hosts[1].value) == 0 {
			h.claimed = true // somebody may be called that
		}
		return
	}
	if !isNumber(value) {
		p.last = false
	}
	if lead != namesUser && lead != namesEither {
		p.named = p.named || quoted || lead != noRole
		return
	}
	p.named = true
	p.loose = p.loose || !isNobody(value) && (!quoted || bytes.IndexByte(rest, closes(first)) >= 0)
	if p.user == nil && !isNobody(value) && !isThing(value) && (quoted && isBalanced(first, rest) || !quoted && p.followed(rest)) {
		p.user = value
	}
}

// isBalanced says whether what closed a name is the last of its kind: a name could hold
// one and go on behind it.
func isBalanced(first byte, rest []byte) bool {
	closing := bytes.Count(rest, []byte{closes(first)})
	if closes(first) == first {
		return closing%2 == 0
	}
	return closing == bytes.Count(rest, []byte{first})
}

// leadingRole reads a word of the program: alone, or as a key with its value behind
// "=" or ":".
func leadingRole(b []byte) (role, []byte, bool) {
	i := 0
	if len(b) > 0 && (b[0] == '(' || b[0] == '[') {
		i++
	}
	start := i
	for i < len(b) && (isLetter(b[i]) || b[i] >= 0x80 || b[i] == '-' || b[i] == '_') {
		i++
	}
	of := roleOf(b[start:i])
	if of == noRole {
		return noRole, b, false
	}
	if i == start+1 && i+1 < len(b) && b[i] == '\'' && isLetter(b[i+1]) {
		return of, b[i+1:], true // "l'utilisateur"
	}
	if i < len(b) && bytes.IndexByte([]byte(" =:,;.)]"), b[i]) < 0 {
		return noRole, b, false
	}
	if i < len(b) && (b[i] == '=' || b[i] == ':') {
		if b[i] == ':' && isIP(until(b[start:], " ,;)]\"")) {
			return noRole, b, false // "de::1"
		}
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
	return hasAny(b, "the|name|address|with|input|invalid|unknown|-|=|is|was|id|le|la|el|il|de|der|den|o|os|lo|los")
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
	h := phraseHost{value: value, led: led, safe: !p.named}
	switch first, last := &p.hosts[0], &p.hosts[1]; {
	case len(first.value) == 0:
		*first = h
	case len(last.value) == 0 && bytes.Equal(first.value, value):
		first.led = first.led || led
	default:
		*last = h
	}
	p.last = true
	return true
}

// isThing knows words that make another thing of a login, "login page", or of a user.
func isThing(word []byte) bool {
	var low [16]byte
	if len(word) > len(low) {
		return false
	}
	for i, c := range word {
		low[i] = lower(c)
	}
	switch string(low[:len(word)]) {
	case "agent", "backend", "button", "change", "changed", "config", "configuration", "count", "counter", "data", "defined", "endpoint", "field", "file",
		"form", "format", "group", "handler", "hash", "history", "input", "length", "limit", "log", "logs", "lookup", "manager", "mode", "module", "number",
		"page", "plugin", "policy", "provider", "rate", "rule", "recovery", "reset", "screen", "statistics", "stats", "template", "type", "update", "url":
		return true
	}
	return false
}
