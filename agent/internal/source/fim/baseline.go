package fim

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	magic           = "TOCSFIM"
	baselineVersion = 2
	baselineName    = "baseline"
	maxPath         = 4096
	maxScope        = 1 << 16
)

// errBaseline says that a baseline is damaged; errNewer that it is not for this
// build.
var (
	errBaseline = errors.New("damaged baseline")
	errNewer    = errors.New("baseline of a newer version")
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// loadBaseline reads what saveBaseline wrote; the error is fs.ErrNotExist for a
// first run.
func loadBaseline(dir string) (*tree, scope, error) {
	f, err := os.Open(filepath.Join(dir, baselineName))
	if err != nil {
		return nil, scope{}, fmt.Errorf("read baseline: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	info, err := f.Stat()
	if err != nil {
		return nil, scope{}, fmt.Errorf("read baseline: %w", err)
	}
	d := &decoder{r: bufio.NewReaderSize(f, 256<<10), sum: crc32.New(castagnoli()), left: info.Size()}
	t, s, err := d.baseline()
	if err != nil {
		return nil, scope{}, fmt.Errorf("read baseline: %w", err)
	}
	return t, s, nil
}

// baseline reads a whole one. Nothing of it is believed unless its checksum is
// right.
func (d *decoder) baseline() (*tree, scope, error) {
	var s scope
	var head [len(magic)]byte
	d.full(head[:])
	version := d.byte()
	switch {
	case d.err == nil && string(head[:]) != magic || version == 0:
		d.fail()
		return nil, s, d.err
	case version > baselineVersion:
		return nil, s, fmt.Errorf("%w: %d", errNewer, version)
	}
	t := d.content(version, &s)
	d.end()
	if d.err != nil {
		return nil, scope{}, d.err
	}
	return t, s, nil
}

func (d *decoder) content(version byte, s *scope) *tree {
	s.roots, s.exclude = d.list(), d.list()
	t := newTree()
	if version == 1 {
		d.entriesOne(t)
		return t
	}
	for n := d.number(maxPackages); n > 0 && d.err == nil; n-- {
		name := string(d.text(maxPath))
		version := string(d.text(maxPath))
		if name == "" || !t.packages.add(name, version, string(d.text(maxPath))) {
			d.fail()
		}
	}
	d.entries(t)
	return t
}

// entriesOne reads the entries of version 1: each with its whole path.
func (d *decoder) entriesOne(t *tree) {
	last := ""
	for n := d.number(uint64(d.left)); n > 0 && d.err == nil; n-- {
		path := d.shared(last, maxPath)
		e := d.readEntry(1)
		if !cleanPath(path) || path <= last {
			d.fail()
		}
		if d.err == nil {
			t.set(path, e)
		}
		last = path
	}
}

// entries reads the entries folder by folder.
func (d *decoder) entries(t *tree) {
	dir := ""
	all := d.number(uint64(d.left))
	for n := all; n > 0 && d.err == nil; {
		dir = d.shared(dir, maxPath)
		files := d.number(n)
		if !cleanPath(dir) && dir != "/" || files == 0 {
			d.fail()
		}
		n -= files
		for name := ""; files > 0 && d.err == nil; files-- {
			next := d.shared(name, maxName)
			e := d.readEntry(2)
			number := d.number(uint64(len(t.packages.list)))
			if next <= name || strings.Contains(next, "/") || next == "." || next == ".." {
				d.fail()
			}
			if d.err == nil {
				e.pkg = t.packages.name(uint16(number))
				t.set(filepath.Join(dir, next), e)
			}
			name = next
		}
	}
	if d.err == nil && uint64(t.count) != all {
		d.fail()
	}
}

// shared reads a text that has its beginning in common with the one before.
func (d *decoder) shared(last string, limit uint64) string {
	n := d.number(uint64(len(last)))
	rest := d.text(limit)
	if uint64(len(rest))+n > limit {
		d.fail()
	}
	if d.err != nil {
		return ""
	}
	return last[:n] + string(rest)
}

func cleanPath(path string) bool {
	return filepath.IsAbs(path) && filepath.Clean(path) == path && path != "/"
}

// saveBaseline makes the tree the baseline on disk, or leaves the old one.
func saveBaseline(dir string, t *tree, s *scope) (err error) {
	temp := filepath.Join(dir, baselineName+".new")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create baseline: %w", err)
	}
	sum := crc32.New(castagnoli())
	w := bufio.NewWriterSize(f, 64<<10)
	err = writeBaseline(io.MultiWriter(w, sum), t, s)
	if err == nil {
		_, err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp, filepath.Join(dir, baselineName))
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}

func writeBaseline(w io.Writer, t *tree, s *scope) error {
	b := append([]byte(magic), baselineVersion)
	for _, list := range [][]string{s.roots, s.exclude} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, p := range list {
			b = appendText(b, p)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(t.packages.list)))
	for _, p := range t.packages.list {
		b = appendText(appendText(appendText(b, p.name), p.version), p.stamp)
	}
	b = binary.AppendUvarint(b, uint64(t.count))
	bw := baselineWriter{w: w, t: t, b: b}
	bw.folder(0)
	if bw.err != nil {
		return bw.err
	}
	_, err := w.Write(bw.b)
	return err
}

// baselineWriter writes folder by folder, so that it needs no memory for paths.
type baselineWriter struct {
	w     io.Writer
	t     *tree
	b     []byte
	files []uint32
	last  string
	err   error
}

func (w *baselineWriter) folder(n uint32) {
	if w.err != nil {
		return
	}
	if w.t.at(n).firstFile != none {
		path := w.t.path(n)
		w.files = w.t.filesOf(w.files[:0], n, true)
		w.b = appendShared(w.b, w.last, path)
		w.last = path
		w.b = binary.AppendUvarint(w.b, uint64(len(w.files)))
		last := ""
		for _, f := range w.files {
			name := string(w.t.names.bytes(w.t.file(f).name))
			w.b = appendShared(w.b, last, name)
			w.b = w.t.entry(f).appendTo(w.b)
			w.b = binary.AppendUvarint(w.b, uint64(w.t.file(f).pkg))
			last = name
		}
		if len(w.b) > 32<<10 {
			_, w.err = w.w.Write(w.b)
			w.b = w.b[:0]
		}
	}
	for _, sub := range w.t.subsOf(n) {
		w.folder(sub)
	}
}

func appendShared(dst []byte, last, text string) []byte {
	shared := 0
	for shared < len(text) && shared < len(last) && text[shared] == last[shared] {
		shared++
	}
	return appendText(binary.AppendUvarint(dst, uint64(shared)), text[shared:])
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}
