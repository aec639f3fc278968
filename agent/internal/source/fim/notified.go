package fim

import (
	"context"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// takeEvents turns notifications into names that settle.
func (r *runner) takeEvents(ctx context.Context) error {
	queue, overflow, mounts := r.watch.take()
	for {
		n, rest, ok := nextNotification(queue)
		if !ok {
			break
		}
		queue = rest
		if n.mask&unix.IN_Q_OVERFLOW != 0 {
			overflow = true
			continue
		}
		if err := r.notified(ctx, &n); err != nil {
			return err
		}
	}
	if overflow {
		r.log.Warn("notifications were lost; comparing everything")
		r.s.status.change(func(s *Status) { s.Overflows++ })
	}
	r.again = r.again || overflow || mounts
	return r.compareAgain(ctx)
}

// compareAgain compares everything after notifications were lost, but not all the
// time while they are being lost.
func (r *runner) compareAgain(ctx context.Context) error {
	if !r.again || time.Since(r.compared) < max(overflowEvery, 4*r.compareTime) {
		return nil
	}
	began := time.Now()
	err := r.compareAll(ctx)
	r.compared = time.Now()
	r.compareTime = r.compared.Sub(began)
	return err
}

// notified finds what paths a notification is about.
func (r *runner) notified(ctx context.Context, n *notification) error {
	if n.mask&(unix.IN_IGNORED|unix.IN_UNMOUNT) != 0 {
		r.watchEnded(n.wd)
		return nil
	}
	if n.name == "" {
		return nil // of the folder itself
	}
	at, known := r.wds[n.wd]
	for known && at != none && r.tree.at(at).used {
		next := r.tree.at(at).alias
		if err := r.event(ctx, filepath.Join(r.tree.path(at), n.name), n.mask); err != nil {
			return err
		}
		at = next
	}
	return nil
}

func (r *runner) event(ctx context.Context, path string, mask uint32) error {
	appeared := mask&(unix.IN_CREATE|unix.IN_MOVED_TO) != 0
	root := r.s.scope.root(path)
	if root == "" || r.s.linked[root] && path == root {
		if appeared && r.s.scope.leadsTo(path) {
			return r.rootAppeared(ctx, path)
		}
		if root == "" {
			return nil
		}
	}
	if r.s.scope.excluded(path) {
		return nil
	}
	if mask&unix.IN_ISDIR == 0 {
		r.touch(path, mask&(unix.IN_MODIFY|unix.IN_CLOSE_WRITE) != 0)
		return nil
	}
	if mask&(unix.IN_DELETE|unix.IN_MOVED_FROM) != 0 {
		r.folderGone(path)
	}
	if appeared {
		return r.folderAppeared(ctx, root, path)
	}
	return nil
}

// touch notes that a name may mean something else now; force, that its content
// may be other although its attributes are not.
func (r *runner) touch(path string, force bool) {
	now := time.Now()
	p, ok := r.pending[path]
	if !ok {
		if len(r.pending) >= pendingLimit {
			r.again = true
			return
		}
		p.first = now
	}
	p.last = now
	p.force = p.force || force
	r.pending[path] = p
}
