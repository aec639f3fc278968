package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Logins in an application's own words. Hundreds of programs write "Login failed for
// user X from IP" in an order, and often in a language, of their own; Odoo, Stirling-PDF,
// Guacamole, Calibre-Web, Prowlarr, Overseerr, Emby, Gitea, Jellyfin, Home Assistant,
// SFTPGo, SABnzbd are some whose logs were looked at. No source says which there are.
//
// A text is such a message if, after short labels, it begins with words of the
// vocabulary that name a login and say how it ended, in any order (login_head.go); or
// with a login or a name whose outcome words of the vocabulary state later.
//
// # What a name could forge
//
// A stranger chooses the name that a program writes. So:
//
//   - the outcome is that of the words before the name, which the program wrote. Where
//     it stands after the name, and the text holds the opposite too, it is unknown;
//   - an address before the name is the program's, whatever follows;
//   - an address where a name could stand, "for 203.0.113.9", is taken and marked like
//     the next;
//   - of one address after the name, "for bob from 203.0.113.9", nobody can tell
//     whether the program wrote it, or writes no address and somebody is called "bob from
//     203.0.113.9". It is taken where a word of the program leads to it, and
//     tocsin.source.claimed says that it may be a name's, unless quotes end the name;
//   - of several addresses after a name, the last is taken if it ends the text: a program
//     that writes one after the name writes it there. The name is then left out, for it
//     held the others. Otherwise none is taken;
//   - what a client says of itself (X-Forwarded-For) is network.forwarded_ip.

// loginPhrase is such a text, taken apart.
type loginPhrase struct {
	outcome         string
	user, forwarded []byte
	hosts           [2]phraseHost // the first address, and the last that differs from it
	host            []byte        // the one that counts
	claimed         bool          // a name could have brought it
	named           bool          // words that a stranger may have chosen have been read
	loose           bool          // and no quotes ended them
	last            bool          // nothing followed the address that was read last
	direct          bool          // nothing stands between the verdict and what is read next
	deferred        bool          // the outcome is still to come
}

// phraseHost is an address in the text.
type phraseHost struct {
	value []byte
	led   bool // a word of the program leads to it, or a bracket holds it
	safe  bool // it stands before all words of strangers

	claimed bool // it may be a name itself
}

// loginText reads a message that tells of a login, and says whether it does.
func (e *entry) loginText(m []byte) bool {
	if !mayTell(m) {
		return false // before memory is cleared for more
	}
	var p loginPhrase
	if !p.read(m) || e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) != nil {
		return false
	}
	e.appLogin(&p)
	return true
}

// appLogin sets a login at an application.
func (e *entry) appLogin(p *loginPhrase) {
	e.did(authentication, "app_login", p.outcome)
	e.from(p.host)
	e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, p.forwarded)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, p.user)
	if p.claimed && len(p.host) > 0 {
		e.text(eventv1.FieldId_FIELD_ID_TOCSIN_SOURCE_CLAIMED, "true")
	}
	e.out.Class = eventv1.Class_CLASS_AUTH
}

// longestPhrase bounds what is looked at: a longer text is no such message.
const longestPhrase = 1024

func (p *loginPhrase) read(m []byte) bool {
	if !mayTell(m) {
		return false
	}
	m = p.labels(m)
	if len(m) == 0 {
		return false
	}
	rest, lead, ok := p.head(m)
	if !ok {
		if rest, ok = p.nameFirst(m); !ok {
			return false
		}
	}
	p.words(rest, lead)
	if p.deferred {
		return false
	}
	p.conclude()
	return true
}

// mayTell rules out most texts by their first word: it is neither of the vocabulary nor
// a label, nor does an address or a label stand behind it.
func mayTell(m []byte) bool {
	if len(m) < 8 || len(m) > longestPhrase {
		return false
	}
	switch c := m[0]; {
	case c == '[' || c == '{' || c == ' ' || c == '"' || isDigit(c):
		return true
	}
	word, rest := nextWord(m)
	switch k := kindOf(word); {
	case k&^(filling|method|joining|either|server) != 0:
		return true
	case k != 0: // "The password": the next word has to say more
		next, _ := nextWord(skipMarks(rest, 1))
		return kindOf(next) != 0
	}
	if len(word) == len(m) {
		return false
	}
	word, rest = token(m[:min(len(m), longestLabel)])
	if len(rest) == 0 || len(word) == 0 {
		return false
	}
	switch last := word[len(word)-1]; {
	case last == ':' || last == ']', rest[0] == '[' || rest[0] == '-' || rest[0] == ':':
		return true
	}
	if byteKinds[word[0]]&inPeer != 0 && isIP(word) {
		return true
	}
	next, _ := token(rest)
	return len(next) > 2 && next[len(next)-1] == ':'
}

// conclude decides which address counts.
func (p *loginPhrase) conclude() {
	first, last := &p.hosts[0], &p.hosts[1]
	switch {
	case first.safe && first.led:
		p.host = first.value
		p.claimed = p.claimed || first.claimed // or a proxy was told it
	case len(last.value) == 0:
		if first.led {
			p.host, p.claimed = first.value, p.loose || first.claimed
		}
	case last.led && p.last:
		p.host, p.claimed, p.user = last.value, p.loose, nil
	}
	if p.host == nil {
		p.claimed = false
	}
}

// longestLabel bounds what stands before a text.
const longestLabel = 80

// labels passes what loggers put before a text: "[Auth] ", "Auth: ", "{web:12} ",
// "[client IP] ", "IP - ", "database module.name: ", "file.go:12:Login() [I] ".
func (p *loginPhrase) labels(m []byte) []byte {
	const most = 4
	for range most {
		m = trimLeft(m)
		rest, ok := p.label(m)
		if !ok {
			break
		}
		m = rest
	}
	return m
}

func (p *loginPhrase) label(m []byte) ([]byte, bool) {
	if len(m) == 0 {
		return m, false
	}
	if m[0] == '[' || m[0] == '{' {
		return p.bracketLabel(m)
	}
	word, rest := token(m[:min(len(m), longestLabel)])
	if len(rest) == 0 {
		return m, false
	}
	rest = m[len(word)+1:]
	if bare, _ := cutEnd(word, ":"); isDigit(word[0]) || bytes.IndexByte(bare, ':') >= 0 {
		if isIP(bare) {
			p.address(bare, true)
			rest, _ = cut(rest, "- ")
			return rest, true
		}
	}
	if name, ok := cutEnd(word, ":"); ok {
		if next, _ := nextWord(rest); kindOf(name)&noun != 0 && kindOf(next) != 0 {
			return m, false // "Authentication: FAILED"
		}
		return rest, len(name) > 0 && consists(name, inOrigin) && (!isVerb(name) || isLevelWord(name))
	}
	next, _ := token(rest)
	if name, ok := cutEnd(next, ":"); ok && isDotted(name) && isName(word) {
		return rest, true
	}
	return rest, has(rest, "[") && len(next) < 32 && bytes.IndexByte(next, ']') > 0 && (contains(word, ":") || isName(word)) || string(next) == ":" && isLoggerWord(word)
}

// bracketLabel reads "[Auth] ", "{web:12} " and "[client IP] ".
func (p *loginPhrase) bracketLabel(m []byte) ([]byte, bool) {
	if inside, ok := cut(m[1:], `client IP="`); ok {
		return p.clientLabel(m, inside)
	}
	end := bytes.IndexByte(m[:min(len(m), longestLabel)], m[0]+2) // "]" and "}" are two further
	if end < 2 {
		return m, false
	}
	inside, _ := cut(m[1:end], "client ")
	p.address(inside, true)
	rest, _ := cut(m[end+1:], ":")
	return rest, true
}

// clientLabel reads Harbor's `[client IP="IP, IP" requestID="…" user agent="…"]: TEXT`. The
// agent is the client's own words, as is a part of the text: a second "]: " is of one
// of them.
func (p *loginPhrase) clientLabel(m, inside []byte) ([]byte, bool) {
	_, text, ok := splitOnly(m, "]: ")
	if !ok {
		return m, false
	}
	list := until(inside, `"`)
	p.address(firstAddress(list), true)
	p.claimed = bytes.IndexByte(list, ',') >= 0 // what the first proxy was told
	return text, true
}

// isVerb keeps a verdict with a colon, "Unauthorized:", and a noun that the verdict
// follows, "Authentication: FAILED", from being taken for a label.
func isVerb(name []byte) bool {
	word, rest := nextWord(name)
	return len(rest) == 0 && kindOf(word)&(failing|succeeding) != 0 || string(rest) != "" && isVerdict(name)
}

func isVerdict(name []byte) bool {
	var p loginPhrase
	_, _, ok := p.head(name)
	return ok && !p.deferred
}
