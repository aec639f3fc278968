package file

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLinesKeepNumbersOffsetsAndBytes(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"*.log"}, Start: StartBeginning, Parser: "sshd"})
	r.write("a.log", "one\r\n\nth\x00ree\nfo\xff\xfeur\n")
	r.start()
	r.expect("one", "th\x00ree", "fo\xff\xfeur")
	r.write("a.log", "five\n")
	r.expect("one", "th\x00ree", "fo\xff\xfeur", "five")
	type place struct {
		Text         string
		Line, Offset int64
		Backfill     bool
	}
	var have []place
	for _, g := range r.sink.all() {
		if g.text != "" {
			have = append(have, place{g.text, g.line, g.offset, g.backfill})
		}
	}
	want := []place{{"one", 1, 0, true}, {"th\x00ree", 3, 6, true}, {"fo\xff\xfeur", 4, 13, true}, {"five", 5, 20, false}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
}

func TestStartEnd(t *testing.T) {
	t.Run("skips what exists and reads what appears later whole", func(t *testing.T) {
		r := newRig(t)
		r.write("a.log", "old\n")
		r.start()
		r.write("a.log", "new\n")
		r.expect("new")
		r.write("b.log", "first\nsecond\n")
		r.expect("new", "first", "second")
		if g := r.sink.all(); g[len(g)-1].line != 2 {
			t.Errorf("line of a file read whole: %d", g[len(g)-1].line)
		}
	})
	t.Run("a file that appeared while down is read whole", func(t *testing.T) {
		r := newRig(t)
		r.write("a.log", "old\n")
		r.start()
		r.stop()
		r.write("b.log", "meanwhile\n")
		r.start()
		r.expect("meanwhile")
	})
	t.Run("a half line at the end is not given out", func(t *testing.T) {
		r := newRig(t)
		r.write("a.log", "old half")
		r.start()
		r.write("a.log", "\nnew\n")
		r.expect("new")
	})
}

func TestGlobs(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"**/*.log", "x/[ab].{txt,out}"}, Exclude: []string{"no/**", "skip.log"}})
	for _, dir := range []string{"x", "no/deep", "deep/er"} {
		r.do(os.MkdirAll(r.path(dir), 0o700))
	}
	r.start()
	r.write("no/deep/a.log", "excluded\n")
	r.write("deep/skip.log", "excluded\n")
	r.write("deep/er/a.log", "deep\n")
	r.expect("deep")
	r.write("x/c.txt", "no match\n")
	r.write("x/a.txt", "alternative\n")
	r.expect("deep", "alternative")
	r.do(os.MkdirAll(r.path("new/folder"), 0o700))
	r.write("new/folder/b.log", "new folder\n")
	r.expect("deep", "alternative", "new folder")
	r.do(os.Rename(r.path("new"), r.path("moved")))
	r.write("moved/folder/b.log", "moved folder\n")
	r.expect("deep", "alternative", "new folder", "moved folder")
}

func TestExcludedFoldersAreNotWatched(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"**/*.log"}, Exclude: []string{"no"}})
	r.do(os.MkdirAll(r.path("no/deep"), 0o700))
	w, calls := recordingWatcher(t)
	r.opts.watcher = w
	r.start()
	r.stop()
	for _, dir := range calls() {
		if strings.HasPrefix(dir, r.path("no")) {
			t.Errorf("watched %s", dir)
		}
	}
}

func TestNewRefusesBadConfiguration(t *testing.T) {
	for name, in := range map[string]Input{
		"no paths":            {},
		"malformed glob":      {Paths: []string{"/a/[b"}},
		"not absolute":        {Paths: []string{"a.log"}},
		"slash within braces": {Paths: []string{"/{a/b,c}.log"}},
		"malformed exclude":   {Paths: []string{"/a"}, Exclude: []string{"["}},
		"unknown start":       {Paths: []string{"/a"}, Start: "middle"},
		"line cap too large":  {Paths: []string{"/a"}, MaxLine: 1 << 30},
	} {
		if _, err := New(Config{Inputs: []Input{in}}, Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestLastLineWithoutNewline(t *testing.T) {
	t.Run("is given out after a pause, and its newline is no line", func(t *testing.T) {
		r := newRig(t)
		r.start()
		r.write("a.log", "half")
		r.expect("half")
		r.write("a.log", "\nnext\n")
		r.expect("half", "next")
		if g := r.sink.all(); g[len(g)-1].line != 2 {
			t.Errorf("line %d, want 2", g[len(g)-1].line)
		}
	})
	t.Run("that goes on gives its rest under the same number", func(t *testing.T) {
		r := newRig(t)
		r.start()
		r.write("a.log", "half\r")
		r.expect("half")
		r.write("a.log", " rest\r\nnext\n")
		r.expect("half", "\r rest", "next")
		g := r.sink.all()
		if rest := g[len(g)-2]; rest.line != 1 || rest.offset != 4 {
			t.Errorf("rest: line %d offset %d", rest.line, rest.offset)
		}
	})
	t.Run("is neither lost nor repeated by a restart", func(t *testing.T) {
		r := newRig(t)
		r.start()
		r.write("a.log", "half")
		r.expect("half")
		r.stop()
		r.start()
		r.write("a.log", " rest\n")
		r.expect("half", " rest")
	})
	t.Run("is read whole by a start before the pause is over", func(t *testing.T) {
		r := newRig(t)
		r.cfg.Pause = patience * 2
		r.start()
		r.write("a.log", "one\nha")
		r.expect("one")
		r.stop()
		r.start()
		r.write("a.log", "lf\n")
		r.expect("one", "half")
	})
}

func TestLineCap(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"*.log"}, MaxLine: 1000})
	r.start()
	r.write("a.log", strings.Repeat("x", 16<<20)+"\nnext\n"+strings.Repeat("y", 1001)+"\n"+strings.Repeat("z", 1000)+"\n")
	r.expect(strings.Repeat("x", 1000), "next", strings.Repeat("y", 1000), strings.Repeat("z", 1000))
	var flags []bool
	var lines []int64
	for _, g := range r.sink.all() {
		if g.text != "" {
			flags, lines = append(flags, g.truncated), append(lines, g.line)
		}
	}
	if !slices.Equal(flags, []bool{true, false, true, false}) || !slices.Equal(lines, []int64{1, 2, 3, 4}) {
		t.Errorf("flags %v, lines %v", flags, lines)
	}
	if s := r.source.Status(); s.Truncated != 2 || s.SkippedBytes != 16<<20-1000+1 {
		t.Errorf("truncated %d, skipped %d", s.Truncated, s.SkippedBytes)
	}
}

func TestOwnOutputIsRefused(t *testing.T) {
	r := newRig(t)
	r.write("own.log", "x\n")
	l, err := lookAt(r.path("own.log"))
	r.do(err)
	r.opts.Refuse = func(device, inode uint64) bool { return device == l.id.device && inode == l.id.inode }
	r.start()
	r.write("own.log", "loop\n")
	r.write("good.log", "good\n")
	r.expect("[file_refused]", "good")
	for _, f := range r.source.Status().Files {
		if f.Path == r.path("own.log") && (!f.Refused || !strings.Contains(f.Error, "own.log")) {
			t.Errorf("status %+v", f)
		}
	}
}

func TestUnreadableIsDeclaredOnceAndRetried(t *testing.T) {
	r := newRig(t)
	// A link to itself fails for every user, root included.
	r.do(os.Symlink(r.path("a.log"), r.path("a.log")))
	r.start()
	r.expect("[file_unreadable]")
	r.do(os.Remove(r.path("a.log")))
	r.write("a.log", "readable now\n")
	r.expect("[file_unreadable]", "[file_readable]", "readable now")
}

func TestLinksAreFollowedAndFilesReadOnce(t *testing.T) {
	r := newRig(t)
	r.do(os.Mkdir(r.path("data"), 0o700))
	r.write("data/real", "")
	r.do(os.Symlink(r.path("data/real"), r.path("a.log")))
	r.do(os.Link(r.path("data/real"), r.path("b.log")))
	r.start()
	r.write("data/real", "once\n")
	r.expect("once")
	r.write("c.log", "other\n")
	r.expect("once", "other")
}

// Who may write to a log folder may not have the agent read what they cannot.
func TestLinksOfStrangersAreNotFollowed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a link of another user")
	}
	const stranger = 65534
	r := newRig(t)
	r.do(os.Mkdir(r.path("data"), 0o700))
	r.write("data/secret", "secret\n")
	r.write("data/theirs", "")
	r.do(os.Chown(r.path("data/theirs"), stranger, stranger))
	for name, target := range map[string]string{"a.log": "data/secret", "b.log": "data/theirs"} {
		r.do(os.Symlink(r.path(target), r.path(name)))
		r.do(os.Lchown(r.path(name), stranger, stranger))
	}
	r.start()
	r.write("data/secret", "more of it\n")
	r.write("data/theirs", "good\n")
	r.expect("[file_unreadable]", "good")
	r.rename("a.log", "a.log.1")
	r.write("data/theirs", "still good\n")
	r.expect("[file_unreadable]", "good", "still good")
}

func TestManyFilesUnderADescriptorCap(t *testing.T) {
	const files, most = 10_000, 256
	r := newRig(t)
	r.cfg.MaxOpen = most
	r.cfg.Pause, r.cfg.Poll = patience*2, patience*2
	r.start()
	var want []string
	for round := range 2 {
		for i := range files {
			text := fmt.Sprintf("file %d round %d", i, round)
			want = append(want, text)
			r.write(fmt.Sprintf("%d.log", i), text+"\n")
		}
	}
	r.wait("every line", func() bool { return r.sink.count() >= len(want) })
	r.expectAny(want...)
	if s := r.source.Status(); s.Open > most || len(s.Files) != files {
		t.Errorf("%d open of %d", s.Open, len(s.Files))
	}
}

func TestOverflowLooksAtEverything(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"**/*.log"}})
	r.cfg.Poll = patience * 2
	w, overflow := deafWatcher(t)
	r.opts.watcher = w
	r.start()
	r.do(os.Mkdir(r.path("new"), 0o700))
	r.write("new/a.log", "unnoticed\n")
	overflow()
	r.expect("unnoticed")
	r.write("new/a.log", "again\n")
	overflow()
	r.expect("unnoticed", "again")
}

// Another host's writes to a network's file system are not notified of.
func TestRemoteFoldersAreLookedAtOften(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"**/*.log"}})
	r.cfg.Poll = patience * 2
	r.cfg.RemotePoll = 20 * time.Millisecond
	w, _ := deafWatcher(t)
	r.opts.watcher = w
	r.opts.remote = func(dir string) bool { return strings.HasPrefix(dir, r.path("mounted")) }
	r.do(os.Mkdir(r.path("mounted"), 0o700))
	r.start()
	r.write("mounted/a.log", "one\n")
	r.expect("one")
	r.write("mounted/a.log", "two\n")
	r.expect("one", "two")
	r.rename("mounted/a.log", "mounted/a.log.1")
	r.write("mounted/a.log.1", "three\n")
	r.write("mounted/a.log", "four\n")
	r.expect("one", "two", "three", "four")
}

func TestPollFindsWhatWasNotNotified(t *testing.T) {
	r := newRig(t)
	w, _ := deafWatcher(t)
	r.opts.watcher = w
	r.start()
	r.write("a.log", "one\n")
	r.expect("one")
	r.rename("a.log", "a.log.1")
	r.write("a.log.1", "two\n")
	r.write("a.log", "three\n")
	r.expectAny("one", "two", "three")
}
