package collector

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/tocsin-security/tocsin/collector/internal/fleet"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// AgentStatus is what all collectors together know of one agent.
type AgentStatus struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Version  string `json:"version,omitempty"`
	Platform string `json:"platform,omitempty"`
	// Connected says that some collector has a stream with it.
	Connected bool `json:"connected"`
	// LastSeen is its last sign of life; nil when there never was one.
	LastSeen *time.Time `json:"last_seen,omitempty"`
	// Lag is the number of events it has recorded that are not stored yet, as it
	// last said; LagSince is when the oldest of them was read.
	Lag                uint64     `json:"lag"`
	LagSince           *time.Time `json:"lag_since,omitempty"`
	Skew               string     `json:"skew,omitempty"`
	Enrolled           *time.Time `json:"enrolled,omitempty"`
	CertificateExpires *time.Time `json:"certificate_expires,omitempty"`
}

// Agents reads the registry and asks every collector whom it sees.
func Agents(ctx context.Context, cfg *Config) ([]AgentStatus, error) {
	c, err := dial(cfg)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	bucket, err := c.bucket(ctx, subject.AgentsBucket)
	if err != nil {
		return nil, err
	}
	agents, err := fleet.Agents(ctx, bucket)
	if err != nil {
		return nil, err
	}
	sightings, err := fleet.Sightings(ctx, c.conn)
	if err != nil {
		return nil, err
	}
	statuses := make([]AgentStatus, len(agents))
	for i, agent := range agents {
		statuses[i] = statusOf(agent, sightings[agent.GetId()])
	}
	return statuses, nil
}

func statusOf(agent *fleetv1.Agent, sighting *fleetv1.Sighting) AgentStatus {
	s := AgentStatus{
		ID: agent.GetId(), Name: agent.GetName(), Version: agent.GetVersion(), Platform: agent.GetPlatform(),
		LastSeen: timeOf(max(agent.GetConnected(), agent.GetDisconnected())),
		Enrolled: timeOf(agent.GetEnrolled()), CertificateExpires: timeOf(agent.GetCertificateExpires()),
	}
	if sighting == nil {
		return s
	}
	s.Connected, s.LastSeen = true, timeOf(sighting.GetSeen())
	s.Skew = time.Duration(sighting.GetSkew()).String()
	var oldest uint64
	for _, lane := range sighting.GetLanes() {
		s.Lag += lane.GetLag()
		if o := lane.GetOldest(); o != 0 && (oldest == 0 || o < oldest) {
			oldest = o
		}
	}
	s.LagSince = timeOf(oldest)
	return s
}

func timeOf(ns uint64) *time.Time {
	if ns == 0 {
		return nil
	}
	t := time.Unix(0, int64(ns)).UTC() //nolint:gosec // until the year 2262
	return &t
}

// WriteAgents writes agents for people, or one JSON object a line.
func WriteAgents(w io.Writer, agents []AgentStatus, asJSON bool, now time.Time) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		for i := range agents {
			if err := encoder.Encode(&agents[i]); err != nil {
				return fmt.Errorf("write agents: %w", err)
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	rows := []string{"NAME\tID\tCONNECTED\tLAST SEEN\tVERSION\tLAG"}
	for i := range agents {
		a := &agents[i]
		rows = append(rows, strings.Join([]string{
			cell(a.Name), a.ID, yesNo(a.Connected), ago(now, a.LastSeen), cell(a.Version), lag(now, a),
		}, "\t"))
	}
	if _, err := fmt.Fprintln(table, strings.Join(rows, "\n")); err != nil {
		return fmt.Errorf("write agents: %w", err)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write agents: %w", err)
	}
	return nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func ago(now time.Time, t *time.Time) string {
	if t == nil {
		return "never"
	}
	return max(0, now.Sub(*t)).Round(time.Second).String() + " ago"
}

func lag(now time.Time, a *AgentStatus) string {
	if !a.Connected {
		return "-"
	}
	text := strconv.FormatUint(a.Lag, 10) + " events"
	if a.LagSince != nil {
		text += ", " + max(0, now.Sub(*a.LagSince)).Round(time.Second).String()
	}
	return text
}

// cell keeps what an agent says of itself from writing to the terminal.
func cell(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
