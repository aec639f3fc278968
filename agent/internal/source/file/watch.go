package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func (r *runner) watchFolder(dir string) {
	if r.watched[dir] {
		return
	}
	if err := r.watch.Add(dir); err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !r.unwatchable[dir] {
			r.unwatchable[dir] = true
			r.log.Warn("folder cannot be watched; looking at it every now and then", "path", dir, "every", r.s.cfg.Poll, "error", err)
		}
		return
	}
	r.watched[dir] = true
}

// visit watches a folder that an input walks, and notes whether it has to be
// looked at often.
func (r *runner) visit(dir string, in int) {
	if !r.watched[dir] && r.s.opts.remote(dir) {
		r.remote[in] = true
	}
	r.watchFolder(dir)
}

// isRemote tells whether a folder's file system is one that is written to from
// elsewhere. The numbers are of Linux's magic.h and of the file systems' sources.
func isRemote(dir string) bool {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return false
	}
	switch uint32(st.Type) {
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC,
		unix.FUSE_SUPER_MAGIC, unix.V9FS_MAGIC, unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC, unix.CODA_SUPER_MAGIC,
		unix.CEPH_SUPER_MAGIC, unix.OCFS2_SUPER_MAGIC,
		0x0bd00bd0, // Lustre
		0x01161970, // GFS2
		0x786f4256, // VirtualBox's shared folders
		0xbacbacbc: // VMware's
		return true
	default:
		return false
	}
}

// watchTarget watches the folder of what a link leads to, where writes are told,
// and returns what that is; the empty string where path is no link.
func (r *runner) watchTarget(path string) string {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return ""
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	r.targets[target] = path
	r.watchFolder(filepath.Dir(target))
	return target
}

func (r *runner) unwatch(dir string) {
	r.watch.Remove(dir)
	delete(r.watched, dir)
}

// unwatchBelow ends the watches of a folder that went and of those in it, whose
// notifications would come under their old names.
func (r *runner) unwatchBelow(dir string) {
	for d := range r.watched {
		if d == dir || strings.HasPrefix(d, dir+"/") {
			r.unwatch(d)
		}
	}
}
