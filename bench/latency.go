package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/e2e/traffic"
)

// latency writes one ssh brute force after another, each from an address of its
// own, and measures from the line that completed it to the mail accepted.
func latency(ctx context.Context, r *rig, out io.Writer) error {
	f, err := os.OpenFile(r.log(authLog), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = f.Close() }()
	host := traffic.New(agentName, 2)
	written := make(map[string]time.Time, r.o.alerts)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for i := range r.o.alerts {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("write attacks: %w", ctx.Err())
		}
		// All of one length, so that none is a part of another; and an account
		// each, or the rule about one account and many addresses joins in.
		address, user, now := fmt.Sprintf("203.0.%d.%d", 100+i/100, 100+i%100), fmt.Sprintf("user%d", i), time.Now()
		for range 6 {
			if _, err := f.WriteString(host.SSHFailed(now, user, address) + "\n"); err != nil {
				return fmt.Errorf("write log: %w", err)
			}
		}
		written[address] = now
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	seen := make(map[string]time.Duration, r.o.alerts)
	for n := 0; len(seen) < r.o.alerts; {
		mails, err := r.smtp.Wait(wait, n+1)
		if err != nil {
			return fmt.Errorf("%d of %d addresses were mailed: %w", len(seen), r.o.alerts, err)
		}
		for _, m := range mails[n:] {
			for address, at := range written {
				if _, known := seen[address]; !known && bytes.Contains(m.Data, []byte(address)) {
					seen[address] = m.Accepted.Sub(at)
				}
			}
		}
		n = len(mails)
	}
	all := make([]time.Duration, 0, len(seen))
	for _, d := range seen {
		all = append(all, d)
	}
	slices.Sort(all)
	at := func(q float64) time.Duration { return all[int(q*float64(len(all)-1))].Round(time.Millisecond) }
	_, _ = fmt.Fprintf(out, "\nlatency: %d ssh brute forces, 20 a second, group_wait 0s, from the last line written to the mail accepted\n", len(all))
	_, _ = fmt.Fprintf(out, "  p50 %v   p90 %v   p99 %v   max %v\n", at(0.5), at(0.9), at(0.99), all[len(all)-1].Round(time.Millisecond))
	return nil
}
