package fim

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// versionOne is what FORMAT.md says of version 1, written out: a regular file with
// a hash, one without, and a link.
func versionOne(t *testing.T) []byte {
	t.Helper()
	const body = "01" + "04" + "2f657463" + // one root: /etc
		"01" + "08" + "2a2a2f2a2e737770" + // one exclude: **/*.swp
		"03" + // three entries
		"00" + "06" + "2f6574632f61" + "66" + "01" + "a403" + "00" + "00" + "09" + "01" + "02" + "09" + "10" +
		"0102030000000000000000000000000000000000000000000000000000000000" + // /etc/a
		"06" + "01" + "62" + "66" + "00" + "ed13" + "05" + "07" + "00" + "01" + "03" + "00" + "00" + // /etc/ab
		"05" + "01" + "6c" + "6c" + "00" + "ff03" + "00" + "00" + "02" + "01" + "04" + "00" + "00" + "02" + "2e2e" // /etc/l
	data, err := hex.DecodeString(hex.EncodeToString([]byte("TOCSFIM\x01")) + body)
	if err != nil {
		t.Fatal(err)
	}
	return binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli()))
}

func TestVersionOneIsRead(t *testing.T) {
	tree, in, err := newDecoder(versionOne(t)).baseline()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*entry{
		"/etc/a":  {kind: kindFile, hashed: true, mode: 0o644, size: 9, id: fileID{1, 2}, mtime: -5, ctime: 8, hash: [32]byte{1, 2, 3}},
		"/etc/ab": {kind: kindFile, mode: 0o4755, uid: 5, gid: 7, id: fileID{1, 3}},
		"/etc/l":  {kind: kindLink, mode: 0o777, size: 2, id: fileID{1, 4}, target: ".."},
	}
	if diff := cmp.Diff(want, flat(tree), compareEntries); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(scope{roots: []string{"/etc"}, exclude: []string{"**/*.swp"}}, in, compareEntries); diff != "" {
		t.Error(diff)
	}
}

// A baseline of version 1 becomes one of version 2, and the step is no change.
func TestVersionOneBecomesTwo(t *testing.T) {
	r := newRig(t)
	r.start()
	r.stop()
	r.write("a", "x")
	var one []byte
	one = append(one, "TOCSFIM\x01"...)
	one = appendText(append(one, 1), r.root)
	one = append(one, 0, 1)
	one = appendText(append(one, 0), r.path("a"))
	s, err := New(r.cfg, r.opts)
	r.do(err)
	a, err := s.openAnchor(r.root, r.path("a"))
	r.do(err)
	o, err := a.observe(r.path("a"))
	r.do(err)
	h := newHasher(1 << 20)
	r.do(h.hash(t.Context(), o, false, 0))
	h.close()
	o.close()
	a.close()
	one = o.entry.appendTo(one)
	one = binary.LittleEndian.AppendUint32(one, crc32.Checksum(one, castagnoli()))
	r.do(os.WriteFile(filepath.Join(r.opts.Dir, baselineName), one, 0o600))
	r.start()
	r.write("b", "x")
	r.expect("created b")
	r.stop()
	two, err := os.ReadFile(filepath.Join(r.opts.Dir, baselineName))
	r.do(err)
	if two[len(magic)] != 2 {
		t.Errorf("version %d", two[len(magic)])
	}
}

func TestPositionOfVersionOneIsRead(t *testing.T) {
	e, err := decodePosition([]byte{1, kindFile, 0, 1, 2, 3, 4, 5, 6, 0, 0})
	if err != nil || e.mode != 1 || e.id.inode != 6 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := decodePosition([]byte{1, kindGone}); err != nil || e != nil {
		t.Errorf("gone: %+v, %v", e, err)
	}
	if _, err := decodePosition([]byte{3, kindGone}); err == nil {
		t.Error("a newer position was read")
	}
}
