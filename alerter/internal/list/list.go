// Package list reads lists of values, such as addresses that are known or hashes that
// are not wanted, from files: in flow a text, out flow its values.
//
// A file holds one value a line. What is empty, or begins with "#", is none; blanks
// around a value are not part of it.
package list

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of a list.
const (
	MaxValues = 1_000_000
	MaxValue  = 4096 // bytes of one value
)

// Stamp tells one state of a file from another, without reading it.
type Stamp struct {
	size    int64
	changed time.Time
}

// StampOf is the zero Stamp where there is no file.
func StampOf(path string) Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}
	}
	return Stamp{info.Size(), info.ModTime()}
}

// Load reads a file's values, in their order. Its errors name the file, and the line
// where one is to blame.
func Load(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	return read(path, f)
}

func read(path string, r io.Reader) ([]string, error) {
	var values []string
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxValue+2)
	n := 0
	for lines.Scan() {
		n++
		value := strings.TrimSpace(lines.Text())
		switch {
		case value == "" || strings.HasPrefix(value, "#"):
			continue
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("%s:%d: not UTF-8", path, n)
		case len(value) > MaxValue:
			return nil, tooLong(path, n)
		case len(values) == MaxValues:
			return nil, fmt.Errorf("%s:%d: a list has at most %d values", path, n, MaxValues)
		}
		values = append(values, value)
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, tooLong(path, n+1)
		}
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return values, nil
}

func tooLong(path string, line int) error {
	return fmt.Errorf("%s:%d: a value has at most %d bytes", path, line, MaxValue)
}
