package parse

import "time"

// clock turns what a line says about its time into nanoseconds since the Unix
// epoch. It never looks at the wall clock.
type clock struct {
	location *time.Location // nil where the zone is UTC
	year     int            // of times without one; 0 derives it from observed
	month    int            // of the last time without a year; 0 before the first
	last     int64          // the time of the stream's last record that had one
	observed int64          // when the record was read, in seconds since 1970

	// The year of the last observed, and the seconds between which it lies: finding
	// a year is slow, and it is the same one for months.
	observedYear, yearStart, yearEnd int64

	// day is the date that was counted last: a log has thousands of lines of one day.
	day counted
}

// counted is a date and its days since 1970-01-01.
type counted struct {
	year, month, day int
	days             int64
}

// daysOf is days, with the last answer kept.
func (c *clock) daysOf(year, month, day int) int64 {
	if c.day.day != day || c.day.month != month || c.day.year != year {
		c.day = counted{year: year, month: month, day: day, days: days(year, month, day)}
	}
	return c.day.days
}

// observe sets when the record was read.
func (c *clock) observe(t time.Time) {
	c.observed = t.Unix()
	if c.observed >= c.yearStart && c.observed < c.yearEnd {
		return
	}
	year := t.UTC().Year()
	c.observedYear = int64(year)
	c.yearStart, c.yearEnd = days(year, 1, 1)*86400, days(year+1, 1, 1)*86400
}

// maxInferred is how long before a record was read the time of the one before it
// may stand for its own.
const maxInferred = 5 * time.Minute

// inferred is the time of a record that has none, read at a moment (nanoseconds
// since 1970, 0 for none): that of the record before it, unless that one is long
// past or there is none. What a file held already was written nobody knows when.
func (c *clock) inferred(read int64, backfill bool) int64 {
	if c.last == 0 || !backfill && read-c.last > int64(maxInferred) {
		return max(read, 0)
	}
	return c.last
}

func newClock(o Options) clock {
	c := clock{location: o.Location, year: o.Year}
	if c.location == time.UTC {
		c.location = nil
	}
	return c
}

// stamp is a time as a line writes it.
type stamp struct {
	year, month, day     int // year 0: not written
	hour, minute, second int
	nanosecond           int
	offset               int // seconds east of UTC
	zoned                bool
}

// unix gives the time of a stamp; ok is false where no such time exists.
func (c *clock) unix(t *stamp) (int64, bool) {
	if t.month < 1 || t.month > 12 || t.day < 1 || t.hour > 23 || t.minute > 59 || t.second > 60 {
		return 0, false
	}
	if t.year == 0 {
		if t.day > monthDays(2000, t.month) {
			return 0, false
		}
		t.year = c.yearOf(t)
	}
	if t.year < 1970 || t.year > 2261 || t.day > monthDays(t.year, t.month) {
		return 0, false
	}
	return c.instant(t), true
}

func (c *clock) instant(t *stamp) int64 {
	if !t.zoned && c.location != nil {
		return time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute, t.second, t.nanosecond, c.location).UnixNano()
	}
	seconds := c.daysOf(t.year, t.month, t.day)*86400 + int64(t.hour*3600+t.minute*60+t.second-t.offset)
	return seconds*1e9 + int64(t.nanosecond)
}

// yearOf finds the year of a stamp that has none.
func (c *clock) yearOf(t *stamp) int {
	year := c.year
	if year != 0 {
		switch {
		case c.month == 12 && t.month == 1:
			c.year++
			year++
			c.month = 1
		case c.month == 1 && t.month == 12:
			// A line from before midnight that was written after it, not a whole
			// year without one: it does not turn the stream back.
			year--
		default:
			c.month = t.month
		}
	} else {
		year = c.nearestYear(t)
	}
	for t.day > monthDays(year, t.month) {
		year-- // the 29th of February
	}
	return year
}

// nearestYear is the year that puts the stamp at most a day after the moment it
// was read, and otherwise as late as possible.
func (c *clock) nearestYear(t *stamp) int {
	year := int(c.observedYear)
	if c.yearEnd-c.observed < 86400 {
		year++
	}
	for ; year > 1970; year-- {
		t.year = year
		if c.instant(t)/1e9 <= c.observed+86400 {
			break
		}
	}
	return max(year, 1970)
}

// days counts from 1970-01-01 in the proleptic Gregorian calendar. Years begin in
// March, so that a leap day is a year's last.
func days(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	yoe := year - era*400
	doy := (153*(month-3)+2)/5 + day - 1
	return int64(era*146097+yoe*365+yoe/4-yoe/100+doy) - 719468
}

func monthDays(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// two reads two decimal digits, or -1.
func two(b []byte) int {
	if len(b) < 2 || !isDigit(b[0]) || !isDigit(b[1]) {
		return -1
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}

// four reads four decimal digits, or -1.
func four(b []byte) int {
	high, low := two(b), -1
	if high >= 0 {
		low = two(b[2:])
	}
	if low < 0 {
		return -1
	}
	return high*100 + low
}

// monthOf reads the three letters of a month, or gives 0.
func monthOf(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	switch string(b[:3]) {
	case "Jan":
		return 1
	case "Feb":
		return 2
	case "Mar":
		return 3
	case "Apr":
		return 4
	case "May":
		return 5
	case "Jun":
		return 6
	case "Jul":
		return 7
	case "Aug":
		return 8
	case "Sep":
		return 9
	case "Oct":
		return 10
	case "Nov":
		return 11
	case "Dec":
		return 12
	}
	return 0
}

// clockTime reads "hh:mm:ss" and a fraction after a point or comma; it gives what
// follows.
func (t *stamp) clockTime(b []byte) ([]byte, bool) {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return b, false
	}
	t.hour, t.minute, t.second = two(b), two(b[3:]), two(b[6:])
	if t.hour < 0 || t.minute < 0 || t.second < 0 {
		return b, false
	}
	b = b[8:]
	if len(b) > 1 && (b[0] == '.' || b[0] == ',') && isDigit(b[1]) {
		b = b[1:]
		scale := 100_000_000
		for len(b) > 0 && isDigit(b[0]) {
			t.nanosecond += int(b[0]-'0') * scale
			scale /= 10
			b = b[1:]
		}
	}
	return b, true
}

// zone reads "Z", "+hh:mm", "+hhmm" or "+hh"; without one b comes back whole.
func (t *stamp) zone(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	if b[0] == 'Z' {
		t.zoned = true
		return b[1:]
	}
	if b[0] != '+' && b[0] != '-' {
		return b
	}
	hour := two(b[1:])
	if hour < 0 {
		return b
	}
	minute, rest := 0, b[3:]
	if len(rest) >= 3 && rest[0] == ':' && two(rest[1:]) >= 0 {
		minute, rest = two(rest[1:]), rest[3:]
	} else if two(rest) >= 0 {
		minute, rest = two(rest), rest[2:]
	}
	t.offset, t.zoned = hour*3600+minute*60, true
	if b[0] == '-' {
		t.offset = -t.offset
	}
	return rest
}

// isoTime reads "2006-01-02T15:04:05.999+02:00", with a space for the T and
// without a zone too.
func (t *stamp) isoTime(b []byte) ([]byte, bool) {
	if len(b) < 19 || b[4] != b[7] || (b[4] != '-' && b[4] != '/') || (b[10] != 'T' && b[10] != ' ') {
		return b, false
	}
	t.year, t.month, t.day = four(b), two(b[5:]), two(b[8:])
	if t.year <= 0 || t.month < 0 || t.day < 0 {
		return b, false
	}
	rest, ok := t.clockTime(b[11:])
	if !ok {
		return b, false
	}
	if len(rest) >= 6 && rest[0] == ' ' && (rest[1] == '+' || rest[1] == '-') && four(rest[2:]) >= 0 {
		rest = rest[1:]
	}
	return t.zone(rest), true
}

// bsdTime reads "Jan  2 15:04:05", the time of RFC 3164.
func (t *stamp) bsdTime(b []byte) ([]byte, bool) {
	t.month = monthOf(b)
	if t.month == 0 || len(b) < 14 || b[3] != ' ' {
		return b, false
	}
	day, rest := digits(trimLeft(b[4:]))
	if len(day) == 0 || len(day) > 2 || len(rest) == 0 || rest[0] != ' ' {
		return b, false
	}
	t.day = int(atoi(day))
	return t.clockTime(rest[1:])
}

// accessTime reads "02/Jan/2006:15:04:05 -0700"; a space for the first colon and
// a missing zone are common too.
func (t *stamp) accessTime(b []byte) ([]byte, bool) {
	day, b := digits(b)
	if len(day) == 0 || len(day) > 2 || len(b) < 18 || b[0] != '/' || b[4] != '/' || (b[9] != ':' && b[9] != ' ') {
		return b, false
	}
	t.day, t.month, t.year = int(atoi(day)), monthOf(b[1:]), four(b[5:])
	if t.month == 0 || t.year <= 0 {
		return b, false
	}
	rest, ok := t.clockTime(b[10:])
	if !ok {
		return b, false
	}
	if len(rest) > 0 && rest[0] == ' ' {
		rest = t.zone(rest[1:])
	}
	return rest, true
}

// ctime reads "Mon Jan  2 15:04:05.999999 2006".
func (t *stamp) ctime(b []byte) ([]byte, bool) {
	if len(b) < 24 || b[3] != ' ' || !isLetter(b[0]) {
		return b, false
	}
	rest, ok := t.bsdTime(b[4:])
	if !ok || len(rest) < 5 || rest[0] != ' ' {
		return b, false
	}
	t.year = four(rest[1:])
	return rest[5:], t.year > 0
}
