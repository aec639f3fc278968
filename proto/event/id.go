package event

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// IDSize is the length of an agent id, an event id and a rule token: 128 bits in
// lower-case base32 (RFC 4648) without padding.
const IDSize = 26

//nolint:gochecknoglobals // immutable
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// EncodeID renders 128 bits as an id.
func EncodeID(b [16]byte) string { return encoding.EncodeToString(b[:]) }

// HashID is the id of some text: the first 128 bits of its SHA-256.
func HashID(text string) string { return EncodeID(IDHash(text)) }

// IDHash is the hash of an event id that an alert's event_sum adds up.
func IDHash(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

// NewID is a random id.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return EncodeID(b)
}

// ValidID tells whether s has the form of an id.
func ValidID(s string) bool {
	if len(s) != IDSize {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// ID is the id of the event at an index of a batch: a hash of where it is stored,
// so that a resent batch has the same ids.
func ID(h *Header, index int) string {
	buf := make([]byte, 0, IDSize+8+EpochSize+16)
	buf = append(buf, h.Agent...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(h.Class))
	buf = append(buf, h.Epoch[:]...)
	buf = binary.BigEndian.AppendUint64(buf, h.FirstSequence)
	buf = binary.BigEndian.AppendUint32(buf, uint32(index))
	sum := sha256.Sum256(buf)
	return EncodeID([16]byte(sum[:16]))
}
