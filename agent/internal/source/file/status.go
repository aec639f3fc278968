package file

import (
	"slices"
	"strings"
	"sync"
)

// Progress is how far one file has been read.
type Progress struct {
	// Path is its present name; the name it was matched under where it has none.
	Path string
	// Size is what it held when last looked at.
	Size, Offset int64
	// Rotated says that the name it was matched under is no longer its.
	Rotated bool
	// Refused says that it is not read because this process writes it.
	Refused bool
	// Error is why it could not be read the last time; empty if it could.
	Error string
}

// Status is what a source has done since it was started.
type Status struct {
	// Files are in order of their paths.
	Files []Progress
	// Open is how many files are open now.
	Open int
	// Lines and Bytes were given out; Truncated of the lines were over the cap,
	// and SkippedBytes of them were left out.
	Lines, Bytes, Truncated, SkippedBytes uint64
	// Truncations is how often a file was found to begin anew.
	Truncations uint64
}

// statusBoard is what the runner writes for Status to read.
type statusBoard struct {
	// mu guards what follows.
	mu     sync.Mutex
	files  map[any]Progress
	counts Status
}

func (b *statusBoard) set(key any, f Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.files == nil {
		b.files = map[any]Progress{}
	}
	b.files[key] = f
}

func (b *statusBoard) remove(key any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.files, key)
}

func (b *statusBoard) count(c Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts = c
}

func (b *statusBoard) snapshot() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.counts
	for _, f := range b.files {
		s.Files = append(s.Files, f)
	}
	slices.SortFunc(s.Files, func(x, y Progress) int { return strings.Compare(x.Path, y.Path) })
	return s
}
