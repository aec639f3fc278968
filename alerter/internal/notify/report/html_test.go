package report

import (
	"strings"
	"testing"
	"time"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

func TestNothingInAPageActs(t *testing.T) {
	r := New(time.Unix(0, 0), time.Unix(3600, 0), "en", time.UTC, nil)
	r.add(&alertv1.Alert{
		Id: "a", Opened: 1, Rule: &alertv1.Rule{Name: "rule\u202e\x1b[2J"},
		Group: []*alertv1.GroupValue{{Field: "user.name", Value: "\x1b]0;x\x07\u202e<img src=x>"}},
		Last:  &alertv1.Finding{EventId: "e", Original: []byte("\x1b[31m</pre><script>1</script>")},
	})
	var out strings.Builder
	if err := r.WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\x1b", "\u202e", "\x07", "<script>1", "<img src"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}
