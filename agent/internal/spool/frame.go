package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

const (
	magic         = "TOCSPOOL"
	formatVersion = 1
	headerSize    = 32
	frameSize     = 12
	suffix        = ".wal"
)

type kind byte

const (
	kindSnapshot kind = 1
	kindBatch    kind = 2
	kindCommit   kind = 3
	kindAck      kind = 4
	kindLane     kind = 5
	kindRepair   kind = 6
)

// errNewer is a segment of a later version: it is left alone.
var errNewer = errors.New("spool was written by a newer version")

func checksum(crc uint32, b []byte) uint32 {
	return crc32.Update(crc, crc32.MakeTable(crc32.Castagnoli), b) // made once
}

func segmentName(number uint64) string { return fmt.Sprintf("%016x%s", number, suffix) }

func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil && n > 0 && segmentName(n) == name
}

func appendHeader(dst []byte, number uint64) []byte {
	start := len(dst)
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint32(dst, formatVersion)
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	dst = binary.LittleEndian.AppendUint64(dst, number)
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	return binary.LittleEndian.AppendUint32(dst, checksum(0, dst[start:]))
}

// checkHeader tells whether data begins with the header of that segment.
func checkHeader(data []byte, number uint64) (bool, error) {
	if len(data) < headerSize || string(data[:8]) != magic ||
		checksum(0, data[:28]) != binary.LittleEndian.Uint32(data[28:]) {
		return false, nil
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v != formatVersion {
		return false, fmt.Errorf("segment %d has version %d, this build knows %d: %w", number, v, formatVersion, errNewer)
	}
	return binary.LittleEndian.Uint64(data[16:]) == number, nil
}

func frameCRC(number uint64, offset int64, head, payload []byte) uint32 {
	var place [16]byte
	binary.LittleEndian.PutUint64(place[:], number)
	binary.LittleEndian.PutUint64(place[8:], uint64(offset))
	crc := checksum(0, place[:])
	crc = checksum(crc, head)
	return checksum(crc, payload)
}

// beginFrame reserves a frame's head; endFrame fills it in when the payload stands.
func beginFrame(dst []byte) []byte { return append(dst, make([]byte, frameSize)...) }

// endFrame closes the frame that begins at index start of buf and at offset in
// its segment.
func endFrame(buf []byte, start int, k kind, number uint64, offset int64) {
	head := buf[start : start+frameSize]
	payload := buf[start+frameSize:]
	binary.LittleEndian.PutUint32(head, uint32(len(payload)))
	head[4] = byte(k)
	binary.LittleEndian.PutUint32(head[8:], frameCRC(number, offset, head[:8], payload))
}

// readFrame reads the frame at offset of a whole segment. size includes its head.
func readFrame(data []byte, number uint64, offset int64) (k kind, payload []byte, size int64, ok bool) {
	if offset < 0 || int64(len(data))-offset < frameSize {
		return 0, nil, 0, false
	}
	head := data[offset : offset+frameSize]
	k = kind(head[4])
	if k < kindSnapshot || k > kindRepair || head[5] != 0 || head[6] != 0 || head[7] != 0 {
		return 0, nil, 0, false
	}
	length := int64(binary.LittleEndian.Uint32(head))
	if length > int64(len(data))-offset-frameSize {
		return 0, nil, 0, false
	}
	payload = data[offset+frameSize : offset+frameSize+length]
	if frameCRC(number, offset, head[:8], payload) != binary.LittleEndian.Uint32(head[8:]) {
		return 0, nil, 0, false
	}
	return k, payload, frameSize + length, true
}
