package parse

import (
	"bytes"
	"testing"
)

func TestShape(t *testing.T) {
	for _, tc := range [][2]string{
		{"listening on port 8080", "listening on port N"},
		{"2026-05-01 12:00:00.123 started in 3 s", "N-N-N N:N:N.N started in N s"},
		{"connection from 203.0.113.5:4431 refused", "connection from IP:N refused"},
		{"connection from 203.0.113.5 and 2001:db8::1.", "connection from IP and IP."},
		{"[203.0.113.5] id 3f2a9b1c7d, at 0xc000010, 550e8400-e29b-41d4-a716-446655440000", "[IP] id X, at NxX, X"},
		{`user "alice" didn't say 'no'`, `user "…" didn't say '…'`},
		{"one\ntwo", "one"},
		{"tab\there \x1b[1m", "tab here  [Nm"},
		{`open "`, `open "`},
		{"deadbeef is a word, cafebab3 is none", "deadbeef is a word, X is none"},
	} {
		if got := string(AppendShape(nil, []byte(tc[0]))); got != tc[1] {
			t.Errorf("shape of %q is %q, want %q", tc[0], got, tc[1])
		}
	}
}

func FuzzShape(f *testing.F) {
	f.Add([]byte(`a 1 "b" 203.0.113.5 0x1f`))
	f.Fuzz(func(t *testing.T, line []byte) {
		shape := AppendShape(nil, line)
		if len(shape) > 2*maxShape+len("…") {
			t.Errorf("a shape of %d bytes", len(shape))
		}
		if bytes.IndexByte(shape, '\n') >= 0 {
			t.Error("a shape of several lines")
		}
		if !bytes.HasPrefix(AppendShape([]byte("x"), line), append([]byte("x"), shape...)) {
			t.Error("a shape depends on what stands before it")
		}
	})
}
