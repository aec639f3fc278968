package config

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/shell/settings"
)

// The defaults of what a file leaves out.
const (
	defaultGroupWait      = 30 * time.Second
	defaultGroupInterval  = 5 * time.Minute
	defaultRepeatInterval = 4 * time.Hour
	defaultLateness       = time.Hour
	defaultDigestOver     = 10
	defaultTimeout        = time.Minute
)

// Load reads and checks the file. Every error names file, line and key, and is a
// *settings.Error.
func Load(path string) (*Config, error) {
	cfg := defaults()
	doc, err := settings.Load(path, cfg)
	if err != nil {
		return nil, err
	}
	cfg.document = doc
	if err := cfg.resolve(doc); err != nil {
		return nil, err
	}
	return cfg, nil
}

func defaults() *Config {
	return &Config{
		NATS:     NATS{URL: "nats://127.0.0.1:4222"},
		Locale:   "en",
		Timezone: "UTC",
		Lateness: settings.Duration(defaultLateness),
		Rules:    Rules{Shipped: true},
		HTTP:     HTTP{Listen: "127.0.0.1:9466"},
		Log:      Log{Level: "info", Format: "text"},
	}
}

// resolve fills in what depends on other settings and checks everything.
func (c *Config) resolve(doc *settings.Document) error {
	if c.Locale != "en" && c.Locale != "ko" {
		return doc.Errorf("locale", "unknown locale %q: en and ko are known", c.Locale)
	}
	location, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "Local" {
		return doc.Errorf("timezone", "unknown time zone %q", c.Timezone)
	}
	c.location = location
	if c.Lateness < 0 {
		return doc.Errorf("lateness", "must not be negative")
	}
	if c.NATS.URL == "" {
		return doc.Errorf("nats.url", "must be set")
	}
	if c.NATS.NKeyFile != "" && c.NATS.CredentialsFile != "" {
		return doc.Errorf("nats.credentials_file", "nkey_file is set as well: only one of them may be")
	}
	if _, _, err := net.SplitHostPort(c.HTTP.Listen); err != nil && c.HTTP.Listen != "" {
		return doc.Errorf("http.listen", "%q is not host:port", c.HTTP.Listen)
	}
	if err := c.checkLog(doc); err != nil {
		return err
	}
	if err := c.checkLists(doc); err != nil {
		return err
	}
	if err := c.checkExceptions(doc); err != nil {
		return err
	}
	if err := c.resolveReceivers(doc); err != nil {
		return err
	}
	return c.resolveRoutes(doc)
}

func (c *Config) checkLog(doc *settings.Document) error {
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
	default:
		return doc.Errorf("log.level", "unknown level %q: debug, info, warn and error are known", c.Log.Level)
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		return doc.Errorf("log.format", "unknown format %q: text and json are known", c.Log.Format)
	}
	return nil
}

func (c *Config) checkLists(doc *settings.Document) error {
	for name, list := range c.Rules.Lists {
		key := "rules.lists." + name
		if name == "" || strings.ContainsAny(name, "%.\\ ") {
			return doc.Errorf("rules.lists", "%q is no name for a list: a word without %%, dots and blanks", name)
		}
		if list.Path == "" {
			return doc.Errorf(key+".path", "must name a file")
		}
	}
	return nil
}

func (c *Config) checkExceptions(doc *settings.Document) error {
	for i, exception := range c.Rules.Exceptions {
		key := fmt.Sprintf("rules.exceptions[%d]", i)
		if exception.Rule == "" {
			return doc.Errorf(key+".rule", "must name a rule's id")
		}
		if len(exception.Match) == 0 {
			return doc.Errorf(key+".match", "must name at least one field; rules.disable turns a rule off")
		}
		for field, values := range exception.Match {
			if len(values) == 0 {
				return doc.Errorf(key+".match", "%s has no value", field)
			}
		}
	}
	return nil
}

// resolveRoutes hands every setting that a route leaves out down from its parent.
func (c *Config) resolveRoutes(doc *settings.Document) error {
	root := &c.Route
	if root.Receiver == "" {
		return doc.Errorf("route.receiver", "must name the receiver that gets what no other route takes")
	}
	if len(root.MatcherTexts) > 0 {
		return doc.Errorf("route.matchers", "the first route takes every alert: it must not have matchers")
	}
	if root.Continue {
		return doc.Errorf("route.continue", "the first route has no siblings")
	}
	if root.GroupBy == nil {
		root.GroupBy = []string{"rule.id"}
	}
	root.GroupWait = orDuration(root.GroupWait, defaultGroupWait)
	root.GroupInterval = orDuration(root.GroupInterval, defaultGroupInterval)
	root.RepeatInterval = orDuration(root.RepeatInterval, defaultRepeatInterval)
	return c.resolveRoute(doc, root, "route")
}

func orDuration(d *settings.Duration, otherwise time.Duration) *settings.Duration {
	if d != nil {
		return d
	}
	value := settings.Duration(otherwise)
	return &value
}

func (c *Config) resolveRoute(doc *settings.Document, r *Route, key string) error {
	if _, ok := c.Receiver(r.Receiver); !ok {
		return doc.Errorf(key+".receiver", "unknown receiver %q", r.Receiver)
	}
	r.Matchers = nil
	for i, text := range r.MatcherTexts {
		matchers, err := ParseMatchers(text)
		if err != nil {
			return doc.Errorf(fmt.Sprintf("%s.matchers[%d]", key, i), "matcher %q: %v", text, err)
		}
		r.Matchers = append(r.Matchers, matchers...)
	}
	for i, label := range r.GroupBy {
		if label == "" || label == "..." && len(r.GroupBy) > 1 {
			return doc.Errorf(fmt.Sprintf("%s.group_by[%d]", key, i), `must be a label; "..." stands alone`)
		}
	}
	if *r.GroupWait < 0 {
		return doc.Errorf(key+".group_wait", "must not be negative")
	}
	if *r.GroupInterval <= 0 {
		return doc.Errorf(key+".group_interval", "must be positive")
	}
	if *r.RepeatInterval <= 0 {
		return doc.Errorf(key+".repeat_interval", "must be positive")
	}
	for i := range r.Routes {
		child := &r.Routes[i]
		child.inherit(r)
		if err := c.resolveRoute(doc, child, fmt.Sprintf("%s.routes[%d]", key, i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Route) inherit(parent *Route) {
	if r.Receiver == "" {
		r.Receiver = parent.Receiver
	}
	if r.GroupBy == nil {
		r.GroupBy = parent.GroupBy
	}
	if r.GroupWait == nil {
		r.GroupWait = parent.GroupWait
	}
	if r.GroupInterval == nil {
		r.GroupInterval = parent.GroupInterval
	}
	if r.RepeatInterval == nil {
		r.RepeatInterval = parent.RepeatInterval
	}
}
