package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Save writes the report as name.html and name.json into a folder: whoever reads
// them sees the old files or the new ones, and what was there survives a crash.
func (r *Report) Save(folder, name string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("create report folder: %w", err)
	}
	if err := replace(filepath.Join(folder, name+".json"), r.WriteJSON); err != nil {
		return err
	}
	return replace(filepath.Join(folder, name+".html"), r.WriteHTML)
}

// Probe tells whether reports could be written into a folder.
func Probe(folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("create report folder: %w", err)
	}
	f, err := os.CreateTemp(folder, ".probe-*")
	if err != nil {
		return fmt.Errorf("write report folder: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// replace writes a file in one step: a hidden one beside it, synced, renamed over
// it, and the folder synced.
func replace(path string, write func(io.Writer) error) (err error) {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("create report: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content.Bytes())
	if err == nil {
		err = f.Chmod(0o640)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("replace report: %w", err)
	}
	return syncFolder(folder)
}

func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open report folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync report folder: %w", err)
	}
	return nil
}

// newest is the name of the latest day that a folder has a report of, and
// whether it is final; "" for none.
func newest(folder string) (day string, final bool, err error) {
	list, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read report folder: %w", err)
	}
	var days []string
	for _, e := range list {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && len(name) == len(dayFormat) {
			days = append(days, name)
		}
	}
	if days == nil {
		return "", false, nil
	}
	day = slices.Max(days)
	data, err := os.ReadFile(filepath.Join(folder, day+".json"))
	if err != nil {
		return "", false, fmt.Errorf("read report: %w", err)
	}
	var p struct {
		Final bool `json:"final"`
	}
	if json.Unmarshal(data, &p) != nil {
		return day, false, nil //nolint:nilerr // what cannot be read is written anew
	}
	return day, p.Final, nil
}
