package parse

import (
	"testing"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// serviceCases are the tables of the parsers of network services.
func serviceCases() map[string][]lineCase {
	return map[string][]lineCase{
		"pureftpd":  pureftpdCases,
		"proftpd":   proftpdCases,
		"vsftpd":    vsftpdCases,
		"sendmail":  sendmailCases,
		"opensmtpd": opensmtpdCases,
		"exim":      eximCases, "dovecot": dovecotCases, "postfix": postfixCases,
	}
}

// serviceHeads are how lines begin that hold a stranger's text; see
// TestLongLinesTakeBoundedTime.
func serviceHeads() []string {
	return []string{
		"Oct  7 09:00:00 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<", "Oct  7 09:00:00 h dovecot: auth: pam(",
		"Oct  7 09:00:00 h postfix/smtpd[1]: warning: unknown[203.0.113.5]: SASL LOGIN authentication failed: ",
		"Oct  7 09:00:00 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.5]: ",
		"2025-10-07 09:00:00 login authenticator failed for (", "2025-10-07 09:00:00 H=(x) [203.0.113.5] F=<a@b> rejected RCPT ",
		"Oct  7 09:00:00 h sm-mta[1]: ruleset=check_rcpt, arg1=<", "Oct  7 09:00:00 h sm-mta[1]: AUTH failure (PLAIN): ",
		"Oct  7 09:00:00 h smtpd[1]: 0123456789abcdef smtp authentication user=",
		"Fri Jan 19 12:20:33 2007 [pid 1] [", "Oct  7 09:00:00 h proftpd[1]: h (a[203.0.113.5]): USER ", "Oct  7 09:00:00 h pure-ftpd: (",
	}
}

// serviceBenches are lines of services for BenchmarkParse.
func serviceBenches() []struct{ parser, source, line string } {
	return []struct{ parser, source, line string }{
		{"dovecot", "auto", "Oct  7 09:00:00 web01 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 12 secs): user=<bob>, method=LOGIN, rip=203.0.113.9, lip=198.51.100.1, TLS, session=<b>"},
		{"postfix", "auto", "Oct  7 09:00:00 web01 postfix/smtpd[12]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6"},
		{"exim", "auto", "2025-10-07 09:00:00 plain_login authenticator failed for (User) [203.0.113.9]: 535 Incorrect authentication data (set_id=bob)"},
		{"sendmail", "auto", "Oct  7 09:00:00 web01 sm-mta[12]: s1O7XtZJ021134: mail.example.com [203.0.113.9]: possible SMTP attack: command=AUTH, count=6"},
		{"opensmtpd", "auto", "Oct  7 09:00:00 web01 smtpd[12]: 0123456789abcdef smtp authentication user=bob result=permfail"},
		{"vsftpd", "auto", "Tue Oct  7 09:00:00 2025 [pid 27202] [bob] FAIL LOGIN: Client \"203.0.113.9\""},
		{"proftpd", "auto", "Oct  7 09:00:00 web01 proftpd[12]: ftp.example.org (mail.example.com[203.0.113.9]): USER bob (Login failed): Incorrect password"},
		{"pureftpd", "auto", "Oct  7 09:00:00 web01 pure-ftpd: (?@203.0.113.9) [WARNING] Authentication failed for user [bob]"},
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
		"2025-10-07 09:00:00 login authenticator failed for (x) [198.51.100.66]: 535) [203.0.113.5]: 535 Incorrect authentication data",
		"2025-10-07 09:00:00 1v61Ab-0003fr-45 <= \"x H=[198.51.100.66] A=y:root\"@example.org H=(z) [203.0.113.5] P=esmtp S=1",
		"2025-10-07 09:00:00 rejected \"AUTH LOGIN from [198.51.100.66]\" from H=(x) [203.0.113.5]",
		"Oct  7 09:00:00 h sm-mta[1]: ruleset=check_rcpt, arg1=<x, relay=[198.51.100.66], reject=y>, relay=[203.0.113.5], reject=553 5.1.8 <x>... no",
		"Oct  7 09:00:00 h sm-mta[1]: AUTH failure (PLAIN): user not found (-20), user=x, relay=[198.51.100.66], relay=[203.0.113.5]",
		"Oct  7 09:00:00 h smtpd[1]: 0123456789abcdef smtp authentication user=x result=ok address=198.51.100.66 host=y result=permfail",
		`Tue Oct  7 09:00:00 2025 [pid 2] [x] FAIL LOGIN: Client "198.51.100.66"] FAIL LOGIN: Client "203.0.113.5"`,
		`Oct  7 09:00:00 h proftpd[1]: h (a[203.0.113.5]): USER x (b[198.51.100.66]): USER y (Login failed): Incorrect password`,
		`Oct  7 09:00:00 h pure-ftpd: (?@203.0.113.5) [WARNING] Authentication failed for user [x@198.51.100.66) [WARNING] y]`,
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
