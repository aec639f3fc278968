package journald

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestAPartThatMayNotBeReadIsDeclared: journalctl reads the rest and says nothing.
func TestAPartThatMayNotBeReadIsDeclared(t *testing.T) {
	// Root may read everything; a thread that is another user to the file system may
	// not. Nothing else may run on it meanwhile.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	folder, err := os.MkdirTemp("", "journal") // which others may enter, unlike the test's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("m/user-1000.journal", 0o644)
	cfg := Config{Directory: folder}
	if denied, readable := cfg.denied(); len(denied) != 0 || readable != 1 {
		t.Errorf("denied %q, readable %d", denied, readable)
	}
	system := write("m/system.journal", 0)
	become(t, 65534)
	denied, readable := cfg.denied()
	become(t, 0)
	if len(denied) != 1 || denied[0] != system || readable != 1 {
		t.Errorf("denied %q, readable %d", denied, readable)
	}
}

func TestAPartIsDeclaredAndShown(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.denied = []string{"/var/log/journal/m/system.journal"}
		r.start()
		r.expect("[journal_partial permission_denied]")
		r.journal.write("a")
		r.expect("a")
		if why := r.source.Status().Error; !strings.Contains(why, "1 of 2 files, for example /var/log/journal/m/system.journal") {
			t.Errorf("status says %q", why)
		}
	})
}

// become changes what one thread may do to files; of root's only.
func become(t *testing.T, user int) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if _, _, err := syscall.RawSyscall(syscall.SYS_SETFSUID, uintptr(user), 0, 0); err != 0 {
		t.Fatal(err)
	}
}
