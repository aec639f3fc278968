package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// cef reads ArcSight's Common Event Format, "CEF:V|VENDOR|PRODUCT|VERSION|ID|NAME|SEVERITY|
// key=value …", and IBM's Log Event Extended Format, "LEEF:1.0|VENDOR|PRODUCT|VERSION|ID|
// key=value<TAB>…" (2.0 names another separator), alone or by syslog; by the implementation
// standard of CEF, revision 25, and the LEEF guide of QRadar 7.5. A bar or an equals
// sign in a value has a backslash before it.
func (e *entry) cef(m []byte) bool {
	var v cefEvent
	if !v.read(m) {
		return false
	}
	v.pairs()
	switch p := (loginPhrase{}); {
	case p.read(v.name) || p.read(v.message):
		e.did(authentication, "app_login", p.outcome)
		if v.user == nil {
			v.user = p.user
		}
		if v.source == nil {
			v.source = p.host
		}
	case v.method != nil && isMethod(v.method) && v.request != nil:
		e.did(web, "http_request", blockedOutcome(v.action))
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v.method)
		e.targetParts(e.cefText(v.request))
	case v.outcome != nil && v.action == nil:
		e.did(network, "device_event", blockedOutcome(v.outcome))
	case v.source != nil && v.destination != nil:
		e.firewall(v.action)
	default:
		e.did(network, "device_event", blockedOutcome(v.action))
	}
	e.address(v.source)
	e.port(v.sourcePort)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, v.destination)
	if isPort(v.destinationPort) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, v.destinationPort)
	}
	e.user(e.cefText(v.user))
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, v.id)
	if v.reason == nil {
		v.reason = v.name
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, e.cefText(v.reason))
	return true
}

// cefEvent is what is taken of an event.
type cefEvent struct {
	id, name, rest                                                                                            []byte
	separator                                                                                                 byte
	source, sourcePort, destination, destinationPort, user, action, outcome, reason, message, request, method []byte
}

func (v *cefEvent) read(m []byte) bool {
	heads := 7
	v.separator = ' '
	rest, ok := cut(m, "CEF:")
	if !ok {
		heads, v.separator = 5, '\t'
		if rest, ok = cut(m, "LEEF:"); !ok {
			return false
		}
		if has(rest, "2.0|") {
			heads = 6
		}
	}
	for n := range heads {
		part, after, ok := cutBar(rest)
		if !ok {
			return false
		}
		rest = after
		switch {
		case n == 4:
			v.id = part
		case n == 5 && heads == 7:
			v.name = part
		case n == 5 && len(part) == 1:
			v.separator = part[0]
		}
	}
	v.rest = rest
	return true
}

// cutBar cuts at the first bar that has no backslash before it.
func cutBar(b []byte) (part, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '|':
			return b[:i], b[i+1:], true
		}
	}
	return nil, nil, false
}

// pairs reads the extension. In CEF a value has blanks, and ends before the blank
// that the next key follows.
func (v *cefEvent) pairs() {
	const most = 128
	b := v.rest
	for n := 0; len(b) > 0 && n < most; n++ {
		at := bytes.IndexByte(b, '=')
		if at < 0 {
			return
		}
		key := trimSpaces(b[:at])
		value, rest := v.value(b[at+1:])
		if slot := v.slot(key); slot != nil && *slot == nil && !isNobody(value) {
			*slot = value
		}
		b = rest
	}
}

func (v *cefEvent) value(b []byte) (value, rest []byte) {
	if v.separator != ' ' {
		if i := bytes.IndexByte(b, v.separator); i >= 0 {
			return b[:i], b[i+1:]
		}
		return b, nil
	}
	blank := -1
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case ' ':
			blank = i
		case '=':
			if blank >= 0 {
				return trimRight(b[:blank]), b[blank+1:]
			}
		}
	}
	return trimRight(b), nil
}

func (v *cefEvent) slot(key []byte) *[]byte {
	switch string(key) {
	case "src":
		return &v.source
	case "spt", "srcPort":
		return &v.sourcePort
	case "dst":
		return &v.destination
	case "dpt", "dstPort":
		return &v.destinationPort
	case "suser", "usrName", "duser", "userName":
		return &v.user
	case "act", "action", "deviceAction":
		return &v.action
	case "outcome":
		return &v.outcome
	case "reason":
		return &v.reason
	case "msg":
		return &v.message
	case "request", "url":
		return &v.request
	case "requestMethod", "method":
		return &v.method
	}
	return nil
}

// cefText undoes the escapes of a value.
func (e *entry) cefText(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	start := len(e.scratch)
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			i++
			if c = b[i]; c == 'n' || c == 'r' {
				c = '\n'
			}
		}
		e.scratch = append(e.scratch, c)
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}
