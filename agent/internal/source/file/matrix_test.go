package file

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// world is a log that is written, rotated and read, and all that was written to it.
type world struct {
	*rig
	size    int // of a line
	written []string
}

// lines appends lines, each of its own.
func (w *world) lines(name string, n int) {
	w.t.Helper()
	var b strings.Builder
	for range n {
		line := fmt.Sprintf("line %06d ", len(w.written))
		line += strings.Repeat("x", max(0, w.size-len(line)))
		w.written = append(w.written, line)
		b.WriteString(line + "\n")
	}
	w.write(name, b.String())
}

// compress does what gzip does with a file: another file, of the same time, in
// its place.
func (w *world) compress(name, codec string) {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	w.do(err)
	info, err := os.Stat(w.path(name))
	w.do(err)
	var out bytes.Buffer
	var z io.WriteCloser = gzip.NewWriter(&out)
	if codec == ".zst" {
		z, err = zstd.NewWriter(&out)
		w.do(err)
	}
	_, err = z.Write(data)
	w.do(err)
	w.do(z.Close())
	w.do(os.WriteFile(w.path(name+codec), out.Bytes(), 0o600))
	w.do(os.Chtimes(w.path(name+codec), info.ModTime(), info.ModTime()))
	w.do(os.Remove(w.path(name)))
}

// copyTruncate does what logrotate's copytruncate does.
func (w *world) copyTruncate(name, to string) {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	w.do(err)
	w.do(os.WriteFile(w.path(to), data, 0o600))
	w.do(os.Truncate(w.path(name), 0))
}

// create is an empty file under a name that has none.
func (w *world) create(name string) { w.write(name, "") }

// scene is one way to rotate, and what the source is to declare of it.
type scene struct {
	name     string
	rotate   func(w *world)
	declares []string
	// loses are lines that nobody can find: as many before the last rotation.
	loses int
}

func scenes() []scene {
	truncated := []string{"[file_truncated]"}
	return []scene{
		{name: "rename", rotate: func(w *world) {
			w.rename("a.log", "a.log.1")
			w.create("a.log")
		}},
		{name: "rename, gzip", rotate: func(w *world) {
			w.rename("a.log", "a.log.1")
			w.create("a.log")
			w.compress("a.log.1", ".gz")
		}},
		{name: "rename, zstd", rotate: func(w *world) {
			w.rename("a.log", "a.log-20261125")
			w.create("a.log")
			w.compress("a.log-20261125", ".zst")
		}},
		{name: "rename, three times, compressed late", rotate: func(w *world) {
			w.rename("a.log", "a.log.1")
			w.lines("a.log", 7)
			w.rename("a.log.1", "a.log.2")
			w.rename("a.log", "a.log.1")
			w.lines("a.log", 7)
			w.compress("a.log.2", ".gz")
			w.rename("a.log.2.gz", "a.log.3.gz")
			w.rename("a.log.1", "a.log.2")
			w.rename("a.log", "a.log.1")
			w.compress("a.log.2", ".gz")
			w.create("a.log")
		}},
		{name: "rename by date, three times, all compressed", rotate: func(w *world) {
			for _, day := range []string{"20261123", "20261124", "20261125"} {
				w.rename("a.log", "a-"+day+".log")
				w.compress("a-"+day+".log", ".gz")
				w.lines("a.log", 7)
			}
		}},
		{name: "rename, nothing new", rotate: func(w *world) {
			w.rename("a.log", "a.log.1")
		}},
		{name: "copytruncate", declares: truncated, rotate: func(w *world) {
			w.copyTruncate("a.log", "a.log.1")
		}},
		{name: "copytruncate, grown past the offset", declares: truncated, rotate: func(w *world) {
			n := len(w.written)
			w.copyTruncate("a.log", "a.log.1")
			w.lines("a.log", 2*n)
		}},
		{name: "copytruncate, gzip", declares: truncated, rotate: func(w *world) {
			w.copyTruncate("a.log", "a.log.1")
			w.lines("a.log", 3)
			w.compress("a.log.1", ".gz")
		}},
		{name: "copytruncate, twice", declares: truncated, rotate: func(w *world) {
			w.copyTruncate("a.log", "a.log.1")
			w.lines("a.log", 3)
			w.rename("a.log.1", "a.log.2")
			w.copyTruncate("a.log", "a.log.1")
		}},
		{name: "truncate without a copy", declares: truncated, loses: 1, rotate: func(w *world) {
			w.do(os.Truncate(w.path("a.log"), 0))
		}},
	}
}

// TestTailMatrix does everything that may happen to a log, while it is read,
// while reading waits for room, and while nothing runs: with few bytes and many,
// with the rotated files among the globs and not. Every line comes once, and in
// the order in which it was written.
func TestTailMatrix(t *testing.T) {
	for _, s := range scenes() {
		for _, mode := range []string{"live", "blocked", "down"} {
			for _, glob := range []string{"a.log", "a*log*"} {
				for size, lines := range map[int]int{12: 4, 500: 1300} {
					t.Run(fmt.Sprintf("%s/%s/%s/%d bytes", s.name, mode, glob, size*lines), func(t *testing.T) {
						t.Parallel()
						w := &world{rig: newRig(t, Input{Paths: []string{glob}}), size: size}
						w.cfg.Pause = patience * 2 // a writer may be slow within a line
						w.create("a.log")
						w.start()
						w.lines("a.log", lines)
						w.read()
						s.run(w, mode, lines)
					})
				}
			}
		}
	}
}

func (s scene) run(w *world, mode string, lines int) {
	w.t.Helper()
	before := len(w.written)
	switch mode {
	case "live":
		s.rotate(w)
	case "blocked":
		release := w.sink.block()
		w.lines("a.log", lines)
		s.rotate(w)
		release()
	case "down":
		w.stop()
		w.lines("a.log", lines)
		s.rotate(w)
		w.start()
	}
	if s.loses > 0 && mode != "live" {
		// What was not read is lost, whatever part of it the source had in hand.
		w.t.Log("loses what was not read before the truncation")
		w.wait("the declaration", func() bool { return slices.Contains(texts(w.sink.all()), "[file_truncated]") })
		w.lines("a.log", 3)
		w.wait("what follows", func() bool { return slices.Contains(texts(w.sink.all()), w.written[len(w.written)-1]) })
		have := lineTexts(w.sink.all())
		if want := slices.Concat(w.written[:before], w.written[len(w.written)-3:]); mode == "down" && !slices.Equal(have, want) {
			w.t.Errorf("have %s", brief(have))
		}
		return
	}
	w.read()
	w.lines("a.log", 3)
	w.read()
	if have := declarations(w.sink.all()); !slices.Equal(slices.Compact(have), s.declares) {
		w.t.Errorf("declared %q, want %q", have, s.declares)
	}
}

// read waits until everything written was read, and holds it against that.
func (w *world) read() {
	w.t.Helper()
	w.wait("every line", func() bool { return w.sink.count() >= len(w.written) })
	have := lineTexts(w.sink.all())
	if slices.Equal(have, w.written) {
		return
	}
	for i := range min(len(have), len(w.written)) {
		if have[i] != w.written[i] {
			w.t.Fatalf("%d lines, %d written; record %d is %.20q, written was %.20q", len(have), len(w.written), i, have[i], w.written[i])
		}
	}
	w.t.Fatalf("%d lines, %d written", len(have), len(w.written))
}

func lineTexts(records []got) []string {
	return slices.DeleteFunc(texts(records), func(s string) bool { return strings.HasPrefix(s, "[") })
}

func declarations(records []got) []string {
	return slices.DeleteFunc(texts(records), func(s string) bool { return !strings.HasPrefix(s, "[") })
}

// A banner of the same first bytes does not hide that a file begins anew.
func TestTruncatedBehindTheSameFirstBytes(t *testing.T) {
	banner := strings.Repeat("# the same words at the beginning of every file\n", 30)
	for _, down := range []bool{false, true} {
		r := newRig(t)
		r.start()
		r.write("a.log", banner+"one\ntwo\nthree\n")
		want := append(slices.Repeat([]string{"# the same words at the beginning of every file"}, 30), "one", "two", "three")
		r.expect(want...)
		if down {
			r.stop()
		}
		second := banner + strings.Repeat("another\n", 3)
		r.do(os.WriteFile(r.path("temp"), []byte(second), 0o600))
		// In one go: a source that looked in between would find it shorter.
		cat := exec.Command("dd", "if="+r.path("temp"), "of="+r.path("a.log"), "bs=1M", "conv=notrunc", "status=none")
		r.do(cat.Run())
		want = append(append(want, "[file_truncated]"), want[:30]...)
		want = append(want, "another", "another", "another")
		if down {
			r.start()
		}
		r.expect(want...)
		r.stop()
	}
}

// A program that does not append writes on where it was.
func TestTruncatedUnderAWriterThatDoesNotAppend(t *testing.T) {
	r := newRig(t)
	f, err := os.Create(r.path("a.log"))
	r.do(err)
	defer func() { _ = f.Close() }()
	r.start()
	long := strings.Repeat("x", 10_000)
	_, err = f.WriteString(long + "\n")
	r.do(err)
	r.expect(long)
	r.do(os.Truncate(r.path("a.log"), 0))
	_, err = f.WriteString("after\n")
	r.do(err)
	r.expect(long, "[file_truncated]", "after")
	_, err = f.WriteString("more\n")
	r.do(err)
	r.expect(long, "[file_truncated]", "after", "more")
}
