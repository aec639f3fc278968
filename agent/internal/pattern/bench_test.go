package pattern

import "testing"

// BenchmarkMatch holds lines against patterns: one that matches, one that lacks the
// expression's literal, one that has it and does not match.
func BenchmarkMatch(b *testing.B) {
	set := parseOne(b, `
patterns:
  - name: shop
    match: '^login failed user=%{GREEDYDATA:user.name} from=%{IP:source.ip}$'
`)
	for _, bm := range []struct{ name, line string }{
		{"matches", "login failed user=bob from=203.0.113.5"},
		{"no_literal", "device eth0 entered promiscuous mode"},
		{"no_match", "login failed user=bob from=gate.example.com"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			var m Match
			patterns, line := set.Named("shop"), []byte(bm.line)
			b.ReportAllocs()
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				set.First(patterns, line, &m)
			}
		})
	}
}
