package parse

import "testing"

func TestCEF(t *testing.T) { testCases(t, "cef", cefCases) }

func FuzzCEF(f *testing.F) { fuzzParser(f, "cef", cefCases) }

var cefCases = []lineCase{
	{
		`CEF:0|Example|Firewall|1.0|100|Packet dropped|5|src=203.0.113.5 spt=40000 dst=198.51.100.1 dpt=22 act=Drop suser=a\=b msg=a text with src inside`,
		"system cef", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=40000; destination.ip=198.51.100.1; destination.port=22; user.name=a=b; event.code=100; event.reason=Packet dropped`,
	},
	{
		`CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5 duser=bob msg=Login failed for user bob`,
		"auth cef", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.code=401; event.reason=Login failed`,
	},
	{
		`CEF:0|Example|Proxy|1.0|200|Web request|1|src=203.0.113.5 requestMethod=GET request=http://example.org/a?b\=c act=allowed`,
		"web cef", `event.category=web; event.action=http_request; event.outcome=success; http.request.method=GET; url.original=http://example.org/a?b=c; url.scheme=http; url.domain=example.org; url.path=/a; url.query=b=c; source.ip=203.0.113.5; event.code=200; event.reason=Web request`,
	},
	{
		`LEEF:1.0|Example|Firewall|1.0|100|src=203.0.113.5	dst=198.51.100.1	action=allow	usrName=bob`,
		"system cef", `event.category=network; event.action=firewall_allowed; event.outcome=success; source.ip=203.0.113.5; destination.ip=198.51.100.1; user.name=bob; event.code=100`,
	},
	{
		`LEEF:2.0|Example|Firewall|1.0|100|^|src=203.0.113.5^dst=198.51.100.1^action=deny`,
		"system cef", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; destination.ip=198.51.100.1; event.code=100`,
	},
	{
		`CEF:0|Example|broken`,
		"system plain", ``,
	},
	{
		`CEF:0|Example|Vault|1.0|7|Key rotated|3|outcome=success src=203.0.113.5`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=success; source.ip=203.0.113.5; event.code=7; event.reason=Key rotated`,
	},
	{
		`CEF:0|Example|Vault|1.0|8|Policy changed|3|src=203.0.113.5`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=unknown; source.ip=203.0.113.5; event.code=8; event.reason=Policy changed`,
	},
	{
		`CEF:1|Example|Firewall|1.0|100|Blocked \| by rule|5|rt=1759827600123 proto=TCP app=HTTPS src=203.0.113.5 shost=a.example.org spt=40000 dst=198.51.100.1 dhost=b.example.org dpt=443 act=blocked reason=rule a\=b cnt=3 dvchost=fw01 externalId=7`,
		"system cef 2025-10-07T09:00:00.123Z", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; source.domain=a.example.org; source.port=40000; destination.ip=198.51.100.1; destination.port=443; destination.domain=b.example.org; network.transport=tcp; network.protocol=https; event.code=100; event.reason=rule a=b; tocsin.repeated=3`,
	},
	{
		`CEF:0|Example|Firewall|1.0|100|Blocked \| by rule|5|c6a2=2001:db8::5 c6a2Label=Source IPv6 Address c6a3=2001:db8::1 c6a3Label=Destination IPv6 Address act=allow end=Oct 07 2025 09:00:00.123 UTC`,
		"system cef 2025-10-07T09:00:00.123Z", `event.category=network; event.action=device_event; event.outcome=success; source.ip=2001:db8::5; destination.ip=2001:db8::1; event.code=100; event.reason=Blocked | by rule`,
	},
	{ // a label of one's own says nothing about the source
		`CEF:0|Example|Firewall|1.0|100|x|5|c6a2=2001:db8::5 c6a2Label=Gateway start=Oct 07 09:00:00`,
		"system cef 2025-10-07T09:00:00Z", `event.category=network; event.action=device_event; event.outcome=unknown; event.code=100; event.reason=x`,
	},
	{ // a text that writes keys: what stands twice is not believed
		`CEF:0|Example|Portal|1.0|7|Login|5|msg=note src=192.0.2.66 outcome=success suser=root x src=203.0.113.5 outcome=failure suser=bob`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=unknown; event.code=7; event.reason=Login`,
	},
	{
		`CEF:0|Example|Portal|1.0|7|Login|5|src=203.0.113.5 suser=proxy duser=bob dntdom=EXAMPLE sntdom=X duid=1001 outcome=failure reason=Bad password`,
		"auth cef", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; user.domain=EXAMPLE; user.id=1001; event.code=7; event.reason=Bad password`,
	},
	{ // near a login: nothing says that anybody logged in
		`CEF:0|Example|Portal|1.0|8|Login policy changed|5|src=203.0.113.5 suser=bob outcome=success`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=success; source.ip=203.0.113.5; user.name=bob; event.code=8; event.reason=Login policy changed`,
	},
	{
		`CEF:0|Example|Portal|1.0|8|Login|5|src=203.0.113.5 suser=bob`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob; event.code=8; event.reason=Login`,
	},
	{
		`CEF:0|Example|Portal|1.0|9|Logout|5|src=203.0.113.5 suser=bob`,
		"auth cef", `event.category=session; event.action=app_logout; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob; event.code=9; event.reason=Logout`,
	},
	{
		`CEF:0|Example|Scanner|1.0|20|Malware found|9|act=quarantined fname=a.exe filePath=C:\\tmp\\a.exe fsize=54 oldFilePath=/b fileHash=0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef msg=first\nsecond`,
		"system cef", `event.category=network; event.action=device_event; event.outcome=failure; file.path=C:\tmp\a.exe; file.name=a.exe; tocsin.file.previous.path=/b; file.size=54; file.hash.sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef; event.code=20; event.reason=Malware found`,
	},
	{ // an equals sign that nobody escaped, in a place where no key can be
		`CEF:0|Example|Proxy|1.0|200|Web request|1|request=http://example.org/a?b=c&d=e requestMethod=POST requestClientApplication=curl/8 requestContext=http://example.org/ src=203.0.113.5`,
		"web cef", `event.category=web; event.action=http_request; event.outcome=unknown; http.request.method=POST; url.original=http://example.org/a?b=c&d=e; url.scheme=http; url.domain=example.org; url.path=/a; url.query=b=c&d=e; user_agent.original=curl/8; http.request.referrer=http://example.org/; source.ip=203.0.113.5; event.code=200; event.reason=Web request`,
	},
	{
		`LEEF:2.0|Example|Firewall|1.0|100|x5E|src=203.0.113.5^srcPort=4000^dst=198.51.100.1^dstPort=22^proto=TCP^action=deny^devTime=Oct 07 2025 09:00:00`,
		"system cef 2025-10-07T09:00:00Z", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.5; source.port=4000; destination.ip=198.51.100.1; destination.port=22; network.transport=tcp; event.code=100`,
	},
	{
		`LEEF:2.0|Example|Firewall|1.0|100|0x7C|src=203.0.113.5|isLoginEvent=true|usrName=bob|domain=EXAMPLE`,
		"auth cef", `event.category=authentication; event.action=app_login; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob; user.domain=EXAMPLE; event.code=100`,
	},
	{ // without the separator's place
		`LEEF:2.0|Example|Firewall|1.0|Login Failed|src=203.0.113.5	accountName=bob	reason=no`,
		"auth cef", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.code=Login Failed; event.reason=no`,
	},
	{
		`LEEF:1.0|Example|Firewall|1.0|out|src=203.0.113.5#011isLogoutEvent=true#011usrName=bob`,
		"auth cef", `event.category=session; event.action=app_logout; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob; event.code=out`,
	},
	{
		`CEF:x|Example|Portal|1.0|8|Login|5|src=203.0.113.5`,
		"system plain", ``,
	},
	{
		`Oct  7 09:00:00 fw01 CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=401; event.reason=Login failed`,
	},
	{
		`<134>1 2025-10-07T09:00:00Z fw01 app - - - CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=401; event.reason=Login failed`,
	},
	{
		`Oct  7 09:00:00 fw01 app[12]: CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `process.pid=12; event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=401; event.reason=Login failed`,
	},
	{
		`Oct  7 09:00:00 fw01 CEF: 0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=401; event.reason=Login failed`,
	},
	{
		`<134>2025-10-07T09:00:00Z LEEF:1.0|Example|Portal|1.0|Login failed|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=Login failed`,
	},
	{
		`Oct  7 09:00:00 CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=401; event.reason=Login failed`,
	},
	{
		`<134>Oct  7 09:00:00 fw01 CEF:0|Example|Portal|1.0|401|Login failed|5|src=203.0.113.5`,
		"auth cef 2025-10-07T09:00:00Z", `event.category=authentication; event.action=app_login; event.outcome=failure; source.ip=203.0.113.5; event.code=401; event.reason=Login failed`,
	},
}
