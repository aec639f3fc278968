package fim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// watchMask is what is wanted of a folder. Closing after writing is there for
	// writes through a memory map, which no other notification tells of.
	watchMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_MODIFY |
		unix.IN_CLOSE_WRITE | unix.IN_ATTRIB | unix.IN_ONLYDIR | unix.IN_EXCL_UNLINK
	// queueLimit bounds the bytes of notifications that wait; past it they are an
	// overflow.
	queueLimit = 2 << 20
	headerSize = unix.SizeofInotifyEvent
)

// errLimit says that the kernel allows no further watch.
var errLimit = errors.New("inotify limit reached")

// watchSetter sets watches: the kernel, or a test.
type watchSetter interface {
	// add watches the folder that a descriptor names, and gives the watch's number.
	add(fd int) (int32, error)
	// remove ends a watch; one that is gone is no error.
	remove(wd int32)
}

// notifier queues the kernel's notifications until the runner takes them, and
// tells when the host's mounts change. It speaks to inotify itself and not by way
// of fsnotify: a watch is set on a descriptor, so that no name can be swapped in
// between, and costs no path in memory (docs/adr/0012).
type notifier struct {
	watchSetter
	wake chan struct{}
	done chan struct{}
	// fds are inotify, the table of mounts (-1 without), and what ends the pump.
	fds [3]int32

	// mu guards what follows.
	mu       sync.Mutex
	queue    []byte
	overflow bool
	mounts   bool
}

// openNotifier opens inotify. The error is errLimit when there are too many
// instances.
func openNotifier() (*notifier, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if errors.Is(err, unix.EMFILE) {
		return nil, fmt.Errorf("open inotify: %w", errLimit)
	}
	if err != nil {
		return nil, fmt.Errorf("open inotify: %w", err)
	}
	end, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		_ = unix.Close(fd) // nothing was done with it
		return nil, fmt.Errorf("open eventfd: %w", err)
	}
	n := newNotifier(inotify(fd))
	n.fds = [3]int32{int32(fd), -1, int32(end)}
	if mounts, err := unix.Open("/proc/self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		n.fds[1] = int32(mounts) // without, a new mount is seen at the next rescan
	}
	go n.pump()
	return n, nil
}

func newNotifier(set watchSetter) *notifier {
	return &notifier{watchSetter: set, wake: make(chan struct{}, 1), done: make(chan struct{}), fds: [3]int32{-1, -1, -1}}
}

// inotify is the kernel's.
type inotify int

func (fd inotify) add(folder int) (int32, error) {
	wd, err := unix.InotifyAddWatch(int(fd), procPath(folder), watchMask)
	if errors.Is(err, unix.ENOSPC) {
		return 0, errLimit
	}
	return int32(wd), err
}

func (fd inotify) remove(wd int32) {
	// The kernel drops the watch of a removed folder by itself.
	_, _ = unix.InotifyRmWatch(int(fd), uint32(wd))
}

// ownDescriptors has a name for every file that this process has open.
const ownDescriptors = "/proc/self/fd"

// procPath is a name of exactly the file that a descriptor names.
func procPath(fd int) string { return ownDescriptors + "/" + strconv.Itoa(fd) }

// close ends the pump and waits for it.
func (n *notifier) close() error {
	if n.fds[2] < 0 {
		return nil // never pumped
	}
	if _, err := unix.Write(int(n.fds[2]), binary.NativeEndian.AppendUint64(nil, 1)); err != nil {
		return fmt.Errorf("end inotify: %w", err)
	}
	<-n.done
	for _, fd := range n.fds {
		if fd >= 0 {
			_ = unix.Close(int(fd)) // nothing was written
		}
	}
	return nil
}

func (n *notifier) pump() {
	defer close(n.done)
	buf := make([]byte, 64<<10)
	for {
		fds := []unix.PollFd{
			{Fd: n.fds[0], Events: unix.POLLIN}, {Fd: n.fds[1], Events: unix.POLLPRI}, {Fd: n.fds[2], Events: unix.POLLIN},
		}
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			n.lose()
			return
		}
		if fds[2].Revents != 0 {
			return
		}
		if fds[1].Revents != 0 {
			n.mu.Lock()
			n.mounts = true
			n.mu.Unlock()
			n.signal()
		}
		if fds[0].Revents != 0 && !n.read(buf) {
			return
		}
	}
}

// read takes what there is from the kernel.
func (n *notifier) read(buf []byte) bool {
	size, err := unix.Read(int(n.fds[0]), buf)
	switch {
	case errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR):
		return true
	case err != nil || size <= 0:
		n.lose()
		return false
	}
	n.push(buf[:size])
	return true
}

func (n *notifier) push(b []byte) {
	n.mu.Lock()
	if len(n.queue)+len(b) > queueLimit {
		n.overflow = true
	} else {
		n.queue = append(n.queue, b...)
	}
	n.mu.Unlock()
	n.signal()
}

// lose says that notifications may be missing.
func (n *notifier) lose() {
	n.mu.Lock()
	n.overflow = true
	n.mu.Unlock()
	n.signal()
}

func (n *notifier) signal() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// take hands over what has queued up, and whether notifications were lost and
// mounts changed since the last call.
func (n *notifier) take() (queue []byte, overflow, mounts bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	queue, n.queue = n.queue, nil
	overflow, mounts = n.overflow, n.mounts
	n.overflow, n.mounts = false, false
	return queue, overflow, mounts
}

// notification is one of the kernel's.
type notification struct {
	wd   int32
	mask uint32
	name string
}

// nextNotification takes one off a queue of whole ones.
func nextNotification(b []byte) (n notification, rest []byte, ok bool) {
	if len(b) < headerSize {
		return n, nil, false
	}
	n.wd = int32(binary.NativeEndian.Uint32(b))
	n.mask = binary.NativeEndian.Uint32(b[4:])
	length := uint64(binary.NativeEndian.Uint32(b[12:]))
	if length > uint64(len(b)-headerSize) {
		return n, nil, false
	}
	name := b[headerSize : headerSize+int(length)]
	for len(name) > 0 && name[len(name)-1] == 0 {
		name = name[:len(name)-1]
	}
	n.name = string(name)
	return n, b[headerSize+int(length):], true
}
