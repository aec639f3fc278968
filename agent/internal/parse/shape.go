package parse

import "bytes"

// maxShape bounds a shape, in bytes.
const maxShape = 160

// AppendShape appends the shape of a line to b: its first line without what differs
// from one to the next, so that lines of one template have one shape. Numbers
// become N, eight or more hexadecimal digits X, addresses IP and what is quoted "…".
// A shape has at most 160 bytes and an ellipsis.
func AppendShape(b, line []byte) []byte {
	line, _ = nextLine(line)
	line = chomp(line)
	start := len(b)
	for i := 0; i < len(line); {
		if len(b)-start >= maxShape {
			return append(b, "…"...)
		}
		switch c := line[i]; {
		case c == '"' || c == '\'' && (i == 0 || !isShapeWord(line[i-1])):
			end := bytes.IndexByte(line[i+1:], c)
			if end < 0 {
				b = append(b, c)
				i++
				continue
			}
			b = append(append(append(b, c), "…"...), c)
			i += end + 2
		case isUUID(line[i:]) && (i == 0 || !isShapeWord(line[i-1])):
			b = append(b, 'X')
			i += uuidLength
		case isShapeWord(c):
			n := i
			for n < len(line) && n-i < maxShape && isShapeWord(line[n]) {
				n++
			}
			b = appendWordShape(b, line[i:n])
			i = n
		case c < ' ' || c == 0x7f:
			b = append(b, ' ')
			i++
		default:
			b = append(b, c)
			i++
		}
	}
	return b
}

// isShapeWord says whether a byte is part of a word that may be an address.
func isShapeWord(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '.' || c == ':' || c == '%' || c == '_' || c >= 0x80
}

func appendWordShape(b, word []byte) []byte {
	bare := bytes.TrimRight(word, ".:")
	tail := word[len(bare):]
	if isIP(bare) {
		return append(append(b, "IP"...), tail...)
	}
	if host, port, ok := splitLast(bare, ":"); ok && isIPv4(host) && isPort(port) {
		return append(append(b, "IP:N"...), tail...)
	}
	for i := 0; i < len(word); {
		n, number := i, false
		for n < len(word) && hex(word[n]) >= 0 {
			number = number || isDigit(word[n])
			n++
		}
		whole := (i == 0 || !isLetter(word[i-1])) && (n == len(word) || !isLetter(word[n]))
		switch {
		case number && n-i >= 8 && whole && !allDigits(word[i:n]), i > 1 && word[i-1] == 'x' && word[i-2] == '0' && n > i:
			b = append(b, 'X')
			i = n
		case isDigit(word[i]):
			_, rest := digits(word[i:])
			b = append(b, 'N')
			i = len(word) - len(rest)
		default:
			b = append(b, word[i])
			i++
		}
	}
	return b
}

const uuidLength = len("550e8400-e29b-41d4-a716-446655440000")

// isUUID says whether b begins with 8-4-4-4-12 hexadecimal digits.
func isUUID(b []byte) bool {
	if len(b) < uuidLength || b[8] != '-' {
		return false
	}
	for i, c := range b[:uuidLength] {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && hex(c) < 0 {
			return false
		}
	}
	return len(b) == uuidLength || !isShapeWord(b[uuidLength])
}

func allDigits(b []byte) bool {
	_, rest := digits(b)
	return len(rest) == 0
}
