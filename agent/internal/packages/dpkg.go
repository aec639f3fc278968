package packages

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const dpkgFolder = "var/lib/dpkg"

// listedPath is how long a path of a package is at least, on average: 59 bytes on a
// Debian 12 with 800 packages (cat /var/lib/dpkg/info/*.list | wc -lc).
const listedPath = 56

// loadDpkg reads what deb-md5sums(5), dpkg(1) and dpkg-divert(1) describe.
func (d *Database) loadDpkg() (*Index, error) {
	x := newIndex(d.root)
	l := dpkgLoader{x: x, folder: filepath.Join(d.root, dpkgFolder), merged: mergedFolders(d.root), put: map[uint64]struct{}{}}
	steps := []func() error{l.diversions, l.listing, l.status}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("read package database: %w", err)
		}
	}
	return x.finish(), nil
}

type dpkgLoader struct {
	x      *Index
	folder string
	// merged are the folders that are links into usr, with a slash at both ends.
	merged map[string]string
	// diverted are paths that another package's file has taken, and where the file
	// went; by is that package.
	diverted map[string]diversion
	// line and moved are room for a path, as it is listed and where it is; put holds
	// the hashes of a package's paths that have a digest.
	line, moved []byte
	put         map[uint64]struct{}
	// lists are the packages' keys that have a list of files, with its stamp.
	lists map[string]string
}

type diversion struct{ to, by string }

// mergedFolders are a system's folders that are links into /usr: its database
// goes on to name them as they were.
func mergedFolders(root string) map[string]string {
	merged := map[string]string{}
	for _, name := range []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"} {
		if to, err := os.Readlink(filepath.Join(root, name)); err == nil && strings.TrimPrefix(to, "/") == "usr/"+name {
			merged["/"+name+"/"] = "/usr/" + name + "/"
		}
	}
	return merged
}

// actual is where a listed file is; good until it is called again.
func (l *dpkgLoader) actual(pkg string, path []byte) []byte {
	if d, ok := l.diverted[string(path)]; ok && d.by != pkg {
		path = []byte(d.to)
	}
	if end := bytes.IndexByte(path[min(1, len(path)):], '/'); end >= 0 {
		if usr, ok := l.merged[string(path[:end+2])]; ok {
			l.moved = append(append(l.moved[:0], usr...), path[end+2:]...)
			return l.moved
		}
	}
	return path
}

// diversions reads triples of lines: a path, where it went, for whom.
func (l *dpkgLoader) diversions() error {
	l.diverted = map[string]diversion{}
	var triple []string
	return ignoreMissing(eachLine(filepath.Join(l.folder, "diversions"), func(line []byte) {
		if triple = append(triple, string(line)); len(triple) == 3 {
			l.diverted[triple[0]] = diversion{to: triple[1], by: triple[2]}
			triple = nil
		}
	}))
}

func (l *dpkgLoader) listing() error {
	entries, err := os.ReadDir(filepath.Join(l.folder, "info"))
	if err != nil {
		return ignoreMissing(err)
	}
	l.lists = map[string]string{}
	size := int64(0)
	for _, e := range entries {
		key, ok := strings.CutSuffix(e.Name(), ".list")
		if !ok {
			continue
		}
		if info, err := e.Info(); err == nil { // one that goes away meanwhile is no package's
			l.lists[key] = stampOf(info)
			size += info.Size()
		}
	}
	l.x.files = make([]indexed, 0, size/listedPath)
	return nil
}

// paragraph is what is read of a package's in the status file.
type paragraph struct {
	name, version, arch, status string
	conffiles                   []string
	inConffiles                 bool
}

func (p *paragraph) set(name string, value []byte) {
	switch name {
	case "Package":
		p.name = string(value)
	case "Version":
		p.version = string(value)
	case "Architecture":
		p.arch = string(value)
	case "Status":
		p.status = string(value)
	}
}

func (l *dpkgLoader) status() error {
	var p paragraph
	var failed error
	end := func() {
		if p.name != "" && failed == nil {
			failed = l.take(&p)
		}
		p = paragraph{}
	}
	err := eachLine(filepath.Join(l.folder, "status"), func(line []byte) {
		if len(line) == 0 {
			end()
			return
		}
		if line[0] == ' ' || line[0] == '\t' {
			if p.inConffiles {
				p.conffiles = append(p.conffiles, string(bytes.TrimSpace(line)))
			}
			return
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		p.inConffiles = string(name) == "Conffiles"
		p.set(string(name), bytes.TrimSpace(value))
	})
	if err != nil {
		return err
	}
	end()
	return failed
}

// take takes in a package that has files on disk.
func (l *dpkgLoader) take(p *paragraph) error {
	if words := strings.Fields(p.status); len(words) != 3 || words[2] == "not-installed" || words[2] == "config-files" {
		return nil
	}
	key := p.name
	stamp, ok := l.lists[key]
	if !ok {
		key = p.name + ":" + p.arch
		stamp = l.lists[key]
	}
	n, ok := l.x.add(Package{Key: key, Name: p.name, Version: p.version, Stamp: stamp})
	if !ok {
		return nil
	}
	clear(l.put)
	for _, line := range p.conffiles {
		f := strings.Fields(line) // a path, a digest, perhaps "obsolete"
		if len(f) < 2 || !strings.HasPrefix(f[0], "/") {
			continue
		}
		if sum, err := hex.DecodeString(f[1]); err == nil && len(sum) == 16 {
			l.digested(n, p.name, []byte(f[0]), sum, true)
		}
	}
	info := filepath.Join(l.folder, "info", key)
	err := eachLine(info+".md5sums", func(line []byte) {
		if len(line) < 35 || string(line[32:34]) != "  " {
			return
		}
		var sum [16]byte
		if _, err := hex.Decode(sum[:], line[:32]); err == nil {
			l.line = append(append(l.line[:0], '/'), line[34:]...)
			l.digested(n, p.name, l.line, sum[:], false)
		}
	})
	if err := ignoreMissing(err); err != nil {
		return err
	}
	return ignoreMissing(eachLine(info+".list", func(line []byte) {
		if _, ok := l.put[l.x.hash(line)]; !ok && len(line) > 0 && line[0] == '/' {
			l.x.put(n, l.actual(p.name, line), nil, false)
		}
	}))
}

func (l *dpkgLoader) digested(pkg int, name string, path, sum []byte, config bool) {
	l.put[l.x.hash(path)] = struct{}{}
	l.x.put(pkg, l.actual(name, path), sum, config)
}

func (d *Database) dpkgBookkeeping(path string) (string, bool) {
	rel, ok := strings.CutPrefix(path, filepath.Join(d.root, dpkgFolder)+"/")
	if !ok {
		return "", false
	}
	if name, ok := strings.CutPrefix(rel, "info/"); ok {
		if dot := strings.LastIndexByte(name, '.'); dot > 0 && !strings.Contains(name, "/") {
			return name[:dot], true
		}
	}
	return "", true
}

// eachLine calls take for every line of a file. A line is good until take returns.
func eachLine(path string, take func(line []byte)) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // opened for reading only
	in := bufio.NewReaderSize(f, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			rest, tooLong := in.ReadBytes('\n')
			line, err = append(bytes.Clone(line), rest...), tooLong
		}
		if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 || err == nil {
			take(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
