package journald

import (
	"bytes"
	"context"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// loop is a text again and again.
type loop struct {
	text []byte
	at   int
}

func (l *loop) Read(b []byte) (int, error) {
	n := copy(b, l.text[l.at:])
	l.at = (l.at + n) % len(l.text)
	return n, nil
}

const benchLine = `{"_PID":"32343","__CURSOR":"s=3a2942af4c6c4fb9a81fda27176416de;i=3e8;b=e32d2bbe056c422fb382a3bc7ee935b5;m=1c83ca06;t=6611e91ecafe1;x=4767359e9302a79f",` +
	`"__REALTIME_TIMESTAMP":"1795633785384929","__MONOTONIC_TIMESTAMP":"478398982","_BOOT_ID":"e32d2bbe056c422fb382a3bc7ee935b5","_UID":"0","_COMM":"sshd",` +
	`"_EXE":"/usr/sbin/sshd","_SYSTEMD_UNIT":"ssh.service","_HOSTNAME":"web01","_TRANSPORT":"syslog","PRIORITY":"6","SYSLOG_FACILITY":"4","SYSLOG_IDENTIFIER":"sshd",` +
	`"SYSLOG_PID":"32343","_SOURCE_REALTIME_TIMESTAMP":"1795633785375904","MESSAGE":"Failed password for invalid user admin from 203.0.113.5 port 44465 ssh2"}` + "\n"

// BenchmarkDecode reads one entry as journalctl prints it, of 700 bytes.
func BenchmarkDecode(b *testing.B) {
	d := newDecoder(&loop{text: bytes.Repeat([]byte(benchLine), 100)}, 256<<10)
	var e entry
	var raw record.Raw
	var v record.Envelope
	o := origins{}
	b.SetBytes(int64(len(benchLine)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.next(&e); err != nil {
			b.Fatal(err)
		}
		e.record(&raw, &v, o)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/entry")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLedger takes one entry and makes the position of its event.
func BenchmarkLedger(b *testing.B) {
	l := newLedger("journald/x", [8]byte{})
	next := func(context.Context, *record.Event) error { return nil }
	e := &record.Event{Serials: make([]uint64, 1)}
	var c cursor
	b.ReportAllocs()
	for b.Loop() {
		c.number++
		c.content++
		e.Serials[0], _, _ = l.take(&c)
		if err := l.Append(context.Background(), e, next); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/entry")
	b.ReportMetric(0, "ns/op")
}
