package packages

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const helloSum = "5d41402abc4b2a76b9719d911017c592"

// system makes a system's root with a dpkg database.
func system(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		"var/lib/dpkg/status": "Package: one\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.0-3\nConffiles:\n" +
			" /etc/one.conf " + helloSum + "\n /etc/gone.conf " + helloSum + " obsolete\nDescription: x\n more\n\n" +
			"Package: multi\nStatus: install ok installed\nArchitecture: i386\nMulti-Arch: same\nVersion: 7\n\n" +
			"Package: rest\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n" +
			"Package: diverter\nStatus: install ok installed\nArchitecture: all\nVersion: 1",
		"var/lib/dpkg/info/one.list":           "/.\n/bin\n/bin/one\n/usr\n/usr/share/a file\n/usr/lib/link\n/etc/one.conf\n",
		"var/lib/dpkg/info/one.md5sums":        helloSum + "  bin/one\n" + helloSum + "  usr/share/a file\n" + "nonsense\n",
		"var/lib/dpkg/info/multi:i386.list":    "/usr/share/m\n",
		"var/lib/dpkg/info/diverter.list":      "/usr/share/m\n",
		"var/lib/dpkg/info/diverter.md5sums":   helloSum + "  usr/share/m\n",
		"var/lib/dpkg/info/rest.list":          "/usr/share/rest\n",
		"var/lib/dpkg/info/multi:i386.md5sums": strings.Repeat("a", 32) + "  usr/share/m\n",
		"var/lib/dpkg/diversions":              "/usr/share/m\n/usr/share/m.real\ndiverter\n",
		"var/lib/dpkg/lock":                    "",
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("usr/bin", filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestDpkg(t *testing.T) {
	root := system(t)
	d := Find(filepath.Join(root, "usr/bin/one"))
	if d == nil || d.Root() != root {
		t.Fatalf("found %+v", d)
	}
	x, err := d.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/usr/bin/one":      "one 1:2.0-3 " + helloSum,
		"/usr/share/a file": "one 1:2.0-3 " + helloSum,
		"/etc/one.conf":     "one 1:2.0-3 " + helloSum + " config",
		"/usr/lib/link":     "one 1:2.0-3 ",
		"/usr/share/m":      "diverter 1 " + helloSum,
		"/usr/share/m.real": "multi 7 " + strings.Repeat("a", 32),
		"/usr/share/rest":   "",
		"/usr/bin/two":      "",
	} {
		have := ""
		if f := x.Find(root + path); f != nil {
			have = f.Package.Name + " " + f.Package.Version + " " + hex.EncodeToString(f.Digest)
			if f.Config {
				have += " config"
			}
		}
		if have != want {
			t.Errorf("%s: %q, want %q", path, have, want)
		}
	}
	for target, want := range map[string]string{"../bin/one": root + "/usr/bin/one", "/root/evil": root + "/root/evil"} {
		if have := x.LinkTarget(root+"/usr/lib/link", target); have != want {
			t.Errorf("link to %s leads to %s", target, have)
		}
	}
	if x.Get("multi:i386") == nil || x.Get("rest") != nil || x.Get("one").Stamp == "" {
		t.Errorf("packages %+v", x.Packages())
	}
}

func TestFindTakesTheNearest(t *testing.T) {
	outer := system(t)
	inner := filepath.Join(outer, "srv/root")
	if err := os.MkdirAll(filepath.Join(inner, "var/lib/dpkg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(inner, "var/lib/dpkg/status"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{inner: inner, inner + "/usr/bin": inner, outer + "/srv": outer, outer: outer} {
		if d := Find(path); d == nil || d.Root() != want {
			t.Errorf("%s: %+v", path, d)
		}
	}
}

func TestBusy(t *testing.T) {
	root := system(t)
	d := Find(root)
	now := time.Now()
	if !d.Busy(now) {
		t.Error("a database that was just written is at rest")
	}
	later := now.Add(Quiet + time.Second)
	if d.Busy(later) {
		t.Error("a database that rests is busy")
	}
	lock, err := os.OpenFile(filepath.Join(root, "var/lib/dpkg/lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	// A lock of this process would not be seen: it is asked for as another owner's.
	if err := unix.FcntlFlock(lock.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}); err != nil {
		t.Fatal(err)
	}
	if !d.Busy(later) {
		t.Error("a locked database is at rest")
	}
}

func TestBookkeeping(t *testing.T) {
	d := &Database{root: "/r"}
	for path, want := range map[string]string{
		"/r/var/lib/dpkg/status": "true ", "/r/var/lib/dpkg/info/libc6:amd64.list": "true libc6:amd64",
		"/r/var/lib/dpkg-other": "false ", "/r/usr/bin/x": "false ",
	} {
		pkg, own := d.Bookkeeping(path)
		if have := map[bool]string{true: "true ", false: "false "}[own] + pkg; have != want {
			t.Errorf("%s: %q", path, have)
		}
	}
}

func TestRPM(t *testing.T) {
	text := "P bash 5.1-2.el9 x86_64 1700000000 1699999999\n" +
		"F " + strings.Repeat("ab", 32) + " 0 /usr/bin/bash\nF  0 /usr/bin/sh\nF " + strings.Repeat("cd", 32) + " 17 /etc/ba shrc\n"
	x, err := readRPM("/", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	f := x.Find("/usr/bin/bash")
	if f == nil || !f.SHA256 || hex.EncodeToString(f.Digest) != strings.Repeat("ab", 16) || f.Config || f.Package.Version != "5.1-2.el9" {
		t.Errorf("%+v", f)
	}
	if f := x.Find("/usr/bin/sh"); f == nil || f.Digest != nil {
		t.Errorf("%+v", f)
	}
	if f := x.Find("/etc/ba shrc"); f == nil || !f.Config {
		t.Errorf("%+v", f)
	}
}

func FuzzDpkg(f *testing.F) {
	f.Add("Package: a\nStatus: install ok installed\nConffiles:\n /e x\n\n", "5d41402abc4b2a76b9719d911017c592  a\n", "/a\n/b\n")
	f.Fuzz(func(t *testing.T, status, sums, list string) {
		root := t.TempDir()
		info := filepath.Join(root, dpkgFolder, "info")
		if err := os.MkdirAll(info, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"info/a.list": list, "info/a.md5sums": sums, "status": status, "diversions": list,
		} {
			if err := os.WriteFile(filepath.Join(root, dpkgFolder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		x, err := (&Database{root: root}).Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range x.Packages() {
			if x.Get(p.Key) == nil {
				t.Errorf("%s is lost", p.Key)
			}
		}
	})
}

func FuzzRPM(f *testing.F) {
	f.Add("P bash 5 x 1 2\nF  0 /usr/bin/sh\n")
	f.Fuzz(func(t *testing.T, text string) {
		if x, err := readRPM("/", strings.NewReader(text)); err != nil || x == nil {
			t.Fatal(err)
		}
	})
}
