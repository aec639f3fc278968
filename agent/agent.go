// Package agent is what tocsin-agent does: it reads the logs and watches the
// files of one host, makes events of them, keeps them in a spool until a
// collector has stored them, and explains on request what it makes of a line.
//
// It is the only package of the module that sees more than one stage. Records
// flow from the sources through one parse stream each into the spool; sealed
// batches flow from the spool to a collector; acks flow back.
package agent

import (
	"log/slog"

	"github.com/tocsin-security/tocsin/agent/internal/config"
	"github.com/tocsin-security/tocsin/agent/internal/parse"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// Config is the agent's configuration.
type Config = config.Config

// DefaultStateDir is the state folder of a configuration that names none.
const DefaultStateDir = config.DefaultStateDir

// The state folder's format.
const (
	stateKind    = "tocsin-agent"
	stateVersion = 1
)

// Names in the state folder.
const (
	identityFolder = "identity"
	spoolFolder    = "spool"
	fimFolder      = "fim"
	dryRunFolder   = "dry-run"
	socketFile     = "agent.sock"
)

// LoadConfig reads and validates a configuration file and the patterns that it
// names, and refuses one that would make the agent read what it writes itself.
func LoadConfig(path string) (*Config, error) {
	cfg, err := config.Load(path, config.Surroundings{Parsers: parse.Names(), Reserved: []string{sourceJournald}, Own: ownFiles().paths()})
	if err != nil {
		return nil, err
	}
	if err := checkExamples(cfg.PatternSet); err != nil {
		return nil, err
	}
	return cfg, nil
}

// ExplainSources lists the names that Explain's source takes: the parsers', and
// journald for what "journalctl --output=json" prints.
func ExplainSources() []string { return append(parse.Names(), sourceJournald) }

func openState(path string) (*statedir.Dir, error) {
	return statedir.Open(path, stateKind, stateVersion)
}

// orDiscard is the logger of those who gave none.
func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
