package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRotationSoak writes 10,000 lines a second to a log that is rotated again
// and again: every line is in the streams once.
func TestRotationSoak(t *testing.T) {
	rotations := 20
	if soak() {
		rotations = 1000
	}
	for name, rotate := range map[string]func(l *tailLog, n int){
		"rename": func(l *tailLog, n int) {
			l.rename("app.log", rotatedName(n))
			l.do(os.WriteFile(l.path("app.log"), nil, 0o644))
			if n > 0 {
				l.do(l.gzip(rotatedName(n - 1)))
			}
		},
		"copytruncate": func(l *tailLog, n int) {
			l.copy("app.log", rotatedName(n))
			l.truncate("app.log")
			if n > 0 {
				l.do(l.gzip(rotatedName(n - 1)))
			}
		},
	} {
		t.Run(name, func(t *testing.T) { rotationSoak(t, name, rotations, rotate) })
	}
}

func rotatedName(n int) string { return fmt.Sprintf("app.log-%08d", n) }

func rotationSoak(t *testing.T, name string, rotations int, rotate func(l *tailLog, n int)) {
	const (
		step     = 2 * time.Millisecond
		perStep  = 20 // 10,000 lines a second
		stepsPer = 25 // a rotation every 50 ms
		kept     = 40
	)
	r := tailAgent(t, "app.log", "var/log/soak/app.log")
	l := &tailLog{t: t, prefix: name, size: 100, folder: filepath.Join(r.fleet.Root("host-1"), "var/log/soak")}
	begun := time.Now()
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	for n := range rotations {
		for range stepsPer {
			<-ticker.C
			l.write("app.log", perStep)
		}
		rotate(l, n)
		if n%(kept/2) == kept/2-1 { // nothing goes that was not read: this is no test of speed
			eventually(t, "the agent has read what was written", func() (bool, error) {
				read, err := r.agent.Metric(t.Context(), `tocsin_agent_stage_received_total`)
				return err == nil && read >= float64(len(l.written)), nil
			})
			for old := n - kept; old >= 0 && old > n-2*kept; old-- {
				if err := os.Remove(l.path(rotatedName(old) + ".gz")); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
		}
	}
	t.Logf("%d rotations, %d lines in %s", rotations, len(l.written), time.Since(begun).Round(time.Millisecond))
	r.arrives(l)
	said := r.declared()["soak"]
	if n := said["file_truncated"]; name == "rename" && n > 0 || name == "copytruncate" && n == 0 {
		t.Errorf("declared %v", said)
	}
	if said["file_missing"]+said["file_unreadable"] > 0 {
		t.Errorf("declared %v", said)
	}
}
