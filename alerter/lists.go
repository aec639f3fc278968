package alerter

import (
	"maps"
	"slices"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/list"
	"github.com/tocsin-security/tocsin/shell/command"
)

// stampsOf are the present states of the configured lists' files.
func stampsOf(cfg *config.Config) map[string]list.Stamp {
	stamps := make(map[string]list.Stamp, len(cfg.Rules.Lists))
	for name, l := range cfg.Rules.Lists {
		stamps[name] = list.StampOf(l.Path)
	}
	return stamps
}

// loadLists reads the values of lists. Its error is one of configuration, and names the
// file and the line.
func loadLists(lists map[string]config.List) (map[string][]string, error) {
	all := make(map[string][]string, len(lists))
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		values, err := list.Load(lists[name].Path)
		if err != nil {
			return nil, command.Config(err)
		}
		all[name] = values
	}
	return all, nil
}

// lists are the configured lists and those that were asked for beside them.
func (x *Explanation) lists() map[string]config.List {
	all := make(map[string]config.List)
	if x.Config != nil {
		maps.Copy(all, x.Config.Rules.Lists)
	}
	for name, path := range x.Lists {
		all[name] = config.List{Path: path}
	}
	return all
}

// pipelines are the configured pipelines and those that were asked for beside them.
func (x *Explanation) pipelines() []string {
	if x.Config == nil {
		return x.Pipelines
	}
	return slices.Concat(x.Config.Rules.Pipelines, x.Pipelines)
}
