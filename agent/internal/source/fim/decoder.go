package fim

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

// decoder takes values off a stream and sums up what it has read; after the first
// error it gives zeros.
type decoder struct {
	r   *bufio.Reader
	sum hash.Hash32
	// left is how many bytes there may still be.
	left int64
	buf  []byte
	err  error
	// ended says that the error is that nothing was left.
	ended bool
}

func newDecoder(b []byte) *decoder {
	return &decoder{r: bufio.NewReader(bytes.NewReader(b)), sum: crc32.New(castagnoli()), left: int64(len(b))}
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errBaseline
	}
}

// full reads as many bytes as dst has.
func (d *decoder) full(dst []byte) {
	if d.err == nil && int64(len(dst)) > d.left {
		d.err, d.ended = errBaseline, d.left == 0
	}
	if d.err != nil {
		clear(dst)
		return
	}
	if _, err := io.ReadFull(d.r, dst); err != nil {
		d.err = err
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			d.err = errBaseline // shorter than it was when it was opened
		}
		return
	}
	d.left -= int64(len(dst))
	d.sum.Write(dst)
}

func (d *decoder) byte() byte {
	var b [1]byte
	d.full(b[:])
	return b[0]
}

func (d *decoder) number(limit uint64) uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := d.byte()
		if shift == 63 && b > 1 {
			break
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v > limit {
				break
			}
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) signed() int64 {
	v := d.number(1<<64 - 1)
	return int64(v>>1) ^ -int64(v&1)
}

// text is valid until the next one is read.
func (d *decoder) text(limit uint64) []byte {
	n := d.number(limit)
	if d.err != nil || int64(n) > d.left {
		d.fail()
		return nil
	}
	if uint64(cap(d.buf)) < n {
		d.buf = make([]byte, n, 2*n)
	}
	d.buf = d.buf[:n]
	d.full(d.buf)
	if d.err != nil {
		return nil
	}
	return d.buf
}

func (d *decoder) list() []string {
	var list []string
	for n := d.number(maxScope); n > 0 && d.err == nil; n-- {
		list = append(list, string(d.text(maxPath)))
	}
	return list
}

// end checks the sum that follows, which must be the last.
func (d *decoder) end() {
	want := d.sum.Sum32()
	var b [4]byte
	d.full(b[:])
	if binary.LittleEndian.Uint32(b[:]) != want || d.left != 0 {
		d.fail()
	}
}
