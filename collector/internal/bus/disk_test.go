package bus

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// disk is one of a size, of which a test says how much is free.
type disk struct {
	size int64
	free atomic.Int64
}

func (d *disk) space(string) (int64, int64, error) { return d.size, d.free.Load(), nil }

func TestRoomKeepsSomeOfTheDiskFree(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct {
		name       string
		size, free int64
		room       bool
	}{
		{"an empty disk", 100 * gib, 100 * gib, true},
		{"as much as is kept", 100 * gib, gib, true},
		{"a byte less", 100 * gib, gib - 1, false},
		{"a small disk, a tenth of it", 1000, 100, true},
		{"a small disk, less", 1000, 99, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &Server{folder: "/srv/x", space: func(string) (int64, int64, error) { return c.size, c.free, nil }}
			err := s.Room()
			if (err == nil) != c.room {
				t.Errorf("room: %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "/srv/x") {
				t.Errorf("does not say where: %v", err)
			}
		})
	}
	broken := &Server{space: func(string) (int64, int64, error) { return 0, 0, errors.New("input/output error") }}
	if broken.Room() == nil {
		t.Error("room on a disk that does not answer")
	}
	if _, err := broken.Bounds(); err == nil {
		t.Error("shares of a disk that does not answer")
	}
}

func TestSharesLeaveRoomForTheRest(t *testing.T) {
	d := &disk{size: 100_000}
	s := &Server{space: d.space}
	b, err := s.Bounds()
	if err != nil {
		t.Fatal(err)
	}
	if b.Sum() != 60_000 {
		t.Errorf("events may take %d of %d", b.Sum(), d.size)
	}
	for _, class := range event.Classes() {
		if b[class] <= 0 { // 0 would be no bound
			t.Errorf("%s has %d", event.ClassName(class), b[class])
		}
	}
	if b[eventv1.Class_CLASS_WEB] <= b[eventv1.Class_CLASS_AGENT] {
		t.Errorf("shares are %v", b)
	}
	d.size = 10
	if b, err = s.Bounds(); err != nil || b[eventv1.Class_CLASS_AGENT] <= 0 {
		t.Errorf("on a tiny disk: %v, %v", b, err)
	}
}

func TestTheRealDiskAnswers(t *testing.T) {
	size, free, err := statfs(t.TempDir())
	if err != nil || size <= 0 || free < 0 || free > size {
		t.Errorf("size %d, free %d, %v", size, free, err)
	}
	if _, _, err := statfs("/nonexistent"); err == nil {
		t.Error("a folder that is not there has room")
	}
}

func TestAServerStartsAgainWhereItWas(t *testing.T) {
	s, err := StartServer(ServerOptions{Folder: t.TempDir(), Listen: freeAddress(t), Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b, _ := openBus(t, Options{Endpoint: s.Endpoint()})
	eventually(t, "ready", func() bool { return b.Ready() == nil })
	if _, err := b.JetStream().Publish(t.Context(), "tocsin.events.auth.x", []byte("before")); err != nil {
		t.Fatal(err)
	}
	other, err := Dial(Endpoint{URL: s.url, NKeyFile: keyFile(s.folder, roleAlerter)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	if ailment := s.ailment(); ailment != "" {
		t.Fatalf("ails of %s", ailment)
	}
	first := s.current()
	if err := s.repair("a test"); err != nil {
		t.Fatal(err)
	}
	if s.current() == first {
		t.Fatal("it is still the same")
	}
	eventually(t, "both are back", func() bool { return b.Ready() == nil && other.IsConnected() })
	stream, err := b.Stream(eventv1.Class_CLASS_AUTH)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.GetMsg(t.Context(), 1)
	if err != nil || string(m.Data) != "before" {
		t.Errorf("read %v, %v", m, err)
	}
	if ailment := s.ailment(); ailment != "" {
		t.Errorf("ails of %s", ailment)
	}
}

func TestOnlyAServerThatWasWellAndStaysIllIsStartedAgain(t *testing.T) {
	const full, made = "a write failed", "a stream could not be recovered"
	for name, test := range map[string]struct {
		well bool
		seen []string
		want []bool
	}{
		"well":                         {true, []string{"", ""}, []bool{false, false}},
		"ill, and still":               {true, []string{full, full}, []bool{false, true}},
		"ill until there is room":      {true, []string{full, full, full}, []bool{false, true, true}},
		"a stream is being made":       {true, []string{made, ""}, []bool{false, false}},
		"one, and then another":        {true, []string{made, full, ""}, []bool{false, false, false}},
		"ill from the start":           {false, []string{full, full, full}, []bool{false, false, false}},
		"ill, well by itself, and ill": {false, []string{full, "", full, full}, []bool{false, false, false, true}},
	} {
		p := patient{well: test.well}
		for i, ailment := range test.seen {
			if got := p.needsHelp(ailment); got != test.want[i] {
				t.Errorf("%s: look %d: %v", name, i, got)
			}
		}
	}
}
