package parse

import "testing"

func TestAsterisk(t *testing.T) { testCases(t, "asterisk", asteriskCases) }

func FuzzAsterisk(f *testing.F) { fuzzParser(f, "asterisk", asteriskCases) }

var asteriskCases = []lineCase{
	{
		`[2025-10-07 09:00:00] NOTICE[1638] chan_sip.c: Registration from '<sip:301@example.org>' failed for '203.0.113.9' - Wrong password`,
		"auth asterisk 2025-10-07T09:00:00Z", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; user.name=301; event.reason=Wrong password`,
	},
	{
		`[Oct  7 09:00:00] NOTICE[1638][C-00000fa9]: chan_sip.c:28468 handle_request_register: Registration from '"301" <sip:301@example.org>' failed for '203.0.113.9:5060' - No matching peer found`,
		"auth asterisk 2025-10-07T09:00:00Z", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; source.port=5060; user.name=301; event.reason=No matching peer found`,
	},
	{
		`[2025-10-07 09:00:00] NOTICE[19388] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '"1000" <sip:1000@example.org>' failed for '203.0.113.9:48336' (callid: 276666022) - No matching endpoint found after 5 tries in 2.5 ms`,
		"auth asterisk 2025-10-07T09:00:00Z", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; source.port=48336; user.name=1000; event.reason=No matching endpoint found after 5 tries in 2.5 ms`,
	},
	{
		`NOTICE[19388]: res_pjsip/pjsip_distributor.c:659 log_failed_request: Request 'INVITE' from '<sip:x@y>' failed for '203.0.113.9:48336' (callid: z) - Failed to authenticate`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; source.port=48336; user.name=x; event.reason=Failed to authenticate`,
	},
	{
		`NOTICE[1638] chan_sip.c: Registration from 'x' failed for '192.0.2.66' - Wrong password' failed for '203.0.113.9' - Wrong password`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure`,
	},
	{
		`NOTICE[436][C-00000fa9] chan_sip.c: Call from '' (203.0.113.9:10836) to extension '0972598285108' rejected because extension not found in context 'default'.`,
		"system asterisk", `log.level=NOTICE; event.category=network; event.action=sip_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=10836; event.reason=extension not found in context 'default'.`,
	},
	{
		`NOTICE[3980] res_pjsip_session.c:  anonymous: Call (UDP:203.0.113.9:65049) to extension '001447441452805' rejected because extension not found in context 'inbound'.`,
		"system asterisk", `log.level=NOTICE; event.category=network; event.action=sip_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=65049; event.reason=extension not found in context 'inbound'.`,
	},
	{
		`NOTICE[22382] manager.c: 203.0.113.9 failed to authenticate as 'admin'`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`NOTICE[22382] manager.c: 203.0.113.9 tried to authenticate with nonexistent user 'admin'`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`NOTICE[22382] chan_iax2.c: Host 203.0.113.9 failed MD5 authentication for 'bob' (a != b)`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`NOTICE[22382] chan_iax2.c: Host 203.0.113.9 failed to authenticate as bob`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob`,
	},
	{
		`NOTICE[22382] chan_iax2.c: No registration for peer 'bob' (from 203.0.113.9)`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`NOTICE[22382] chan_sip.c: Failed to authenticate device "bob"<sip:bob@198.51.100.1>;tag=5`,
		"auth asterisk", `log.level=NOTICE; event.category=authentication; event.action=sip_login; event.outcome=failure`,
	},
	{
		`VERBOSE[22382] manager.c: Manager 'admin' logged on from 203.0.113.9`,
		"auth asterisk", `log.level=VERBOSE; event.category=authentication; event.action=sip_login; event.outcome=success; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`WARNING[6756][C-0000001d] Ext. s: "Rejecting unknown SIP connection from 203.0.113.9"`,
		"system asterisk", `log.level=WARNING; event.category=network; event.action=sip_rejected; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`WARNING[1195][C-00000b43]: Ext. s:6 in @ from-sip-external: "Rejecting unknown SIP connection from 203.0.113.9:5060"`,
		"system asterisk", `log.level=WARNING; event.category=network; event.action=sip_rejected; event.outcome=failure; source.ip=203.0.113.9; source.port=5060`,
	},
	{
		`SECURITY[1204] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2025-10-07T09:00:00.275+0300",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="70000180",SessionID="",LocalAddress="IPV4/UDP/198.51.100.1/5060",RemoteAddress="IPV4/UDP/203.0.113.9/5061"`,
		"auth asterisk", `log.level=SECURITY; event.category=authentication; event.action=sip_security; event.outcome=failure; event.reason=InvalidAccountID; source.ip=203.0.113.9; source.port=5061; user.name=70000180`,
	},
	{
		`SECURITY[1204] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="1",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="bob",SessionID="x",LocalAddress="IPV4/TCP/198.51.100.1/5060",RemoteAddress="IPV4/TCP/203.0.113.9/5061",Challenge="a",Response="b",ExpectedResponse="c"`,
		"auth asterisk", `log.level=SECURITY; event.category=authentication; event.action=sip_security; event.outcome=failure; event.reason=ChallengeResponseFailed; source.ip=203.0.113.9; source.port=5061; user.name=bob`,
	},
	{
		`SECURITY[1204] res_security_log.c: SecurityEvent="SuccessfulAuth",EventTV="1",Severity="Informational",Service="AMI",EventVersion="1",AccountID="admin",SessionID="0x7f",LocalAddress="IPV4/TCP/198.51.100.1/5038",RemoteAddress="IPV6/TCP/2001:db8::9/5061",UsingPassword="0"`,
		"auth asterisk", `log.level=SECURITY; event.category=authentication; event.action=sip_security; event.outcome=success; event.reason=SuccessfulAuth; source.ip=2001:db8::9; source.port=5061; user.name=admin`,
	},
	{
		`SECURITY[1204] res_security_log.c: SecurityEvent="ChallengeSent",EventTV="1",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="bob",SessionID="x",LocalAddress="IPV4/UDP/198.51.100.1/5060",RemoteAddress="IPV4/UDP/203.0.113.9/5061",Challenge="1"`,
		"auth asterisk", `log.level=SECURITY; event.category=authentication; event.action=sip_security; event.outcome=unknown; event.reason=ChallengeSent; source.ip=203.0.113.9; source.port=5061; user.name=bob`,
	},
	// The second address is the client's.
	{
		`SECURITY[1204] res_security_log.c: SecurityEvent="InvalidPassword",EventTV="1",Severity="Error",Service="PJSIP",EventVersion="2",AccountID="bob",SessionID="x",LocalAddress="IPV4/UDP/198.51.100.1/5060",RemoteAddress="IPV4/UDP/203.0.113.9/5061",Challenge="z",ReceivedHash="y",RemoteAddress="IPV4/UDP/192.0.2.66/1"`,
		"auth asterisk", `log.level=SECURITY; event.category=authentication; event.action=sip_security; event.outcome=failure; event.reason=InvalidPassword; user.name=bob`,
	},
	{
		`SECURITY[1204] res_security_log.c: SecurityEvent="RequestBadFormat",EventTV="1",Severity="Error",Service="AMI",EventVersion="1",AccountID="",SessionID="x",LocalAddress="IPV4/TCP/198.51.100.1/5038",RemoteAddress="IPV4/TCP/203.0.113.9/5061",RequestType="x"`,
		"system asterisk", `log.level=SECURITY; event.category=network; event.action=sip_rejected; event.outcome=failure; event.reason=RequestBadFormat; source.ip=203.0.113.9; source.port=5061`,
	},
	{
		`NOTICE[1] chan_sip.c: Peer 'bob' is now UNREACHABLE!  Last qualify: 12`,
		"system plain", ``,
	},
	{
		`[2025-10-07 09:00:00] VERBOSE[12] manager.c:   == Manager 'admin' logged on from 203.0.113.9`,
		"auth asterisk 2025-10-07T09:00:00Z", `log.level=VERBOSE; event.category=authentication; event.action=sip_login; event.outcome=success; source.ip=203.0.113.9; user.name=admin`,
	},
	{
		`[2025-10-07 09:00:00] VERBOSE[12] chan_sip.c:     -- Registered SIP '100' at 198.51.100.66:5060`,
		"auth asterisk 2025-10-07T09:00:00Z", `log.level=VERBOSE; event.category=authentication; event.action=sip_login; event.outcome=success; user.name=100`,
	},
}
