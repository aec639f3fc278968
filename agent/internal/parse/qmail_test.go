package parse

import "testing"

func TestQmail(t *testing.T) { testCases(t, "qmail", qmailCases) }

func FuzzQmail(f *testing.F) { fuzzParser(f, "qmail", qmailCases) }

var qmailCases = []lineCase{
	{
		`rblsmtpd: 203.0.113.5 pid 12: 451 http://www.example.org/query?203.0.113.5`,
		"system qmail", `event.category=network; event.action=mail_client_listed; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`1759827600.123456 qmail-smtpd: 421 badiprbl: ip 203.0.113.5 rbl: bl.example.org`,
		"system qmail", `event.category=network; event.action=mail_client_listed; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`bl.example.org blocked 203.0.113.5 listed.bl.example.org -`,
		"system qmail", `event.category=network; event.action=mail_client_listed; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`vchkpw-smtp: password fail (pass: 'x') bob@example.org:203.0.113.5`,
		"auth qmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.org`,
	},
	{
		`vchkpw-pop3: vpopmail user not found bob@example.org:203.0.113.5`,
		"auth qmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob@example.org`,
	},
	{
		`vchkpw-smtp: (PLAIN) login success bob@example.org:203.0.113.5`,
		"auth qmail", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob@example.org`,
	},
	{
		`authentication failed: no such user: bob - 203.0.113.5`,
		"auth qmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`APOP authentication failed for user x - 192.0.2.66 - 203.0.113.5`,
		"auth qmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=x - 192.0.2.66`,
	},
	{
		`status: local 0/10 remote 0/20`,
		"system plain", ``,
	},
}
