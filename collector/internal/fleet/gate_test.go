package fleet

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func TestOneHostDoesNotKeepOthersFromEnrolling(t *testing.T) {
	g, now := newGate(), time.Unix(1000, 0)
	flooder, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	var leave []func()
	for range 10 * sourceAtOnce {
		if l, ok := g.enter(flooder, now); ok {
			leave = append(leave, l)
		}
	}
	if len(leave) != sourceAtOnce {
		t.Errorf("%d calls of one host at once", len(leave))
	}
	if l, ok := g.enter(other, now); !ok {
		t.Error("another host is kept out")
	} else {
		l()
	}
	for _, l := range leave {
		l()
	}
	admitted := 0
	for range 10 * sourceBurst {
		if l, ok := g.enter(flooder, now); ok {
			admitted++
			l()
		}
	}
	if admitted >= sourceBurst {
		t.Errorf("%d calls of one host in no time", admitted)
	}
	if _, ok := g.enter(flooder, now.Add(time.Minute)); !ok {
		t.Error("a host is kept out for ever")
	}
}

func TestManySourcesTakeBoundedMemory(t *testing.T) {
	g, now := newGate(), time.Unix(1000, 0)
	for i := range uint32(3 * maxSources) {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], i)
		if l, ok := g.enter(netip.AddrFrom4(a), now); ok {
			l()
		}
	}
	if len(g.sources) > maxSources {
		t.Errorf("%d sources are remembered", len(g.sources))
	}
}
