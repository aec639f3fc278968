package event

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxWindow is what a reader accepts, sealWindow what is written: few batches are
	// larger, and the encoder keeps twice as much in memory.
	maxWindow  = 1 << 20
	sealWindow = TargetBatch
	// maxDecoded is the decoder's own limit; it counts what dst already held, so it
	// is above MaxBatch, which checkFrame enforces.
	maxDecoded = 8 << 20
)

// Codec compresses batches to sealed ones and back. A sealed batch is exactly
// one zstd frame (RFC 8878) that states its content size, uses no dictionary and
// a window of at most 1 MiB. A Codec may be used by many goroutines at once.
type Codec struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// NewCodec makes a codec.
func NewCodec() (*Codec, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(sealWindow),
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true),
		zstd.WithSingleSegment(true), zstd.WithZeroFrames(true)) // else small frames omit their content size
	if err != nil {
		return nil, fmt.Errorf("make zstd encoder: %w", err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow),
		zstd.WithDecoderMaxMemory(maxDecoded), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("make zstd decoder: %w", err)
	}
	return &Codec{encoder: encoder, decoder: decoder}, nil
}

// Seal appends the sealed form of an encoded batch.
func (c *Codec) Seal(dst, batch []byte) []byte { return c.encoder.EncodeAll(batch, dst) }

// Open appends the batch that a sealed one holds. It refuses, before it
// decompresses, whatever would take more than MaxBatch; its errors wrap
// ErrMalformed.
func (c *Codec) Open(dst, sealed []byte) ([]byte, error) {
	if len(sealed) > MaxSealed {
		return nil, malformed("%d sealed bytes, the bound is %d", len(sealed), MaxSealed)
	}
	size, err := checkFrame(sealed)
	if err != nil {
		return nil, err
	}
	start := len(dst)
	dst, err = c.decoder.DecodeAll(sealed, dst)
	if err != nil {
		return nil, malformed("decompress: %v", err)
	}
	if uint64(len(dst)-start) != size {
		return nil, malformed("%d bytes in a frame of %d", len(dst)-start, size)
	}
	return dst, nil
}

// Hash is the SHA-256 of a sealed batch: the next batch of its lane carries it.
func Hash(sealed []byte) [HashSize]byte { return sha256.Sum256(sealed) }

// checkFrame reads a frame's header and walks its blocks (RFC 8878, section
// 3.1.1), and tells the content size it states.
func checkFrame(sealed []byte) (uint64, error) {
	var h zstd.Header
	if err := h.Decode(sealed); err != nil {
		return 0, malformed("zstd header: %v", err)
	}
	switch {
	case h.Skippable:
		return 0, malformed("a skippable frame")
	case h.DictionaryID != 0:
		return 0, malformed("a frame with a dictionary")
	case !h.HasFCS:
		return 0, malformed("a frame without its content size")
	case h.FrameContentSize > MaxBatch:
		return 0, malformed("content of %d bytes, the bound is %d", h.FrameContentSize, MaxBatch)
	case h.WindowSize > maxWindow:
		return 0, malformed("window of %d bytes, the bound is %d", h.WindowSize, maxWindow)
	}
	at := h.HeaderSize
	for last := false; !last; {
		if len(sealed)-at < 3 {
			return 0, malformed("a frame cut short")
		}
		header := uint32(sealed[at]) | uint32(binary.LittleEndian.Uint16(sealed[at+1:]))<<8
		last = header&1 != 0
		size := int(header >> 3)
		if header>>1&3 == 1 { // a run of one byte is stored as that byte
			size = 1
		}
		at += 3 + size
	}
	if h.HasCheckSum {
		at += 4
	}
	if at != len(sealed) {
		return 0, malformed("%d bytes where one frame has %d", len(sealed), at)
	}
	return h.FrameContentSize, nil
}
