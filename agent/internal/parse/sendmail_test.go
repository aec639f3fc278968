package parse

import "testing"

func TestSendmail(t *testing.T) { testCases(t, "sendmail", sendmailCases) }

func FuzzSendmail(f *testing.F) { fuzzParser(f, "sendmail", sendmailCases) }

var sendmailCases = []lineCase{
	{
		`5978x0aB005976: AUTH failure (LOGIN): authentication failure (-13) SASL(-13): authentication failure: checkpass failed, user=bob, relay=mail.example.com [203.0.113.9] (may be forged)`,
		"auth sendmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=LOGIN; source.ip=203.0.113.9; user.name=bob; event.reason=authentication failure (-13) SASL(-13): authentication failure: checkpass failed`,
	},
	{
		`5978x0aB005976: AUTH failure (PLAIN): user not found (-20), user=x, relay=[192.0.2.66], relay=[203.0.113.9]`,
		"auth sendmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; event.reason=user not found (-20)`,
	},
	{
		`AUTH failure (CRAM-MD5): authentication failure (-13), relay=[IPv6:2001:db8::9]`,
		"auth sendmail", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=CRAM-MD5; source.ip=2001:db8::9; event.reason=authentication failure (-13)`,
	},
	{
		`AUTH=server, relay=mail.example.com [203.0.113.9], authid=alice, mech=PLAIN, bits=0`,
		"auth sendmail", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.9; user.name=alice; tocsin.auth.method=PLAIN`,
	},
	{
		`AUTH=server, relay=[203.0.113.9], mech=LOGIN, bits=256`,
		"auth sendmail", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.9; tocsin.auth.method=LOGIN`,
	},
	{
		`s1O7XtZJ021134: ruleset=check_rcpt, arg1=<c@example.org>, relay=mail.example.com [203.0.113.9], reject=550 5.7.1 <c@example.org>... Relaying denied`,
		"system sendmail", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=550 5.7.1 <c@example.org>... Relaying denied`,
	},
	{
		`ruleset=check_relay, arg1=[203.0.113.9], arg2=203.0.113.9, relay=[203.0.113.9] (may be forged), reject=421 4.3.2 Connection rate limit exceeded.`,
		"system sendmail", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=421 4.3.2 Connection rate limit exceeded.`,
	},
	{
		`ruleset=check_mail, arg1=<a@b>, relay=[203.0.113.9], discard`,
		"system sendmail", `event.category=network; event.action=mail_held; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	// Two relays: one of them was an argument.
	{
		`ruleset=check_rcpt, arg1=<x, relay=[192.0.2.66], reject=y>, relay=[203.0.113.9], reject=553 5.1.8 <x>... no`,
		"system sendmail", `event.category=network; event.action=mail_rejected; event.outcome=failure`,
	},
	{
		`s1O7XtZJ021134: mail.example.com [203.0.113.9]: possible SMTP attack: command=AUTH, count=6`,
		"system sendmail", `event.category=network; event.action=mail_too_many_errors; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: mail.example.com [203.0.113.9] (may be forged): possible SMTP attack: command=HELO/EHLO, count=3`,
		"system sendmail", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: [203.0.113.9]: Possible SMTP RCPT flood, throttling.`,
		"system sendmail", `event.category=network; event.action=mail_rate_limited; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: [203.0.113.9]: probable open proxy: command=GET / HTTP/1.1`,
		"system sendmail", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: mail.example.com [203.0.113.9]: VRFY root [rejected]`,
		"system sendmail", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: mail.example.com [203.0.113.9] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA`,
		"system sendmail", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: rejecting commands from mail.example.com [203.0.113.9] due to pre-greeting traffic after 2 seconds`,
		"system sendmail", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: lost input channel from [203.0.113.9] to MTA after auth`,
		"system sendmail", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`timeout waiting for input from [203.0.113.9] during server cmd read`,
		"system sendmail", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`NOQUEUE: connect from mail.example.com [203.0.113.9]`,
		"system sendmail", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`STARTTLS=server, relay=mail.example.com [203.0.113.9], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256`,
		"system sendmail", `event.category=network; event.action=mail_tls_established; event.outcome=success; source.ip=203.0.113.9`,
	},
	{
		`STARTTLS=server, error: accept failed=-1, reason=wrong version number, SSL_error=1, errno=0, retry=-1, relay=[203.0.113.9]`,
		"system sendmail", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`tcpwrappers (mail.example.com, 203.0.113.9) rejection`,
		"system sendmail", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`starting daemon (8.17.1.9): SMTP+queueing@00:10:00`,
		"system sendmail", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`s1O7XtZJ021134: <bob@example.org>... User unknown`,
		"system plain", ``,
	},
	{
		`s1O7XtZJ021134: from=<a@b>, size=512, class=0, nrcpts=1, proto=ESMTP, relay=mail.example.com [203.0.113.9]`,
		"system sendmail", `event.category=network; event.action=mail_queued; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: from=<x, relay=y [198.51.100.66]>, size=512, class=0, nrcpts=1, msgid=<a, relay=y [198.51.100.66]>, proto=ESMTP, relay=mail.example.com [203.0.113.9] (may be forged)`,
		"system sendmail", `event.category=network; event.action=mail_queued; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`s1O7XtZJ021134: to=<c@d>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=31234, relay=mx.example.net. [198.51.100.9], dsn=2.0.0, stat=Sent (ok)`,
		"system sendmail", `event.category=network; event.action=mail_delivery; event.outcome=success; destination.ip=198.51.100.9`,
	},
	{
		`s1O7XtZJ021134: to=<c@d>, delay=00:00:01, mailer=esmtp, relay=mx.example.net. [198.51.100.9], dsn=5.1.1, stat=User unknown`,
		"system sendmail", `event.category=network; event.action=mail_delivery; event.outcome=failure; destination.ip=198.51.100.9`,
	},
	{
		`s1O7XtZJ021134: to=<c@d>, delay=00:00:01, mailer=esmtp, relay=mx.example.net. [198.51.100.9], dsn=4.0.0, stat=Deferred: a, dsn=2.0.0`,
		"system sendmail", `event.category=network; event.action=mail_delivery; event.outcome=unknown; destination.ip=198.51.100.9`,
	},
}
