package agent

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lineReader splits a stream of any bytes into lines, in constant memory: what
// of a line is over the cap is skipped.
type lineReader struct {
	in     *bufio.Reader
	limit  int
	buffer []byte
	offset int64
}

// line is one line, without its end. Its text is valid until the next one.
type line struct {
	text      []byte
	offset    int64
	truncated bool
}

func newLineReader(in io.Reader, limit int) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, 64<<10), limit: limit}
}

// wouldBlock tells that the next line may have to be waited for.
func (l *lineReader) wouldBlock() bool { return l.in.Buffered() == 0 }

// next is the next line; io.EOF after the last. A last line needs no newline.
func (l *lineReader) next() (line, error) {
	l.buffer = l.buffer[:0]
	result := line{offset: l.offset}
	read := 0
	for {
		part, err := l.in.ReadSlice('\n')
		read += len(part)
		// One byte over the cap is kept, and the line's end with it: only then is
		// it known whether the line itself is over.
		if room := l.limit + 2 - len(l.buffer); room > 0 {
			l.buffer = append(l.buffer, part[:min(room, len(part))]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (read == 0 || !errors.Is(err, io.EOF)) {
			return line{}, err
		}
		break
	}
	l.offset += int64(read)
	text := l.buffer
	if read <= l.limit+2 {
		text = bytes.TrimSuffix(text, []byte("\n"))
		text = bytes.TrimSuffix(text, []byte("\r"))
	}
	if len(text) > l.limit {
		text, result.truncated = text[:l.limit], true
	}
	result.text = text
	return result, nil
}
