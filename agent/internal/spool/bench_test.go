package spool

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// BenchmarkAppend writes sshd lines through a spool on a real disk, every one of
// them fsynced before it counts, while a reader acks what it reads. MB/s are those of the
// lines' text.
func BenchmarkAppend(b *testing.B) {
	s, err := Open(b.TempDir(), Options{Agent: testAgent, MaxSize: 256 << 20})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- s.Run(ctx) }()
	go func() { done <- readAll(ctx, s) }()
	line := "Jan 12 03:04:05 web1 sshd[%d]: Failed password for invalid user admin from 203.0.113.%d port %d ssh2"
	bytes := 0
	start := time.Now()
	for i := range b.N {
		e := &record.Event{Class: eventv1.Class_CLASS_AUTH}
		e.Time, e.Observed = int64(i), int64(i)
		e.Original = fmt.Appendf(nil, line, i%32768, i%256, i%60000)
		e.Add(eventv1.FieldId_FIELD_ID_EVENT_ACTION, []byte("ssh_login"))
		e.Add(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, []byte("failure"))
		e.Add(eventv1.FieldId_FIELD_ID_USER_NAME, []byte("admin"))
		e.Add(eventv1.FieldId_FIELD_ID_SOURCE_IP, fmt.Appendf(nil, "203.0.113.%d", i%256))
		e.Positions = []record.Position{{Key: "file/1", State: fmt.Append(nil, i)}}
		bytes += len(e.Original)
		if err := s.Append(ctx, e); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start).Seconds()
	b.ReportMetric(float64(b.N)/took, "events/s")
	b.ReportMetric(took*1e9/float64(b.N), "ns/event")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(bytes)/took/1e6, "MB/s")
}

func readAll(ctx context.Context, s *Spool) error {
	for {
		_, h, err := s.Read(eventv1.Class_CLASS_AUTH, 0)
		if err != nil {
			return err
		}
		if h != nil {
			if err := s.Ack(h); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.Ready():
		}
	}
}
