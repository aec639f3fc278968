package file

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// counter ends its context once it has seen all lines.
type counter struct {
	left int
	end  context.CancelFunc
}

func (c *counter) Put(_ context.Context, r *record.Raw) error {
	if len(r.Text) > 0 {
		if c.left--; c.left == 0 {
			c.end()
		}
	}
	return nil
}

// BenchmarkTail reads lines of 135 bytes; an operation is one line.
func BenchmarkTail(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.log")
	line := strings.Repeat("x", 134) + "\n"
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	for n := b.N; n > 0; n -= 10_000 {
		if _, err := f.WriteString(strings.Repeat(line, min(n, 10_000))); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	s, err := New(Config{Inputs: []Input{{Paths: []string{path}, Start: StartBeginning}}},
		Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	b.ResetTimer()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := s.Run(ctx, nil, &counter{left: b.N, end: cancel}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/line")
	b.ReportMetric(0, "ns/op")
}
