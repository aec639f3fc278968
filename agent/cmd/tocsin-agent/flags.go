package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/agent"
	"github.com/tocsin-security/tocsin/shell/command"
)

// defaultConfig is where the packages put the configuration.
const defaultConfig = "/etc/tocsin/agent.yaml"

func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", defaultConfig, "configuration file")
}

func loadConfig(path string) (*agent.Config, error) {
	config, err := agent.LoadConfig(path)
	if err != nil {
		return nil, command.Config(err)
	}
	return config, nil
}

// placeFlags say where the agent's state is: itself, or by its configuration.
type placeFlags struct {
	config string
	state  string
}

func (p *placeFlags) add(c *cobra.Command) {
	configFlag(c, &p.config)
	c.Flags().StringVar(&p.state, "state-dir", "", "state folder (default: what the configuration says)")
	c.MarkFlagsMutuallyExclusive("config", "state-dir")
}

// stateDir is the folder. Without a configuration file in the default place it
// is the default folder; one that was asked for must be there.
func (p *placeFlags) stateDir(c *cobra.Command) (string, error) {
	if p.state != "" {
		return p.state, nil
	}
	if !c.Flags().Changed("config") {
		if _, err := os.Stat(p.config); errors.Is(err, fs.ErrNotExist) {
			return agent.DefaultStateDir, nil
		}
	}
	config, err := loadConfig(p.config)
	if err != nil {
		return "", err
	}
	return config.StateDir, nil
}
