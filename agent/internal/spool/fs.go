package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// folder is the one folder that a spool lives in. Tests put one in its place that
// loses whatever was not synced.
type folder interface {
	// list names all entries.
	list() ([]string, error)
	// sync makes creations and removals durable.
	sync() error
}

// disk is what the log needs of a file system. Only one goroutine changes it at
// a time; reads may happen meanwhile.
type disk interface {
	folder
	// open opens a file for reading and writing; with create it is made, or
	// emptied where it exists. Neither its name nor its content is durable yet.
	open(name string, create bool) (file, error)
	// remove is durable after the next sync of the folder.
	remove(name string) error
}

// file is one segment.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	durable
}

// durable is the part of a file that counts after a crash.
type durable interface {
	bytes() (int64, error)
	Truncate(size int64) error
	// Sync returns when content and size are on disk.
	Sync() error
}

type osDisk string

func (d osDisk) list() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, fmt.Errorf("list spool: %w", err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (d osDisk) sync() error { return syncFolder(string(d)) }

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

func (d osDisk) open(name string, create bool) (file, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(filepath.Join(string(d), name), flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	return osFile{f}, nil
}

func (d osDisk) remove(name string) error {
	if err := os.Remove(filepath.Join(string(d), name)); err != nil {
		return fmt.Errorf("remove segment: %w", err)
	}
	return nil
}

type osFile struct{ *os.File }

func (f osFile) bytes() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("stat segment: %w", err)
	}
	return info.Size(), nil
}

// openFolder makes the spool's folder where it is missing, durably.
func openFolder(path string) (disk, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make spool folder: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return osDisk(path), nil
}
