package bus

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Space tells how many bytes the file system of a folder has, and how many of
// them this process may still take.
type Space func(folder string) (size, free int64, err error)

// statfs asks the file system.
func statfs(folder string) (size, free int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, 0, fmt.Errorf("look at the disk of %s: %w", folder, err)
	}
	return int64(s.Blocks) * s.Bsize, int64(s.Bavail) * s.Bsize, nil //nolint:gosec // no disk has 2^63 bytes
}

// maxReserve is what is kept free of a large disk.
const maxReserve = 1 << 30

// reserve is what is kept free: a message for which there is no room would make
// JetStream refuse its stream until it is started again, and what alerters write
// about events that are stored already needs room as well.
func reserve(all int64) int64 { return min(maxReserve, all/10) }

// Room is nil while events may be stored, else says what is short. It costs a
// system call, not an access to the disk. It may be called from any goroutine.
func (s *Server) Room() error {
	all, free, err := s.space(s.folder)
	if err != nil {
		return err
	}
	if keep := reserve(all); free < keep {
		return fmt.Errorf("the disk of %s has %s free, and %s of it are kept so", s.folder, size(free), size(keep))
	}
	return nil
}

// Bounds are the events streams' shares of the disk, 60 % of it in all. The rest
// is for what alerters write, and for whoever else uses the disk: whether there
// is room at the moment, Room tells.
func (s *Server) Bounds() (Bounds, error) {
	all, _, err := s.space(s.folder)
	if err != nil {
		return Bounds{}, err
	}
	var b Bounds
	for _, class := range event.Classes() {
		b[class] = max(1, all/100*percent(class))
	}
	return b, nil
}

// percent is a class's share of the disk. Requests and applications' logs are
// the most by far; nobody's share can be taken by another class.
func percent(class eventv1.Class) int64 {
	switch class {
	case eventv1.Class_CLASS_WEB:
		return 18
	case eventv1.Class_CLASS_APP:
		return 14
	case eventv1.Class_CLASS_AUTH:
		return 10
	case eventv1.Class_CLASS_FILE, eventv1.Class_CLASS_PROCESS, eventv1.Class_CLASS_SYSTEM:
		return 5
	default:
		return 3
	}
}

// Bounds are the bytes that each events stream may hold, by class; 0 is no bound.
type Bounds [event.ClassCount]int64

// Even bounds all events streams alike.
func Even(bytes int64) Bounds {
	var b Bounds
	for _, class := range event.Classes() {
		b[class] = bytes
	}
	return b
}

// String is how the log shows them.
func (b Bounds) String() string {
	text := ""
	for _, class := range event.Classes() {
		if text != "" {
			text += " "
		}
		text += event.ClassName(class) + "=" + size(b[class])
	}
	return text
}

// Sum is what all events streams may hold together.
func (b Bounds) Sum() (bytes int64) {
	for _, class := range event.Classes() {
		bytes += b[class]
	}
	return bytes
}

func size(bytes int64) string {
	if bytes >= 10<<30 {
		return fmt.Sprintf("%.1fGiB", float64(bytes)/(1<<30))
	}
	return fmt.Sprintf("%.1fMiB", float64(bytes)/(1<<20))
}
