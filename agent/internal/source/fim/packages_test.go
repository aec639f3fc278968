package fim

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// dpkgRig is a rig whose root is a system of its own, with an empty dpkg database.
func dpkgRig(t *testing.T) *rig {
	t.Helper()
	for _, need := range []string{"dpkg", "dpkg-deb"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("SKIPPED: no %s: one event for a package is not tested here", need)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: dpkg installs for root only: one event for a package is not tested here")
	}
	r := newRig(t)
	for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "usr/bin", "etc"} {
		r.do(os.MkdirAll(r.path(dir), 0o755))
	}
	r.write("var/lib/dpkg/status", "")
	r.cfg.Paths = []string{r.path("usr"), r.path("etc")}
	r.opts.GroupPackages = true
	return r
}

// deb builds a package of these files; a link's text begins with "->".
func (r *rig) deb(version string, files map[string]string) string {
	r.t.Helper()
	dir := r.t.TempDir()
	var sums strings.Builder
	for name, text := range files {
		path := filepath.Join(dir, name)
		r.do(os.MkdirAll(filepath.Dir(path), 0o755))
		if to, link := strings.CutPrefix(text, "->"); link {
			r.do(os.Symlink(to, path))
			continue
		}
		r.do(os.WriteFile(path, []byte(text), 0o755))
		if strings.HasPrefix(name, "usr") {
			out, err := exec.CommandContext(r.t.Context(), "md5sum", path).Output()
			r.do(err)
			fmt.Fprintf(&sums, "%s  %s\n", out[:32], name)
		}
	}
	control := "Package: demo\nVersion: " + version + "\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: x\n"
	r.do(os.Mkdir(filepath.Join(dir, "DEBIAN"), 0o755))
	r.do(os.WriteFile(filepath.Join(dir, "DEBIAN/control"), []byte(control), 0o644))
	r.do(os.WriteFile(filepath.Join(dir, "DEBIAN/md5sums"), []byte(sums.String()), 0o644))
	r.do(os.WriteFile(filepath.Join(dir, "DEBIAN/conffiles"), []byte("/etc/demo.conf\n"), 0o644))
	out := filepath.Join(r.t.TempDir(), "demo.deb")
	r.run("dpkg-deb", "--build", "--root-owner-group", dir, out)
	return out
}

func (r *rig) dpkg(args ...string) {
	r.t.Helper()
	r.run("dpkg", append([]string{"--root=" + r.root, "--force-unsafe-io", "--log=/dev/null"}, args...)...)
}

func (r *rig) run(name string, args ...string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// one and two are versions of a package.
func one() map[string]string {
	files := map[string]string{
		"usr/bin/demo": "program 1", "usr/lib/demo/old": "goes", "usr/lib/demo/same": "stays", "usr/lib/libdemo.so": "->demo/same",
		"etc/demo.conf": "configured = no\n",
	}
	for i := range 20 {
		files[fmt.Sprintf("usr/share/demo/%d", i)] = fmt.Sprint("data ", i)
	}
	return files
}

func two() map[string]string {
	files := one()
	delete(files, "usr/lib/demo/old")
	files["usr/bin/demo"] = "program 2"
	files["usr/lib/demo/new"] = "comes"
	return files
}

func TestAPackageIsOneEvent(t *testing.T) {
	for _, down := range []bool{false, true} {
		t.Run(fmt.Sprintf("down=%v", down), func(t *testing.T) {
			t.Parallel()
			r := dpkgRig(t)
			first, second := r.deb("1.0", one()), r.deb("1.1", two())
			r.start()
			var want []string
			step := func(event string, do func()) got {
				if down {
					r.stop()
					do()
					r.restAfterDpkg()
					r.start()
				} else {
					do()
				}
				want = append(want, event)
				events := r.expect(want...)
				return events[len(events)-1]
			}
			e := step("package_installed ", func() { r.dpkg("-i", first) })
			if e.fields["package.name"] != "demo" || e.fields["package.version"] != "1.0" || e.fields["tocsin.package.files"] != "25" {
				t.Errorf("installed: %v", e.fields)
			}
			e = step("package_upgraded ", func() { r.dpkg("-i", second) })
			if e.fields["package.version"] != "1.1" || e.fields["tocsin.package.previous.version"] != "1.0" {
				t.Errorf("upgraded: %v", e.fields)
			}
			e = step("modified usr/bin/demo", func() { r.write("usr/bin/demo", "program 3") })
			if e.fields["tocsin.file.package.state"] != stateDiffers || e.fields["package.name"] != "demo" {
				t.Errorf("flipped: %v", e.fields)
			}
			e = step("modified etc/demo.conf", func() { r.write("etc/demo.conf", "configured = yes\n") })
			if e.fields["tocsin.file.package.state"] != stateConfigured {
				t.Errorf("configured: %v", e.fields)
			}
			e = step("modified usr/bin/demo", func() { r.write("usr/bin/demo", "program 2") })
			if e.fields["tocsin.file.package.state"] != stateMatches {
				t.Errorf("restored: %v", e.fields)
			}
			e = step("package_removed ", func() { r.dpkg("-r", "demo") })
			if e.fields["package.name"] != "demo" || e.fields["package.version"] != "1.1" {
				t.Errorf("removed: %v", e.fields)
			}
			r.stop()
			r.start()
			r.expect(want...)
		})
	}
}

// restAfterDpkg waits until a start would take the database to be at rest: until
// then it leaves the changes to the transaction's end.
func (r *rig) restAfterDpkg() {
	r.t.Helper()
	r.wait("rest", func() bool {
		r.source.findLinks()
		run := &runner{s: r.source}
		run.findBases()
		return len(run.bases) == 1 && !run.bases[0].db.Busy(time.Now())
	})
}

func TestWhatAPackageDidNotBringIsToldByItself(t *testing.T) {
	r := dpkgRig(t)
	files := one()
	files["usr/lib/escape"] = "->/root/evil"
	deb := r.deb("1.0", files)
	r.write("usr/bin/other", "x")
	r.start()
	r.write("usr/bin/evil", "x")
	r.write("usr/bin/other", "y")
	r.dpkg("-i", deb)
	r.do(unix.Chmod(r.path("usr/bin/demo"), 0o4755))
	r.expect("created usr/bin/evil", "modified usr/bin/other", "package_installed ", "created usr/bin/demo", "created usr/lib/escape")
}

func TestALockThatIsNeverReleasedKeepsNothingBack(t *testing.T) {
	r := dpkgRig(t)
	b := &packageBase{since: time.Now().Add(-2 * deferMax), deferred: map[string]struct{}{r.path("usr/bin/x"): {}}, busy: true, asked: time.Now()}
	r.write("usr/bin/x", "x")
	r.start()
	r.stop()
	s, err := New(r.cfg, r.opts)
	r.do(err)
	run, err := newRunner(s, r.sink)
	r.do(err)
	run.findBases()
	b.db = run.bases[0].db
	run.bases[0] = b
	r.do(run.closeTransactions(t.Context()))
	r.do(run.close())
	r.source = s
	r.expect("created usr/bin/x")
}

func TestOwnersSurviveARestart(t *testing.T) {
	r := dpkgRig(t)
	r.dpkg("-i", r.deb("1.0", one()))
	r.start()
	r.stop()
	tree, _, err := loadBaseline(r.opts.Dir)
	r.do(err)
	if e := tree.get(r.path("usr/bin/demo")); e == nil || shownName(e.pkg) != "demo" {
		t.Errorf("owner of a file: %+v", e)
	}
	if p := tree.packages.get(r.root + "//demo"); p.version != "1.0" || p.stamp == "" {
		t.Errorf("package: %+v", p)
	}
}

// A kill between a package's event and the last of its positions repeats nothing.
func TestAPackageThatWasToldIsNotToldAgain(t *testing.T) {
	r := dpkgRig(t)
	deb := r.deb("1.0", one())
	r.start()
	r.sink.setLazy(true)
	r.dpkg("-i", deb)
	r.wait("the event", func() bool { return len(r.sink.events()) == 1 })
	r.sink.mu.Lock()
	for i := range r.sink.records {
		if g := &r.sink.records[i]; g.action != "" {
			g.positions = g.positions[:3] // the package's own, and two files'
			r.sink.durable = i + 1
		}
	}
	r.sink.mu.Unlock()
	r.crash()
	r.sink.setLazy(false)
	r.do(os.Remove(r.path("killer")))
	r.restAfterDpkg()
	r.start()
	r.expect("package_installed ")
}
