package parse

import "testing"

func TestImapd(t *testing.T) { testCases(t, "imapd", imapdCases) }

func FuzzImapd(f *testing.F) { fuzzParser(f, "imapd", imapdCases) }

var imapdCases = []lineCase{
	{
		`LOGIN FAILED, user=bob, ip=[::ffff:203.0.113.5], port=[4000]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; user.name=bob`,
	},
	{
		`LOGIN FAILED, method=PLAIN, ip=[::ffff:203.0.113.5]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`LOGIN FAILED, user=x, ip=[192.0.2.66], port=[1], ip=[::ffff:203.0.113.5], port=[4000]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; user.name=x, ip=[192.0.2.66], port=[1]`,
	},
	{
		`LOGIN, user=bob, ip=[::ffff:203.0.113.5], port=[4000], protocol=IMAP`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.5; source.port=4000; user.name=bob`,
	},
	{
		`LOGOUT, user=bob, ip=[::ffff:203.0.113.5], headers=0, body=0, rcvd=24, sent=500, time=1`,
		"auth imapd", `event.category=session; event.action=mail_session_closed; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`DISCONNECTED, ip=[::ffff:203.0.113.5], time=3`,
		"system imapd", `event.category=network; event.action=mail_disconnect; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`Connection, ip=[::ffff:203.0.113.5]`,
		"system imapd", `event.category=network; event.action=mail_connection; event.outcome=unknown; source.ip=203.0.113.5`,
	},
	{
		`error,relay=::ffff:203.0.113.5,port=4000,msg="535 Authentication failed.",cmd: AUTH LOGIN bob`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`error,relay=::ffff:203.0.113.5,from=<a@example.com>,to=<b@example.org>: 550 User unknown.`,
		"system imapd", `event.category=network; event.action=mail_rejected; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`badlogin: mail.example.com [203.0.113.5] plaintext bob SASL(-13): authentication failure: checkpass failed`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`badlogin: [203.0.113.5] CRAM-MD5 [SASL(-13): authentication failure: incorrect digest response]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`login: mail.example.com [203.0.113.5] bob plaintext+TLS User logged in SESSIONID=<a-1>`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Login failed user=bob auth=bob host=mail.example.com [203.0.113.5]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Login excessive login failures user=bob auth=bob host=mail.example.com [203.0.113.5]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Login user=bob host=mail.example.com [203.0.113.5]`,
		"auth imapd", `event.category=authentication; event.action=mail_login; event.outcome=success; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Logout user=bob host=mail.example.com [203.0.113.5]`,
		"auth imapd", `event.category=session; event.action=mail_session_closed; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob`,
	},
	{
		`Loading the database`,
		"system plain", ``,
	},
}
