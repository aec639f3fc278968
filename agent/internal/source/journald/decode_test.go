package journald

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

const testFile = "3a2942af4c6c4fb9a81fda27176416de"

// cursorOf is the place of the n-th entry of a journal.
func cursorOf(n int) string {
	return fmt.Sprintf("s=%s;i=%x;b=e32d2bbe056c422fb382a3bc7ee935b5;m=%x;t=%x;x=%x", testFile, n, 1000+n, 1759827600000000+n, 7*n)
}

// line is an entry as journalctl prints it, with more fields.
func line(n int, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"__CURSOR":"%s","__REALTIME_TIMESTAMP":"%d","_PID":"7"%s}`, cursorOf(n), 1759827600000000+n, more)
}

// read is what a decoder makes of a text: the messages, and what went wrong.
func read(in io.Reader, limit int) (got []string) {
	d := newDecoder(in, limit)
	var e entry
	for {
		err := d.next(&e)
		switch {
		case err == nil:
			text := fmt.Sprintf("%d %q", e.at.number, e.get(fieldMessage))
			if e.truncated {
				text += " truncated"
			}
			if e.withheld {
				text += " withheld"
			}
			got = append(got, text)
		case errors.Is(err, errBroken):
			got = append(got, "broken")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return append(got, "cut off")
		case errors.Is(err, io.EOF):
			return got
		default:
			return append(got, err.Error())
		}
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"text", line(1, `"MESSAGE":"hello"`) + "\n", []string{`1 "hello"`}},
		{"two entries", line(1, `"MESSAGE":"a"`) + "\n" + line(2, `"MESSAGE":"b"`) + "\n", []string{`1 "a"`, `2 "b"`}},
		{"no newline at the end", line(1, `"MESSAGE":"a"`), []string{`1 "a"`}},
		{"nothing", "", nil},
		{"no message", line(1, "") + "\n", []string{`1 ""`}},
		{"escapes", line(1, `"MESSAGE":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`), []string{`1 "\"\\/\b\f\n\r\té😀"`}},
		{"halves of pairs", line(1, `"MESSAGE":"\ud83d \ude00\ud83d\ud83d\ude00\ud83d\n"`), []string{`1 "� ��😀�\n"`}},
		{"bytes", line(1, `"MESSAGE":[0,255,10,1]`), []string{`1 "\x00\xff\n\x01"`}},
		{"no bytes", line(1, `"MESSAGE":[]`), []string{`1 ""`}},
		{"several values", line(1, `"MESSAGE":["a","b"]`), []string{`1 "a\nb"`}},
		{"several values of both kinds", line(1, `"MESSAGE":["a",[255,0],null,"b"]`), []string{`1 "a\n\xff\x00\nb"`}},
		{"too long without --all", line(1, `"MESSAGE":null`), []string{`1 "" withheld`}},
		{"at the limit", line(1, `"MESSAGE":"0123456789"`), []string{`1 "0123456789"`}},
		{"over the limit", line(1, `"MESSAGE":"01234567890"`), []string{`1 "0123456789" truncated`}},
		{"bytes over the limit", line(1, `"MESSAGE":[1,2,3,4,5,6,7,8,9,10,11]`), []string{`1 "\x01\x02\x03\x04\x05\x06\a\b\t\n" truncated`}},
		{"an escape over the limit", line(1, `"MESSAGE":"01234567\u20ac9"`), []string{`1 "01234567" truncated`}},
		{"a huge field before", line(1, `"COREDUMP":[`+strings.Repeat("255,", 300_000)+`0],"MESSAGE":"a"`), []string{`1 "a"`}},
		{"a huge text before", line(1, `"X":"`+strings.Repeat(`\"x`, 300_000)+`","MESSAGE":"a"`), []string{`1 "a"`}},
		{"a huge name before", line(1, `"`+strings.Repeat("MESSAGE", 100_000)+`":"x","MESSAGE":"a"`), []string{`1 "a"`}},
		{"spaces", " { \"__CURSOR\" : \"" + cursorOf(1) + "\" , \"MESSAGE\" : [ 97 , 98 ] } \r\n\n", []string{`1 "ab"`}},
		{"no entry", "-- No entries --\n" + line(1, `"MESSAGE":"a"`), []string{"broken", `1 "a"`}},
		{"no cursor", `{"MESSAGE":"a"}` + "\n" + line(1, ""), []string{"broken", `1 ""`}},
		{"an object within", line(1, `"X":{"MESSAGE":"x"}`) + "\n" + line(2, ""), []string{"broken", `2 ""`}},
		{"a byte of 256", line(1, `"X":[256]`) + "\n" + line(2, ""), []string{"broken", `2 ""`}},
		{"a line that ends within", line(1, "")[:60] + "\n" + line(2, ""), []string{"broken", `2 ""`}},
		{"a text that ends within", `{"MESSAGE":"a` + "\n" + line(2, ""), []string{"broken", `2 ""`}},
		{"two on a line", line(1, "") + line(2, "") + "\n" + line(3, ""), []string{"broken", `3 ""`}},
		{"cut off in a text", line(1, "") + "\n" + line(2, `"MESSAGE":"a`)[:160], []string{`1 ""`, "cut off"}},
		{"cut off before the brace", strings.TrimSuffix(line(1, ""), "}"), []string{"cut off"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			limit := 64
			if strings.Contains(test.name, "limit") {
				limit = 10
			}
			if diff := cmp.Diff(test.want, read(strings.NewReader(test.text), limit)); diff != "" {
				t.Error(diff)
			}
			if len(test.text) < 10_000 { // however it comes in
				if diff := cmp.Diff(test.want, read(iotest.OneByteReader(strings.NewReader(test.text)), limit)); diff != "" {
					t.Errorf("byte by byte: %s", diff)
				}
			}
		})
	}
}

// endless is an entry whose message never ends, up to a number of bytes.
type endless struct{ left int }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(b), e.left)
	for i := range b[:n] {
		b[i] = 'x'
	}
	e.left -= n
	return n, nil
}

// TestAnEntryBecomesARecord: with what the sender says, and what the journal knows.
func TestAnEntryBecomesARecord(t *testing.T) {
	for _, test := range []struct {
		name, fields string
		want         record.Envelope
	}{
		{
			"of syslog", `"_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"sshd","SYSLOG_PID":"8","PRIORITY":"6","SYSLOG_FACILITY":"4","_UID":"0","_COMM":"sshd",` +
				`"_EXE":"/usr/sbin/sshd","_SYSTEMD_UNIT":"ssh.service","_HOSTNAME":"web01","_SOURCE_REALTIME_TIMESTAMP":"1759827600000123"`,
			record.Envelope{
				Origin: "ssh.service\x007\x00sshd", Time: 1759827600000123000, Host: []byte("web01"), App: []byte("sshd"), ProcID: []byte("8"),
				Facility: 4, Severity: 6, PID: []byte("7"), UID: []byte("0"), Comm: []byte("sshd"), Exe: []byte("/usr/sbin/sshd"), Unit: []byte("ssh.service"),
			},
		},
		{
			"of a service's output", `"_TRANSPORT":"stdout","_COMM":"shop"`,
			record.Envelope{Origin: "\x007\x00shop", Time: 1759827600000001000, App: []byte("shop"), Facility: -1, Severity: -1, Stdout: true, PID: []byte("7"), Comm: []byte("shop")},
		},
		{
			"of the kernel, with times and numbers that are none", `"_TRANSPORT":"kernel","SYSLOG_IDENTIFIER":"kernel","PRIORITY":"9","SYSLOG_FACILITY":"-1","_SOURCE_REALTIME_TIMESTAMP":"99999999999999999999"`,
			record.Envelope{Origin: "\x007\x00kernel", Time: 1759827600000001000, App: []byte("kernel"), Facility: -1, Severity: -1, Kernel: true, PID: []byte("7")},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw, err := NewReader(strings.NewReader(line(1, test.fields+`,"MESSAGE":"hello"`)), 100).Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, *raw.Envelope); diff != "" {
				t.Error(diff)
			}
			if string(raw.Text) != "hello" || raw.Line != 1 {
				t.Errorf("text %q, line %d", raw.Text, raw.Line)
			}
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	const size, limit = 16 << 20, 1 << 20
	in := io.MultiReader(strings.NewReader(`{"MESSAGE":"`), &endless{size}, strings.NewReader(`","__CURSOR":"`+cursorOf(1)+`"}`+"\n"))
	d := newDecoder(in, limit)
	var e entry
	if err := d.next(&e); err != nil {
		t.Fatal(err)
	}
	held := cap(d.window) + cap(d.key) + cap(d.head)
	for _, field := range e.fields {
		held += cap(field)
	}
	if !e.truncated || len(e.get(fieldMessage)) != limit || held > 3*limit {
		t.Errorf("%d bytes held of a message of %d, truncated %v", held, len(e.get(fieldMessage)), e.truncated)
	}
}

func TestDecodingAllocatesNothing(t *testing.T) {
	text := strings.Repeat(line(1, `"MESSAGE":"Failed password for root from 203.0.113.5 port 22 ssh2","SYSLOG_IDENTIFIER":"sshd","_UID":"0","_COMM":"sshd"`)+"\n", 2000)
	d := newDecoder(strings.NewReader(text), 1<<10)
	var e entry
	var raw record.Raw
	var v record.Envelope
	o := origins{}
	once := func() {
		if err := d.next(&e); err != nil {
			t.Fatal(err)
		}
		e.record(&raw, &v, o)
	}
	once()
	if n := testing.AllocsPerRun(1000, once); n > 0 {
		t.Errorf("%v allocations an entry", n)
	}
}

// oracle is what encoding/json makes of a line's message; ok is false where the
// line is not what journalctl can print.
func oracle(text []byte) (message []byte, ok bool) {
	var fields map[string]json.RawMessage
	if !utf8.Valid(text) || json.Unmarshal(text, &fields) != nil || bytes.Count(text, []byte(`"MESSAGE"`)) != 1 {
		return nil, false
	}
	var whole string
	var list []byte
	raw := fields["MESSAGE"]
	var numbers []int
	switch {
	case json.Unmarshal(raw, &whole) == nil && raw[0] == '"':
		return []byte(whole), true
	case json.Unmarshal(raw, &numbers) == nil && raw[0] == '[':
		for _, n := range numbers {
			if n < 0 || n > 255 {
				return nil, false
			}
			list = append(list, byte(n))
		}
		return list, true
	}
	return nil, false
}

// FuzzDecode holds the decoder against encoding/json on what that understands, and
// against itself on how the bytes come in.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(line(1, `"MESSAGE":"a\u00e9\ud83d\ude00"`)))
	f.Add([]byte(line(1, `"MESSAGE":[0,255]`)))
	f.Add([]byte(line(1, `"X":["a",[1],null],"MESSAGE":["a",[1],null]`) + "\n" + line(2, "")))
	f.Add([]byte("-- No entries --\n{\"\\ud800\\ud800\":1}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := read(bytes.NewReader(text), 1<<20)
		if diff := cmp.Diff(got, read(iotest.OneByteReader(bytes.NewReader(text)), 1<<20)); diff != "" {
			t.Error(diff)
		}
		want, ok := oracle(text)
		if !ok || bytes.IndexByte(text, '\n') >= 0 {
			return
		}
		if len(got) == 1 && strings.HasPrefix(got[0], "1 ") {
			if value := fmt.Sprintf("1 %q", want); got[0] != value {
				t.Errorf("%s: got %s, want %s", text, got[0], value)
			}
		}
	})
}

// FuzzCursor checks that a cursor is what it was parsed from.
func FuzzCursor(f *testing.F) {
	f.Add([]byte(cursorOf(7)))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, ok := parseCursor(text)
		if !ok {
			return
		}
		again, ok := parseCursor([]byte(c.String()))
		if !ok || again != c {
			t.Errorf("%q becomes %q", text, c.String())
		}
		if back, rest, ok := readCursor(c.append(nil)); !ok || back != c || len(rest) > 0 {
			t.Errorf("%q is not kept", text)
		}
	})
}

func FuzzState(f *testing.F) {
	a, _ := parseCursor([]byte(cursorOf(1)))
	b, _ := parseCursor([]byte(cursorOf(9)))
	f.Add((&state{since: 7, low: a, high: b, backfill: b, declared: 3, holes: []uint64{1, 2}}).append(nil))
	f.Add((&state{}).append(nil))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := decodeState(text)
		if err != nil {
			return
		}
		again, err := decodeState(s.append(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, again, cmp.AllowUnexported(state{}, cursor{})); diff != "" {
			t.Error(diff)
		}
	})
}
