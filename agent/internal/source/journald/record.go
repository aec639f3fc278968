package journald

import (
	"errors"
	"fmt"
	"io"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// streamName is the sequence that all entries belong to. Their senders are told
// apart by the origin in their envelopes.
const streamName = "journald"

// maxOrigins bounds the names that are kept.
const maxOrigins = 4096

// origins are the senders seen, so that a name is not made for each entry.
type origins map[string]string

// of is the name of a sender: unit, process, and what it calls itself.
func (o origins) of(unit, pid, app []byte) string {
	var space [256]byte
	name := append(append(append(space[:0], unit...), 0), pid...)
	name = append(append(name, 0), app...)
	if known, ok := o[string(name)]; ok {
		return known
	}
	if len(o) >= maxOrigins {
		clear(o)
	}
	made := string(name)
	o[made] = made
	return made
}

// record makes a raw record of an entry. Both are valid until the next entry.
func (e *entry) record(raw *record.Raw, v *record.Envelope, o origins) {
	*v = record.Envelope{
		Host: e.get(fieldHost), App: e.get(fieldIdentifier), ProcID: e.get(fieldSyslogPID),
		PID: e.get(fieldPID), UID: e.get(fieldUID), Comm: e.get(fieldComm), Exe: e.get(fieldExe), Unit: e.get(fieldUnit),
		Facility: -1, Severity: -1,
	}
	switch string(e.get(fieldTransport)) {
	case "stdout":
		v.Stdout = true
	case "kernel", "audit":
		v.Kernel = true
	}
	if len(v.App) == 0 {
		v.App = v.Comm
	}
	v.Origin = o.of(v.Unit, v.PID, v.App)
	if n, ok := e.number(fieldFacility); ok && n < 24 {
		v.Facility = int(n)
	}
	if n, ok := e.number(fieldPriority); ok && n < 8 {
		v.Severity = int(n)
	}
	v.Time = e.time()
	*raw = record.Raw{
		Stream: streamName, Parser: "auto", Text: e.get(fieldMessage), Truncated: e.truncated, Envelope: v,
	}
}

// maxMicros is the last microsecond whose nanoseconds fit.
const maxMicros = 1<<63/1000 - 1

// time is when the sender wrote the entry, in nanoseconds since 1970; where that
// is not known, when the journal did.
func (e *entry) time() int64 {
	for _, field := range [...]int{fieldSource, fieldRealtime} {
		if n, ok := e.number(field); ok && n > 0 && n <= maxMicros {
			return int64(n) * 1000
		}
	}
	return int64(min(e.at.realtime, maxMicros)) * 1000
}

// Reader reads entries from what "journalctl --output=json" printed.
type Reader struct {
	decoder  *decoder
	entry    entry
	raw      record.Raw
	envelope record.Envelope
	origins  origins
	line     int64
}

// NewReader reads from in; a message is cut at limit bytes.
func NewReader(in io.Reader, limit int) *Reader {
	return &Reader{decoder: newDecoder(in, limit), origins: origins{}}
}

// ErrEntry says that a line is no entry; the next one may be.
var ErrEntry = errBroken

// Next is the next entry, valid until the one after it; io.EOF after the last.
// Every line counts, one that is no entry too.
func (r *Reader) Next() (*record.Raw, error) {
	err := r.decoder.next(&r.entry)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, io.EOF
	}
	r.line++
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("%w: its end is missing", ErrEntry)
	case err == nil && r.entry.withheld:
		err = fmt.Errorf("%w with its message: journalctl leaves out what is long without --all", ErrEntry)
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", r.line, err)
	}
	r.entry.record(&r.raw, &r.envelope, r.origins)
	r.raw.Line = r.line
	return &r.raw, nil
}
