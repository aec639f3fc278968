package parse

import "testing"

func TestFortinet(t *testing.T) { testCases(t, "fortinet", fortinetCases) }

func FuzzFortinet(f *testing.F) { fuzzParser(f, "fortinet", fortinetCases) }

var fortinetCases = []lineCase{
	{
		`date=2025-10-07 time=09:00:00 devname="fw" devid="FG1" eventtime=1759827600123456789 tz="+0000" logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=203.0.113.5 user="bob" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied" msg="SSL user failed to logged in"`,
		"auth fortinet 2025-10-07T09:00:00.123456789Z", `event.category=authentication; event.action=vpn_login; event.outcome=failure; log.level=alert; source.ip=203.0.113.5; user.name=bob; event.reason=sslvpn_login_permission_denied; event.code=0101039426`,
	},
	{
		`date=2025-10-07 time=09:00:00 devname="fw" logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=203.0.113.5 srcport=40000 dstip=198.51.100.1 dstport=22 proto=6 action="deny" user="x" srcip=192.0.2.66`,
		"system fortinet 2025-10-07T09:00:00Z", `event.category=network; event.action=firewall_denied; event.outcome=failure; log.level=notice; source.ip=203.0.113.5; source.port=40000; destination.ip=198.51.100.1; destination.port=22; user.name=x; event.code=0000000013`,
	},
	{
		`date=2025-10-07 time=09:00:00 logid="0100032002" type="event" subtype="system" level="alert" user="admin" action="login" status="failed" srcip=203.0.113.5 reason="passwd_invalid" msg="Administrator admin login failed from https(203.0.113.5) because of invalid password"`,
		"auth fortinet 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; log.level=alert; source.ip=203.0.113.5; user.name=admin; event.reason=passwd_invalid; event.code=0100032002`,
	},
	{
		`date=2025-10-07 time=09:00:00 logid="0100032001" type="event" subtype="system" level="information" user="admin" action="login" status="success" srcip=203.0.113.5`,
		"auth fortinet 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=success; log.level=information; source.ip=203.0.113.5; user.name=admin; event.code=0100032001`,
	},
	{
		`date=2025-10-07 time=09:00:00 something=else`,
		"system plain", ``,
	},
	{
		`date=2025-10-07 time=09:00:00 logid="0101039947" type="event" subtype="vpn" level="information" action="tunnel-up" remip=203.0.113.5 user="bob"`,
		"auth fortinet 2025-10-07T09:00:00Z", `event.category=session; event.action=vpn_session_opened; event.outcome=success; log.level=information; source.ip=203.0.113.5; user.name=bob; event.code=0101039947`,
	},
	{
		`date=2025-10-07 time=09:00:00 logid="0101039948" type="event" subtype="vpn" level="information" action="tunnel-down" remip=203.0.113.5 user="bob"`,
		"auth fortinet 2025-10-07T09:00:00Z", `event.category=session; event.action=vpn_session_closed; event.outcome=unknown; log.level=information; source.ip=203.0.113.5; user.name=bob; event.code=0101039948`,
	},
	{
		`date=2025-10-07 time=09:00:00 logid="0100032003" type="event" subtype="system" level="information" action="logout" srcip=203.0.113.5 user="bob"`,
		"auth fortinet 2025-10-07T09:00:00Z", `event.category=session; event.action=app_logout; event.outcome=unknown; log.level=information; source.ip=203.0.113.5; user.name=bob; event.code=0100032003`,
	},
	{
		`date=2025-10-07 time=09:00:00 logid="0100040704" type="event" subtype="system" level="notice" action="perf-stats" msg="statistics"`,
		"system fortinet 2025-10-07T09:00:00Z", `event.category=network; event.action=firewall_event; event.outcome=unknown; log.level=notice; event.code=0100040704`,
	},
}
