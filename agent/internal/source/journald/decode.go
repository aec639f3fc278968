package journald

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// windowSize is how much of journalctl's output is in memory at a time, besides
// what is kept of one entry.
const windowSize = 64 << 10

// Bounds of what is kept of a field.
const (
	maxField  = 4 << 10
	maxKey    = 64
	maxBroken = 120
)

// The fields that are read.
const (
	fieldNone = iota - 1
	fieldCursor
	fieldRealtime
	fieldSource
	fieldMessage
	fieldPriority
	fieldFacility
	fieldIdentifier
	fieldSyslogPID
	fieldPID
	fieldUID
	fieldComm
	fieldExe
	fieldUnit
	fieldHost
	fieldTransport
	fieldCount
)

// outputFields are those that journalctl is asked for; it prints the cursor and
// the time with every entry.
const outputFields = "MESSAGE,PRIORITY,SYSLOG_FACILITY,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID,_COMM,_EXE,_SYSTEMD_UNIT,_HOSTNAME," +
	"_TRANSPORT,_SOURCE_REALTIME_TIMESTAMP"

func fieldOf(key []byte) int {
	switch string(key) {
	case "__CURSOR":
		return fieldCursor
	case "__REALTIME_TIMESTAMP":
		return fieldRealtime
	case "_SOURCE_REALTIME_TIMESTAMP":
		return fieldSource
	case "MESSAGE":
		return fieldMessage
	case "PRIORITY":
		return fieldPriority
	case "SYSLOG_FACILITY":
		return fieldFacility
	case "SYSLOG_IDENTIFIER":
		return fieldIdentifier
	case "SYSLOG_PID":
		return fieldSyslogPID
	case "_PID":
		return fieldPID
	case "_UID":
		return fieldUID
	case "_COMM":
		return fieldComm
	case "_EXE":
		return fieldExe
	case "_SYSTEMD_UNIT":
		return fieldUnit
	case "_HOSTNAME":
		return fieldHost
	case "_TRANSPORT":
		return fieldTransport
	}
	return fieldNone
}

// entry is what is read of one entry. Its memory is used again for the next one.
type entry struct {
	fields [fieldCount][]byte
	// set says which fields there were.
	set [fieldCount]bool
	// truncated says that the message was longer than the limit.
	truncated bool
	// withheld says that the message was left out by journalctl: it was run without --all.
	withheld bool
	at       cursor
}

func (e *entry) get(field int) []byte {
	if !e.set[field] {
		return nil
	}
	return e.fields[field]
}

func (e *entry) number(field int) (uint64, bool) {
	b := e.get(field)
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b), 10, 63)
	return n, err == nil
}

// errBroken is a line that is no entry. The next line may be one.
var errBroken = errors.New("not an entry of a journal in JSON")

// brokenError is errBroken with the beginning of the line.
type brokenError struct{ text string }

func (e *brokenError) Error() string {
	return errBroken.Error() + ": " + strconv.QuoteToASCII(e.text)
}
func (e *brokenError) Unwrap() error { return errBroken }

// decoder reads "journalctl --output=json": one object a line, whose values are
// strings, null for what is too long without --all, arrays of numbers for what is
// no text, and arrays of all these where a field is there more than once. Memory
// is bounded whatever comes, since an entry may have gigabytes.
type decoder struct {
	in    io.Reader
	limit int
	// window[pos:end] is what was read and not looked at.
	window   []byte
	pos, end int
	err      error
	head     []byte // the beginning of the line
	key      []byte
}

func newDecoder(in io.Reader, limit int) *decoder {
	return &decoder{in: in, limit: limit, window: make([]byte, windowSize)}
}

// next reads one entry. io.EOF is the end between two lines, io.ErrUnexpectedEOF
// one within a line; errBroken leaves the decoder at the beginning of the next.
func (d *decoder) next(e *entry) error {
	e.set = [fieldCount]bool{}
	e.truncated, e.withheld = false, false
	for {
		c, ok := d.peek()
		if !ok {
			return d.err
		}
		if c != '\n' && c != '\r' && c != ' ' {
			break
		}
		d.pos++
	}
	d.head = append(d.head[:0], d.window[d.pos:min(d.end, d.pos+maxBroken)]...)
	whole := d.object(e) && d.lineEnd()
	if whole {
		var ok bool
		if e.at, ok = parseCursor(e.get(fieldCursor)); ok {
			return nil
		}
		return d.broken()
	}
	if !d.skipLine() {
		if errors.Is(d.err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return d.err
	}
	return d.broken()
}

func (d *decoder) broken() error {
	head, _, _ := bytes.Cut(d.head, []byte("\n"))
	return &brokenError{text: string(head)}
}

// peek is the next byte.
func (d *decoder) peek() (byte, bool) {
	if d.pos == d.end && !d.fill() {
		return 0, false
	}
	return d.window[d.pos], true
}

// fill reads more once all is looked at.
func (d *decoder) fill() bool {
	for empty := 0; d.err == nil && empty < 100; empty++ {
		var n int
		n, d.err = d.in.Read(d.window)
		d.pos, d.end = 0, n
		if n > 0 {
			return true
		}
	}
	if d.err == nil {
		d.err = io.ErrNoProgress
	}
	d.pos, d.end = 0, 0
	return false
}

// lineEnd reads what may stand after an object.
func (d *decoder) lineEnd() bool {
	for {
		c, ok := d.peek()
		if !ok {
			return true // the object is whole
		}
		switch c {
		case '\n':
			d.pos++
			return true
		case ' ', '\r':
			d.pos++
		default:
			return false
		}
	}
}

// skipLine goes to the beginning of the next line.
func (d *decoder) skipLine() bool {
	for {
		if _, ok := d.peek(); !ok {
			return false
		}
		if i := bytes.IndexByte(d.window[d.pos:d.end], '\n'); i >= 0 {
			d.pos += i + 1
			return true
		}
		d.pos = d.end
	}
}

// token is the next byte that is no space. A line's end is none: no entry goes
// over it.
func (d *decoder) token() (byte, bool) {
	if d.pos < d.end && d.window[d.pos] > ' ' {
		return d.window[d.pos], true
	}
	for {
		c, ok := d.peek()
		if !ok || c == '\n' {
			return 0, false
		}
		if c != ' ' && c != '\t' && c != '\r' {
			return c, true
		}
		d.pos++
	}
}

// take reads one byte that has to be there.
func (d *decoder) take(want byte) bool {
	c, ok := d.token()
	if !ok || c != want {
		return false
	}
	d.pos++
	return true
}

func (d *decoder) object(e *entry) bool {
	if !d.take('{') {
		return false
	}
	if c, ok := d.token(); ok && c == '}' {
		d.pos++
		return true
	}
	for {
		if c, ok := d.token(); !ok || c != '"' {
			return false
		}
		field := fieldNone
		if key, ok := d.plain(); ok {
			field = fieldOf(key)
		} else {
			var long bool
			if d.key, long = d.text(d.key[:0], maxKey); d.key == nil {
				return false
			}
			if !long {
				field = fieldOf(d.key)
			}
		}
		if !d.take(':') || !d.value(e, field) {
			return false
		}
		c, ok := d.token()
		if !ok || (c != ',' && c != '}') {
			return false
		}
		d.pos++
		if c == '}' {
			return true
		}
	}
}
