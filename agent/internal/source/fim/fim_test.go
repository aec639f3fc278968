package fim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func TestActions(t *testing.T) {
	past := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		change func(*rig)
		want   []string
	}{
		"created":  {func(r *rig) { r.write("new", "x") }, []string{"created new"}},
		"modified": {func(r *rig) { r.write("a", "other") }, []string{"modified a"}},
		"modified, same size and times restored": {func(r *rig) {
			r.write("a", "AAAA")
			r.do(os.Chtimes(r.path("a"), past, past))
		}, []string{"modified a"}},
		"attributes modified":     {func(r *rig) { r.do(os.Chmod(r.path("a"), 0o644)) }, []string{"attributes_modified a"}},
		"touched":                 {func(r *rig) { r.do(os.Chtimes(r.path("a"), time.Now(), time.Now())) }, []string{"attributes_modified a"}},
		"deleted":                 {func(r *rig) { r.do(os.Remove(r.path("a"))) }, []string{"deleted a"}},
		"renamed":                 {func(r *rig) { r.rename("a", "b") }, []string{"renamed a b"}},
		"renamed to a new folder": {func(r *rig) { r.do(os.MkdirAll(r.path("p/q"), 0o700)); r.rename("a", "p/q/a") }, []string{"renamed a p/q/a"}},
		"renamed over another":    {func(r *rig) { r.rename("a", "sub/c") }, []string{"deleted a", "modified sub/c"}},
		"renamed and modified":    {func(r *rig) { r.rename("a", "b"); r.write("b", "rewritten") }, []string{"deleted a", "created b"}},
		"folder renamed":          {func(r *rig) { r.rename("sub", "moved") }, []string{"renamed sub/c moved/c"}},
		"folder removed":          {func(r *rig) { r.do(os.RemoveAll(r.path("sub"))) }, []string{"deleted sub/c"}},
		"hard link made":          {func(r *rig) { r.do(os.Link(r.path("a"), r.path("b"))) }, []string{"created b"}},
		"link made":               {func(r *rig) { r.do(os.Symlink("/nowhere", r.path("l2"))) }, []string{"created l2"}},
		"link moved to another target": {func(r *rig) {
			r.do(os.Remove(r.path("l")))
			r.do(os.Symlink("/etc", r.path("l")))
		}, []string{"modified l"}},
		"file replaced by a folder": {func(r *rig) {
			r.do(os.Remove(r.path("a")))
			r.do(os.Mkdir(r.path("a"), 0o700))
			r.write("a/in", "x")
		}, []string{"deleted a", "created a/in"}},
		"saved by writing a new file and renaming it over": {func(r *rig) {
			r.write(".a.tmp", "saved")
			r.rename(".a.tmp", "a")
		}, []string{"modified a"}},
		"saved with a backup": {func(r *rig) {
			r.rename("a", "a~")
			r.write("a", "saved")
			r.do(os.Remove(r.path("a~")))
		}, []string{"modified a"}},
		"written without a change": {func(r *rig) {
			r.write("a", "aaaa")
			r.do(os.Chtimes(r.path("a"), past, past))
		}, nil},
		"pipe, which must not be opened": {func(r *rig) { r.do(unix.Mkfifo(r.path("pipe"), 0o600)); r.write("new", "x") }, []string{"created new"}},
	}
	for name, c := range cases {
		for _, down := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, down=%v", name, down), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.write("a", "aaaa")
				r.write("sub/c", "c")
				r.do(os.Chtimes(r.path("a"), past, past))
				r.do(os.Symlink("/nowhere", r.path("l")))
				r.start()
				r.expect()
				if down {
					r.stop()
					c.change(r)
					r.start()
					if n := len(r.sink.events()); n < len(c.want) {
						t.Errorf("ready after %d of %d changes", n, len(c.want))
					}
				} else {
					c.change(r)
				}
				r.expect(c.want...)
				// What was reported is not reported again.
				r.stop()
				r.start()
				r.expect(c.want...)
			})
		}
	}
}

func TestEventSaysWhatWasAndWhatIs(t *testing.T) {
	r := newRig(t)
	r.write("a.conf", "one")
	r.start()
	r.do(os.WriteFile(r.path("a.conf"), []byte("second"), 0o600))
	r.do(unix.Chmod(r.path("a.conf"), 0o4755))
	e := r.expect("modified a.conf")[0]
	if e.hash != sum("second") || e.previousHash != sum("one") || e.kind != "file" {
		t.Errorf("%+v", e)
	}
	for name, want := range map[string]string{
		"event.category": "file", "event.outcome": "success", "event.type": "change",
		"file.path": r.path("a.conf"), "file.name": "a.conf", "file.directory": r.root, "file.extension": "conf",
		"file.size": "6", "file.mode": "4755", "file.uid": fmt.Sprint(os.Getuid()), "file.gid": fmt.Sprint(os.Getgid()),
		"tocsin.file.previous.size": "3", "tocsin.file.previous.mode": "0600",
		"message": r.path("a.conf") + " was modified",
	} {
		if e.fields[name] != want {
			t.Errorf("%s = %q, want %q", name, e.fields[name], want)
		}
	}
	for _, name := range []string{"file.mtime", "file.inode", "tocsin.file.previous.mtime", "tocsin.file.previous.uid"} {
		if e.fields[name] == "" {
			t.Errorf("no %s", name)
		}
	}
}

func TestHugeFilesAreComparedWithoutAHash(t *testing.T) {
	for _, down := range []bool{false, true} {
		r := newRig(t)
		r.opts.MaxHash = 10
		r.write("big", "more than ten bytes")
		past := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		r.do(os.Chtimes(r.path("big"), past, past))
		r.start()
		if down {
			r.stop()
		}
		r.write("big", "same number of byte")
		r.do(os.Chtimes(r.path("big"), past, past))
		if down {
			r.start()
		}
		if e := r.expect("modified big")[0]; e.fields[noHash] != "size" || e.hash != "" {
			t.Errorf("%+v", e.fields)
		}
		r.stop()
	}
}

func TestAFileThatGrowsWhileItIsHashedIsGivenUp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "grows")
	if err := os.WriteFile(path, []byte("small"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := observed(t, path)
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Fatal(err)
	}
	h := newHasher(10_000)
	defer h.close()
	if err := h.hash(t.Context(), o, false, 0); err != nil {
		t.Fatal(err)
	}
	if c := (change{now: o.entry}); o.entry.hashed || c.hashMissing(10_000) != "size" {
		t.Errorf("entry %+v", o.entry)
	}
}

func TestLinksAreNeverFollowed(t *testing.T) {
	r := newRig(t)
	outside := t.TempDir()
	r.do(os.Symlink(outside, r.path("folder")))
	r.start()
	r.do(os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600))
	r.do(os.Symlink(r.path("loop"), r.path("loop")))
	e := r.expect("created loop")[0]
	if e.kind != "symlink" || e.fields["file.target_path"] != r.path("loop") || e.hash != "" {
		t.Errorf("%+v", e)
	}
}

func TestNewFoldersAreNotMissed(t *testing.T) {
	r := newRig(t)
	r.start()
	var want []string
	for i := range 50 {
		name := fmt.Sprintf("a%d/b/c/d/file", i)
		r.write(name, "x")
		want = append(want, "created "+name)
	}
	r.expect(want...)
	r.rename("a7", "z7")
	r.expect(append(want, "renamed a7/b/c/d/file z7/b/c/d/file")...)
	r.write("z7/b/c/d/more", "x")
	r.expect(append(want, "renamed a7/b/c/d/file z7/b/c/d/file", "created z7/b/c/d/more")...)
}

func TestExcludesAreNeverWatched(t *testing.T) {
	r := newRig(t)
	r.cfg.Exclude = []string{"**/cache/**", "*.swp", r.path("no")}
	r.opts.Dir = r.path("state")
	for _, dir := range []string{"cache/deep", "no/deep", "state", "yes"} {
		r.do(os.MkdirAll(r.path(dir), 0o700))
	}
	d := newDeaf()
	r.opts.notifier = newNotifier(d)
	r.start()
	r.write("cache/deep/x", "x")
	r.write("no/deep/x", "x")
	r.write("yes/.x.swp", "x")
	r.write("yes/x", "x")
	r.opts.notifier.lose()
	r.expect("created yes/x")
	r.stop()
	want := []string{filepath.Dir(r.root), r.root, r.path("yes")}
	if slices.Sort(d.added); !slices.Equal(d.added, want) {
		t.Errorf("watched %q, want %q", d.added, want)
	}
}

func TestOverflowComparesEverything(t *testing.T) {
	r := newRig(t)
	r.write("a/kept", "x")
	r.write("a/gone", "x")
	// What comes to a freed inode with the same content is still another file.
	r.do(os.Chtimes(r.path("a/gone"), time.Time{}, time.Unix(1_700_000_000, 0)))
	d := newDeaf()
	r.opts.notifier = newNotifier(d)
	r.start()
	r.write("a/kept", "y")
	r.do(os.Remove(r.path("a/gone")))
	r.write("b/c/new", "x")
	r.opts.notifier.lose()
	r.expect("modified a/kept", "deleted a/gone", "created b/c/new")
	if s := r.source.Status(); s.Overflows != 1 {
		t.Errorf("%d overflows", s.Overflows)
	}
}

func TestRescanFindsWhatIsNotNotified(t *testing.T) {
	r := newRig(t)
	r.cfg.Rescan = 50 * time.Millisecond
	outside := filepath.Join(t.TempDir(), "outside")
	r.do(os.WriteFile(outside, []byte("x"), 0o600))
	r.write("a", "x")
	d := newDeaf()
	r.opts.notifier = newNotifier(d)
	r.start()
	r.write("a", "y")
	r.expect("modified a")
}

func TestWatchLimitIsDeclaredAndPolled(t *testing.T) {
	r := newRig(t)
	r.write("a/x", "x")
	d := newDeaf()
	d.limit = 2
	r.opts.notifier = newNotifier(d)
	r.start()
	if e := r.expect("watch_limit a")[0]; !strings.Contains(e.fields["message"], "max_user_watches") {
		t.Error(e.fields["message"])
	}
	if s := r.source.Status(); s.Unwatched != 1 {
		t.Errorf("%d unwatched", s.Unwatched)
	}
}

func TestRoots(t *testing.T) {
	t.Run("a missing one is waited for", func(t *testing.T) {
		r := newRig(t)
		r.cfg.Paths = []string{r.path("x/y/z"), r.path("file")}
		r.start()
		r.write("x/y/z/w/a", "x")
		r.write("file", "x")
		r.write("other", "x")
		r.expect("created x/y/z/w/a", "created file")
	})
	t.Run("one that is removed and comes back is watched on", func(t *testing.T) {
		r := newRig(t)
		r.write("r/a", "x")
		r.cfg.Paths = []string{r.path("r")}
		r.start()
		r.do(os.RemoveAll(r.path("r")))
		r.expect("deleted r/a")
		r.write("r/b", "x")
		r.expect("deleted r/a", "created r/b")
		r.write("r/b", "y")
		r.expect("deleted r/a", "created r/b", "modified r/b")
	})
	t.Run("a new one and a dropped one are no changes", func(t *testing.T) {
		r := newRig(t)
		r.write("one/a", "x")
		r.write("two/b", "x")
		r.write("two/skip/c", "x")
		r.cfg.Paths, r.cfg.Exclude = []string{r.path("one")}, []string{"**/skip"}
		r.start()
		r.stop()
		r.cfg.Paths = []string{r.path("two")}
		r.start()
		r.stop()
		r.cfg.Exclude = nil
		r.start()
		r.expect()
		r.write("two/skip/c", "y")
		r.expect("modified two/skip/c")
	})
}

func TestOwnOutputIsLeftAlone(t *testing.T) {
	r := newRig(t)
	r.write("own", "x")
	var st unix.Stat_t
	r.do(unix.Stat(r.path("own"), &st))
	r.opts.Refuse = func(device, inode uint64) bool { return device == st.Dev && inode == st.Ino }
	r.start()
	r.do(os.WriteFile(r.path("own"), []byte("yy"), 0o600))
	r.write("a", "x")
	r.expect("created a")
}

func TestStopReportsWhatHasJustChanged(t *testing.T) {
	r := newRig(t)
	r.opts.Settle, r.opts.MaxSettle = patience, patience
	r.write("gone", "x")
	r.start()
	r.write("new", "x")
	r.do(os.Remove(r.path("gone")))
	r.stop()
	if have := fmt.Sprint(r.sink.events()); have != "[created new deleted gone]" {
		t.Error(have)
	}
}

// deaf sets watches that notify of nothing.
type deaf struct {
	mu    sync.Mutex
	added []string
	limit int
}

func newDeaf() *deaf { return &deaf{limit: 1 << 20} }

func (d *deaf) add(fd int) (int32, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.added) == d.limit {
		return 0, errLimit
	}
	name, err := os.Readlink(procPath(fd))
	d.added = append(d.added, name)
	return int32(len(d.added)), err
}

func (d *deaf) remove(int32) {}

// observed is a file that was looked at, to be hashed.
func observed(t *testing.T, path string) *observation {
	t.Helper()
	a, err := (&Source{}).openAnchor(path, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	o, err := a.observe(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.close)
	return o
}

func TestReadingIsPaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	text := strings.Repeat("x", 3*hashBlock+5)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := observed(t, path)
	h, asked := newHasher(1<<30), 0
	defer h.close()
	h.wait = func(_ context.Context, n int) error { asked += n; return nil }
	if err := h.hash(t.Context(), o, false, 0); err != nil {
		t.Fatal(err)
	}
	if asked != len(text) || hex.EncodeToString(o.entry.hash[:]) != sum(text) {
		t.Errorf("asked for %d of %d bytes", asked, len(text))
	}
}
