package publish

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
)

func TestWithoutRoomNothingIsTriedAndNothingIsLost(t *testing.T) {
	d := storage(t)
	full := errors.New("the disk is full")
	d.room.Store(&full)
	p := newPublisher(t, d)
	agent := event.NewID()
	a, err := p.Open(t.Context(), agent, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := spool(agent, 1, 1)[0]
	done := make(chan error, 1)
	go func() {
		_, err := a.Put(t.Context(), b.header, b.sealed, time.Unix(5, 0))
		done <- err
	}()
	for p.Ready() == nil {
		select {
		case err := <-done:
			t.Fatalf("stored without room: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if err := p.Ready(); !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("ready says %v", err)
	}
	if got := contents(t, d, agent); len(got) != 0 {
		t.Errorf("stored %q", got)
	}
	d.room.Store(nil)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := contents(t, d, agent); len(got) != 1 {
		t.Errorf("stored %q", got)
	}
	if err := p.Ready(); err != nil {
		t.Error(err)
	}
}
