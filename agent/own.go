package agent

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ownFile is a file that this process writes.
type ownFile struct {
	device, inode uint64
	path          string
}

type ownList []ownFile

// ownFiles are the files that standard output and error go to. Reading one as a
// source would be a loop: what is read is told, and what is told is read.
func ownFiles() ownList {
	var own ownList
	for _, fd := range []int{unix.Stdout, unix.Stderr} {
		var stat unix.Stat_t
		if unix.Fstat(fd, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
			continue
		}
		path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
		if err != nil || !filepath.IsAbs(path) {
			path = ""
		}
		own = append(own, ownFile{device: stat.Dev, inode: stat.Ino, path: strings.TrimSuffix(path, " (deleted)")})
	}
	return own
}

func (l ownList) paths() []string {
	var paths []string
	for _, file := range l {
		if file.path != "" {
			paths = append(paths, file.path)
		}
	}
	return paths
}

// has tells of a file under any name.
func (l ownList) has(device, inode uint64) bool {
	for _, file := range l {
		if file.device == device && file.inode == inode {
			return true
		}
	}
	return false
}
