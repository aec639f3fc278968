package parse

import "testing"

func TestOpensmtpd(t *testing.T) { testCases(t, "opensmtpd", opensmtpdCases) }

func FuzzOpensmtpd(f *testing.F) { fuzzParser(f, "opensmtpd", opensmtpdCases) }

var opensmtpdCases = []lineCase{
	{
		`0123456789abcdef smtp connected address=203.0.113.9 host=mail.example.com`,
		"system opensmtpd", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`0123456789abcdef smtp connected address=2001:db8::9 host=<unknown>`,
		"system opensmtpd", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=2001:db8::9`,
	},
	{
		`0123456789abcdef smtp authentication user=bob@example.org result=ok`,
		"auth opensmtpd", `event.category=authentication; event.category=session; event.action=mail_login; event.outcome=success; user.name=bob@example.org`,
	},
	{
		`0123456789abcdef smtp authentication user=bob result=permfail`,
		"auth opensmtpd", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=permfail; user.name=bob`,
	},
	{
		`0123456789abcdef smtp authentication user=x\040result=ok\040address=192.0.2.66 result=tempfail`,
		"auth opensmtpd", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=tempfail; user.name=x\040result=ok\040address=192.0.2.66`,
	},
	{
		`0123456789abcdef smtp authentication user=bob address=203.0.113.9 host=mail.example.com result=permfail`,
		"auth opensmtpd", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=permfail; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`0123456789abcdef smtp event=authentication address=203.0.113.9 host=mail.example.com user=bob result=permfail`,
		"auth opensmtpd", `event.category=authentication; event.action=mail_login; event.outcome=failure; event.reason=permfail; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`0123456789abcdef smtp failed-command command="AUTH PLAIN (...)" result="535 Authentication failed"`,
		"system opensmtpd", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=535 Authentication failed`,
	},
	{
		`0123456789abcdef smtp failed-command address=203.0.113.9 host=x command="RCPT TO:<c@d>" result="550 Invalid recipient: <c@d>"`,
		"system opensmtpd", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.9; event.reason=550 Invalid recipient: <c@d>`,
	},
	{
		`0123456789abcdef smtp failed-command command="GET / HTTP/1.1" result="500 5.5.1 Invalid command: Command unrecognized"`,
		"system opensmtpd", `event.category=network; event.action=mail_protocol_error; event.outcome=failure; event.reason=500 5.5.1 Invalid command: Command unrecognized`,
	},
	{
		`0123456789abcdef smtp bad-input result="500 5.0.0 Line too long"`,
		"system opensmtpd", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=500 5.0.0 Line too long`,
	},
	{
		`0123456789abcdef smtp disconnected reason=quit`,
		"system opensmtpd", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; event.reason=quit`,
	},
	{
		`0123456789abcdef smtp event=closed address=203.0.113.9 host=x reason=timeout`,
		"system opensmtpd", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; event.reason=timeout`,
	},
	{
		`0123456789abcdef smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256`,
		"system opensmtpd", `event.category=network; event.action=mail_tls_established; event.outcome=success`,
	},
	{
		`0123456789abcdef smtp message msgid=a1b2c3d4 size=512 nrcpt=1 proto=ESMTP`,
		"system opensmtpd", `event.category=network; event.action=mail_accepted; event.outcome=success`,
	},
	{
		`0123456789abcdef smtp client-cert-check result="failure"`,
		"system opensmtpd", `event.category=network; event.action=mail_tls_failed; event.outcome=unknown`,
	},
	{
		`0123456789abcdef mta delivery evpid=1 from=<a@b> to=<c@d> result="Ok"`,
		"system plain", ``,
	},
	{
		`info: OpenSMTPD 6.8.0p2 starting`,
		"system plain", ``,
	},
	{
		`smtp-in: New session 08d856b172f69c5c from host mail.example.com [203.0.113.9]`,
		"system opensmtpd", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`smtp-in: New session 08d856b172f69c5c from host localhost [local]`,
		"system opensmtpd", `event.category=network; event.action=mail_connection; event.outcome=unknown`,
	},
	{
		`smtp-in: Accepted authentication for user bob on session 08d856b172f69c5c`,
		"auth opensmtpd", `event.category=authentication; event.action=mail_login; event.outcome=success; user.name=bob`,
	},
	{
		`smtp-in: Authentication failed for user bob on session 08d856b172f69c5c`,
		"auth opensmtpd", `event.category=authentication; event.action=mail_login; event.outcome=failure; user.name=bob`,
	},
	{
		`smtp-in: Failed command on session 08d856b172f69c5c: "AUTH PLAIN (...)" => 535 Authentication failed`,
		"system opensmtpd", `event.category=network; event.action=mail_rejected; event.outcome=failure; event.reason=535 Authentication failed`,
	},
	{
		`smtp-in: Closing session 08d856b172f69c5c`,
		"system opensmtpd", `event.category=network; event.action=mail_disconnect; event.outcome=unknown`,
	},
	{
		`smtp-in: Started TLS on session 08d856b172f69c5c: version=TLSv1.2, cipher=x, bits=256`,
		"system opensmtpd", `event.category=network; event.action=mail_tls_established; event.outcome=success`,
	},
	{
		`smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<a@b>, to=<c@d>, size=1746, ndest=1, proto=ESMTP`,
		"system opensmtpd", `event.category=network; event.action=mail_accepted; event.outcome=success`,
	},
	{
		`smtp-in: Bad input on session 08d856b172f69c5c: x`,
		"system opensmtpd", `event.category=network; event.action=mail_protocol_error; event.outcome=failure`,
	},
	{
		`smtp-in: Reporting nothing`,
		"system plain", ``,
	},
}
