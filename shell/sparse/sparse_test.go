package sparse

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAFloodIsCountedNotWritten(t *testing.T) {
	var out bytes.Buffer
	handler := Logger(slog.New(slog.NewTextHandler(&out, nil))).With("part", "gate").Handler()
	now := time.Unix(1000, 0)
	refuse := func() {
		if err := handler.Handle(t.Context(), slog.NewRecord(now, slog.LevelWarn, "refused", 0)); err != nil {
			t.Fatal(err)
		}
	}
	for range 10_000 {
		refuse()
	}
	if n := strings.Count(out.String(), "refused"); n != burst {
		t.Errorf("%d lines of a flood", n)
	}
	out.Reset()
	now = now.Add(interval)
	refuse()
	refuse()
	if text := out.String(); strings.Count(text, "refused") != 1 || !strings.Contains(text, "part=gate omitted=9970") {
		t.Errorf("after the flood: %s", text)
	}
}
