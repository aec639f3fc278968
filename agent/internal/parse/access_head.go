package parse

import (
	"bytes"
)

// layoutHead is what stands before the request in an access log of any order.
type layoutHead struct {
	who      []byte // what accessWho reads, where the time is in the middle
	ip, port []byte // the client
	host     []byte // the one asked for
	scheme   []byte
	time     int64
	timed    bool
	first    bool // the line begins with the client
	several  bool // there are two addresses: nobody knows which is the client's
}

// read reads a head, which ends before the request.
func (h *layoutHead) read(c *clock, b []byte) bool {
	b = trimRight(b)
	if len(b) > maxLayoutHead {
		return false
	}
	if before, after, ok := h.lastTime(c, b); ok {
		if before = trimRight(before); len(before) > 0 {
			h.who = before
			h.between(after)
			return true
		}
		return h.cells(after)
	}
	rest, ok := h.bareTime(c, b)
	if !ok {
		host, _ := layoutAddress(firstWord(b))
		h.first = host != nil
		return h.first && h.cells(b)
	}
	return h.cells(rest)
}

// lastTime finds the last time in brackets: a name before it may hold one too.
func (h *layoutHead) lastTime(c *clock, b []byte) (before, after []byte, ok bool) {
	end := len(b)
	for range maxLayoutCells {
		open := bytes.LastIndexByte(b[:end], '[')
		if open < 0 {
			return b, nil, false
		}
		if inner, rest, ok := split(b[open+1:], "]"); ok {
			if h.time, h.timed = c.bracketTime(inner); h.timed {
				return b[:open], trimLeft(rest), true
			}
		}
		end = open
	}
	return b, nil, false
}

// bracketTime reads what an access log has in brackets: its own time or that of ISO.
func (c *clock) bracketTime(b []byte) (int64, bool) {
	var t stamp
	rest, ok := t.accessOrISO(b)
	if !ok {
		t = stamp{}
		rest, ok = t.localTime(b)
	}
	if !ok || len(rest) > 0 {
		return 0, false
	}
	return c.unix(&t)
}

// accessOrISO reads an access log's own time or that of ISO.
func (t *stamp) accessOrISO(b []byte) ([]byte, bool) {
	rest, ok := t.accessTime(b)
	if !ok {
		*t = stamp{}
		rest, ok = t.isoTime(b)
	}
	return rest, ok
}

// bareTime reads a time without brackets at the beginning.
func (h *layoutHead) bareTime(c *clock, b []byte) (rest []byte, ok bool) {
	word, rest := token(b)
	if len(word) >= 10 && len(word) <= 14 && isEpoch(word) {
		h.time, h.timed = epochTime(word)
		return rest, h.timed
	}
	var t stamp
	if rest, ok = t.isoTime(b); !ok {
		t = stamp{}
		rest, ok = t.accessTime(b)
	}
	if !ok || len(rest) > 0 && rest[0] != ' ' {
		return b, false
	}
	h.time, h.timed = c.unix(&t)
	return trimLeft(rest), h.timed
}

// between takes what the server writes between the time and the request.
func (h *layoutHead) between(b []byte) {
	for range maxLayoutCells {
		word, rest := layoutCell(b)
		if len(word) == 0 {
			return
		}
		h.note(word)
		b = rest
	}
}

// note keeps a scheme.
func (h *layoutHead) note(word []byte) bool {
	if string(word) == "http" || string(word) == "https" {
		h.scheme = word
		return true
	}
	return false
}

// cells looks for the client among the cells of a head without a name before its time.
func (h *layoutHead) cells(b []byte) bool {
	sure := false // the client stands first, with a dash after it
	for n := range maxLayoutCells {
		word, rest := layoutCell(b)
		if len(word) == 0 {
			return true
		}
		b = rest
		ip, port := layoutAddress(word)
		switch {
		case word[0] == '"':
		case ip != nil && h.ip == nil && !h.several:
			h.ip, h.port = ip, port
			dash, _ := token(rest)
			sure = n == 0 && string(dash) == "-"
		case ip != nil:
			if !sure && !bytes.Equal(h.ip, ip) {
				h.ip, h.port, h.several = nil, nil, true
			}
		case h.note(word) || h.ip != nil || h.several:
		case !isLayoutWord(word):
			return false
		case h.host == nil && isLayoutHost(word):
			h.host = word
		}
	}
	return len(trimLeft(b)) == 0
}

func isLayoutHost(word []byte) bool {
	name, _, _ := split(word, ":")
	return isHost(name) && bytes.IndexByte(name, '.') > 0
}

// isLayoutWord says what may stand before the address: a host, a number, a dash. A
// name with spaces that ends like an address is none of these as a rule, and where it
// is, the format has an address of its own, which makes two.
func isLayoutWord(word []byte) bool {
	if host, port, ok := splitLast(word, ":"); ok && isPort(port) {
		word = host
	}
	return len(word) < 200 && consists(word, inHost)
}

// layoutAddress reads "IP", "IP:PORT" or "[IP]".
func layoutAddress(word []byte) (ip, port []byte) {
	if len(word) < 2 || word[0] != '[' && word[0] != ':' && hex(word[0]) < 0 {
		return nil, nil
	}
	if isIP(word) {
		return word, nil
	}
	host, port, ok := splitLast(word, ":")
	if !ok || !isPort(port) || !isIP(host) {
		return nil, nil
	}
	return host, port
}

// layoutCell takes a word, or what is in quotes with its quotes.
func layoutCell(b []byte) (word, rest []byte) {
	b = trimLeft(b)
	if content, rest, ok := quoted(b); ok {
		return b[:len(content)+2], rest
	}
	return token(b)
}

// localTime reads "02/sept./2015:00:11:31 +0200", as Java writes an access log's time
// in a host's language: Jetty's request log does.
func (t *stamp) localTime(b []byte) ([]byte, bool) {
	day, rest := digits(b)
	rest, ok := cut(rest, "/")
	month, rest, found := split(rest[:min(len(rest), 48)], "/")
	if !ok || !found || len(day) == 0 || len(day) > 2 || len(rest) < 13 || rest[4] != ':' {
		return b, false
	}
	t.day, t.month, t.year = int(atoi(day)), localMonth(month), four(rest)
	if t.month == 0 || t.year <= 0 {
		return b, false
	}
	if rest, ok = t.clockTime(rest[5:]); !ok || len(rest) == 0 || rest[0] != ' ' {
		return b, false
	}
	return t.zone(rest[1:]), true
}

// localMonth knows the short names of months that CLDR has for German, French,
// Spanish, Italian, Portuguese and Dutch, where they are not English.
func localMonth(b []byte) int {
	b, _ = cutEnd(b, ".")
	switch string(b) {
	case "janv", "ene", "gen", "jan":
		return 1
	case "févr", "feb", "fev":
		return 2
	case "mars", "März", "Mär", "mar", "mrt":
		return 3
	case "avr", "abr", "apr":
		return 4
	case "mai", "Mai", "may", "mag", "mei":
		return 5
	case "juin", "Juni", "jun", "giu":
		return 6
	case "juil", "Juli", "jul", "lug":
		return 7
	case "août", "ago", "aug":
		return 8
	case "sept", "Sept", "sep", "set":
		return 9
	case "oct", "Okt", "ott", "out", "okt":
		return 10
	case "nov":
		return 11
	case "déc", "Dez", "dic", "dez", "dec":
		return 12
	}
	return 0
}
