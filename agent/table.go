package agent

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"
)

// WriteTable writes the status for people.
func (s *Status) WriteTable(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) } // Flush returns the error
	row("version\t%s", s.Version)
	row("running since\t%s (pid %d)", clock(s.Started), s.PID)
	if s.Agent != nil {
		row("agent\t%s (%s)", s.Agent.Name, s.Agent.ID)
		row("certificate\texpires %s", clock(s.Agent.Expires))
	}
	if c := s.Connection; c != nil {
		row("collector\t%s", c)
	}
	if s.Spool != nil {
		row("spool\t%d of %d bytes%s", s.Spool.Bytes, s.Spool.MaxSize, when(s.Spool.Blocked, ", full: sources wait"))
	}
	row("")
	row("SOURCE\tPATH\tOFFSET\tLAG\tREAD\tREFUSED\tNOTE\tERROR")
	for _, source := range s.Sources {
		row("%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s", source.Source, source.Path, source.Offset, source.Lag, source.Read,
			source.Refused, dash(source.Note), dash(source.Error))
	}
	if s.Spool != nil {
		row("")
		row("LANE\tPENDING\tACKED\tREFUSED\tOLDEST")
		for _, lane := range s.Spool.Lanes {
			row("%s\t%d\t%d\t%d\t%s", lane.Class, lane.Pending, lane.Acked, lane.Refused, clock(lane.Oldest))
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}

// String says it in a line.
func (c *connectionStatus) String() string {
	switch {
	case c.Connected:
		return fmt.Sprintf("connected to %s since %s", c.Collector, clock(c.Since))
	case c.Error != "":
		return "not connected: " + strconv.QuoteToGraphic(c.Error)
	default:
		return "not connected"
	}
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}
