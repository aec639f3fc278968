package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAnOverflowLosesNoFile changes files while the watcher stands still, until
// the kernel's queue is full several times over, and once more while it works.
// Replayed, its events give what is on disk: for each path its last state.
func TestAnOverflowLosesNoFile(t *testing.T) {
	operations := 24_000
	if soak() {
		operations = 200_000
	}
	limit, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(limit))); err != nil || n > operations {
		t.Skipf("SKIPPED: a queue of %s notifications does not overflow here", strings.TrimSpace(string(limit)))
	}
	root := t.TempDir()
	for i := range 40 {
		if err := os.MkdirAll(filepath.Join(root, fmt.Sprint("d", i), "s"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w := watchPaths(t, root)
	random := rand.New(rand.NewPCG(1, 2))
	w.signal(syscall.SIGSTOP)
	churn(t, root, operations*3/4, random)
	w.signal(syscall.SIGCONT)
	churn(t, root, operations/4, random)
	last := filepath.Join(root, "last")
	if err := os.WriteFile(last, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := onDisk(t, root)
	w.wait("the final state", func(w *watching) bool { return maps.Equal(w.state, want) })
	w.end()
	if diff := cmp.Diff(want, w.state); diff != "" {
		t.Error(diff)
	}
	t.Logf("%d operations, %d paths at the end, %d events", operations, len(want), len(w.all))
}

// churn makes, changes, moves and removes files, and folders now and then.
func churn(t *testing.T, root string, operations int, random *rand.Rand) {
	t.Helper()
	name := func() string {
		return filepath.Join(root, fmt.Sprint("d", random.IntN(40)), []string{"", "s"}[random.IntN(2)], fmt.Sprint("f", random.IntN(operations/100)))
	}
	for i := range operations {
		var err error
		switch random.IntN(8) {
		case 0:
			err = os.Remove(name())
		case 1:
			err = os.Rename(name(), name())
		case 2:
			if i%100 == 0 {
				err = os.Rename(filepath.Dir(name()), filepath.Join(root, fmt.Sprint("e", random.IntN(10))))
			}
		default:
			path := name()
			if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
				err = os.WriteFile(path, strconv.AppendUint(nil, random.Uint64(), 10), 0o600)
			}
		}
		if err != nil && !isChurn(err) {
			t.Fatal(err)
		}
	}
}

// isChurn tells the errors that changing files at random makes: a name that is not
// there, or is something else.
func isChurn(err error) bool {
	for _, usual := range []error{fs.ErrNotExist, fs.ErrExist, syscall.ENOTEMPTY, syscall.EISDIR, syscall.ENOTDIR, syscall.EINVAL} {
		if errors.Is(err, usual) {
			return true
		}
	}
	return false
}

func onDisk(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		files[path] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
