package e2e

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// swapSets are how many sets of names are swapped: a name that never rests is
// looked at once a second.
const swapSets = 100

// TestSwappedNamesLeadNowhere exchanges folders and files with links that lead out
// of the watched tree, and with a FIFO and a device, as fast as it can. The kernel
// tells the test whoever opens what is outside, or the FIFO or the device: nobody
// may. At the end the watch must still see a new file.
func TestSwappedNamesLeadNowhere(t *testing.T) {
	swaps := 40_000
	if soak() {
		swaps = 1_000_000
	}
	root, outside := t.TempDir(), t.TempDir()
	w := swapped(t, root, outside)
	guard := newGuard(t, outside, filepath.Join(outside, "folder"))
	for n := range swapSets {
		for _, name := range []string{"fifo", "device"} {
			guard.watch(t, filepath.Join(root, fmt.Sprint(n), name))
		}
	}
	pairs := [][2]string{
		{"folder", "folder.link"}, {"file", "file.link"}, {"file", "fifo"}, {"deep/a/b/file", "file"}, {"deep/a", "deep/link"}, {"file", "device"},
	}
	for i := range swaps {
		p, set := pairs[i%len(pairs)], filepath.Join(root, fmt.Sprint(i/len(pairs)%swapSets))
		err := unix.Renameat2(unix.AT_FDCWD, filepath.Join(set, p[0]), unix.AT_FDCWD, filepath.Join(set, p[1]), unix.RENAME_EXCHANGE)
		if err != nil && !isChurn(err) && !errors.Is(err, unix.EXDEV) {
			t.Fatalf("swap %v: %v", p, err)
		}
		if i%50 == 0 { // something to hash, wherever the names lead now
			_ = os.WriteFile(filepath.Join(set, "deep", fmt.Sprint("n", i%500)), fmt.Append(nil, i), 0o600)
		}
	}
	last := filepath.Join(root, "last")
	must(t, os.WriteFile(last, []byte("x"), 0o600))
	w.wait("the last file's event", func(w *watching) bool { _, ok := w.state[last]; return ok })
	w.end()
	if opened := guard.opened(t); len(opened) > 0 {
		t.Errorf("%d times something was opened that must not be: %q", len(opened), opened[:min(5, len(opened))])
	}
	secret := sha256.Sum256([]byte("secret"))
	for _, e := range w.all {
		if e.File.Hash.SHA256 == hex.EncodeToString(secret[:]) || !strings.HasPrefix(e.File.Path, root+"/") || strings.Contains(e.File.Path, "only-outside") {
			t.Errorf("an event of what is outside: %+v", e)
		}
	}
	t.Logf("%d swaps, %d events", swaps, len(w.all))
}

// swapped makes what is to be swapped, and watches it.
func swapped(t *testing.T, root, outside string) *watching {
	t.Helper()
	must(t, os.MkdirAll(outside+"/folder", 0o700))
	for _, path := range []string{outside + "/file", outside + "/folder/file", outside + "/folder/only-outside"} {
		must(t, os.WriteFile(path, []byte("secret"), 0o600))
	}
	for n := range swapSets {
		set := filepath.Join(root, fmt.Sprint(n))
		must(t, os.MkdirAll(set+"/folder", 0o700))
		must(t, os.MkdirAll(set+"/deep/a/b", 0o700))
		for _, path := range []string{"/file", "/folder/file", "/deep/a/b/file"} {
			must(t, os.WriteFile(set+path, []byte("inside"), 0o600))
		}
		must(t, os.Symlink(outside+"/folder", set+"/folder.link"))
		must(t, os.Symlink(outside+"/file", set+"/file.link"))
		must(t, os.Symlink(outside+"/folder", set+"/deep/link"))
		must(t, unix.Mkfifo(set+"/fifo", 0o600))
		if os.Geteuid() == 0 {
			must(t, unix.Mknod(set+"/device", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))))
		} else {
			must(t, unix.Mkfifo(set+"/device", 0o600)) // only root makes devices
		}
	}
	return watchPaths(t, root)
}

// guard learns from the kernel of every opening of some files and folders; naming
// them without opening (O_PATH) is none.
type guard struct{ fd int }

func newGuard(t *testing.T, paths ...string) *guard {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	must(t, err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	g := &guard{fd: fd}
	for _, p := range paths {
		g.watch(t, p)
	}
	// A guard that sees nothing would prove nothing.
	f, err := os.Open(filepath.Join(paths[0], "file"))
	must(t, err)
	must(t, f.Close())
	if len(g.opened(t)) == 0 {
		t.Fatal("the guard does not see an opening")
	}
	return g
}

func (g *guard) watch(t *testing.T, path string) {
	t.Helper()
	_, err := unix.InotifyAddWatch(g.fd, path, unix.IN_OPEN|unix.IN_ACCESS|unix.IN_DONT_FOLLOW)
	must(t, err)
}

// opened are the names that were opened since the last call.
func (g *guard) opened(t *testing.T) []string {
	t.Helper()
	var names []string
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(g.fd, buf)
		if errors.Is(err, unix.EAGAIN) {
			return names
		}
		must(t, err)
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			wd, mask := binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])
			end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
			if mask&(unix.IN_OPEN|unix.IN_ACCESS|unix.IN_Q_OVERFLOW) != 0 {
				names = append(names, fmt.Sprintf("%d %q %x", wd, strings.TrimRight(string(b[unix.SizeofInotifyEvent:end]), "\x00"), mask))
			}
			b = b[end:]
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
