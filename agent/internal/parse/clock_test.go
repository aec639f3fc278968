package parse

import (
	"testing"
	"time"
)

func seoul(t *testing.T) *time.Location {
	t.Helper()
	return time.FixedZone("KST", 9*3600)
}

func TestTimesWithoutAZoneTakeTheStreams(t *testing.T) {
	o := Options{Location: seoul(t), Year: 2025}
	lines := map[string]string{
		"Oct  7 09:00:00 h x: y":                         "2025-10-07T00:00:00Z",
		"2025-10-07T09:00:00+02:00 h x[1]: y":            "2025-10-07T07:00:00Z",
		"2025-10-07T09:00:00 h x[1]: y":                  "2025-10-07T00:00:00Z",
		"2025-10-07 09:00:00,5 ERROR x y":                "2025-10-07T00:00:00.5Z",
		"2025/10/07 09:00:00 [error] 1#1: x":             "2025-10-07T00:00:00Z",
		"[Tue Oct 07 09:00:00 2025] [error] x":           "2025-10-07T00:00:00Z",
		`1.2.3.4 - - [07/Oct/2025:09:00:00] "-" 408 0`:   "2025-10-07T00:00:00Z",
		`1.2.3.4 - - [7/Oct/2025:09:00:00 Z] "-" 408 0`:  "2025-10-07T09:00:00Z",
		`{"time":"2025-10-07 09:00:00"}`:                 "2025-10-07T00:00:00Z",
		`{"ts":1759827600}`:                              "2025-10-07T09:00:00Z",
		`{"ts":1759827600.000001}`:                       "2025-10-07T09:00:00.000001Z",
		`{"ts":"1759827600123"}`:                         "2025-10-07T09:00:00.123Z",
		`{"ts":1759827600123456789}`:                     "2025-10-07T09:00:00.123456789Z",
		"<13>1 2025-10-07T09:00:00.25-05:30 h a 1 - - m": "2025-10-07T14:30:00.25Z",
		"Jun 30 23:59:60 h x: leap":                      "2025-06-30T15:00:00Z",
	}
	for line, want := range lines {
		e := parseLines(t, "auto", o, line)[0]
		if got := time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}

func TestNoSuchTimeIsNone(t *testing.T) {
	for _, line := range []string{
		"Oct 32 09:00:00 h x: y", "Feb 30 09:00:00 h x: y", "Oct  7 24:00:00 h x: y", "2025-02-29 09:00:00,000 INFO x y",
		"2025-13-01 09:00:00,000 INFO x y", "9999-01-01 00:00:00,000 INFO x y", `{"ts":99999999999999999999}`, `{"ts":-1}`, `{"ts":1e300}`,
	} {
		if e := parseLines(t, "auto", Options{Year: 2025}, line)[0]; e.Time != 0 {
			t.Errorf("%q has time %v", line, time.Unix(0, e.Time).UTC())
		}
	}
}

func TestYearRollsOverInDecember(t *testing.T) {
	lines := []string{"Nov 30 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:58", "Jan  2 00:00:00", "Mar  1 00:00:00", "Dec 31 00:00:00", "Jan  1 00:00:00"}
	want := []int{2024, 2024, 2025, 2024, 2025, 2025, 2025, 2026}
	for i := range lines {
		lines[i] += " h x: y"
	}
	for i, e := range parseLines(t, "auto", Options{Year: 2024}, lines...) {
		if got := time.Unix(0, e.Time).UTC().Year(); got != want[i] {
			t.Errorf("%q in %d, want %d", lines[i], got, want[i])
		}
	}
}

func TestYearIsTheNearestBeforeObserved(t *testing.T) {
	date := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 12, 0, 0, 0, time.UTC) }
	for _, tc := range []struct {
		observed time.Time
		text     string
		want     int
	}{
		{date(2025, 10, 7), "Oct  7 11:00:00", 2025},
		{date(2025, 10, 7), "Oct  8 11:00:00", 2025}, // a clock ahead by less than a day
		{date(2025, 10, 7), "Oct  9 11:00:00", 2024},
		{date(2026, 1, 1), "Dec 31 11:00:00", 2025},
		{date(2025, 12, 31), "Jan  1 11:00:00", 2026},
		{date(2025, 12, 30), "Jan  1 13:00:00", 2025},
		{date(2025, 10, 7), "Feb 29 11:00:00", 2024},
		{time.Time{}, "Oct  7 11:00:00", 1970},
	} {
		c := newClock(Options{})
		c.observe(tc.observed)
		var s stamp
		if _, ok := s.bsdTime([]byte(tc.text)); !ok {
			t.Fatalf("no time: %q", tc.text)
		}
		unix, ok := c.unix(&s)
		if got := time.Unix(0, unix).UTC().Year(); !ok || got != tc.want {
			t.Errorf("%q observed %v: %d, want %d", tc.text, tc.observed, got, tc.want)
		}
	}
}

func TestDaysAgreeWithTheCalendar(t *testing.T) {
	day := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range int64(366 * 290) {
		if got := days(day.Year(), int(day.Month()), day.Day()); got != i {
			t.Fatalf("days of %v: %d, want %d", day, got, i)
		}
		day = day.AddDate(0, 0, 1)
	}
}
