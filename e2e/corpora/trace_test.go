package corpora

import "testing"

func TestTraceAnswer(t *testing.T) {
	at := func(lines ...string) []Record {
		var records []Record
		for _, line := range lines {
			records = append(records, Record{"log.line": {line}})
		}
		return records
	}
	whole := traceCase{Kind: "exception", Lines: make([]string, 5)}
	between := traceCase{Kind: "exception", Lines: make([]string, 7), Structure: []any{1.0, "exc", 1.0}}
	text := traceCase{Kind: "text", Lines: []string{"a", "", "b"}}
	for name, tc := range map[string]struct {
		c       traceCase
		records []Record
		right   bool
	}{
		"one record":                {whole, at("1"), true},
		"torn":                      {whole, at("1", "4"), false},
		"nothing":                   {whole, nil, false},
		"between two lines":         {between, at("1", "2", "7"), true},
		"swallowed its neighbour":   {between, at("1", "2"), false},
		"begun too late":            {between, at("1", "3", "7"), false},
		"text is not joined":        {text, at("1", "3"), true},
		"text that has been joined": {text, at("1"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.c.answer(tc.records); got.Yes != tc.right {
				t.Errorf("right is %v: %s", got.Yes, got.Miss)
			}
		})
	}
}
