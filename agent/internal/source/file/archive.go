package file

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that unpacking a zstd frame takes; its own levels
// up to 19 stay within.
const maxWindow = 8 << 20

// errPacked says that a file is compressed in a way that is not known here, or
// is damaged.
var errPacked = errors.New("cannot be unpacked")

// archive is the text of a compressed file. Text is unpacked from front to back;
// the last block is kept, because a reader begins the next one within it.
type archive struct {
	file *os.File
	seen look
	head []byte // the first bytes, at most headSize

	unpacked io.Reader
	release  func()
	// window are the bytes that end at offset at.
	window []byte
	at     int64
}

// newArchive unpacks a file once to its end, so that its size is known and that
// it is whole.
func newArchive(f *os.File, l look) (*archive, error) {
	a := &archive{file: f, seen: l}
	if err := a.rewind(); err != nil {
		return nil, err
	}
	var m measure
	_, err := io.Copy(&m, a.unpacked)
	a.release()
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w: %w", f.Name(), errPacked, err)
	}
	a.head, a.seen.size = m.head, m.size
	return a, a.rewind()
}

// firstUnpacked are the first bytes, at most headSize, of a compressed file.
func firstUnpacked(f *os.File) ([]byte, error) {
	a := &archive{file: f}
	if err := a.rewind(); err != nil {
		return nil, err
	}
	defer func() { a.release() }()
	head := make([]byte, headSize)
	n, err := io.ReadFull(a.unpacked, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("unpack %s: %w: %w", f.Name(), errPacked, err)
	}
	return head[:n], nil
}

// measure counts what is written to it and keeps the beginning.
type measure struct {
	head []byte
	size int64
}

func (m *measure) Write(p []byte) (int, error) {
	m.head = append(m.head, p[:min(len(p), headSize-len(m.head))]...)
	m.size += int64(len(p))
	return len(p), nil
}

// rewind begins to unpack from the front.
func (a *archive) rewind() error {
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind: %w", err)
	}
	a.at, a.window, a.release = 0, a.window[:0], func() {}
	var magic [4]byte
	if _, err := a.file.ReadAt(magic[:], 0); err != nil {
		return fmt.Errorf("unpack %s: %w: %w", a.file.Name(), errPacked, err)
	}
	switch {
	case bytes.HasPrefix(magic[:], []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(a.file)
		if err != nil {
			return fmt.Errorf("unpack %s: %w: %w", a.file.Name(), errPacked, err)
		}
		a.unpacked = z
	case bytes.Equal(magic[:], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(a.file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return fmt.Errorf("unpack %s: %w: %w", a.file.Name(), errPacked, err)
		}
		a.unpacked, a.release = z, z.Close
	case bytes.HasPrefix(magic[:], []byte("BZh")):
		a.unpacked = bzip2.NewReader(a.file)
	default:
		return fmt.Errorf("unpack %s: %w: not gzip, zstd or bzip2", a.file.Name(), errPacked)
	}
	return nil
}

func (a *archive) look() (look, error) { return a.seen, nil }

// Close implements content.
func (a *archive) Close() error {
	a.release()
	return a.file.Close()
}

// ReadAt is cheap where an offset is within the last block or after it.
func (a *archive) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= a.seen.size {
		return 0, io.EOF
	}
	if offset+int64(len(p)) <= int64(len(a.head)) {
		return copy(p, a.head[offset:]), nil
	}
	if offset < a.at-int64(len(a.window)) {
		a.release()
		if err := a.rewind(); err != nil {
			return 0, err
		}
	}
	if skip := offset - a.at; skip > 0 {
		if _, err := io.CopyN(io.Discard, a.unpacked, skip); err != nil {
			return 0, fmt.Errorf("unpack %s: %w: %w", a.file.Name(), errPacked, err)
		}
		a.at, a.window = offset, a.window[:0]
	}
	kept := copy(p, a.window[int64(len(a.window))-(a.at-offset):])
	n, err := io.ReadFull(a.unpacked, p[kept:])
	if n > 0 {
		a.at += int64(n)
		a.window = append(a.window[:0], p[:kept+n]...)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && kept+n < len(p) {
		err = io.EOF
	}
	return kept + n, err
}
