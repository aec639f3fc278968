package file

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestRotationMatrix does everything that may happen to a log, live and while
// nothing runs, with and without the old file in the globs: each line once.
func TestRotationMatrix(t *testing.T) {
	rotations := map[string]struct {
		rotate func(*rig)
		want   []string
	}{
		"renamed": {func(r *rig) {
			r.rename("a.log", "a.log.1")
			r.write("a.log.1", "late\n")
			r.write("a.log", "new\n")
		}, []string{"first", "unread", "late", "new"}},
		"renamed without a newline at the end": {func(r *rig) {
			r.write("a.log", "half")
			r.rename("a.log", "a.log.1")
			r.write("a.log", "new\n")
		}, []string{"first", "unread", "half", "new"}},
		"renamed twice": {func(r *rig) {
			r.rename("a.log", "a.log.1")
			r.write("a.log", "new\n")
			r.rename("a.log.1", "a.log.2")
			r.rename("a.log", "a.log.1")
			r.write("a.log", "newer\n")
		}, []string{"first", "unread", "new", "newer"}},
		"truncated": {func(r *rig) {
			r.do(os.Truncate(r.path("a.log"), 0))
			r.write("a.log", "x\n")
		}, []string{"first", "[file_truncated]", "x"}},
		"truncated and grown past the offset": {func(r *rig) {
			r.do(os.Truncate(r.path("a.log"), 0))
			r.write("a.log", strings.Repeat("longer than before\n", 3))
		}, []string{"first", "[file_truncated]", "longer than before", "longer than before", "longer than before"}},
	}
	for name, c := range rotations {
		for _, down := range []bool{false, true} {
			for _, globs := range []string{"a.log", "a.log*"} {
				t.Run(fmt.Sprintf("%s, down=%v, globs=%s", name, down, globs), func(t *testing.T) {
					want := slices.Clone(c.want)
					r := newRig(t, Input{Paths: []string{globs}})
					r.start()
					r.write("a.log", "first\n")
					r.expect("first")
					if strings.HasPrefix(name, "truncated") {
						rotateTruncated(r, down, c.rotate)
						r.expect(want...)
						return
					}
					if down {
						r.stop()
						r.write("a.log", "unread\n")
						c.rotate(r)
						r.start()
					} else {
						release := r.sink.block()
						r.write("a.log", "unread\n")
						c.rotate(r)
						release()
					}
					r.expectAny(slices.Clone(want)...)
					r.write("a.log", "after\n")
					r.expectAny(append(want, "after")...)
				})
			}
		}
	}
}

func rotateTruncated(r *rig, down bool, rotate func(*rig)) {
	if down {
		r.stop()
		rotate(r)
		r.start()
		return
	}
	rotate(r)
}

func TestDeletedWhileOpenIsDrained(t *testing.T) {
	r := newRig(t)
	r.start()
	r.write("a.log", "first\n")
	r.expect("first")
	release := r.sink.block()
	var want []string
	for i := range 100_000 {
		want = append(want, fmt.Sprintf("line %d of a file that will be gone", i))
	}
	r.write("a.log", strings.Join(want, "\n"))
	r.do(os.Remove(r.path("a.log")))
	r.write("a.log", "successor\n")
	release()
	r.expectAny(append(want, "first", "successor")...)
	r.wait("the file to be left", func() bool { return len(r.source.Status().Files) == 1 })
}

func TestRotatedFileIsForgottenWhenItRests(t *testing.T) {
	r := newRig(t)
	r.start()
	r.write("a.log", "first\n")
	r.expect("first")
	r.rename("a.log", "a.old")
	r.wait("the file to be left", func() bool { return len(r.source.Status().Files) == 0 })
	r.do(os.Remove(r.path("a.old")))
	r.stop()
	r.start()
	r.wait("the position to be forgotten", func() bool { return len(positionsOf(r.sink.all())) == 1 })
	r.expect("first")
}

func TestMissingIsDeclaredAtStart(t *testing.T) {
	r := newRig(t)
	r.start()
	r.write("a.log", "first\n")
	r.expect("first")
	r.stop()
	r.do(os.Remove(r.path("a.log")))
	r.start()
	r.expect("first", "[file_missing]")
}

func TestReplacedByAnotherInodeIsReadFromItsBeginning(t *testing.T) {
	for _, down := range []bool{false, true} {
		r := newRig(t)
		r.start()
		r.write("a.log", "first\n")
		r.expect("first")
		if down {
			r.stop()
		}
		r.write("temp", "first\nreplaced\n")
		r.rename("temp", "a.log")
		want := []string{"first", "first", "replaced"}
		if down {
			r.start()
			want = append(want, "[file_missing]")
		}
		r.expectAny(want...)
		r.stop()
	}
}
