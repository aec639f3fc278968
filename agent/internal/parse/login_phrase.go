package parse

import (
	"bytes"
	"strings"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Logins in an application's own words. Hundreds of programs write "Login failed for
// user X from IP" in an order of their own; Odoo, Stirling-PDF, Guacamole,
// Calibre-Web, Prowlarr, Overseerr, Emby, Gitea, Jellyfin, Home Assistant, SFTPGo are some
// whose logs were looked at. No source says which there are.
//
// The rules keep a stranger's words out. The text has to begin with the program's
// verdict, after short labels. An address counts only where it is the only one in the
// text and a word of the program leads to it, or a bracket holds it; a name only
// behind such a word, and without quotes only where a word of the program follows.

// loginPhrase is such a text, taken apart.
type loginPhrase struct {
	outcome    string
	user, host []byte
	hosts      int  // how many different addresses the text holds
	led        bool // a word of the program leads to the address, or a bracket holds it
}

// loginText reads a message that tells of a login, and says whether it does.
func (e *entry) loginText(m []byte) bool {
	var p loginPhrase
	if e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) != nil || !p.read(m) {
		return false
	}
	e.appLogin(p.outcome, p.host, p.user)
	return true
}

// appLogin sets a login at an application.
func (e *entry) appLogin(outcome string, host, user []byte) {
	e.did(authentication, "app_login", outcome)
	e.from(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	e.out.Class = eventv1.Class_CLASS_AUTH
}

// longestPhrase bounds what is looked at: a longer text is no such message.
const longestPhrase = 1024

func (p *loginPhrase) read(m []byte) bool {
	if len(m) < 10 || len(m) > longestPhrase {
		return false
	}
	m = p.labels(m)
	if len(m) == 0 {
		return false
	}
	rest, ok := p.verdict(m)
	if !ok {
		if rest, ok = p.userFirst(m); !ok {
			return false
		}
	}
	lead := noRole
	if _, ok := cutEnd(m[:len(m)-len(rest)], " user"); ok {
		lead = namesUser // "Invalid user X"
	}
	p.words(rest, lead)
	if p.hosts != 1 || !p.led {
		p.host = nil
	}
	return true
}

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
	const longest = 80
	if len(m) == 0 {
		return m, false
	}
	if m[0] == '[' || m[0] == '{' {
		end := bytes.IndexByte(m[:min(len(m), longest)], m[0]+2) // "]" and "}" are two further
		if end < 2 {
			return m, false
		}
		inside, _ := cut(m[1:end], "client ")
		p.address(inside, true)
		rest, _ := cut(m[end+1:], ":")
		return rest, true
	}
	word, rest := token(m[:min(len(m), longest)])
	if len(rest) == 0 {
		return m, false
	}
	rest = m[len(word)+1:]
	if after, ok := cut(rest, "- "); ok && isIP(word) {
		p.address(word, true)
		return after, true
	}
	if name, ok := cutEnd(word, ":"); ok {
		return rest, len(name) > 0 && consists(name, inOrigin) && !isVerb(name)
	}
	next, _ := token(rest)
	if name, ok := cutEnd(next, ":"); ok && isDotted(name) && isName(word) {
		return rest, true
	}
	return rest, has(rest, "[") && len(next) < 32 && bytes.IndexByte(next, ']') > 0 && (contains(word, ":") || isName(word)) || string(next) == ":" && isLoggerWord(word)
}

// isVerb keeps a verdict with a colon, "Unauthorized:", from being taken for a label.
func isVerb(name []byte) bool {
	var p loginPhrase
	_, ok := p.verdict(name)
	return ok
}

// verdict reads the words that say how a login ended.
func (p *loginPhrase) verdict(m []byte) ([]byte, bool) {
	if rest, ok := cutAny(m, failedWords(lower(m[0]))); ok {
		p.outcome = failure
		return rest, true
	}
	if rest, ok := cutAny(m, succeededWords(lower(m[0]))); ok {
		p.outcome = success
		return rest, true
	}
	return p.methodVerdict(m)
}

// methodVerdict reads "Unsuccessful METHOD authentication" and "Successful …": up to two
// words of the program say with what, "TOTP", "Duo push".
func (p *loginPhrase) methodVerdict(m []byte) ([]byte, bool) {
	outcome := failure
	rest, ok := cutFold(m, "unsuccessful ")
	if !ok {
		outcome = success
		if rest, ok = cutFold(m, "successful "); !ok {
			return m, false
		}
	}
	for range 3 {
		if after, ok := cutAny(rest, "authentication|login|logon|sign-in"); ok {
			p.outcome = outcome
			return after, true
		}
		var word []byte
		if word, rest = token(rest); !consists(word, inHost) {
			break
		}
	}
	return m, false
}

// userFirst reads "User X logged in", "User X failed to log in" and "Authentication
// attempt from IP for user X failed".
func (p *loginPhrase) userFirst(m []byte) ([]byte, bool) {
	if rest, ok := cutFold(m, "user "); ok {
		return p.userVerdict(rest)
	}
	rest, ok := cutAny(m, "authentication attempt|login attempt")
	if !ok {
		return m, false
	}
	p.outcome = failure
	rest = trimLeft(rest)
	if after, ok := cutAny(rest, "with wrong password|with invalid authentication|invalid user|invalid password|with invalid credentials"); ok {
		return after, true
	}
	head := bytes.TrimRight(rest, ". ")
	for _, words := range [...]string{" failed", " has been rate-limited", " was rejected", " denied", " rejected"} {
		if before, ok := cutEnd(head, words); ok {
			return before, true
		}
	}
	return m, false
}

// userVerdict reads "X VERDICT".
func (p *loginPhrase) userVerdict(b []byte) ([]byte, bool) {
	value, rest, quoted := phraseValue(b)
	if len(value) == 0 || !quoted && bytes.IndexByte(value, ':') >= 0 {
		return b, false
	}
	rest = trimLeft(rest)
	after, ok := cutAny(rest, "has failed to log in|failed to log in|failed to login|login failed|authentication failed|failed authentication|failed to authenticate")
	if p.outcome = failure; !ok {
		p.outcome = success
		after, ok = cutAny(rest, "has logged in|logged in|login successful|successfully logged in|authenticated successfully|logged on")
	}
	p.user = value
	return after, ok
}

// failedWords are the verdicts that begin with a letter, with bars between them.
func failedWords(first byte) string {
	switch first {
	case 'a':
		return "authentication failed|authentication failure|authentication error|authentication unsuccessful|auth failed" +
			"|auth failure|auth-failure|auth fail|access denied for user|authenticate failed|admin login failed"
	case 'b':
		return "bad password|bad login|bad username or password|bad credentials|blocked login"
	case 'c':
		return "could not authenticate|credentials are incorrect|can't find user"
	case 'd':
		return "denied login|denied access for user"
	case 'e':
		return "error authenticating|error logging in|error validating credentials|error occurred getting details for user"
	case 'f':
		return "failed login|failed to login|failed to log in|failed to authenticate|failed authentication|failed logon" +
			"|failed signin|failed sign-in|failed to sign in|failed password|failed auth|failed user authentication" +
			"|failed admin login"
	case 'i':
		return "invalid username or password|invalid user or password|invalid login|invalid credentials|invalid password" +
			"|invalid user|invalid username/password|incorrect username or password|incorrect password|incorrect login" +
			"|incorrect credentials|incorrect user name or password|invalid username|invalid user name or password" +
			"|invalid email or password|invalid logon|invalid authentication|invalid admin login"
	case 'l':
		return "login failed|login failure|login attempt failed|login incorrect|login unsuccessful|login denied|login error" +
			"|login refused|login rejected|logon failed|logon failure|log in failed"
	case 'n':
		return "no such user|not authenticated"
	case 'p':
		return "password authentication failed|password incorrect|password check failed|password mismatch"
	case 's':
		return "sign-in failed|sign in failed|signin failed|sip auth failure"
	case 'u':
		return "unsuccessful login|unsuccessful authentication|unauthorized login|unknown user|user authentication failed" +
			"|unable to authenticate|username or password is incorrect|unable to login|unable to log in|user login failed"
	case 'w':
		return "wrong password|wrong username or password|wrong credentials|web login failed"
	}
	return ""
}

func succeededWords(first byte) string {
	switch first {
	case 'a':
		return "authentication successful|authentication succeeded|authentication success|auth-success|auth success"
	case 'l':
		return "login successful|login succeeded|login success|logged in successfully|logon successful"
	case 's':
		return "successful login|successful authentication|successfully logged in|successfully authenticated|successful logon" +
			"|successful sign-in"
	case 'u':
		return "user logged in|user login successful|user authentication successful"
	}
	return ""
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// cutFold is cut for a prefix in lower case, whatever the case of the text.
func cutFold(b []byte, prefix string) ([]byte, bool) {
	if len(b) < len(prefix) {
		return b, false
	}
	for i := range len(prefix) {
		if lower(b[i]) != prefix[i] {
			return b, false
		}
	}
	return b[len(prefix):], true
}

// cutAny removes the first of some words, which bars stand between, that a text
// begins with, and that end where a word of the text does.
func cutAny(b []byte, list string) ([]byte, bool) {
	for len(list) > 0 {
		words := list
		if i := strings.IndexByte(list, '|'); i >= 0 {
			words, list = list[:i], list[i+1:]
		} else {
			list = ""
		}
		if rest, ok := cutFold(b, words); ok && endsWord(rest) {
			return rest, true
		}
	}
	return b, false
}

// endsWord says whether a word ended where a text goes on.
func endsWord(rest []byte) bool {
	return len(rest) == 0 || !isLetter(rest[0]) && !isDigit(rest[0]) && rest[0] != '_' && rest[0] != '-'
}
