package file

import (
	"path/filepath"
	"strconv"
	"strings"
)

// isPacked tells whether a name is that of a compressed file. Such a file is no
// log to follow; where it holds the rest of one, it is found by its content.
func isPacked(path string) bool { return unpackedName(path) != path }

// unpackedName is a name without what compressors append.
func unpackedName(path string) string {
	switch ext := filepath.Ext(path); ext {
	case ".gz", ".zst", ".zstd", ".bz2", ".xz", ".lzma", ".lz4", ".lzo", ".Z", ".zip":
		return strings.TrimSuffix(path, ext)
	}
	return path
}

// scheme is how rotated files are told apart by their names.
type scheme byte

const (
	unordered scheme = iota
	numbered         // auth.log.1 is newer than auth.log.2
	dated            // auth.log-20261125 is newer than auth.log-20261118
)

// rank orders the rotated files of one log by their names.
type rank struct {
	scheme scheme
	number int
	date   string
}

// newer tells whether a name says that its file is the later one. Names of two
// schemes say nothing about each other.
func (a rank) newer(b rank) bool {
	switch {
	case a.scheme != b.scheme:
		return false
	case a.scheme == numbered:
		return a.number < b.number
	case a.scheme == dated:
		return a.date > b.date
	default:
		return false
	}
}

// relate tells whether a name may be that of a rotated file of a log called base,
// compressed or not, and how it ranks among them.
func relate(base, name string) (rank, bool) {
	plain := unpackedName(name)
	if plain == base {
		return rank{}, name != base
	}
	if rest, ok := strings.CutPrefix(plain, base); ok && isSeparator(rest[0]) {
		return rankOf(rest), true
	}
	ext := filepath.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	if ext == "" || stem == "" || !strings.HasSuffix(plain, ext) || len(plain) <= len(base) {
		return rank{}, false
	}
	rest, ok := strings.CutPrefix(strings.TrimSuffix(plain, ext), stem)
	if !ok || !isSeparator(rest[0]) {
		return rank{}, false
	}
	r := rankOf(rest)
	return r, r.scheme != unordered
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' || c == '~' }

// rankOf reads what stands between a log's name and a rotated one's.
func rankOf(middle string) rank {
	var digits []byte
	for i := range len(middle) {
		switch c := middle[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case !isSeparator(c) && c != ':' && c != 'T':
			return rank{}
		}
	}
	switch n := len(digits); {
	case n == 0 || n > 20:
		return rank{}
	case n < 6:
		if n != len(middle)-1 {
			return rank{}
		}
		number, err := strconv.Atoi(string(digits))
		if err != nil {
			return rank{}
		}
		return rank{scheme: numbered, number: number}
	default:
		return rank{scheme: dated, date: string(digits)}
	}
}

// basesOf are the names that a log may have whose rotated file is called name.
func basesOf(name string) []string {
	var bases []string
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for i := len(name) - 1; i > 0; i-- {
		if !isSeparator(name[i]) {
			continue
		}
		bases = append(bases, name[:i])
		if ext != "" && i < len(stem) {
			bases = append(bases, name[:i]+ext)
		}
	}
	return bases
}
