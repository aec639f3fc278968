package parse

import (
	"testing"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// serviceCases are the tables of the parsers of network services.
func serviceCases() map[string][]lineCase {
	return map[string][]lineCase{
		"dovecot": dovecotCases, "postfix": postfixCases,
	}
}

// serviceHeads are how lines begin that hold a stranger's text; see
// TestLongLinesTakeBoundedTime.
func serviceHeads() []string {
	return []string{
		"Oct  7 09:00:00 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<", "Oct  7 09:00:00 h dovecot: auth: pam(",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: unknown[203.0.113.5]: SASL LOGIN authentication failed: ",
		"Oct  7 09:00:00 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.5]: ",
	}
}

// serviceBenches are lines of services for BenchmarkParse.
func serviceBenches() []struct{ parser, source, line string } {
	return []struct{ parser, source, line string }{
		{"dovecot", "auto", "Oct  7 09:00:00 web01 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 12 secs): user=<bob>, method=LOGIN, rip=203.0.113.9, lip=198.51.100.1, TLS, session=<b>"},
		{"postfix", "auto", "Oct  7 09:00:00 web01 postfix/smtpd[12]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6"},
	}
}

// No address that only stands in a stranger's text may come out of a service's
// line, and the line is recognised all the same.
func TestServiceInjectionIsNotBelieved(t *testing.T) {
	forged := "198.51.100.66"
	lines := []string{
		"Oct  7 09:00:00 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=198.51.100.66, lip=1>, method=PLAIN, rip=203.0.113.5, lip=198.51.100.1, session=<h>",
		"Oct  7 09:00:00 h dovecot: auth: sql(x,198.51.100.66): unknown user,203.0.113.5,<s>): unknown user",
		"Oct  7 09:00:00 h dovecot: auth: sql(bob,203.0.113.5): unknown user (given password: a,198.51.100.66): )",
		"Oct  7 09:00:00 h postfix/smtpd[1]: improper command pipelining after EHLO from unknown[203.0.113.5]: from x[198.51.100.66]",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: reject: ETRN from x[198.51.100.66]... from unknown[203.0.113.5]",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: unknown[203.0.113.5]: SASL LOGIN authentication failed: x from y[198.51.100.66], sasl_username=[198.51.100.66]",
	}
	for _, line := range lines {
		for _, e := range parseLines(t, "auto", Options{Year: 2025}, line) {
			if ip := e.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP); string(ip) == forged {
				t.Errorf("believed %q", line)
			}
			if e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil {
				t.Errorf("lost %q", line)
			}
		}
	}
}
