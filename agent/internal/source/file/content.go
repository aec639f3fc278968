package file

import (
	"errors"
	"io"
	"os"
)

// content is the text of a file, or what a compressed one unpacks to.
type content interface {
	io.ReaderAt
	io.Closer
	// look is what the file is now; its size is the text's.
	look() (look, error)
}

// plain is a file that holds its text as it is.
type plain struct{ *os.File }

func (p plain) look() (look, error) { return lookInto(p.File) }

// openContent opens a file for reading its text.
func openContent(path string, packed bool) (content, look, error) {
	f, l, err := open(path)
	if err != nil {
		return nil, look{}, err
	}
	if !packed {
		return plain{f}, l, nil
	}
	a, err := newArchive(f, l)
	if err != nil {
		return nil, look{}, errors.Join(err, f.Close())
	}
	return a, a.seen, nil
}

// sample is what tells the content of a file from others'.
type sample struct {
	first []byte // at most headSize
	size  int64
	// before are the bytes that end at the offset that was asked for; nil where
	// the content is shorter.
	before []byte
}

// take reads a sample of a content. offset is what the check is to end at.
func take(c content, offset int64) (sample, error) {
	l, err := c.look()
	if err != nil {
		return sample{}, err
	}
	s := sample{size: l.size, first: make([]byte, headSize)}
	n, err := c.ReadAt(s.first, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return sample{}, err
	}
	s.first = s.first[:n]
	if offset > l.size {
		return s, nil
	}
	s.before = make([]byte, min(offset, checkSize))
	n, err = c.ReadAt(s.before, offset-int64(len(s.before)))
	if n < len(s.before) {
		s.before = nil // shorter by now
		if err != nil && !errors.Is(err, io.EOF) {
			return sample{}, err
		}
	}
	return s, nil
}

// holds tells whether a content begins with all that a state has read.
func (s *sample) holds(st *state) bool {
	return st.head.n > 0 && st.head.matches(s.first) && s.size >= st.offset && s.before != nil && st.check.matches(s.before)
}
