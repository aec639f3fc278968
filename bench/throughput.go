package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
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
// measures until the alerter has acked the last of them.
func throughput(ctx context.Context, r *rig, out io.Writer) error {
	begin := time.Now()
	bytes, err := r.writeMix(begin)
	if err != nil {
		return err
	}
	written := time.Since(begin)
	stored, handled, err := r.await(ctx, begin)
	if err != nil {
		return err
	}
	lines := float64(r.o.lines)
	_, _ = fmt.Fprintf(out, "\nthroughput: %d lines of sshd and nginx (%.0f MB, written in %.1f s)\n", r.o.lines, float64(bytes)/1e6, written.Seconds())
	_, _ = fmt.Fprintf(out, "  log file to JetStream, fsynced and acked  %9.0f lines/s  (%.1f s)\n", lines/stored.Seconds(), stored.Seconds())
	_, _ = fmt.Fprintf(out, "  log file to every rule and acked          %9.0f lines/s  (%.1f s)\n", lines/handled.Seconds(), handled.Seconds())
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

func (r *rig) writeMix(now time.Time) (int64, error) {
	host := traffic.New(agentName, 1)
	var total int64
	for i, name := range []string{authLog, accessLog} {
		f, err := os.OpenFile(r.log(name), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return 0, fmt.Errorf("open log: %w", err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for n := range r.o.lines / 2 {
			line := host.Auth
			if i == 1 {
				line = host.Web
			}
			written, err := w.WriteString(line(now.Add(time.Duration(n)*time.Microsecond)) + "\n")
			if err != nil {
				return 0, fmt.Errorf("write log: %w", err)
			}
			total += int64(written)
		}
		if err := w.Flush(); err != nil {
			return 0, fmt.Errorf("write log: %w", err)
		}
		if err := f.Close(); err != nil {
			return 0, fmt.Errorf("close log: %w", err)
		}
	}
	return total, nil
}

// await returns how long after begin all events were stored, and how long until
// all were handled.
func (r *rig) await(ctx context.Context, begin time.Time) (stored, handled time.Duration, err error) {
	conn, err := r.fleet.NATS("alerter")
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return 0, 0, fmt.Errorf("open JetStream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	err = fleet.Poll(ctx, func() (bool, error) {
		events, err := storedEvents(ctx, js)
		return events >= uint64(r.o.lines), err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("wait for the events: %w", err)
	}
	stored = time.Since(begin)
	err = fleet.Poll(ctx, func() (bool, error) { return nothingPending(ctx, js) })
	if err != nil {
		return 0, 0, fmt.Errorf("wait for the alerter: %w", err)
	}
	return stored, time.Since(begin), nil
}

// logged are the classes that the mix becomes.
func logged() []eventv1.Class {
	return []eventv1.Class{
		eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB, eventv1.Class_CLASS_SYSTEM, eventv1.Class_CLASS_APP,
	}
}

// storedEvents counts events by each lane's last message: its first sequence and
// its count.
func storedEvents(ctx context.Context, js jetstream.JetStream) (uint64, error) {
	var total uint64
	for _, class := range logged() {
		stream, err := js.Stream(ctx, subject.EventsStream(class))
		if err != nil {
			return 0, fmt.Errorf("open stream of %s: %w", event.ClassName(class), err)
		}
		last := stream.CachedInfo().State.LastSeq
		if last == 0 {
			continue
		}
		message, err := stream.GetMsg(ctx, last)
		if err != nil {
			return 0, fmt.Errorf("read last batch of %s: %w", event.ClassName(class), err)
		}
		for _, header := range []string{subject.HeaderSequence, subject.HeaderCount} {
			n, err := strconv.ParseUint(message.Header.Get(header), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read header %s: %w", header, err)
			}
			total += n
		}
		total-- // sequences begin at 1
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
