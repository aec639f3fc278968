package fim

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var compareEntries = cmp.AllowUnexported(entry{}, fileID{}, scope{}, packageInfo{})

func sampleTree() (*tree, scope) {
	t := newTree()
	t.set("/etc/passwd", &entry{kind: kindFile, hashed: true, mode: 0o644, size: 9, mtime: -5, ctime: 1 << 60, id: fileID{1, 2}, hash: [32]byte{1, 2, 3}})
	t.set("/etc/passwd-", &entry{kind: kindFile, mode: 0o4755, uid: 1<<32 - 1, gid: 7, id: fileID{1, 3}})
	t.set("/etc/a\n\xff", &entry{kind: kindLink, target: "../\xfe", id: fileID{1, 4}})
	return t, scope{roots: []string{"/etc"}, exclude: []string{"**/*.swp"}}
}

func flat(t *tree) map[string]*entry {
	files := map[string]*entry{}
	for _, p := range t.paths() {
		files[p] = t.get(p)
	}
	return files
}

func TestBaselineRoundTrip(t *testing.T) {
	dir := t.TempDir()
	want, wantScope := sampleTree()
	if err := saveBaseline(dir, want, &wantScope); err != nil {
		t.Fatal(err)
	}
	have, haveScope, err := loadBaseline(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flat(want), flat(have), compareEntries); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantScope, haveScope, compareEntries); diff != "" {
		t.Error(diff)
	}
}

func TestDamagedBaselineIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	tree, scope := sampleTree()
	if err := saveBaseline(dir, tree, &scope); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, baselineName))
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		bad := append([]byte(nil), data...)
		bad[i] ^= 0x10
		if _, _, err := newDecoder(bad).baseline(); !errors.Is(err, errBaseline) && !errors.Is(err, errNewer) {
			t.Errorf("byte %d: %v", i, err)
		}
		if _, _, err := newDecoder(data[:i]).baseline(); !errors.Is(err, errBaseline) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

func TestDamagedBaselineIsDeclaredAndMadeAnew(t *testing.T) {
	r := newRig(t)
	r.write("a", "x")
	r.start()
	r.stop()
	r.do(os.WriteFile(filepath.Join(r.opts.Dir, baselineName), []byte("TOCSFIM\x01 and nonsense"), 0o600))
	r.start()
	r.write("a", "y")
	r.wait("two events", func() bool { return len(r.sink.events()) == 2 })
	if e := r.sink.events(); e[0].action != "baseline_lost" || e[1].String() != "modified a" {
		t.Error(e)
	}
}

func TestNewerBaselineIsRefusedUntouched(t *testing.T) {
	r := newRig(t)
	newer := []byte("TOCSFIM\x03whatever")
	name := filepath.Join(r.opts.Dir, baselineName)
	r.do(os.WriteFile(name, newer, 0o600))
	s, err := New(r.cfg, r.opts)
	r.do(err)
	if err := s.Run(t.Context(), nil, r.sink); !errors.Is(err, errNewer) {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(name); err != nil || string(data) != string(newer) {
		t.Errorf("%q, %v", data, err)
	}
}

func FuzzDecodeBaseline(f *testing.F) {
	dir := f.TempDir()
	tree, in := sampleTree()
	if err := saveBaseline(dir, tree, &in); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, baselineName))
	if err != nil {
		f.Fatal(err)
	}
	// The checksum would stop every mutation, so what it guards is fuzzed alone.
	f.Add(data[len(magic)+1 : len(data)-4])
	f.Add([]byte{0, 0, 1, 0, 2, '/', 'a', 'f', 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for version := byte(1); version <= baselineVersion; version++ {
			d := newDecoder(b)
			tree := d.content(version, &scope{})
			if d.err == nil && tree.count != len(tree.paths()) {
				t.Fatalf("%d entries, %d paths", tree.count, len(tree.paths()))
			}
		}
	})
}

func FuzzDecodePosition(f *testing.F) {
	tree, _ := sampleTree()
	for _, p := range tree.paths() {
		f.Add(encodePosition(tree.get(p)))
	}
	f.Add(encodePosition(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodePosition(b)
		if err != nil {
			return
		}
		again, err := decodePosition(encodePosition(e))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, again, compareEntries); diff != "" {
			t.Fatal(diff)
		}
	})
}
