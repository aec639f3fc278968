package parse

import "testing"

func TestExim(t *testing.T) { testCases(t, "exim", eximCases) }

func FuzzExim(f *testing.F) { fuzzParser(f, "exim", eximCases) }

var eximCases = []lineCase{
	{
		`2025-10-07 09:00:00 plain_login authenticator failed for (User) [203.0.113.9]: 535 Incorrect authentication data (set_id=bob)`,
		"auth exim 2025-10-07T09:00:00Z", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=plain_login; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`2025-10-07 09:00:00.123 +0200 [4711] login authenticator failed for host.example.com ([192.0.2.66]) [203.0.113.9]:4000 I=[198.51.100.1]:587: 535 Incorrect authentication data (set_id=bob@example.org)`,
		"auth exim 2025-10-07T07:00:00.123Z", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=login; source.ip=203.0.113.9; source.port=4000; user.name=bob@example.org`,
	},
	{
		`dovecot_login authenticator failed for [2001:db8::9]: 435 Unable to authenticate at this time`,
		"auth exim", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=dovecot_login; source.ip=2001:db8::9`,
	},
	// The second user name is a lie, and so is the HELO.
	{
		`login authenticator failed for (x) [203.0.113.9]: 535 Incorrect authentication data (set_id=a) [192.0.2.66]: 535 (set_id=b)`,
		"auth exim", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=login`,
	},
	{
		`login authenticator failed for (x) [192.0.2.66]: 535) [203.0.113.9]: 535 Incorrect authentication data`,
		"auth exim", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=login`,
	},
	{
		`login authenticator failed for (x y) [192.0.2.66]: 535) [203.0.113.9]: 535 Incorrect authentication data`,
		"auth exim", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=login`,
	},
	{
		`2025-10-07 09:00:00 1v61Ab-0003fr-45 <= alice@example.org H=mail.example.org (laptop) [203.0.113.9]:4000 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=plain_server:alice S=512 id=x@y T="a H=[192.0.2.66]"`,
		"auth exim 2025-10-07T09:00:00Z", `event.category=authentication; event.action=mail_login; event.outcome=success; tocsin.auth.method=plain_server; source.ip=203.0.113.9; source.port=4000; user.name=alice`,
	},
	{
		`2025-10-07 09:00:00 1v61Ab-00000000fr4-12Xy <= bob@example.org H=mail.example.com [203.0.113.9] P=esmtp S=512`,
		"system exim 2025-10-07T09:00:00Z", `event.category=network; event.action=mail_accepted; event.outcome=success; source.ip=203.0.113.9`,
	},
	{
		`1v61Ab-0003fr-45 <= "x H=[192.0.2.66] A=y:root"@example.org H=(z) [203.0.113.9] P=esmtp S=1`,
		"system exim", `event.category=network; event.action=mail_accepted; event.outcome=success`,
	},
	{
		`1v61Ab-0003fr-45 <= root@localhost U=root P=local S=512`,
		"system exim", `event.category=network; event.action=mail_accepted; event.outcome=success`,
	},
	{
		`H=(x) [203.0.113.9]:3755 I=[198.51.100.1]:25 F=<a@b> rejected RCPT <c@d>: relay not permitted`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=3755; event.reason=relay not permitted`,
	},
	{
		`F=<a@b> H=(x) [203.0.113.9]:3755 rejected RCPT <c@d>: found in zen.example`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=3755; event.reason=found in zen.example`,
	},
	{
		`1v61Ab-0003fr-45 H=mail.example.com [203.0.113.9] F=<a@b> rejected after DATA: This message contains malware`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=This message contains malware`,
	},
	{
		`H=mail.example.com [203.0.113.9] F=<a@b> temporarily rejected RCPT <c@d>: greylisted`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=greylisted`,
	},
	{
		`H=mail.example.com [203.0.113.9] sender verify fail for <a@b>: Unrouteable address`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=Unrouteable address`,
	},
	{
		`H=[203.0.113.9] rejected connection in "connect" ACL: blocked`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=blocked`,
	},
	{
		`H=mail.example.com [203.0.113.9] Warning: listed in dnsbl.example`,
		"system exim", `event.category=network; event.action=mail_warning; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`rejected EHLO from [203.0.113.9]: syntactically invalid argument(s): x y from [192.0.2.66]`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`rejected "AUTH LOGIN from [192.0.2.66]" from H=(x) [203.0.113.9]`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`refused connection from [203.0.113.9] (host_reject_connection)`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`Connection from [203.0.113.9] refused: too many connections from that IP address`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`Connection from somewhere else`,
		"system plain", ``,
	},
	{
		`unqualified recipient rejected: <a H=[192.0.2.66]> H=(x) [203.0.113.9]`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP call from mail.example.com [203.0.113.9] dropped: too many syntax or protocol errors (last command was "[192.0.2.66]", C=EHLO)`,
		"system exim", `event.category=network; event.action=mail_too_many_errors; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP call from [203.0.113.9] dropped: too many unrecognized commands (last was "x")`,
		"system exim", `event.category=network; event.action=mail_too_many_errors; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP call from [203.0.113.9] dropped: too many nonmail commands (last was "x")`,
		"system exim", `event.category=network; event.action=mail_too_many_errors; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[203.0.113.9]:2 input="GET / H=[192.0.2.66]"`,
		"system exim", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9; source.port=2`,
	},
	{
		`SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): rejected "RSET" H=(x) [203.0.113.9] next input="QUIT\r\n"`,
		"system exim", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP protocol error in "AUTH LOGIN" H=(x) [203.0.113.9]:1424 I=[198.51.100.1]:587 AUTH command used when not advertised`,
		"system exim", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9; source.port=1424`,
	},
	{
		`SMTP syntax error in "GET /" H=[203.0.113.9] unrecognized command`,
		"system exim", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP connection from [203.0.113.9]:9 I=[198.51.100.1]:25 (TCP/IP connection count = 1)`,
		"system exim", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=9`,
	},
	{
		`SMTP connection from mail.example.com [203.0.113.9] closed by QUIT`,
		"system exim", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`SMTP connection from (x) [203.0.113.9] closed by DROP in ACL`,
		"system exim", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`SMTP connection from (x) [203.0.113.9] lost D=2s`,
		"system exim", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`SMTP command timeout on TLS connection from (x) [203.0.113.9] D=5m`,
		"system exim", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`no MAIL in SMTP connection from (x) [203.0.113.9] D=0s C=EHLO,AUTH`,
		"system exim", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`unexpected disconnection while reading SMTP command from (x) [203.0.113.9] D=1s`,
		"system exim", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`TLS error on connection from [203.0.113.9] (SSL_accept): error:0A000416`,
		"system exim", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`no host name found for IP address 203.0.113.9`,
		"system exim", `event.category=network; event.action=mail_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`no IP address found for host host.example.com (during SMTP connection from [203.0.113.9])`,
		"system exim", `event.category=network; event.action=mail_reverse_mapping; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`exim 4.96 daemon started: pid=812, -q30m, listening for SMTP on port 25 (IPv4)`,
		"system exim", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`1v61Ab-0003fr-45 Completed`,
		"system exim", `event.category=network; event.action=mail_queued; event.outcome=unknown`,
	},
	{
		`1v61Ab-0003fr-45 => bob@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.7]`,
		"system exim", `event.category=network; event.action=mail_delivery; event.outcome=success; destination.ip=198.51.100.7`,
	},
	{
		`1v61Ab-0003fr-45 ** bob@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<bob@example.org>: 550 x H=y [198.51.100.66]`,
		"system exim", `event.category=network; event.action=mail_delivery; event.outcome=failure`,
	},
	{
		`1v61Ab-0003fr-45 == bob@example.org R=dnslookup T=remote_smtp defer (110): Connection timed out`,
		"system exim", `event.category=network; event.action=mail_delivery; event.outcome=unknown`,
	},
	{
		`login authenticator failed for H=(x) [203.0.113.9]: 535 Incorrect authentication data (set_id=bob)`,
		"auth exim", `event.category=authentication; event.action=mail_login; event.outcome=failure; tocsin.auth.method=login; source.ip=203.0.113.9; user.name=bob`,
	},
}
