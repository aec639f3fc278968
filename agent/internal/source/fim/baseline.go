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
	"slices"
)

const (
	magic           = "TOCSFIM"
	baselineVersion = 1
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
	data, err := os.ReadFile(filepath.Join(dir, baselineName))
	if err != nil {
		return nil, scope{}, fmt.Errorf("read baseline: %w", err)
	}
	return decodeBaseline(data)
}

func decodeBaseline(data []byte) (*tree, scope, error) {
	var s scope
	if len(data) < len(magic)+1 || string(data[:len(magic)]) != magic {
		return nil, s, errBaseline
	}
	if v := data[len(magic)]; v != baselineVersion {
		if v > baselineVersion {
			return nil, s, fmt.Errorf("%w: %d", errNewer, v)
		}
		return nil, s, errBaseline
	}
	if len(data) < len(magic)+1+4 {
		return nil, s, errBaseline
	}
	body, sum := data[:len(data)-4], data[len(data)-4:]
	if crc32.Checksum(body, castagnoli()) != binary.LittleEndian.Uint32(sum) {
		return nil, s, errBaseline
	}
	d := decoder{b: body[len(magic)+1:]}
	s.roots = d.list()
	s.exclude = d.list()
	t, err := d.entries()
	return t, s, err
}

// decoder takes values off a byte slice; after the first error it gives zeros.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) number(limit uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if d.err != nil || n <= 0 || v > limit {
		d.err = errBaseline
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) text(limit uint64) []byte {
	n := d.number(limit)
	if d.err != nil || n > uint64(len(d.b)) {
		d.err = errBaseline
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) list() []string {
	var list []string
	for n := d.number(maxScope); n > 0 && d.err == nil; n-- {
		list = append(list, string(d.text(maxPath)))
	}
	return list
}

func (d *decoder) entries() (*tree, error) {
	t := newTree()
	var last []byte
	for n := d.number(uint64(len(d.b))); n > 0 && d.err == nil; n-- {
		shared := d.number(uint64(len(last)))
		rest := d.text(maxPath)
		if d.err != nil {
			break
		}
		path := append(last[:shared:shared], rest...)
		if len(path) > maxPath || !filepath.IsAbs(string(path)) || filepath.Clean(string(path)) != string(path) || path[len(path)-1] == '/' {
			return nil, errBaseline
		}
		if string(path) <= string(last) {
			return nil, errBaseline
		}
		e, b, err := decodeEntry(d.b)
		if err != nil {
			return nil, errBaseline
		}
		d.b, last = b, path
		t.set(string(path), e)
	}
	if d.err != nil || len(d.b) != 0 {
		return nil, errBaseline
	}
	return t, nil
}

// saveBaseline makes the tree the baseline on disk, or leaves the old one.
func saveBaseline(dir string, t *tree, s *scope) (err error) {
	temp := filepath.Join(dir, baselineName+".new")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create baseline: %w", err)
	}
	sum := crc32.New(castagnoli())
	w := bufio.NewWriterSize(f, 256<<10)
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
			b = binary.AppendUvarint(b, uint64(len(p)))
			b = append(b, p...)
		}
	}
	paths := t.paths()
	slices.Sort(paths)
	b = binary.AppendUvarint(b, uint64(len(paths)))
	last := ""
	for _, p := range paths {
		shared := 0
		for shared < len(p) && shared < len(last) && p[shared] == last[shared] {
			shared++
		}
		b = binary.AppendUvarint(b, uint64(shared))
		b = binary.AppendUvarint(b, uint64(len(p)-shared))
		b = append(b, p[shared:]...)
		b = t.get(p).appendTo(b)
		if len(b) > 64<<10 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
		last = p
	}
	_, err := w.Write(b)
	return err
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
