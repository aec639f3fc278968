package fim

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// BenchmarkHash reads one file of 64 MiB.
func BenchmarkHash(b *testing.B) {
	const size = 64 << 20
	path := filepath.Join(b.TempDir(), "a")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	h := newHasher(1 << 40)
	defer h.close()
	b.SetBytes(size)
	for b.Loop() {
		a, err := (&Source{}).openAnchor(path, path)
		if err != nil {
			b.Fatal(err)
		}
		o, err := a.observe(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := h.hash(b.Context(), o, false, 0); err != nil {
			b.Fatal(err)
		}
		o.close()
		a.close()
	}
}

type blackHole struct{}

func (blackHole) Put(_ context.Context, r *record.Raw) error {
	if r.Committed != nil {
		r.Committed()
	}
	return nil
}

// BenchmarkBaseline takes in FIM_TREE (/usr/share/doc by default), and
// BenchmarkRecheck compares it with its baseline; an operation is the whole tree.
func BenchmarkBaseline(b *testing.B) { benchmarkStart(b, false) }

// BenchmarkRecheck is a start after which nothing has changed.
func BenchmarkRecheck(b *testing.B) { benchmarkStart(b, true) }

func benchmarkStart(b *testing.B, again bool) {
	root := os.Getenv("FIM_TREE")
	if root == "" {
		root = "/usr/share/doc"
	}
	dir := b.TempDir()
	run := func() {
		ctx, cancel := context.WithCancel(context.Background())
		s, err := New(Config{Paths: []string{root}}, Options{
			Dir: dir, Ready: cancel, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Run(ctx, nil, blackHole{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(s.Status().Files), "files")
	}
	if again {
		run()
	}
	for b.Loop() {
		if !again {
			_ = os.Remove(filepath.Join(dir, baselineName)) // not there the first time
		}
		run()
	}
}
