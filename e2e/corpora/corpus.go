package corpora

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// longestLine bounds a line of a corpus.
const longestLine = 16 << 20

// readCorpus reads a file of JSON lines.
func readCorpus[T any](dir, name string) (all []T, err error) {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("read line %d of %s: %w", len(all)+1, name, err)
		}
		all = append(all, one)
	}
	return all, lines.Err()
}

// grouped is cases by a key, in the order of its first case. The cases of a group
// are one log: a line may be known by those before it.
type grouped[T any] struct {
	keys  []string
	cases map[string][]T
}

func group[T any](all []T, key func(*T) string) grouped[T] {
	g := grouped[T]{cases: map[string][]T{}}
	for i := range all {
		k := key(&all[i])
		if g.cases[k] == nil {
			g.keys = append(g.keys, k)
		}
		g.cases[k] = append(g.cases[k], all[i])
	}
	return g
}

// logs are the groups' lines, in the order of keys.
func (g *grouped[T]) logs(line func(*T) string) []Log {
	logs := make([]Log, 0, len(g.keys))
	for _, key := range g.keys {
		var log Log
		for i := range g.cases[key] {
			log.Lines = append(log.Lines, line(&g.cases[key][i]))
		}
		logs = append(logs, log)
	}
	return logs
}
