package spool

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
)

var (
	errCrashed = errors.New("the power is gone")
	errFull    = errors.New("no space left on device")
)

// crashDisk is a file system in memory whose crash loses what was not synced, or
// a part of it, or nothing.
type crashDisk struct {
	mu    sync.Mutex
	rng   *rand.Rand
	files map[string]*crashFile
	// durable are the names that a crash keeps for certain.
	durable map[string]*crashFile
	// ops counts what changes something; the failAt-th one crashes.
	ops, failAt int
	crashed     bool
	// full makes writes stop halfway, badSync makes an fsync fail once.
	full, badSync bool
}

// crashFile is what a file's name stands for.
type crashFile struct {
	disk    *crashDisk
	durable []byte
	current []byte
	pending []change
}

// change is a write, or a truncation where data is nil.
type change struct {
	at   int64
	data []byte
}

func newCrashDisk(seed uint64) *crashDisk {
	return &crashDisk{
		rng: rand.New(rand.NewPCG(seed, 1)), files: map[string]*crashFile{}, durable: map[string]*crashFile{},
	}
}

// step counts an operation. mu is held.
func (d *crashDisk) step() error {
	if d.crashed {
		return errCrashed
	}
	d.ops++
	if d.ops == d.failAt {
		d.crashed = true
		return errCrashed
	}
	return nil
}

// crash is the disk that the next process finds. With harsh everything unsynced
// is gone, otherwise a random part of it.
func (d *crashDisk) crash(harsh bool) *crashDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.crashed = true
	next := &crashDisk{rng: d.rng, files: map[string]*crashFile{}, durable: map[string]*crashFile{}}
	names := slices.Sorted(maps.Keys(d.durable))
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		if d.durable[name] == nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		f := d.durable[name]
		if now := d.files[name]; now != f && !harsh && d.rng.IntN(2) == 0 {
			f = now
		}
		if f == nil {
			continue
		}
		content := f.survive(d.rng, harsh)
		kept := &crashFile{disk: next, durable: content, current: slices.Clone(content)}
		next.files[name], next.durable[name] = kept, kept
	}
	return next
}

// clone is a copy of what is there now, as a backup would take it.
func (d *crashDisk) clone() *crashDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := &crashDisk{rng: d.rng, files: map[string]*crashFile{}, durable: map[string]*crashFile{}}
	for name, f := range d.files {
		kept := &crashFile{disk: next, durable: slices.Clone(f.current), current: slices.Clone(f.current)}
		next.files[name], next.durable[name] = kept, kept
	}
	return next
}

func (f *crashFile) survive(rng *rand.Rand, harsh bool) []byte {
	content := slices.Clone(f.durable)
	if harsh {
		return content
	}
	for _, c := range f.pending {
		switch rng.IntN(3) {
		case 0:
			content = c.apply(content)
		case 1: // some of its sectors
			for from := 0; from < len(c.data); {
				sector := min(len(c.data), from+512-int((c.at+int64(from))%512))
				if rng.IntN(2) == 0 {
					content = change{at: c.at + int64(from), data: c.data[from:sector]}.apply(content)
				}
				from = sector
			}
		default:
		}
	}
	return content
}

func (c change) apply(content []byte) []byte {
	if c.data == nil {
		if c.at <= int64(len(content)) {
			return content[:c.at]
		}
		return append(content, make([]byte, c.at-int64(len(content)))...)
	}
	if end := c.at + int64(len(c.data)); end > int64(len(content)) {
		had := len(content)
		content = slices.Grow(content, int(end)-had)[:end]
		clear(content[had:max(had, int(c.at))]) // a hole, where a truncation may have left bytes
	}
	copy(content[c.at:], c.data)
	return content
}

func (d *crashDisk) list() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.files)), nil
}

func (d *crashDisk) sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	d.durable = maps.Clone(d.files)
	return nil
}

func (d *crashDisk) open(name string, create bool) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !create {
		if f, ok := d.files[name]; ok {
			return f, nil
		}
		return nil, os.ErrNotExist
	}
	if err := d.step(); err != nil {
		return nil, err
	}
	if d.full {
		return nil, errFull
	}
	f := &crashFile{disk: d}
	d.files[name] = f
	return f, nil
}

func (d *crashDisk) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	delete(d.files, name)
	return nil
}

func (f *crashFile) ReadAt(p []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if at >= int64(len(f.current)) {
		return 0, io.EOF
	}
	n := copy(p, f.current[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *crashFile) WriteAt(p []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	was := f.disk.crashed
	err := f.disk.step()
	if was {
		return 0, err
	}
	if f.disk.full {
		p, err = p[:len(p)/2], errFull
	}
	c := change{at: at, data: slices.Clone(p)} // the write that crashes may reach the disk
	f.pending = append(f.pending, c)
	f.current = c.apply(f.current)
	if err != nil {
		return len(p), err
	}
	return len(p), nil
}

func (f *crashFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step(); err != nil {
		return err
	}
	c := change{at: size}
	f.pending = append(f.pending, c)
	f.current = c.apply(f.current)
	return nil
}

func (f *crashFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step(); err != nil {
		return err
	}
	if f.disk.badSync {
		f.disk.badSync = false
		f.pending = nil // as Linux does: the pages are clean now, the disk has them not
		return errors.New("input/output error")
	}
	for _, c := range f.pending {
		f.durable = c.apply(f.durable)
	}
	f.pending = nil
	return nil
}

func (f *crashFile) bytes() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.current)), nil
}

func (f *crashFile) Close() error { return nil }
