package rule

import (
	"strconv"
	"time"
)

// datePart is a part of a date: minute, hour, day, month or year as they stand in it,
// or the week of ISO 8601. A date is one of RFC 3339, with a space instead of the T or
// without a zone as well, or a number of seconds since the Unix epoch, which is in UTC.
func datePart(value []byte, part string) (float64, bool) {
	t, ok := parseDate(string(value))
	if !ok {
		return 0, false
	}
	n := 0
	switch part {
	case "minute":
		n = t.Minute()
	case "hour":
		n = t.Hour()
	case "day":
		n = t.Day()
	case "week":
		_, n = t.ISOWeek()
	case "month":
		n = int(t.Month())
	case "year":
		n = t.Year()
	}
	return float64(n), true
}

func parseDate(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0).UTC(), err == nil
}
