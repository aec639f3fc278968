package fim

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"
	"github.com/bmatcuk/doublestar/v4"
)

const (
	textsName = "texts"
	// maxText is the size past which no text is kept, maxDiff that past which a
	// difference is cut, in bytes.
	maxText = 64 << 10
	maxDiff = 16 << 10
	masked  = "***"
)

// texts keeps what small text files were, so that a change can say which lines
// differ: each text once, in a file named by its hash.
type texts struct {
	dir   string
	globs []string
}

// wants tells whether differences of a path are to be told.
func (t *texts) wants(path string) bool {
	if t.dir == "" {
		return false
	}
	for _, glob := range t.globs {
		for at := path; at != "/"; at = filepath.Dir(at) {
			if doublestar.MatchUnvalidated(glob, at) {
				return true
			}
		}
	}
	return false
}

// keep is how many bytes of a path's content are wanted.
func (t *texts) keep(path string) int {
	if t.wants(path) {
		return maxText
	}
	return 0
}

func (t *texts) name(e *entry) string { return filepath.Join(t.dir, hex.EncodeToString(e.hash[:])) }

func (t *texts) has(e *entry) bool {
	_, err := os.Stat(t.name(e))
	return err == nil || e.size == 0 || e.size > maxText || !e.hashed
}

// put keeps a text. It need not survive a power cut: without it a change is told
// without its difference.
func (t *texts) put(e *entry, text []byte) error {
	if e.size == 0 {
		return nil
	}
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return fmt.Errorf("keep text: %w", err)
	}
	temp := filepath.Join(t.dir, "new")
	if err := os.WriteFile(temp, text, 0o600); err != nil {
		return fmt.Errorf("keep text: %w", err)
	}
	if err := os.Rename(temp, t.name(e)); err != nil {
		return fmt.Errorf("keep text: %w", err)
	}
	return nil
}

// difference is what differs from the text of an earlier entry, "" where that is
// not kept or either is no text.
func (t *texts) difference(path string, was *entry, now []byte) string {
	if !was.hashed {
		return ""
	}
	before, err := os.ReadFile(t.name(was))
	if err != nil && was.size != 0 || !isText(before) || !isText(now) {
		return ""
	}
	return unified(path, string(before), string(now))
}

// sweep drops the texts that no entry has any more.
func (t *texts) sweep(tree *tree) error {
	entries, err := os.ReadDir(t.dir)
	if err != nil || t.dir == "" {
		if errors.Is(err, fs.ErrNotExist) || t.dir == "" {
			return nil
		}
		return fmt.Errorf("sweep texts: %w", err)
	}
	used := map[string]bool{}
	for n := range tree.usedFiles {
		if f := tree.file(n); f.kind == kindFile && f.size <= maxText && t.wants(tree.pathOf(n)) {
			used[hex.EncodeToString(f.hash[:])] = true
		}
	}
	for _, e := range entries {
		if !used[e.Name()] {
			if err := os.Remove(filepath.Join(t.dir, e.Name())); err != nil {
				return fmt.Errorf("sweep texts: %w", err)
			}
		}
	}
	return nil
}

func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// unified is the unified difference of two texts whose secrets have been masked
// first, so that none is in the lines around a change either.
func unified(path, before, after string) string {
	diff := udiff.Unified(path, path, mask(before), mask(after))
	if diff == "" {
		return "(only masked values differ)\n"
	}
	if len(diff) > maxDiff {
		cut := strings.LastIndexByte(diff[:maxDiff], '\n') + 1
		diff = diff[:cut] + fmt.Sprintf("(%d bytes more)\n", len(diff)-cut)
	}
	return diff
}

// What is taken for a secret: the value after a telling name, a password in a URL,
// the hash of a password, and what stands within a private key. It is a guess that
// rather hides too much.
var (
	secretName = regexp.MustCompile(`(?i)((?:pass(?:wd|word|phrase)?|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|auth|psk|pwd)[\w.-]*["']?\s*[:=\s]\s*)(\S.*)$`)
	urlSecret  = regexp.MustCompile(`(://[^/\s:@]*:)[^@\s/]+@`)
	cryptHash  = regexp.MustCompile(`\$[0-9a-zA-Z]{1,8}\$[./0-9A-Za-z$=,+-]{8,}`)
	bareHash   = regexp.MustCompile(`^([^:\s]+:)([^:\s*!]{13,})(:.*)?$`)
)

func mask(text string) string {
	lines := strings.SplitAfter(text, "\n")
	key := false
	for i, line := range lines {
		body := strings.TrimRight(line, "\r\n")
		end := line[len(body):]
		switch {
		case strings.Contains(body, "-----BEGIN") && strings.Contains(body, "PRIVATE KEY"):
			key = true
			continue
		case strings.Contains(body, "-----END"):
			key = false
			continue
		case key && body != "":
			lines[i] = masked + end
			continue
		}
		body = secretName.ReplaceAllString(body, "${1}"+masked)
		body = urlSecret.ReplaceAllString(body, "${1}"+masked+"@")
		body = cryptHash.ReplaceAllString(body, masked)
		body = bareHash.ReplaceAllString(body, "${1}"+masked+"${3}")
		lines[i] = body + end
	}
	return strings.Join(lines, "")
}
