package parse

// Audit events in JSON and logfmt: a key says what was done, "event": "user.login.failed", or
// "action": "login", and then another how it ended, "status": "failure". The words are those
// of the vocabulary, joined as identifiers are: login_failed, LoginFailed, LOGIN_ERROR.

// mayTell rules out objects without such a key.
func (r *jsonReader) mayTell() bool {
	return r.slots[slotAction].kind != 0 || string(r.slots[slotMessage].key) == "event"
}

// event reads a verdict that stands in keys instead of the message.
func (p *loginPhrase) event(r *jsonReader) bool {
	named := false
	for i := range r.scanner.pairs {
		pair := &r.scanner.pairs[i]
		if pair.slot != slotAction && pair.slot != slotMessage {
			continue
		}
		if string(pair.key) == "sender" { // which may be a person's name elsewhere
			if string(pair.value) == "connection_failed" { // SFTPGo
				p.outcome = failure
				return true
			}
			continue
		}
		switch string(pair.value) {
		case "true":
			p.outcome = failure
			return string(pair.key) == "authentication_failed" // Miniflux
		case "LOGIN": // Keycloak, whose failure is LOGIN_ERROR
			p.outcome = success
			if string(pair.key) == "type" {
				return true
			}
		}
		v, ok := eventName(pair.value)
		if ok && v.complete() {
			p.outcome = v.outcome()
			return true
		}
		named = named || ok && v.noun
	}
	return named && p.result(r)
}

// result reads how an event ended that another key names.
func (p *loginPhrase) result(r *jsonReader) bool {
	for i := range r.scanner.pairs {
		pair := &r.scanner.pairs[i]
		if !isResultKey(lastKey(pair.key)) {
			continue
		}
		switch k := kindOf(pair.value); {
		case k&failing != 0 || string(pair.value) == "false":
			p.outcome = failure
			return true
		case k&succeeding != 0 || string(pair.value) == "true":
			p.outcome = success
			return true
		}
	}
	return false
}

// eventName reads an identifier whose words are all of the vocabulary.
func eventName(b []byte) (v verdict, ok bool) {
	const longest = 64
	if len(b) < 4 || len(b) > longest {
		return v, false
	}
	for i := 0; i < len(b); {
		start := i
		for i < len(b) && isLetter(b[i]) && (i == start || b[i] >= 'a' || b[i-1] < 'a') {
			i++
		}
		if i == start {
			if b[i] >= 0x80 || isDigit(b[i]) {
				return v, false
			}
			i++
			continue
		}
		k := kindOf(b[start:i])
		if k == 0 {
			return v, false
		}
		if k&particle != 0 { // "logged_in", "signIn"
			for i < len(b) && !isLetter(b[i]) {
				i++
			}
			if _, ok := cutFold(b[i:], "in"); !ok {
				return v, false
			}
			i += len("in")
		}
		v.take(k)
	}
	return v, v.noun
}

// isResultKey knows those that say how it ended.
func isResultKey(key []byte) bool {
	switch string(key) {
	case "result", "outcome", "status", "success", "successful", "state", "Status", "Result", "Outcome", "event_outcome", "eventOutcome", "login_result",
		"authenticated", "request_status":
		return true
	}
	return false
}
