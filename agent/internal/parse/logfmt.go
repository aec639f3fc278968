package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// logfmt reads key=value pairs as go-kit/log, logrus's TextFormatter and log/slog's
// TextHandler write them: a value in Go's quotes where it holds anything but letters,
// digits and a few marks. What the keys mean is what they mean in JSON.

// maxLogfmt bounds the pairs that are taken of a line.
const maxLogfmt = 64

// readLogfmt takes a line's pairs as if they were a JSON object's. A line that does
// not consist of them gives false.
func (r *jsonReader) readLogfmt(b []byte) bool {
	r.slots, r.claims = [slotCount]jsonPair{}, false
	j := &r.scanner
	*j = jsonScanner{pairs: j.pairs[:0], scratch: j.scratch[:0]}
	for n := 0; len(b) > 0; n++ {
		i := 0
		for i < len(b) && b[i] > ' ' && b[i] != '=' && b[i] != '"' {
			i++
		}
		if i == 0 || i == len(b) || b[i] != '=' || n == maxLogfmt {
			return false
		}
		key := b[:i]
		value, rest, ok := quoted(b[i+1:])
		if !ok {
			value, rest = token(b[i+1:])
		} else if bytes.IndexByte(value, '\\') >= 0 {
			value = j.unquote(value)
		}
		b = bytes.TrimLeft(rest, " ")
		pair := jsonPair{key: key, value: value, kind: 's', slot: slotOf(key)}
		j.pairs = append(j.pairs, pair)
		if len(value) == 0 {
			continue
		}
		if s := pair.slot; s != slotNone && r.slots[s].kind == 0 {
			r.slots[s] = pair
		}
	}
	return len(j.pairs) > 1
}

// unquote undoes the escapes of Go's strconv.Quote that are JSON's too; others stay.
func (j *jsonScanner) unquote(b []byte) []byte {
	start := len(j.scratch)
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			if n := j.escape(b[i+1:]); n > 0 {
				i += n
				continue
			}
		}
		j.scratch = append(j.scratch, b[i])
	}
	return j.scratch[start:len(j.scratch):len(j.scratch)]
}

// isLogfmt rules out, at the price of a few bytes, a line that does not begin with a
// key and an equals sign.
func isLogfmt(b []byte) bool {
	if isDigit(b[0]) {
		return false
	}
	for i, c := range b[:min(len(b), 32)] {
		if c == '=' {
			return i > 0
		}
		if byteKinds[c]&inHost == 0 && c != '@' {
			return false
		}
	}
	return false
}

// logfmtLine reads a line in logfmt: a request, a login, or a text with a level.
func (e *entry) logfmtLine(c *clock, b []byte) (parser, bool) {
	r := &e.jsonReader
	if !r.readLogfmt(b) {
		return plain, false
	}
	if e.accessSlots(c, r) {
		return access, true
	}
	level, message := r.slots[slotLevel].value, r.slots[slotMessage].value
	if len(level) == 0 || len(message) == 0 {
		return plain, false
	}
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LOGGER, r.slots[slotLogger].value)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	if !e.jsonLogin(r) {
		e.jsonError(r)
	}
	return appLog, true
}
