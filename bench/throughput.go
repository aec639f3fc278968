package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/e2e/traffic"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// throughput appends a mix of sshd and nginx lines to two logs, half each, and
// measures until the alerter has acked the last of them. The lines are made
// beforehand: writing them costs no more than a copy.
func throughput(ctx context.Context, r *rig, out io.Writer) error {
	made := []string{filepath.Join(r.o.dir, "auth.lines"), filepath.Join(r.o.dir, "access.lines")}
	host, now := traffic.New(agentName, 1), time.Now()
	if err := makeLines(made, r.o.lines/len(made), now, host.Auth, host.Web); err != nil {
		return err
	}
	begin := time.Now()
	var bytes int64
	for i, name := range []string{authLog, accessLog} {
		n, err := appendTo(r.log(name), made[i])
		if err != nil {
			return err
		}
		bytes += n
	}
	t, err := r.await(ctx, begin, true)
	if err != nil {
		return err
	}
	lines := float64(r.o.lines)
	_, _ = fmt.Fprintf(out, "\nthroughput: %d lines of sshd and nginx, %.0f MB, to one agent at once\n", r.o.lines, float64(bytes)/1e6)
	_, _ = fmt.Fprintf(out, "  log file to JetStream, fsynced and acked  %9.0f lines/s  (%.1f s)\n", lines/t.stored.Seconds(), t.stored.Seconds())
	_, _ = fmt.Fprintf(out, "  log file to every rule and acked          %9.0f lines/s  (%.1f s)\n", lines/t.handled.Seconds(), t.handled.Seconds())
	_, _ = fmt.Fprintf(out, "  %d batches of %.0f events on average, %.0f bytes a line in JetStream\n",
		t.total.batches, float64(t.total.events)/float64(t.total.batches), float64(t.total.bytes)/lines)
	stop, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, name := range []string{"agent", "alerter", "collector"} {
		p := r.processes[name]
		if err := p.Stop(stop); err != nil {
			return err
		}
		cpu, peak := p.Usage()
		_, _ = fmt.Fprintf(out, "  %-9s  %6.2f CPU seconds a million lines, peak RSS %4d MiB\n", name, cpu.Seconds()*1e6/lines, peak>>20)
	}
	return nil
}

// makeLines writes n lines of a kind to each file, from a moment on.
func makeLines(files []string, n int, now time.Time, kinds ...func(time.Time) string) error {
	for i, line := range kinds {
		f, err := os.Create(files[i])
		if err != nil {
			return fmt.Errorf("create lines: %w", err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for j := range n {
			if _, err := w.WriteString(line(now.Add(time.Duration(j)*time.Microsecond)) + "\n"); err != nil {
				return fmt.Errorf("write lines: %w", errors.Join(err, f.Close()))
			}
		}
		if err := errors.Join(w.Flush(), f.Close()); err != nil {
			return fmt.Errorf("write lines: %w", err)
		}
	}
	return nil
}

// appendTo copies a file to the end of another, and tells how long it was.
func appendTo(log, from string) (int64, error) {
	source, err := os.Open(from)
	if err != nil {
		return 0, fmt.Errorf("open lines: %w", err)
	}
	defer func() { _ = source.Close() }()
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return 0, fmt.Errorf("open log: %w", err)
	}
	n, err := io.Copy(f, source)
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, fmt.Errorf("write log: %w", err)
	}
	return n, nil
}

// times are how long after the beginning all events were stored, and how long
// until all were handled.
type times struct {
	stored, handled time.Duration
	total           content
}

// content is what the events streams hold.
type content struct{ events, batches, bytes uint64 }

// await waits until all events are stored, and with an alerter until it has
// handled them.
func (r *rig) await(ctx context.Context, begin time.Time, alerter bool) (t times, err error) {
	conn, err := r.fleet.NATS("alerter")
	if err != nil {
		return t, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return t, fmt.Errorf("open JetStream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	err = fleet.Poll(ctx, func() (bool, error) {
		var err error
		t.total, err = stored(ctx, js)
		return t.total.events >= uint64(r.o.lines), err
	})
	if err != nil {
		return t, fmt.Errorf("wait for the events: %w", err)
	}
	t.stored = time.Since(begin)
	if !alerter {
		return t, nil
	}
	err = fleet.Poll(ctx, func() (bool, error) { return nothingPending(ctx, js) })
	if err != nil {
		return t, fmt.Errorf("wait for the alerter: %w", err)
	}
	t.handled = time.Since(begin)
	return t, nil
}

// logged are the classes that the mix becomes.
func logged() []eventv1.Class {
	return []eventv1.Class{
		eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB, eventv1.Class_CLASS_SYSTEM, eventv1.Class_CLASS_APP,
	}
}

// stored looks into the streams. Events are counted by each lane's last message:
// its first sequence and its count.
func stored(ctx context.Context, js jetstream.JetStream) (total content, err error) {
	for _, class := range logged() {
		stream, err := js.Stream(ctx, subject.EventsStream(class))
		if err != nil {
			return total, fmt.Errorf("open stream of %s: %w", event.ClassName(class), err)
		}
		state := stream.CachedInfo().State
		if state.LastSeq == 0 {
			continue
		}
		message, err := stream.GetMsg(ctx, state.LastSeq)
		if err != nil {
			return total, fmt.Errorf("read last batch of %s: %w", event.ClassName(class), err)
		}
		for _, header := range []string{subject.HeaderSequence, subject.HeaderCount} {
			n, err := strconv.ParseUint(message.Header.Get(header), 10, 64)
			if err != nil {
				return total, fmt.Errorf("read header %s: %w", header, err)
			}
			total.events += n
		}
		total.events-- // sequences begin at 1
		total.batches += state.Msgs
		total.bytes += state.Bytes
	}
	return total, nil
}

func nothingPending(ctx context.Context, js jetstream.JetStream) (bool, error) {
	for _, class := range logged() {
		consumers := 0
		stream, err := js.Stream(ctx, subject.EventsStream(class))
		if err != nil {
			return false, fmt.Errorf("open stream: %w", err)
		}
		list := stream.ListConsumers(ctx)
		for info := range list.Info() {
			consumers++
			if info.NumPending > 0 || info.NumAckPending > 0 {
				return false, nil
			}
		}
		if list.Err() != nil || consumers == 0 {
			return false, list.Err()
		}
	}
	return true, nil
}
