package file

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPositionRoundTrip(t *testing.T) {
	for _, s := range []state{
		{},
		{offset: 1 << 40, line: 7, backfill: 99, head: headOf([]byte("abc")), path: "/var/log/a b\n.log", skipping: true},
		{offset: 3, unknown: true, open: true, path: "/x", check: checkOf([]byte("abc")), packed: true, copied: true, done: true, real: "/y"},
	} {
		have, err := decodeState(s.append(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, have, cmp.AllowUnexported(state{}, head{}, check{})); diff != "" {
			t.Error(diff)
		}
	}
}

func TestKeyRoundTrip(t *testing.T) {
	id := identity{device: 0xfd01, inode: 1 << 40, birth: -5}
	have, err := parseKey(id.key())
	if err != nil || have != id {
		t.Errorf("%+v, %v", have, err)
	}
	for _, bad := range []string{"", "fim/x", "file/", "file/seen-00", "file/zz-1-2"} {
		if _, err := parseKey(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	s := state{offset: 70000, line: 12, check: checkOf([]byte("before")), backfill: 5, head: headOf([]byte("first")), path: "/var/log/auth.log", real: "/srv/auth"}
	f.Add(s.append(nil))
	f.Add([]byte{1, 7, 0, 0, 0, 0})
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeState(b)
		if err != nil {
			return
		}
		if s.offset < 0 || s.line < 0 || s.backfill < 0 || s.head.n > headSize {
			t.Fatalf("accepted %+v", s)
		}
		again, err := decodeState(s.append(nil))
		if err != nil || again != s {
			t.Fatalf("%+v became %+v (%v)", s, again, err)
		}
	})
}
