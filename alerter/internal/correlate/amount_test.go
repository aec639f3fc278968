package correlate

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

func TestAmounts(t *testing.T) {
	tests := []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true},
		{"12", 12_000, true},
		{"0.0004", 0, true},
		{"0.0005", 1, true},
		{"-2.5", -2500, true},
		{"1e3", 1_000_000, true},
		{"140737488355328", 1 << 47 * 1000, true},
		{"140737488355329", 0, false},
		{"1e400", 0, false},
		{"NaN", 0, false},
		{"Inf", 0, false},
		{"", 0, false},
		{"12 KiB", 0, false},
	}
	for _, tt := range tests {
		if got, ok := amountOf(tt.text); got != tt.want || ok != tt.ok {
			t.Errorf("%q: %d, %v; want %d, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestPercentiles(t *testing.T) {
	for _, tt := range []struct {
		amounts []int64
		percent float64
		want    float64
	}{
		{[]int64{7000}, 99, 7},
		{[]int64{4000, 1000, 2000, 3000}, 0, 1},
		{[]int64{4000, 1000, 2000, 3000}, 50, 2.5},
		{[]int64{4000, 1000, 2000, 3000}, 90, 3.7},
		{[]int64{4000, 1000, 2000, 3000}, 100, 4},
	} {
		if got := percentile(tt.amounts, tt.percent); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%v percent of %v: %v, want %v", tt.percent, tt.amounts, got, tt.want)
		}
	}
}

// Amounts so great that their sum comes to its end are still compared one window at a
// time: what is far apart is not added up.
func TestSumsThatComeToTheirEnd(t *testing.T) {
	root := correlation(1, rule.ValueSum, time.Minute, "user.name", atLeast(1<<52), detection(1))
	var sigs []sig
	for i := range 200 {
		sigs = append(sigs, sig{n: i, ordinal: uint64(i), at: int64(i * 50), leaf: 1, group: "g", user: fmt.Sprint(1 << 47)})
	}
	if got := run(root, sigs, 3); len(got) != 0 {
		t.Errorf("two at a time are not enough: %v", got)
	}
	for i := range 100_000 / 500 {
		sigs[i].at = int64(i / 50)
	}
	if got, want := run(root, sigs, 3), reference(root, sigs); len(got) != 1 || got[0] != want[0] {
		t.Errorf("got %v, want %v", got, want)
	}
}
