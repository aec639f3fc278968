package corpora

import (
	"strings"
	"testing"
)

func TestTableFailsWhereABoundIsMissed(t *testing.T) {
	least := Goal{Name: "least", Percent: 75}
	most := Goal{Name: "most", Percent: 25, Error: true}
	free := Goal{Name: "free"}
	yes, no := true, false
	for name, tc := range map[string]struct {
		goal    Goal
		answers []bool
		failed  bool
	}{
		"as many as asked":    {least, []bool{yes, yes, yes, no}, false},
		"fewer":               {least, []bool{yes, yes, no, no}, true},
		"as few errors":       {most, []bool{yes, no, no, no}, false},
		"more errors":         {most, []bool{yes, yes, no, no}, true},
		"no bound":            {free, []bool{no, no}, false},
		"nothing was counted": {least, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var table Table
			for _, is := range tc.answers {
				table.Add(Answer{Goal: tc.goal, Source: "s", Yes: is, Miss: "line"})
			}
			var out strings.Builder
			if err := table.Write(&out, false); err != nil != tc.failed {
				t.Errorf("error %v\n%s", err, out.String())
			}
		})
	}
}

func TestTableListsMissesBySource(t *testing.T) {
	var table Table
	goal := Goal{Name: "all right", Percent: 10}
	table.Add(Answer{Goal: goal, Source: "b", Yes: true, Miss: "fine"}, Answer{Goal: goal, Source: "a", Miss: "line 7"})
	table.Note("a note of %d", 1)
	for verbose, want := range map[bool]string{
		false: "all right 1 2 50.00 % at least 10 %: kept a 0 1 0.00 % b 1 1 100.00 % a note of 1",
		true:  "all right 1 2 50.00 % at least 10 %: kept a 0 1 0.00 % line 7 b 1 1 100.00 % a note of 1",
	} {
		var out strings.Builder
		if err := table.Write(&out, verbose); err != nil {
			t.Error(err)
		}
		if got := strings.Join(strings.Fields(out.String()), " "); got != want {
			t.Errorf("verbose %v: %q, want %q", verbose, got, want)
		}
	}
}
