package corpora

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// authCase is a line of which it is known whether it tells of an offender.
type authCase struct {
	Service string           `json:"service"`
	Line    string           `json:"line"`
	Expect  bool             `json:"expect_match"`
	Host    string           `json:"host"`
	Modes   []map[string]any `json:"modes"`
}

// isNormal says whether the line is one for the mode that is on by default. The
// other modes are about noise before a login, not about its failure.
func (c *authCase) isNormal() bool {
	if c.Service == "apache-pass" {
		return false // its filter looks for a knock, to let an address in
	}
	return slices.ContainsFunc(c.Modes, func(mode map[string]any) bool {
		name := fmt.Sprint(mode["mode"])
		return mode["mode"] == nil || name == "normal"
	})
}

// authFailures scores auth_fail2ban.jsonl: whether the lines of services that have
// a parser are failures from the right address, and whether others are not.
func authFailures(ctx context.Context, agent Agent, dir string, table *Table) error {
	all, err := readCorpus[authCase](dir, "auth_fail2ban.jsonl")
	if err != nil {
		return err
	}
	parsers, err := agent.Parsers(ctx)
	if err != nil {
		return err
	}
	// A journal's lines lack the time that those of a file have.
	groups := group(all, func(c *authCase) string { return c.Service })
	records, err := agent.Explain(ctx, groups.logs(func(c *authCase) string { return c.Line }))
	if err != nil {
		return err
	}
	supported := map[string]bool{}
	for i, service := range groups.keys {
		supported[service] = parsers[programOf(service)]
		opened := map[string]Record{} // what is known of a connection that fail2ban reports later
		for n, c := range groups.cases[service] {
			r := byLine(records[i], n+1)
			table.Add(c.answers(r, opened[connection(c.Line)], supported[service])...)
			if !c.Expect {
				opened[connection(c.Line)] = r
			}
		}
	}
	table.Note("services supported, for their program has a parser (explain --list): %s", strings.Join(named(supported, true), " "))
	table.Note("services without one: %s", strings.Join(named(supported, false), " "))
	return nil
}

func named(services map[string]bool, value bool) []string {
	var names []string
	for name, v := range services {
		if v == value {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// answers asks about a line. Where fail2ban looks at a connection's lines together
// (MongoDB, OpenSSH), it reports the one with the address, which need not be the one
// that tells of the failure: before says what the earlier one became.
func (c *authCase) answers(r, before Record, supported bool) []Answer {
	a := Answer{Source: c.Service, Miss: c.Host + " " + missOf(r, c.Line, "source.ip")}
	failed := isFailure(r) && isFrom(r, c.Host) || isFailure(before) && before.Get("source.ip") == "" && isFrom(r, c.Host)
	switch {
	case !c.Expect && c.isNormal():
		a.Goal = Goal{Name: "fail2ban: a line that is no failure, taken for one", Percent: 2, Error: true}
		a.Yes = isCounted(r)
	case !c.Expect || c.Host == "":
		return nil
	case !supported:
		a.Goal = Goal{Name: "fail2ban: failure and address, services without a parser"}
		a.Yes = failed
	case c.isNormal():
		a.Goal = Goal{Name: "fail2ban: failure and address, normal mode", Percent: 97}
		a.Yes = failed
	default:
		a.Goal = Goal{Name: "fail2ban: address, other modes"}
		a.Yes = isFrom(r, c.Host)
	}
	return []Answer{a}
}

// connection is what the lines of one connection have in common: "[conn7]" of
// MongoDB, the process of OpenSSH.
func connection(line string) string {
	for _, word := range strings.Fields(line) {
		if strings.HasPrefix(word, "[conn") || strings.HasPrefix(word, "sshd") && strings.HasSuffix(word, "]:") {
			return word
		}
	}
	return line
}

// isFrom says whether a record names an address, or a host where no address is
// known, as where it came from.
func isFrom(r Record, host string) bool {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return r.Get("source.ip") == ip.WithZone("").Unmap().String()
	}
	return r.Get("source.address") == host
}

func isFailure(r Record) bool { return r.Get("event.outcome") == "failure" }

// isCounted says whether a record counts as a failed login from an address. The
// modules of PAM that OpenSSH asks and the audit subsystem tell of the attempts that
// OpenSSH tells of, and a key that is refused is no attempt that failed: a client
// offers all that it has. No rule counts those actions.
func isCounted(r Record) bool {
	if !isFailure(r) || !r.Has("event.category", "authentication") || r.Get("source.ip") == "" {
		return false
	}
	switch action := r.Get("event.action"); {
	case action == "ssh_key_refused", strings.HasPrefix(action, "audit_"):
		return false
	default:
		return !strings.HasPrefix(action, "pam_") || r.Get("process.name") != "sshd"
	}
}

// missOf describes what a record holds, and its line.
func missOf(r Record, line string, fields ...string) string {
	var b strings.Builder
	for _, name := range append([]string{"tocsin.parser", "event.action", "event.outcome"}, fields...) {
		fmt.Fprintf(&b, "%s=%s ", name[strings.LastIndexByte(name, '.')+1:], strings.Join(r[name], ","))
	}
	const longest = 400
	return b.String() + "| " + line[:min(len(line), longest)]
}
