package alerter

import (
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// Config is a valid configuration.
type Config = config.Config

// LoadConfig reads and checks a configuration file. Its errors name file, line
// and key, and are errors of configuration, those of a file that is not there
// included.
func LoadConfig(path string) (*Config, error) {
	cfg, err := config.Load(path)
	if err != nil {
		return nil, command.Config(err)
	}
	return cfg, nil
}

// Check compiles the rules that a configuration names and counts them.
func Check(cfg *Config) (int, error) {
	set, err := loadRules(cfg)
	if err != nil {
		return 0, err
	}
	return len(set.Rules()), nil
}

// previewConfig is what notifications are previewed with where none is
// configured: one mail a rule.
func previewConfig() *Config {
	wait, interval, repeat := settings.Duration(30*time.Second), settings.Duration(5*time.Minute), settings.Duration(4*time.Hour)
	return &Config{
		Locale: "en", Timezone: "UTC",
		Route: config.Route{
			Receiver: "preview", GroupBy: []string{"rule.id"},
			GroupWait: &wait, GroupInterval: &interval, RepeatInterval: &repeat,
		},
		Receivers: []config.Receiver{{Name: "preview", Email: &config.Email{
			From: "tocsin@localhost", To: []string{"root@localhost"}, DigestOver: 10,
		}}},
	}
}
