// Package packages tells what a host's package database says its files are.
//
// It reads dpkg's database as it lies on disk (status, info/*.list,
// info/*.md5sums, diversions) and asks `rpm` for rpm's. Nothing is kept between
// loads: a file integrity watcher seldom asks, and a whole database is a few
// megabytes.
//
// A database is a word of the host about itself: who is root can rewrite it. It
// tells an upgrade from a change by hand; it proves nothing against root.
package packages

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Quiet is how long a database must have rested for a transaction to be over:
// package managers call dpkg several times for one upgrade.
const Quiet = 1500 * time.Millisecond

// Database is where one is. Its methods may be called concurrently.
type Database struct {
	// root is the folder of the system that it is of: "/" for the host's own.
	root string
	rpm  bool
}

// Find finds the database of the system that a path is in: that of the nearest
// folder above it, or of itself, that has one. Nil is none.
func Find(path string) *Database {
	for dir := path; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, dpkgFolder, "status")); err == nil {
			return &Database{root: dir}
		}
		for _, folder := range rpmFolders() {
			if info, err := os.Stat(filepath.Join(dir, folder)); err == nil && info.IsDir() {
				return &Database{root: dir, rpm: true}
			}
		}
		if dir == "/" || dir == "." {
			return nil
		}
	}
}

// Root is the folder of the system that the database is of.
func (d *Database) Root() string { return d.root }

// Busy tells whether a package manager is at work, or was until just now.
func (d *Database) Busy(now time.Time) bool {
	var changes, locks []string
	if d.rpm {
		for _, folder := range rpmFolders() {
			for _, name := range []string{"rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages"} {
				changes = append(changes, filepath.Join(folder, name))
			}
			locks = append(locks, filepath.Join(folder, ".rpm.lock"))
		}
	} else {
		changes = []string{dpkgFolder + "/status", dpkgFolder + "/info"}
		locks = []string{dpkgFolder + "/lock", dpkgFolder + "/lock-frontend"}
	}
	for _, name := range changes {
		if info, err := os.Stat(filepath.Join(d.root, name)); err == nil {
			if age := now.Sub(info.ModTime()); age < Quiet && age > -time.Hour {
				return true
			}
		}
	}
	for _, name := range locks {
		if locked(filepath.Join(d.root, name)) {
			return true
		}
	}
	return false
}

// locked tells whether a process holds a lock of the kind of fcntl(2) on a file.
func locked(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // opened for reading only
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	err = unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock)
	return err == nil && lock.Type != unix.F_UNLCK
}

// Stamp tells one state of the database from the next.
func (d *Database) Stamp() string {
	stamp := ""
	names := []string{dpkgFolder + "/status"}
	if d.rpm {
		names = nil
		for _, folder := range rpmFolders() {
			for _, name := range []string{"rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages"} {
				names = append(names, filepath.Join(folder, name))
			}
		}
	}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(d.root, name)); err == nil {
			stamp += stampOf(info)
		}
	}
	return stamp
}

// Load reads the whole database.
func (d *Database) Load(ctx context.Context) (*Index, error) {
	if d.rpm {
		return d.loadRPM(ctx)
	}
	return d.loadDpkg()
}

// Bookkeeping tells whether a path is the database's own, and of which package it
// speaks, "" for all.
func (d *Database) Bookkeeping(path string) (pkg string, own bool) {
	if d.rpm {
		for _, folder := range rpmFolders() {
			if filepath.Dir(path) == filepath.Join(d.root, folder) {
				return "", true
			}
		}
		return "", false
	}
	return d.dpkgBookkeeping(path)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
