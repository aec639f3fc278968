package fim

import "encoding/binary"

// arena holds short texts one after the other, so that a hundred thousand names
// are a few dozen objects. A text is found by its ref; what is dropped leaves a
// hole until the owner moves everything to a fresh arena.
type arena struct {
	chunks [][]byte
	// live and dead are the bytes of texts that are in use and that are not.
	live, dead int
}

// arenaChunk is more than twice the longest text.
const arenaChunk = 1 << 16

// ref names a text; 0 is the empty one.
type ref uint32

func (a *arena) put(text string) ref {
	if text == "" {
		return 0
	}
	var head [binary.MaxVarintLen32]byte
	n := binary.PutUvarint(head[:], uint64(len(text)))
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+n+len(text) > arenaChunk {
		chunk := make([]byte, 0, arenaChunk)
		if last < 0 {
			chunk = append(chunk, 0) // so that no text has ref 0
		}
		a.chunks = append(a.chunks, chunk)
		last++
	}
	at := ref(last<<16 | len(a.chunks[last]))
	a.chunks[last] = append(append(a.chunks[last], head[:n]...), text...)
	a.live += len(text)
	return at
}

// bytes are valid until the arena is replaced; they must not be changed.
func (a *arena) bytes(at ref) []byte {
	if at == 0 {
		return nil
	}
	b := a.chunks[at>>16][at&0xffff:]
	length, n := binary.Uvarint(b)
	return b[n : n+int(length)]
}

func (a *arena) drop(at ref) {
	n := len(a.bytes(at))
	a.live -= n
	a.dead += n
}

// wasteful tells that moving would pay.
func (a *arena) wasteful() bool { return a.dead > 1<<20 && a.dead > a.live }
