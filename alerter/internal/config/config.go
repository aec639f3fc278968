// Package config is the whole configuration of an alerter: what can be said in
// its file, the defaults, and what is refused.
//
// In flows a YAML file, out flows a Config in which every default is filled in,
// every inherited route setting is resolved and every secret is read. It is a
// leaf: nothing here knows how a setting is used. Load is called again for a
// reload; it changes nothing but what it returns.
package config

import (
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-security/tocsin/shell/settings"
)

// Config is a valid configuration with all defaults filled in.
type Config struct {
	NATS NATS `yaml:"nats"`
	// Locale is the language of notifications and reports: "en" or "ko".
	Locale string `yaml:"locale"`
	// Timezone names the zone of the times in notifications and the days of
	// reports: "UTC" unless configured.
	Timezone string `yaml:"timezone"`
	// Lateness is how long after its window an event may still arrive and count.
	Lateness settings.Duration `yaml:"lateness"`
	Rules    Rules             `yaml:"rules"`
	// Route is the root of the tree: it takes every alert.
	Route     Route      `yaml:"route"`
	Receivers []Receiver `yaml:"receivers"`
	// BaseURL is where links in notifications lead; empty for none.
	BaseURL string `yaml:"base_url"`
	HTTP    HTTP   `yaml:"http"`
	Log     Log    `yaml:"log"`

	location *time.Location
	document *settings.Document // nil for one that no file holds
}

// Fault is an error of the value at a key; where a file holds it, it is named
// with the line.
func (c *Config) Fault(key, format string, args ...any) error {
	if c.document == nil {
		return fmt.Errorf(key+": "+format, args...)
	}
	return c.document.Errorf(key, format, args...)
}

// Location is the loaded Timezone.
func (c *Config) Location() *time.Location {
	if c.location == nil {
		return time.UTC
	}
	return c.location
}

// Receiver is the receiver of that name.
func (c *Config) Receiver(name string) (*Receiver, bool) {
	i := slices.IndexFunc(c.Receivers, func(r Receiver) bool { return r.Name == name })
	if i < 0 {
		return nil, false
	}
	return &c.Receivers[i], true
}

// NATS says how to reach JetStream.
type NATS struct {
	URL string `yaml:"url"`
	// NKeyFile holds a user's nkey seed, CredentialsFile a JWT with its seed: at
	// most one of them.
	NKeyFile        string `yaml:"nkey_file"`
	CredentialsFile string `yaml:"credentials_file"`
	// CAFile holds the certificates that the server's must descend from, instead
	// of the system's.
	CAFile string `yaml:"ca_file"`
}

// Rules says which rules run, and what they are to overlook.
type Rules struct {
	// Shipped says whether the rules that come with Tocsin run.
	Shipped bool `yaml:"shipped"`
	// Paths are files and folders with more rules.
	Paths []string `yaml:"paths"`
	// Disable names rules that do not alert, by id; what refers to one goes on
	// counting it.
	Disable []string `yaml:"disable"`
	// Shadow names rules that are on trial, by id: their alerts are recorded and
	// reported, and nobody is told.
	Shadow []string `yaml:"shadow"`
	// Pipelines are files of processing pipelines, which change rules as they are read.
	Pipelines []string `yaml:"pipelines"`
	// Lists are files of values, by the names that placeholders have in rules and
	// exceptions.
	Lists      map[string]List `yaml:"lists"`
	Exceptions []Exception     `yaml:"exceptions"`
}

// List is a file of values, one a line.
type List struct {
	Path string `yaml:"path"`
}

// Exception makes a rule overlook events.
type Exception struct {
	// Rule is the rule's id.
	Rule string `yaml:"rule"`
	// Match maps dotted field names to the values that are overlooked: all fields
	// must match, each by one of its values. A value may be a network in CIDR form.
	Match map[string]Values `yaml:"match"`
}

// Values is one value or a list of them.
type Values []string

// UnmarshalYAML reads a scalar or a list of scalars.
func (v *Values) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*v = Values{node.Value}
		return nil
	}
	return node.Decode((*[]string)(v))
}

// Route sends the alerts that its matchers accept to a receiver, grouped. What a
// child does not set it has from its parent.
type Route struct {
	// Receiver is the name of the receiver.
	Receiver string `yaml:"receiver"`
	// MatcherTexts are as written, Matchers what Load made of them: all are to
	// accept an alert. The root has none.
	MatcherTexts []string  `yaml:"matchers"`
	Matchers     []Matcher `yaml:"-"`
	// GroupBy names the labels whose equal values make one group; "..." alone
	// stands for all labels, an empty list for one group.
	GroupBy []string `yaml:"group_by"`
	// GroupWait is how long a new group waits for more alerts, GroupInterval how
	// long a told one does, RepeatInterval when unchanged firing alerts are told
	// again. Load sets all three.
	GroupWait      *settings.Duration `yaml:"group_wait"`
	GroupInterval  *settings.Duration `yaml:"group_interval"`
	RepeatInterval *settings.Duration `yaml:"repeat_interval"`
	// Continue asks the siblings after this route as well.
	Continue bool `yaml:"continue"`
	// Routes are asked first: the first that accepts takes the alert.
	Routes []Route `yaml:"routes"`
}

// HTTP says where health, readiness and metrics are served.
type HTTP struct {
	Listen string `yaml:"listen"`
}

// Log says how much is logged, and in which form.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}
