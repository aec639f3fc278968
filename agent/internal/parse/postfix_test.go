package parse

import "testing"

func TestPostfix(t *testing.T) { testCases(t, "postfix", postfixCases) }

func FuzzPostfix(f *testing.F) { fuzzParser(f, "postfix", postfixCases) }

var postfixCases = []lineCase{
	{
		`warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=LOGIN; source.ip=203.0.113.9; event.reason=UGFzc3dvcmQ6`,
	},
	{
		`warning: mail.example.com[203.0.113.9]:55729: SASL PLAIN authentication failed: authentication failure, sasl_username=bob@example.org`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; source.port=55729; user.name=bob@example.org; event.reason=authentication failure`,
	},
	{
		`warning: unknown[2001:db8::9]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=(unavailable)`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=PLAIN; source.ip=2001:db8::9; event.reason=(reason unavailable)`,
	},
	{
		`warning: unknown[203.0.113.9]: SASL CRAM-MD5 authentication failed:`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=CRAM-MD5; source.ip=203.0.113.9`,
	},
	{
		`warning: unknown[203.0.113.9]: SASL PLAIN authentication failed: x, sasl_username=a, sasl_username=b`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; event.reason=x, sasl_username=a, sasl_username=b`,
	},
	{
		`warning: unknown[203.0.113.9]: SASL LOGIN authentication aborted`,
		"auth postfix", `event.category=authentication; event.action=mail_login_incomplete; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`warning: unknown[203.0.113.9]: request longer than 2048: AAAAAAAAAAAAAAAAAAAAAAAAAAAAA...`,
		"system postfix", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`warning: Connection rate limit exceeded: 31 from unknown[203.0.113.9] for service smtp`,
		"system postfix", `event.category=network; event.action=mail_rate_limited; event.outcome=failure; source.ip=203.0.113.9; event.reason=Connection rate`,
	},
	{
		`warning: AUTH command rate limit exceeded: 4 from mail.example.com[203.0.113.9]:4000 for service submission`,
		"system postfix", `event.category=network; event.action=mail_rate_limited; event.outcome=failure; source.ip=203.0.113.9; source.port=4000; event.reason=AUTH command rate`,
	},
	{
		`warning: hostname host.example.com does not resolve to address 203.0.113.9: Name or service not known`,
		"system postfix", `event.category=network; event.action=mail_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`warning: non-SMTP command from unknown[203.0.113.9]: GET / from x[192.0.2.66]`,
		"system postfix", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`warning: Illegal address syntax from unknown[203.0.113.9] in RCPT command: <>>`,
		"system postfix", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`warning: reject: ETRN from x[192.0.2.66]... from unknown[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`warning: dict_nis_init: NIS domain name not set - NIS lookups disabled`,
		"system plain", ``,
	},
	{
		`connect from mail.example.com[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`connect from unknown[unknown]`,
		"system postfix", `event.category=network; event.action=mail_connection; event.outcome=unknown`,
	},
	{
		`disconnect from unknown[203.0.113.9] ehlo=1 auth=0/1 quit=1 commands=2/3`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`lost connection after AUTH from unknown[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9; event.reason=lost connection`,
	},
	{
		`lost connection after DATA (1035 bytes) from unknown[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9; event.reason=lost connection`,
	},
	{
		`timeout after END-OF-MESSAGE from unknown[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9; event.reason=timeout`,
	},
	{
		`too many errors after AUTH from unknown[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_too_many_errors; event.outcome=failure; source.ip=203.0.113.9; event.reason=too many errors`,
	},
	{
		`improper command pipelining after EHLO from unknown[203.0.113.9]: QUIT\r\n from y[192.0.2.66]`,
		"system postfix", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9; event.reason=improper command pipelining`,
	},
	{
		`CONNECT from [203.0.113.9]:3608 to [198.51.100.1]:25`,
		"system postfix", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`PREGREET 14 after 0.02 from [203.0.113.9]:3608: EHLO ylmf-pc\r\n`,
		"system postfix", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`DNSBL rank 6 for [203.0.113.9]:3608`,
		"system postfix", `event.category=network; event.action=mail_client_listed; event.outcome=failure; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`HANGUP after 0.5 from [203.0.113.9]:3608 in tests after SMTP handshake`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`COMMAND COUNT LIMIT from [203.0.113.9]:3608 after RCPT`,
		"system postfix", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`DENYLISTED [203.0.113.9]:3608`,
		"system postfix", `event.category=network; event.action=mail_client_listed; event.outcome=failure; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`PASS NEW [203.0.113.9]:3608`,
		"system postfix", `event.category=network; event.action=mail_client_accepted; event.outcome=success; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`DISCONNECT [203.0.113.9]:3608`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=3608`,
	},
	{
		`NOQUEUE: reject: RCPT from [203.0.113.9]:3608: 550 5.7.1 Service unavailable; client [203.0.113.9] blocked using zen.example; from=<a@b>, to=<c@d>, proto=ESMTP, helo=<x>`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=3608; event.reason=550 5.7.1 Service unavailable; client [203.0.113.9] blocked using zen.example`,
	},
	{
		`NOQUEUE: reject: CONNECT from [203.0.113.9]:3608: too many connections`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=3608; event.reason=too many connections`,
	},
	{
		`NOQUEUE: reject: RCPT from mail.example.com[203.0.113.9]: 554 5.7.1 <c@example.org>: Relay access denied; from=<a@b> to=<c@example.org> proto=ESMTP helo=<[192.0.2.66]>`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=554 5.7.1 <c@example.org>: Relay access denied`,
	},
	{
		`4bXk3p2Tz9zKmN: milter-reject: END-OF-MESSAGE from unknown[203.0.113.9]: 5.7.1 Spam message rejected; from=<a@b> to=<c@d> proto=ESMTP helo=<x>`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=5.7.1 Spam message rejected`,
	},
	{
		`NOQUEUE: reject_warning: HELO from unknown[203.0.113.9]: 450 4.7.1 <x>: Helo command rejected: Host not found; proto=SMTP helo=<x>`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=unknown; source.ip=203.0.113.9; event.reason=450 4.7.1 <x>: Helo command rejected: Host not found`,
	},
	{
		`NOQUEUE: abort: TLS from unknown[203.0.113.9]: No client certificate presented`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=No client certificate presented`,
	},
	{
		`NOQUEUE: discard: RCPT from unknown[203.0.113.9]: <a@b>: Sender address spam; from=<a@b> to=<c@d> proto=SMTP helo=<x>`,
		"system postfix", `event.category=network; event.action=mail_held; event.outcome=unknown; source.ip=203.0.113.9; event.reason=<a@b>: Sender address spam`,
	},
	{
		`00ADB3C0899: client=mail.example.com[203.0.113.9]`,
		"system postfix", `event.category=network; event.action=mail_accepted; event.outcome=success; source.ip=203.0.113.9`,
	},
	{
		`00ADB3C0899: client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=bob@example.org`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=success; tocsin.auth.method=PLAIN; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`00ADB3C0899: client=unknown[203.0.113.9], sasl_method=LOGIN, sasl_username=bob, sasl_sender=x@y, orig_queue_id=1`,
		"auth postfix", `event.category=authentication; event.action=mail_login; event.outcome=success; tocsin.auth.method=LOGIN; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`SSL_accept error from unknown[203.0.113.9]: -1`,
		"system postfix", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`Anonymous TLS connection established from unknown[203.0.113.9]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
		"system postfix", `event.category=network; event.action=mail_tls_established; event.outcome=success; source.ip=203.0.113.9`,
	},
	{
		`statistics: max connection rate 1/60s for (smtp:203.0.113.9) at Oct  7 09:00:00`,
		"system plain", ``,
	},
	{
		`warning: SASL authentication failure: Password verification failed`,
		"auth postfix", `event.category=authentication; event.action=mail_authentication; event.outcome=failure; event.reason=Password verification failed`,
	},
	{
		`NOQUEUE: lost connection after BDAT (12 bytes) from mail.example.org[203.0.113.5]`,
		"system postfix", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.5; event.reason=lost connection`,
	},
	{
		`proxy-reject: END-OF-MESSAGE: 550 5.7.1 spam; from=<a@example.org> to=<b@example.org> proto=ESMTP helo=<x[192.0.2.1]>`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=550 5.7.1 spam`,
	},
	{
		`NOQUEUE: info: RCPT from mail.example.org[203.0.113.5]: <b@example.org>: text; from=<a@example.org> to=<b@example.org> proto=ESMTP helo=<x>`,
		"system postfix", `event.category=network; event.action=mail_warning; event.outcome=unknown; source.ip=203.0.113.5; event.reason=<b@example.org>: text`,
	},
	{
		`NOQUEUE: hangup: RCPT from mail.example.org[203.0.113.5]: <b@example.org>: text; from=<a@example.org> to=<b@example.org> proto=ESMTP helo=<x>`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.5; event.reason=<b@example.org>: text`,
	},
	{
		`addr 203.0.113.5 listed by domain bl.example.org as 127.0.0.2`,
		"system postfix", `event.category=network; event.action=mail_client_listed; event.outcome=unknown; source.ip=203.0.113.5; event.reason=bl.example.org as 127.0.0.2`,
	},
	{
		`TLS handshake failed for service=smtpd peer=[203.0.113.5]:4`,
		"system postfix", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown; source.ip=203.0.113.5; source.port=4`,
	},
	{
		`warning: Refusing STARTTLS request from mail.example.org[203.0.113.5] for service smtp`,
		"system postfix", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`warning: 203.0.113.5: hostname mail.example.org verification failed: Name or service not known`,
		"system postfix", `event.category=network; event.action=mail_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`4bXYZ12345: mail.example.org[203.0.113.5]: lost connection while receiving sender address`,
		"system postfix", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.5; event.reason=lost connection`,
	},
	{
		`00ADB3C0899: message-id=<20251007090000.00ADB3C0899@mx1.example.org>`,
		"system postfix", `event.category=network; event.action=mail_queued; event.outcome=unknown`,
	},
	{
		`00ADB3C0899: to=<bob@example.net>, relay=mx.example.net[198.51.100.9]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=success; destination.ip=198.51.100.9; destination.port=25`,
	},
	{
		`00ADB3C0899: to=<bob@example.net>, orig_to=<root>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.net[198.51.100.9]:25: Connection timed out)`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=unknown`,
	},
	{
		`00ADB3C0899: to=<bob@example.net>, relay=mx.example.net[198.51.100.9]:25, delay=1, dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.9] said: 550 no, status=sent)`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=unknown; destination.ip=198.51.100.9; destination.port=25`,
	},
	{
		`00ADB3C0899: to=<bob@example.net>, relay=local, delay=1, dsn=5.1.1, status=bounced (unknown user: "bob")`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=failure`,
	},
	{
		`00ADB3C0899: to=<", relay=x[198.51.100.66]:25, status=sent ("@example.net>, relay=mx.example.net[198.51.100.9]:25, delay=1, dsn=5.1.1, status=bounced (no)`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=unknown`,
	},
	{
		`00ADB3C0899: from=<a@example.org>, size=1234, nrcpt=1 (queue active)`,
		"system postfix", `event.category=network; event.action=mail_queued; event.outcome=unknown`,
	},
	{
		`00ADB3C0899: from=<a@example.org>, status=expired, returned to sender`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=failure`,
	},
	{
		`00ADB3C0899: host mx.example.net[198.51.100.9] said: 450 later (in reply to RCPT TO command)`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=unknown; destination.ip=198.51.100.9`,
	},
	{
		`00ADB3C0899: removed`,
		"system postfix", `event.category=network; event.action=mail_queued; event.outcome=unknown`,
	},
	{
		`connect to mx.example.net[198.51.100.9]:25: Connection timed out`,
		"system postfix", `event.category=network; event.action=mail_delivery; event.outcome=unknown; destination.ip=198.51.100.9; destination.port=25`,
	},
	{
		`daemon started -- version 3.7.11, configuration /etc/postfix`,
		"system postfix", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`terminating on signal 15`,
		"system postfix", `event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
}
