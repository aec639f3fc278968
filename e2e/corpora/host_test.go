package corpora

import "testing"

func TestHostLine(t *testing.T) {
	full := func(outcome string) Record {
		return Record{"event.category": {"authentication"}, "event.action": {"su"}, "event.outcome": {outcome}}
	}
	for name, tc := range map[string]struct {
		groups string
		r      Record
		right  bool
	}{
		"a failure":                        {"authentication_failed,pci_dss_10.2.4,", full("failure"), true},
		"a failure taken for a success":    {"authentication_failed,", full("success"), false},
		"a success":                        {"authentication_success,", full("success"), true},
		"a success taken for a failure":    {"authentication_success,", full("failure"), false},
		"a rule that says neither":         {"gdpr_IV_35.7.d,", full("unknown"), true},
		"no outcome":                       {"", Record{"event.category": {"process"}, "event.action": {"su"}}, false},
		"a record that no parser has read": {"", Record{"tocsin.parser": {"plain"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := hostCase{Groups: tc.groups}
			if got := c.answer(tc.r).Yes; got != tc.right {
				t.Errorf("right is %v", got)
			}
		})
	}
}

func TestIsHost(t *testing.T) {
	for name, tc := range map[string]struct {
		c    hostCase
		host bool
	}{
		"an alert":                 {hostCase{Line: "x", Polarity: "pass", Level: "3", Decoder: "sshd"}, true},
		"below an alert":           {hostCase{Line: "x", Polarity: "pass", Level: "2", Decoder: "sshd"}, false},
		"must not match":           {hostCase{Line: "x", Polarity: "fail", Level: "5", Decoder: "sshd"}, false},
		"not decoded by its owner": {hostCase{Line: "x", Polarity: "pass", Level: "5"}, false},
		"an event of Windows":      {hostCase{Line: `{"win":{}}`, Polarity: "pass", Level: "5", Decoder: "json"}, false},
		"no level":                 {hostCase{Line: "x", Polarity: "pass", Decoder: "sshd"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.c.isHost(); got != tc.host {
				t.Errorf("host is %v", got)
			}
		})
	}
}
