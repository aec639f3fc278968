package parse

import (
	"slices"
	"testing"
)

// TestTailFromItsEnd holds the quick way to read a tail against the search: where it
// reads one, the search finds the same.
func TestTailFromItsEnd(t *testing.T) {
	n := 0
	for _, tc := range slices.Concat(sshdCases, sshdNoticeCases) {
		for i := range len(tc.line) {
			for _, end := range []string{"", " ssh2", " port 22 ssh2", " from 192.0.2.1 port 22 ssh2"} {
				b := []byte(tc.line[i:] + end)
				var quick, searched tail
				if !quick.readEnd(b) {
					continue
				}
				n++
				if !searched.search(b, true) || string(quick.host) != string(searched.host) || string(quick.port) != string(searched.port) ||
					quick.at != searched.at || quick.key != nil || searched.key != nil {
					t.Fatalf("%q: %+v, and by search %+v", b, quick, searched)
				}
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d tails were read", n)
	}
}
