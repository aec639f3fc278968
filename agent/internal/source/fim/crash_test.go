package fim

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCrashRepeatsAndLosesNothing changes files at random, with a spool that
// commits late and dies again and again. Replayed, what was committed has to be
// what is there, and no event may say what the one before it said.
func TestCrashRepeatsAndLosesNothing(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 7))
			r := newRig(t)
			r.opts.Settle, r.opts.MaxSettle, r.opts.Checkpoint = time.Millisecond, 5*time.Millisecond, time.Millisecond
			r.start()
			for range 12 {
				r.sink.setLazy(true)
				for range random.IntN(30) {
					r.mutate(random)
				}
				if random.IntN(2) == 0 {
					r.write("last", fmt.Sprint(random.Uint64()))
					before := len(r.sink.events())
					r.wait("some event", func() bool { return len(r.sink.events()) > before })
				}
				switch random.IntN(4) {
				case 0:
					r.sink.commit(random)
					r.crash()
					r.mutate(random)
					r.sink.setLazy(false)
					r.start()
				case 1:
					r.sink.commit(random)
				case 2:
					r.sink.commit(nil)
				}
			}
			r.sink.setLazy(false)
			r.sink.commit(nil)
			r.stop()
			if diff := cmp.Diff(r.onDisk(), r.replay()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func (r *rig) mutate(random *rand.Rand) {
	name := func() string { return fmt.Sprintf("d%d/f%d", random.IntN(3), random.IntN(4)) }
	switch random.IntN(6) {
	case 0, 1, 2:
		r.write(name(), fmt.Sprint(random.IntN(5)))
	case 3:
		_ = os.Remove(r.path(name())) // it may not be there
	case 4:
		_ = os.Rename(r.path(name()), r.path(name()))
	case 5:
		_ = os.Rename(r.path(fmt.Sprintf("d%d", random.IntN(3))), r.path(fmt.Sprintf("e%d", random.IntN(3))))
	}
}

func (r *rig) onDisk() map[string]string {
	files := map[string]string{}
	r.do(filepath.WalkDir(r.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var data []byte
			data, err = os.ReadFile(path)
			files[strings.TrimPrefix(path, r.root+"/")] = sum(string(data))
		}
		return err
	}))
	return files
}

// replay is what the committed events say is there.
func (r *rig) replay() map[string]string {
	files := map[string]string{}
	for _, e := range r.sink.events() {
		was, had := files[e.path]
		switch e.action {
		case "created":
			if had {
				r.t.Errorf("%s, which was there", e)
			}
		case "renamed":
			if had || files[e.from] != e.hash {
				r.t.Errorf("%s: had=%v, content moved=%v", e, had, files[e.from] == e.hash)
			}
			delete(files, e.from)
		case "modified":
			replaced := strings.Contains(e.fields["tocsin.file.changed"], "inode")
			if !had || was == e.hash && !replaced || was != e.previousHash {
				r.t.Errorf("%s: had=%v, content same=%v, previous right=%v", e, had, was == e.hash, was == e.previousHash)
			}
		case "attributes_modified":
			if was != e.hash {
				r.t.Errorf("%s: content differs", e)
			}
		case "deleted":
			if !had {
				r.t.Errorf("%s, which was not there", e)
			}
			delete(files, e.path)
			continue
		}
		files[e.path] = e.hash
	}
	return files
}
