package event_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/tocsin-security/tocsin/proto/event"
)

func newCodec(t testing.TB) *event.Codec {
	t.Helper()
	c, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSealedBatchOpens(t *testing.T) {
	c := newCodec(t)
	for _, size := range []int{0, 1, 300, 1 << 16, event.MaxBatch} {
		batch := bytes.Repeat([]byte("a line of a log\n"), size/16+1)[:size]
		sealed := c.Seal([]byte("kept"), batch)
		opened, err := c.Open([]byte("kept"), sealed[4:])
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if string(opened) != "kept"+string(batch) {
			t.Errorf("%d bytes came back as %d", size, len(opened)-4)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	c := newCodec(t)
	frame := func(content []byte, options ...zstd.EOption) []byte {
		w, err := zstd.NewWriter(nil, options...)
		if err != nil {
			t.Fatal(err)
		}
		return w.EncodeAll(content, nil)
	}
	stream := func(content []byte) []byte {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := c.Seal(nil, []byte("content"))
	damaged := bytes.Clone(good)
	damaged[len(damaged)-6] ^= 1
	tests := map[string]struct {
		sealed []byte
		says   string
	}{
		"nothing":             {nil, "zstd header"},
		"not zstd":            {[]byte("plain text, not a frame"), "zstd header"},
		"two frames":          {append(bytes.Clone(good), good...), "where one frame has"},
		"trailing bytes":      {append(bytes.Clone(good), 0), "where one frame has"},
		"cut short":           {good[:len(good)-3], "where one frame has"},
		"damaged":             {damaged, "decompress"},
		"content over bound":  {frame(make([]byte, event.MaxBatch+1)), "the bound is"},
		"no content size":     {stream(bytes.Repeat([]byte("x"), 1000)), "without its content size"},
		"sealed over bound":   {make([]byte, event.MaxSealed+1), "sealed bytes"},
		"a skippable frame":   {[]byte{0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9}, "skippable"},
		"content size a lie":  {lie(good), "malformed"},
		"window over a bound": {frame(make([]byte, 9<<20), zstd.WithWindowSize(8<<20), zstd.WithSingleSegment(false)), "bound"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := c.Open(nil, test.sealed)
			if !errors.Is(err, event.ErrMalformed) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

// lie states a content size that is one too large: in a frame of one segment the
// size is the byte behind the descriptor.
func lie(sealed []byte) []byte {
	b := bytes.Clone(sealed)
	b[5]++
	return b
}

func FuzzOpen(f *testing.F) {
	c := newCodec(f)
	f.Add(c.Seal(nil, encode(header(1), sample())))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		batch, err := c.Open(nil, sealed)
		if err != nil {
			if !errors.Is(err, event.ErrMalformed) {
				t.Fatalf("unmarked error %v", err)
			}
			return
		}
		again, err := c.Open(nil, c.Seal(nil, batch))
		if err != nil || !bytes.Equal(again, batch) {
			t.Fatalf("does not come back: %v", err)
		}
	})
}
