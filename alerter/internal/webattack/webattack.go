// Package webattack looks at one request as an access log shows it, and says what
// kind of attack it carries, in which parameter, and how sure that is.
//
// In flow the request target, the referrer and the user agent; out flow verdicts,
// at most one for each class. It is pure. What an access log does not show, the
// body of a request above all, it cannot see.
//
// Every parameter is decoded as servers decode (percent several times, plus,
// %u, overlong UTF-8, HTML entities) before anything looks at it. SQL injection
// and cross-site scripting are libinjection's to find; the other classes, and
// what libinjection is known to miss, are found by checks of our own, which look
// for what an attack cannot do without.
package webattack

import (
	"bytes"
)

// maxInspected bounds how much of each part is looked at: twice what a web
// server usually takes as a request line.
const maxInspected = 16 << 10

// Request is what an access log has of a request.
type Request struct {
	// Target is the request target as the client sent it: path and query.
	Target    []byte
	Referrer  []byte
	UserAgent []byte
}

// Class is a kind of attack.
type Class uint8

// The classes of attack.
const (
	SQLInjection Class = iota + 1
	CrossSiteScripting
	PathTraversal
	CommandInjection
	CodeInjection
	TemplateInjection
	LogLookup
	FileInclusion
	SensitiveFile
	Scanner
	classCount
)

// Text is the class's word in events: the value of tocsin.web.attack.class.
func (c Class) Text() []byte {
	return []byte(c.String())
}

// String is the class's word.
func (c Class) String() string {
	switch c {
	case SQLInjection:
		return "sqli"
	case CrossSiteScripting:
		return "xss"
	case PathTraversal:
		return "traversal"
	case CommandInjection:
		return "cmdi"
	case CodeInjection:
		return "code"
	case TemplateInjection:
		return "ssti"
	case LogLookup:
		return "log4shell"
	case FileInclusion:
		return "inclusion"
	case SensitiveFile:
		return "sensitive_file"
	case Scanner:
		return "scanner"
	default:
		return ""
	}
}

// Likely is the score from which honest requests hardly look like that. A rule
// that alerts asks for as much.
const Likely = 60

// The scores.
const (
	hint   = 30 // seen in attacks, and in honest requests
	likely = Likely
	sure   = 90 // honest requests do not look like that
)

// Where a verdict's parameter is no parameter of the query.
const (
	inPath      = "url.path"
	inReferrer  = "http.request.referrer"
	inUserAgent = "user_agent.original"
)

// Verdict is one class of attack in a request.
type Verdict struct {
	Class Class
	// Score is from 1 to 100: 30 is a hint, 60 likely, 90 sure.
	Score int
	// Parameter is the decoded name of the parameter; "url.path",
	// "http.request.referrer" or "user_agent.original" where it is elsewhere.
	Parameter []byte
}

// Eye inspects requests, one after the other.
type Eye struct {
	verdicts []Verdict
	decoder  decoder
	name     []byte
	lore     lore
	// work is what may still be spent on the request in hand.
	work int
}

// New makes an eye.
func New() *Eye { return &Eye{lore: newLore()} }

// Inspect gives the verdicts on one request, in the order of the classes; none
// for a clean one, at no allocation. They are valid until the next call.
func (e *Eye) Inspect(r Request) []Verdict {
	e.verdicts, e.work = e.verdicts[:0], maxWork
	target, query, _ := bytes.Cut(clip(r.Target), []byte("?"))
	e.path(target)
	// A character reference begins with what parts parameters.
	if bytes.Contains(query, []byte("&#")) {
		e.references(query)
	}
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		e.parameter(pair)
	}
	e.header(clip(r.Referrer), inReferrer)
	e.header(clip(r.UserAgent), inUserAgent)
	if len(r.UserAgent) > 0 {
		e.scanner(clip(r.UserAgent))
	}
	return e.verdicts
}

func clip(text []byte) []byte {
	return text[:min(len(text), maxInspected)]
}

// found files a verdict: the highest of each class counts.
func (e *Eye) found(class Class, score int, parameter []byte) {
	i := 0
	for i < len(e.verdicts) && e.verdicts[i].Class < class {
		i++
	}
	if i < len(e.verdicts) && e.verdicts[i].Class == class {
		if v := &e.verdicts[i]; score > v.Score {
			v.Score, v.Parameter = score, append([]byte(nil), parameter...)
		}
		return
	}
	e.verdicts = append(e.verdicts, Verdict{})
	copy(e.verdicts[i+1:], e.verdicts[i:])
	e.verdicts[i] = Verdict{class, score, append([]byte(nil), parameter...)}
}

// plain tells whether a text consists of what no attack can be made of: letters,
// digits and a few marks, without two dots in a row. Bytes of other scripts count
// as letters.
func plain(text []byte, marks *[256]bool) bool {
	for i, c := range text {
		if !marks[c] || c == '.' && i > 0 && text[i-1] == '.' {
			return false
		}
	}
	return true
}

// marksOf is the table for plain.
func marksOf(marks string) (table [256]bool) {
	for c := range 256 {
		table[c] = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0xC2
	}
	for i := range len(marks) {
		table[marks[i]] = true
	}
	return table
}

// path looks at the path: as a whole for what walks through folders, and at
// each segment that is not plain for everything else.
func (e *Eye) path(text []byte) {
	e.file(text, []byte(inPath))
	if plain(text, &e.lore.path) {
		return
	}
	decoded := e.decoder.decode(text, false)
	where := []byte(inPath)
	e.traversal(decoded, where)
	e.file(decoded, where)
	e.command(decoded, where)
	e.lookups(decoded, where)
	e.code(decoded, where)
	for rest := decoded; len(rest) > 0; {
		var segment []byte
		segment, rest, _ = bytes.Cut(rest, []byte("/"))
		if !plain(segment, &e.lore.path) {
			e.injection(segment, where)
		}
	}
	if bytes.IndexByte(decoded, '<') >= 0 {
		e.markup(decoded, where)
	}
}

// references looks at a query whole, for markup whose character references were sent as
// they are.
func (e *Eye) references(query []byte) {
	decoded := e.decoder.decode(query, true)
	name, _, _ := bytes.Cut(decoded, []byte("="))
	e.name = append(e.name[:0], name...)
	e.markup(decoded, e.name)
	if entities, ok := e.decoder.entities(decoded); ok {
		e.markup(entities, e.name)
	}
}

// parameter looks at one name=value of the query.
func (e *Eye) parameter(pair []byte) {
	name, value, _ := bytes.Cut(pair, []byte("="))
	plainName, plainValue := plain(name, &e.lore.value), plain(value, &e.lore.value)
	if plainName && plainValue && len(value) < minEncoded {
		return
	}
	e.name = append(e.name[:0], name...)
	if !plainName {
		e.name = append(e.name[:0], e.decoder.decode(name, true)...)
		if plain(e.name, &e.lore.name) {
			e.operator(e.name)
		} else {
			e.all(e.name, e.name)
		}
	}
	if !plainValue {
		value = e.decoder.decode(value, true)
		e.all(value, e.name)
	}
	for _, undo := range []func([]byte) ([]byte, bool){e.decoder.base64, e.decoder.hex} {
		if text, ok := undo(value); ok {
			e.injection(text, e.name)
			e.markup(text, e.name)
		}
	}
}

// all looks at a decoded text for everything.
func (e *Eye) all(text, where []byte) {
	if plain(text, &e.lore.prose) {
		if bytes.IndexByte(text, ' ') >= 0 {
			e.injection(text, where)
		}
		return
	}
	e.look(text, where)
	if entities, ok := e.decoder.entities(text); ok {
		e.look(entities, where)
	}
	if folded, ok := e.decoder.folded(text); ok {
		e.injection(folded, where)
		e.markup(folded, where)
	}
	if bytes.IndexByte(text, '+') >= 0 && hasByte(text, "'\"(,;|&=`") { // a plus that was escaped, too
		blanks := bytes.ReplaceAll(text, []byte("+"), []byte(" "))
		e.injection(blanks, where)
		e.command(blanks, where)
	}
}

func (e *Eye) look(text, where []byte) {
	e.injection(text, where)
	e.markup(text, where)
	e.traversal(text, where)
	e.file(text, where)
	if bytes.Contains(text, []byte("./")) {
		straight := e.decoder.straight(text)
		e.traversal(straight, where)
		e.file(straight, where)
	}
	e.command(text, where)
	e.lookups(text, where)
	e.inclusion(text, where)
	e.code(text, where)
}

// header looks at what a client says of itself. Only what has no place in any
// header is looked for: honest ones hold semicolons, brackets and addresses.
func (e *Eye) header(text []byte, name string) {
	if bytes.IndexByte(text, '{') < 0 && bytes.IndexByte(text, '<') < 0 && bytes.IndexByte(text, '%') < 0 && bytes.IndexByte(text, '\'') < 0 {
		return
	}
	decoded := e.decoder.decode(text, false)
	where := []byte(name)
	e.lookups(decoded, where)
	e.shellshock(decoded, where)
	e.markup(decoded, where)
	if bytes.IndexByte(decoded, '\'') >= 0 && name == inUserAgent {
		e.injection(decoded, where)
	}
}
