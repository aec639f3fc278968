package collector

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

const auth, web = eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB

func wantReason(t *testing.T, err error, want wireerr.Reason) {
	t.Helper()
	if got := wireerr.ReasonOf(err); got != want {
		t.Fatalf("ended with %q (%v), want %q", got, err, want)
	}
}

func TestBatchesAreStoredAsTheyCameAndThenAcked(t *testing.T) {
	p := start(t, testConfig(t))
	m := enrol(t, p.cfg, "web-1")
	l := m.mustOpen(t, p.cfg.Listen)
	if len(l.welcome.GetHeads()) != 0 || l.welcome.GetHeartbeatSeconds() != 15 {
		t.Errorf("welcome %v", l.welcome)
	}
	a, w := m.lane(auth), m.lane(web)
	sealed := a.seal(lines(0, 3)...)
	l.send(sealed)
	head := l.ack(t)
	hash := event.Hash(sealed)
	if head.GetClass() != auth || head.GetFirstSequence() != 1 || head.GetCount() != 3 ||
		!bytes.Equal(head.GetHash(), hash[:]) || !bytes.Equal(head.GetEpoch(), a.epoch[:]) {
		t.Errorf("ack %v", head)
	}
	for i := range 20 { // more than one in flight, on two lanes
		l.send(a.seal(lines(3+i, 1)...))
		l.send(w.seal(lines(i, 1)...))
	}
	for range 40 {
		l.ack(t)
	}
	if err := l.stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if err := l.end(); !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
	if diff := cmp.Diff(lines(0, 23), stored(t, p.cfg, auth)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(lines(0, 20), stored(t, p.cfg, web)); diff != "" {
		t.Error(diff)
	}
}

func TestEventsNameTheHostFromTheRegistry(t *testing.T) {
	p := start(t, testConfig(t))
	m := enrol(t, p.cfg, "web-1")
	l := m.mustOpen(t, p.cfg.Listen)
	l.send(m.lane(auth).seal("hello"))
	l.ack(t)
	var out strings.Builder
	if err := Events(bounded(t), p.cfg, EventsOptions{Agent: "web-1", Since: time.Hour}, &out); err != nil {
		t.Fatal(err)
	}
	var object struct {
		Host  struct{ Name string }
		Agent struct{ ID string }
		Log   struct{ Original string }
		Event struct{ Original string }
	}
	if err := json.Unmarshal([]byte(out.String()), &object); err != nil {
		t.Fatal(err)
	}
	if object.Host.Name != "web-1" || object.Agent.ID != m.id {
		t.Errorf("event %s", out.String())
	}
	err := Events(bounded(t), p.cfg, EventsOptions{Agent: "nobody", Since: -1}, &out)
	if err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("an agent that is none: %v", err)
	}
}

func TestAgentsShowWhoWasSeenAndHowFarBehind(t *testing.T) {
	p := start(t, testConfig(t))
	m := enrol(t, p.cfg, "web-1")
	enrol(t, p.cfg, "db-1")
	l := m.mustOpen(t, p.cfg.Listen)
	if err := l.stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Heartbeat{Heartbeat: &ingestv1.Heartbeat{
		Lanes: []*ingestv1.LaneLag{{Class: auth, Events: 5, Oldest: 7}, {Class: web, Events: 2, Oldest: 3}},
	}}}); err != nil {
		t.Fatal(err)
	}
	var list []AgentStatus
	eventually(t, "lag", func() bool {
		var err error
		if list, err = Agents(bounded(t), p.cfg); err != nil {
			t.Fatal(err)
		}
		return len(list) == 2 && list[1].Lag == 7
	})
	db, one := list[0], list[1]
	if db.Name != "db-1" || db.Connected || db.LastSeen != nil {
		t.Errorf("an agent that never came: %+v", db)
	}
	if one.Name != "web-1" || one.ID != m.id || !one.Connected || one.Version != "1.2.3" ||
		one.LagSince.UnixNano() != 3 || time.Since(*one.LastSeen) > patience {
		t.Errorf("an agent that is here: %+v", one)
	}
	l.cancel()
	eventually(t, "disconnected", func() bool {
		list, err := Agents(bounded(t), p.cfg)
		return err == nil && !list[1].Connected && list[1].LastSeen != nil
	})
}

func TestAnAgentResumesFromTheHead(t *testing.T) {
	cfg := testConfig(t)
	p := start(t, cfg)
	m := enrol(t, cfg, "web-1")
	a := m.lane(auth)
	first, second := a.seal(lines(0, 2)...), a.seal(lines(2, 2)...)
	l := m.mustOpen(t, cfg.Listen)
	l.send(first)
	l.ack(t)
	l.send(second)
	want := l.ack(t)
	p.stop()
	p = start(t, cfg)
	l = m.mustOpen(t, cfg.Listen)
	if len(l.welcome.GetHeads()) != 1 || !bytes.Equal(l.welcome.GetHeads()[0].GetHash(), want.GetHash()) {
		t.Fatalf("heads %v, want %v", l.welcome.GetHeads(), want)
	}
	l.send(second) // as if its ack had been lost
	if got := l.ack(t); !bytes.Equal(got.GetHash(), want.GetHash()) {
		t.Errorf("acked %v again, want %v", got, want)
	}
	l.send(a.seal(lines(4, 1)...))
	l.ack(t)
	other := m.lane(auth) // the spool was lost
	l.send(other.seal("anew"))
	l.ack(t)
	if diff := cmp.Diff(append(lines(0, 5), "anew"), stored(t, p.cfg, auth)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatDoesNotFollowIsRefusedAndNothingAfterItIsTaken(t *testing.T) {
	p := start(t, testConfig(t))
	tests := map[string]func(a *lane) []byte{
		"gap":           func(a *lane) []byte { a.next += 2; return a.seal("x") },
		"older":         func(a *lane) []byte { a.next = 2; return a.seal("x") },
		"other content": func(a *lane) []byte { a.previous[0]++; return a.seal("x") },
		"new epoch not at its beginning": func(a *lane) []byte {
			a.epoch[0]++
			return a.seal("x")
		},
	}
	for name, broken := range tests {
		t.Run(name, func(t *testing.T) {
			m := enrol(t, p.cfg, "host")
			l := m.mustOpen(t, p.cfg.Listen)
			a := m.lane(auth)
			l.send(a.seal(lines(0, 3)...))
			l.ack(t)
			good := *a
			l.send(broken(a))
			l.send(good.seal("after"))
			wantReason(t, l.end(), wireerr.BatchRefused)
			again := m.mustOpen(t, p.cfg.Listen)
			if heads := again.welcome.GetHeads(); len(heads) != 1 || heads[0].GetFirstSequence() != 1 {
				t.Errorf("stored after the refusal: %v", heads)
			}
		})
	}
}

func TestBatchesThatBreakABoundAreRefused(t *testing.T) {
	p := start(t, testConfig(t))
	header := func(m *member, count int) []byte {
		return event.AppendHeader(nil, &event.Header{
			Agent: m.id, Class: auth, Epoch: [16]byte{1}, FirstSequence: 1, Count: uint32(count),
		})
	}
	tests := map[string]func(m *member) []byte{
		"claims another agent": func(m *member) []byte {
			other := &member{id: event.NewID(), codec: m.codec}
			return other.lane(auth).seal("x")
		},
		"attested field": func(m *member) []byte {
			e := event.Event{Time: 1}
			e.Add(eventv1.FieldId_FIELD_ID_HOST_NAME, []byte("db-1"))
			return m.codec.Seal(nil, event.AppendEvent(header(m, 1), &e))
		},
		"attested field by its name": func(m *member) []byte {
			e := event.Event{Time: 1, Fields: []event.Field{{Key: []byte("host.name"), Value: []byte("db-1")}}}
			return m.codec.Seal(nil, event.AppendEvent(header(m, 1), &e))
		},
		"line over the bound": func(m *member) []byte {
			e := event.Event{Time: 1, Original: bytes.Repeat([]byte("x"), event.MaxLine+1)}
			return m.codec.Seal(nil, event.AppendEvent(header(m, 1), &e))
		},
		"more events than counted": func(m *member) []byte {
			e := event.Event{Time: 1}
			return m.codec.Seal(nil, event.AppendEvent(event.AppendEvent(header(m, 1), &e), &e))
		},
		"decompression bomb": func(m *member) []byte { return m.codec.Seal(nil, make([]byte, 64<<20)) },
		"no zstd":            func(*member) []byte { return []byte("plain") },
		"nothing":            func(*member) []byte { return nil },
		"message over gRPC's bound": func(*member) []byte {
			return bytes.Repeat([]byte("x"), 2<<20)
		},
	}
	for name, broken := range tests {
		t.Run(name, func(t *testing.T) {
			m := enrol(t, p.cfg, "host")
			l := m.mustOpen(t, p.cfg.Listen)
			l.send(broken(m))
			l.send(m.lane(web).seal("after"))
			wantReason(t, l.end(), wireerr.BatchRefused)
			l = m.mustOpen(t, p.cfg.Listen) // a good batch on a new stream arrives
			l.send(m.lane(auth).seal("good"))
			l.ack(t)
			if heads := m.mustOpen(t, p.cfg.Listen).welcome.GetHeads(); len(heads) != 1 {
				t.Errorf("stored after the refusal: %v", heads)
			}
		})
	}
}

func TestStreamsThatBreakTheProtocolEnd(t *testing.T) {
	p := start(t, testConfig(t))
	m := enrol(t, p.cfg, "host")
	stream, err := ingestv1.NewIngestServiceClient(connect(t, p.cfg.Listen, m.certificate)).Stream(bounded(t))
	if err != nil {
		t.Fatal(err)
	}
	l := &link{stream: stream}
	l.send(m.lane(auth).seal("no hello"))
	wantReason(t, l.end(), wireerr.RequestInvalid)
	l = m.mustOpen(t, p.cfg.Listen)
	if err := l.stream.Send(&ingestv1.StreamRequest{}); err != nil {
		t.Fatal(err)
	}
	wantReason(t, l.end(), wireerr.RequestInvalid)
}

func TestANewStreamEndsTheOld(t *testing.T) {
	p := start(t, testConfig(t))
	m := enrol(t, p.cfg, "host")
	old := m.mustOpen(t, p.cfg.Listen)
	a := m.lane(auth)
	old.send(a.seal("one"))
	old.ack(t)
	clone := m.mustOpen(t, p.cfg.Listen) // the same certificate
	wantReason(t, old.end(), wireerr.Superseded)
	clone.send(a.seal("two"))
	clone.ack(t)
	if diff := cmp.Diff([]string{"one", "two"}, stored(t, p.cfg, auth)); diff != "" {
		t.Error(diff)
	}
}

func TestStoppingStoresWhatWasTakenAndSaysSo(t *testing.T) {
	cfg := testConfig(t)
	p := start(t, cfg)
	m := enrol(t, cfg, "host")
	l := m.mustOpen(t, cfg.Listen)
	a := m.lane(auth)
	for i := range 30 {
		l.send(a.seal(lines(i, 1)...))
	}
	acked := l.ack(t).GetFirstSequence()
	ended := make(chan error, 1)
	go func() {
		for {
			answer, err := l.stream.Recv()
			if err != nil {
				ended <- err
				return
			}
			acked = answer.GetAck().GetHead().GetFirstSequence()
		}
	}()
	p.stop()
	err := <-ended
	wantReason(t, err, wireerr.Unavailable)
	if status.Code(err) != codes.Unavailable {
		t.Errorf("code %v", status.Code(err))
	}
	start(t, cfg)
	heads := m.mustOpen(t, cfg.Listen).welcome.GetHeads()
	if len(heads) != 1 || heads[0].GetFirstSequence() != acked {
		t.Errorf("stored to %v, acked to %d", heads, acked)
	}
}
