package finding

import (
	"crypto/sha256"
	"encoding/binary"
	"unicode/utf8"
)

// Text is a field's value as a group or a label has it: what is no UTF-8, a
// message could not hold. Each such byte becomes U+FFFD, as in an event's JSON.
func Text(value []byte) string {
	if utf8.Valid(value) {
		return string(value)
	}
	return string([]rune(string(value)))
}

// groupHash hashes a rule id and group values, each with its length in front, so
// that no two different groups run into the same bytes.
func groupHash(ruleID string, group []string) [16]byte {
	buf := make([]byte, 0, 128)
	buf = appendString(buf, ruleID)
	for _, value := range group {
		buf = appendString(buf, value)
	}
	sum := sha256.Sum256(buf)
	return [16]byte(sum[:16])
}

func appendString(buf []byte, s string) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(s)))
	return append(buf, s...)
}
