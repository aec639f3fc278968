package parse

import "bytes"

// headWords bounds the words that are read for a verdict.
const headWords = 16

// verdict is what the words of a program have said of a login so far.
type verdict struct {
	noun, weak, attempt         bool
	fails, succeeds, neg, unfit bool
	could                       bool
	ungiven                     bool // "invalid", "unknown": of a name it says that nobody has it
}

func (v *verdict) take(k kind) {
	v.noun = v.noun || k&noun != 0 && (k&weak == 0 || v.attempt)
	v.weak = v.weak || k&weak != 0
	if k&attempt != 0 {
		v.attempt = true
		v.noun = v.noun || v.weak
	}
	if v.could && k&negating != 0 && !v.noun { // "could not"
		v.fails = true
	}
	v.could = v.could || k&unable != 0 && k&failing == 0
	if k&failing != 0 && k&unable == 0 {
		v.fails = true
	}
	if k&unable != 0 && k&failing != 0 && !v.noun && !v.succeeds { // "cannot", before what cannot be done
		v.fails = true
	}
	v.ungiven = v.ungiven || k&nobodys != 0
	if k&succeeding != 0 {
		if v.neg {
			v.fails = true
			v.unfit = k&noun != 0 && k&done == 0 // "not logged in" is a state
		} else if !v.fails {
			v.succeeds = true
		}
	}
	v.neg = v.neg || k&negating != 0
}

func (v *verdict) complete() bool { return v.noun && (v.fails || v.succeeds) && !v.unfit }

func (v *verdict) outcome() string {
	if v.fails {
		return failure
	}
	return success
}

// head reads the words of the program that a text begins with, which say how a login
// ended: "Login failed", "Unsuccessful 2FA authentication attempt", "Nieudana próba
// logowania". It gives what follows, and what that is where the words say so: after
// "Invalid user" comes a name.
func (p *loginPhrase) head(m []byte) (rest []byte, lead role, ok bool) {
	if after, ok := cutFold(m, "error occurred getting details for user"); ok {
		p.outcome = failure // Authelia's words for nobody's name
		return after, namesUser, true
	}
	var v verdict
	b := m
	for n := range headWords {
		at := skipMarks(b, n)
		word, after := nextWord(at)
		k := kindOf(word)
		if k == 0 || isNegatedPair(k, v) {
			break
		}
		if k&particle != 0 { // "log in", "signed on"
			if after, ok = cutParticle(after); !ok {
				break
			}
		}
		if v.complete() && k&(noun|failing|succeeding|negating|attempt|method) == 0 || v.complete() && isKeyMark(after) {
			break
		}
		if k&user != 0 && k&noun == 0 || k&(place|forwards) != 0 || k&server != 0 && k&filling == 0 {
			if k&user != 0 && v.ungiven && !v.noun && !goesOn(after) {
				return after, namesUser, p.decide(&v, after, namesUser)
			}
			if !goesOn(after) {
				break
			}
			v.noun = v.noun || v.ungiven
		}
		if k&either != 0 && (k&filling == 0 || v.noun) {
			break
		}
		v.take(k)
		b = after
	}
	if v.weak && !v.noun && (v.fails || v.succeeds) {
		v.noun = leadsToUser(b) // "Access denied for user"
	}
	if !v.complete() {
		return p.undecided(m, b, &v)
	}
	return b, noRole, p.decide(&v, b, noRole)
}

// isNegatedPair says whether a second verdict begins that takes the first one back.
func isNegatedPair(k kind, v verdict) bool {
	return v.complete() && v.succeeds && k&(failing|negating) != 0
}

// decide sets the outcome, where what follows does not show that the words meant
// something else: "Login failed page loaded", "Invalid user agent".
func (p *loginPhrase) decide(v *verdict, rest []byte, lead role) bool {
	p.outcome = v.outcome()
	next := trimLeft(rest)
	if len(next) == 0 || len(next) == len(rest) || !isLetter(next[0]) && next[0] < 0x80 {
		return true
	}
	word, after := nextWord(next)
	if lead == namesUser {
		return !isThing(word)
	}
	if isThing(word) {
		return false
	}
	if kindOf(word) != 0 {
		return true
	}
	of, value, ok := leadingRole(trimLeft(after)) // "Failed login bob from IP"
	return ok && of == namesHost && len(value) > 0 && hex(value[0]) >= 0
}

// undecided lets a text go on that names a login first and says later how it ended:
// "Login of user X from IP failed".
func (p *loginPhrase) undecided(m, rest []byte, v *verdict) ([]byte, role, bool) {
	if !v.noun || v.fails || v.succeeds || v.unfit {
		return m, noRole, false
	}
	of, _, ok := leadingRole(trimLeft(rest))
	if !ok || of == isFiller {
		return m, noRole, false
	}
	p.deferred = true
	return rest, noRole, true
}

// settle reads a later verdict: its words begin at b. It has to end the clause. Where the
// name before it is without quotes, a second one of the other kind could be of either.
func (p *loginPhrase) settle(b []byte, v verdict) (rest []byte, ok bool) {
	for n := range headWords {
		at := skipMarks(b, n)
		word, after := nextWord(at)
		k := kindOf(word)
		if k&particle != 0 {
			if after, ok = cutParticle(after); !ok {
				break
			}
		}
		if k&(failing|succeeding|negating|filling|noun|method|attempt) == 0 || k&either != 0 && v.complete() {
			break
		}
		v.take(k &^ unable)
		b = after
	}
	if !v.complete() {
		return b, false
	}
	if next := trimLeft(b); len(next) > 0 && isLetter(next[0]) && len(next) < len(b) {
		if of, _, ok := leadingRole(next); !ok || of == noRole {
			return b, false
		}
	}
	p.deferred = false
	p.outcome = v.outcome()
	if p.loose && p.contradicted(b) {
		p.outcome = unknown
	}
	return b, true
}

// contradicted says whether a text holds a word of the other outcome.
func (p *loginPhrase) contradicted(b []byte) bool {
	against := failing | negating
	if p.outcome == failure {
		against = succeeding
	}
	for len(b) > 0 {
		word, after := nextWord(b)
		if len(word) == 0 {
			b = b[1:]
			continue
		}
		if kindOf(word)&against != 0 {
			return true
		}
		b = after
	}
	return false
}

// nameFirst reads "User X logged in", "User 'X' (IP) failed to log in", "Client IP failed
// to authenticate".
func (p *loginPhrase) nameFirst(m []byte) ([]byte, bool) {
	lead := noRole
	b := m
	for range 4 {
		word, after := nextWord(b)
		k := kindOf(word)
		if k&(user|place) == 0 && (k == 0 || lead == noRole && k&filling == 0 || k&(failing|succeeding) != 0) {
			break
		}
		switch {
		case k&user != 0:
			lead = namesUser
		case k&place != 0:
			lead = namesHost
		}
		b = trimLeft(skipOne(after, k))
	}
	if lead == noRole || len(b) == len(m) || len(b) == 0 {
		return m, false
	}
	value, rest, quoted := phraseValue(b)
	switch {
	case len(value) == 0 || !quoted && bytes.IndexByte(value, ':') >= 0 && !isIP(value):
		return m, false
	case lead == namesUser:
		p.user, p.named, p.loose = value, true, !quoted
	case p.address(value, true):
	default:
		return m, false
	}
	for range 3 { // "(IP)", "[IP]", "from IP"
		rest = bytes.TrimLeft(rest, " ,:-")
		if len(rest) == 0 {
			return m, false
		}
		if of, after, ok := leadingRole(rest); ok && of == namesHost {
			rest = after
		} else if rest[0] != '(' && rest[0] != '[' {
			break
		}
		value, after, _ := phraseValue(rest)
		if p.address(value, true); len(value) == 0 {
			break
		}
		rest = after
	}
	rest, ok := p.settle(rest, verdict{})
	return rest, ok
}

// skipMarks passes what may stand between the words of a verdict.
func skipMarks(b []byte, n int) []byte {
	if n > 0 && len(b) > 1 && b[0] == '\'' && (isLetter(b[1]) || b[1] >= 0x80) {
		return b[1:] // "d'authentification"
	}
	for len(b) > 0 {
		switch b[0] {
		case ' ', '-', ':', ',', '.', '_', '/', '!', ';':
			if n == 0 {
				return b
			}
			b = b[1:]
		default:
			return b
		}
	}
	return b
}

// skipOne passes the mark behind a word that leads to a name: "User: bob", and where the
// word is an article, "l'utilisateur".
func skipOne(b []byte, k kind) []byte {
	if len(b) > 0 && (b[0] == ':' || b[0] == '=' || b[0] == '\'' && k == filling) {
		return b[1:]
	}
	return b
}

// leadsToUser says whether a text goes on with "user" or "for user".
func leadsToUser(b []byte) bool {
	for range 4 {
		of, rest, ok := leadingRole(skipMarks(b, 1))
		if !ok || of == namesUser {
			return ok
		}
		if of != namesEither && of != isFiller {
			return false
		}
		b = rest
	}
	return false
}

// isKeyMark says whether a word was a key: "user=bob".
func isKeyMark(after []byte) bool {
	return len(after) > 0 && (after[0] == '=' || after[0] == ':' && len(after) > 1 && after[1] != ' ')
}

// goesOn says whether a word that could lead to a name is part of a verdict instead:
// "user authentication failed", "username or password is incorrect".
func goesOn(after []byte) bool {
	if isKeyMark(after) && after[0] == '=' {
		return false
	}
	marks := skipMarks(after, 1)
	if len(after) > 0 && after[0] == ':' {
		return false
	}
	word, _ := nextWord(marks)
	k := kindOf(word)
	return k&(noun|failing|joining|attempt) != 0
}

// cutParticle removes the "in" of "log in".
func cutParticle(b []byte) ([]byte, bool) {
	if len(b) > 0 && (b[0] == ' ' || b[0] == '-' || b[0] == '_') {
		for _, word := range [...]string{"in", "on", "into", "onto"} {
			if rest, ok := cutFold(b[1:], word); ok && endsWord(rest) {
				return rest, true
			}
		}
	}
	return b, false
}

// nextWord takes the letters and digits at the beginning, with the "'t" of "can't".
func nextWord(b []byte) (word, rest []byte) {
	i := 0
	for i < len(b) && (byteKinds[b[i]]&inName != 0 && b[i] != '.' && b[i] != '_') {
		i++
	}
	if i > 2 && i+1 < len(b) && b[i] == '\'' && b[i+1] == 't' && endsWord(b[i+2:]) {
		i += 2
	}
	return b[:i], b[i:]
}
