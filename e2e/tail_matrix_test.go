package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tailScene is one way in which a log is rotated.
type tailScene struct {
	name   string
	rotate func(l *tailLog)
	// truncates says that the rotation is to be declared; loses, that what was not
	// read before it is given up by that.
	truncates, loses bool
	// link says that the log is a link to a file elsewhere.
	link bool
}

func tailScenes() []tailScene {
	return []tailScene{
		{name: "rename", rotate: func(l *tailLog) {
			l.rename("app.log", fmt.Sprintf("app.log.%d", time.Now().UnixNano()))
			l.write("app.log", 3)
		}},
		{name: "gzip", rotate: func(l *tailLog) {
			name := fmt.Sprintf("app.log-%d", time.Now().UnixNano())
			l.rename("app.log", name)
			l.write("app.log", 3)
			l.run("gzip", name)
		}},
		{name: "zstd", rotate: func(l *tailLog) {
			name := fmt.Sprintf("app.log-%d", time.Now().UnixNano())
			l.rename("app.log", name)
			l.write("app.log", 3)
			l.run("zstd", "-q", "--rm", name)
		}},
		{name: "bzip2", rotate: func(l *tailLog) {
			name := fmt.Sprintf("app.log-%d", time.Now().UnixNano())
			l.rename("app.log", name)
			l.write("app.log", 3)
			l.run("bzip2", name)
		}},
		{name: "three-times", rotate: func(l *tailLog) {
			for range 3 {
				name := fmt.Sprintf("app-%d.log", time.Now().UnixNano())
				l.rename("app.log", name)
				l.write("app.log", 3)
				l.run("gzip", name)
			}
		}},
		{name: "late-lines", rotate: func(l *tailLog) {
			l.shift()
			l.rename("app.log", "app.log.1")
			l.write("app.log", 2)
			l.write("app.log.1", 2)
			l.write("app.log", 2)
		}},
		{name: "copytruncate", truncates: true, rotate: func(l *tailLog) {
			l.shift()
			l.copy("app.log", "app.log.1")
			l.truncate("app.log")
			l.write("app.log", 3)
		}},
		{name: "copytruncate-grown", truncates: true, rotate: func(l *tailLog) {
			l.shift()
			l.copy("app.log", "app.log.1")
			l.truncate("app.log")
			l.write("app.log", 2*len(l.written))
		}},
		{name: "copytruncate-gzip", truncates: true, rotate: func(l *tailLog) {
			name := fmt.Sprintf("app.log-%d", time.Now().UnixNano())
			l.copy("app.log", name)
			l.truncate("app.log")
			l.write("app.log", 3)
			l.run("gzip", name)
		}},
		{name: "truncate", truncates: true, loses: true, rotate: func(l *tailLog) {
			l.truncate("app.log")
			l.write("app.log", 3)
		}},
		{name: "inode-reuse", rotate: func(l *tailLog) {
			old := l.inode("app.log")
			l.shift()
			l.rename("app.log", "app.log.1")
			l.run("gzip", "-f", "app.log.1")
			l.create("app.log", old)
			l.write("app.log", 3)
		}},
		{name: "symlink-swap", link: true, rotate: func(l *tailLog) {
			target := l.path(fmt.Sprintf("data/%d", time.Now().UnixNano()))
			l.do(os.WriteFile(target, nil, 0o644))
			l.do(os.Symlink(target, l.path("next")))
			l.rename("next", "app.log")
			l.write("app.log", 3)
		}},
	}
}

// shift makes room for a new app.log.1.
func (l *tailLog) shift() {
	l.t.Helper()
	for n := 9; n > 0; n-- {
		for _, ext := range []string{"", ".gz"} {
			from, to := fmt.Sprintf("app.log.%d%s", n, ext), fmt.Sprintf("app.log.%d%s", n+1, ext)
			if err := os.Rename(l.path(from), l.path(to)); err != nil && !os.IsNotExist(err) {
				l.t.Fatal(err)
			}
		}
	}
}

// create makes a file with the number of one that is gone, if the file system
// gives it within a few tries.
func (l *tailLog) create(name string, number uint64) {
	l.t.Helper()
	l.do(os.MkdirAll(l.path("tries"), 0o755))
	for i := range 512 {
		try := fmt.Sprintf("tries/%d", i)
		l.do(os.WriteFile(l.path(try), nil, 0o644))
		if l.inode(try) == number {
			l.rename(try, name)
			return
		}
	}
	l.t.Logf("%s: inode %d was not given again", l.prefix, number)
	l.rename("tries/0", name)
}

// TestTailMatrix rotates logs in every way: while the agent reads them, while it
// is stopped, and after it was killed; of less than a kibibyte and of several
// blocks. Every line is in the streams once. Only a truncation may cost lines,
// and each is declared.
func TestTailMatrix(t *testing.T) {
	for _, glob := range []string{"app.log", "app*log*"} {
		t.Run(glob, func(t *testing.T) {
			t.Parallel()
			tailMatrix(t, glob)
		})
	}
}

func tailMatrix(t *testing.T, glob string) {
	var names []string
	for _, s := range tailScenes() {
		for _, size := range []string{"small", "large"} {
			if !s.link {
				names = append(names, "var/log/"+s.name+"-"+size+"/app.log")
			}
		}
	}
	r := tailAgent(t, glob, names...)
	var logs []*tailLog
	var scenes []tailScene
	for _, s := range tailScenes() {
		for size, length := range map[string]int{"small": 30, "large": 600} {
			l := &tailLog{t: t, prefix: s.name + "-" + size, size: length, given: map[string]bool{}}
			l.folder = filepath.Join(r.fleet.Root("host-1"), "var/log", l.prefix)
			if s.link {
				l.do(os.MkdirAll(l.path("data"), 0o755))
				l.do(os.WriteFile(l.path("data/first"), nil, 0o644))
				l.do(os.Symlink(l.path("data/first"), l.path("app.log")))
			}
			logs, scenes = append(logs, l), append(scenes, s)
		}
	}
	each := func(do func(s tailScene, l *tailLog)) {
		for i := range logs {
			do(scenes[i], logs[i])
		}
	}
	lines := func(l *tailLog) int { return map[bool]int{true: 4, false: 1000}[l.size < 100] }
	fill := func(_ tailScene, l *tailLog) { l.write("app.log", lines(l)) }
	down := func(s tailScene, l *tailLog) {
		before := len(l.written)
		l.write("app.log", lines(l))
		if s.loses {
			for _, line := range l.written[before:] {
				l.given[line] = true
			}
		}
		s.rotate(l)
	}
	// While it reads.
	each(fill)
	r.arrives(logs...)
	each(func(s tailScene, l *tailLog) { s.rotate(l) })
	each(fill)
	r.arrives(logs...)
	// While it is stopped.
	stops(t, r.agent)
	each(down)
	r.start()
	r.arrives(logs...)
	// Killed while it reads.
	each(fill)
	r.agent.Kill()
	each(func(s tailScene, l *tailLog) {
		if s.loses { // what was in flight, too
			for _, line := range l.written[len(l.written)-lines(l):] {
				l.given[line] = true
			}
		}
		down(s, l)
	})
	r.start()
	r.arrives(logs...)
	each(fill)
	r.arrives(logs...)
	said := r.declared()
	each(func(s tailScene, l *tailLog) {
		got := said[l.prefix]
		if s.truncates && got["file_truncated"] < 3 || !s.truncates && got["file_truncated"] > 0 {
			t.Errorf("%s: declared %v", l.prefix, got)
		}
		if got["file_missing"]+got["file_unreadable"] > 0 {
			t.Errorf("%s: declared %v", l.prefix, got)
		}
	})
}
