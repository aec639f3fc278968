package parse

import "testing"

func TestSamba(t *testing.T) { testCases(t, "samba", sambaCases) }

func FuzzSamba(f *testing.F) { fuzzParser(f, "samba", sambaCases) }

var sambaCases = []lineCase{
	{
		`  Auth: [SMB2,(null)] user [WORKGROUP]\[bob] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [PC] remote host [ipv4:203.0.113.5:44890] mapped to [WORKGROUP]\[bob]. local host [ipv4:198.51.100.1:445] `,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_login; event.outcome=failure; source.ip=203.0.113.5; source.port=44890; user.name=bob; user.domain=WORKGROUP; event.reason=NT_STATUS_WRONG_PASSWORD`,
	},
	{
		`Auth: [SMB2,(null)] user [WORKGROUP]\[bob] at [Tue, 07 Oct 2025 09:00:00.023984 CEST] with [NTLMv2] status [NT_STATUS_OK] workstation [PC] remote host [ipv6:2001:db8::5:44890] became [WORKGROUP]\[bob] [S-1-5-21]. local host [ipv6:2001:db8::1:445]`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_login; event.outcome=success; source.ip=2001:db8::5; source.port=44890; user.name=bob; user.domain=WORKGROUP`,
	},
	{
		`Auth: [Kerberos KDC,ENC-TS Pre-authentication] user [(null)]\[bob@EXAMPLE.ORG] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [(null)] status [NT code 0xc0000999] workstation [(null)] remote host [ipv4:203.0.113.5:44890] mapped to [(null)]\[(null)]. local host [NULL]  NETLOGON computer [PC] trust account [PC$]`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_login; event.outcome=failure; source.ip=203.0.113.5; source.port=44890; user.name=bob@EXAMPLE.ORG; event.reason=NT code 0xc0000999`,
	},
	{ // a name that imitates a login from elsewhere
		`Auth: [SMB2,(null)] user []\[x] at [a] with [b] status [NT_STATUS_OK] workstation [c] remote host [ipv4:192.0.2.66:1] d] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_NO_SUCH_USER] workstation [PC] remote host [ipv4:203.0.113.5:44890] mapped to []\[x]. local host [ipv4:198.51.100.1:445]`,
		"auth samba", `event.category=authentication; event.action=smb_login; event.outcome=unknown`,
	},
	{ // a workstation that imitates an address: none is taken
		`Auth: [SMB2,(null)] user [A]\[bob] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [x] remote host [ipv4:192.0.2.66:1] remote host [ipv4:203.0.113.5:44890] mapped to [A]\[bob]. local host [ipv4:198.51.100.1:445]`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_login; event.outcome=failure; user.name=bob; user.domain=A; event.reason=NT_STATUS_WRONG_PASSWORD`,
	},
	{ // what a name cannot hold is the separator itself: its backslash is doubled
		`Auth: [SMB2,(null)] user [A]\[x]\\[y] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_NO_SUCH_USER] workstation [PC] remote host [ipv4:203.0.113.5:44890] mapped to [A]\[x]. local host [ipv4:198.51.100.1:445]`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_login; event.outcome=failure; source.ip=203.0.113.5; source.port=44890; user.name=x]\\[y; user.domain=A; event.reason=NT_STATUS_NO_SUCH_USER`,
	},
	{
		`[2025/10/07 09:00:00.123456,  2, pid=12] Auth: [SMB2,(null)] user [A]\[bob] at [?] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [PC] remote host [NULL] mapped to [A]\[bob]. local host [NULL]`,
		"auth samba 2025-10-07T09:00:00.123456Z", `event.category=authentication; event.action=smb_login; event.outcome=failure; user.name=bob; user.domain=A; event.reason=NT_STATUS_WRONG_PASSWORD`,
	},
	{
		`Successful AuthZ: [SMB2,NTLMSSP] user [WORKGROUP]\[bob] [S-1-5-21-1] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] Remote host [ipv4:203.0.113.5:44890] local host [ipv4:198.51.100.1:445]`,
		"auth samba", `event.category=session; event.action=smb_session_opened; event.outcome=success; source.ip=203.0.113.5; source.port=44890; user.name=bob; user.domain=WORKGROUP`,
	},
	{
		`  check_ntlm_password:  Authentication for user [bob] -> [bob] FAILED with error NT_STATUS_WRONG_PASSWORD, authoritative=1`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`  check_ntlm_password:  Authentication for user [bob] -> [bob] FAILED with error NT_STATUS_NO_SUCH_USER`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`check_ntlm_password:  authentication for user [bob] -> [bob] -> [bob] succeeded`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=success; user.name=bob`,
	},
	{
		`check_ntlm_password:  guest authentication for user [] -> [] -> [nobody] succeeded`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=success`,
	},
	{ // the end of the line is the program's
		`check_ntlm_password:  Authentication for user [x] -> [y] -> [z] succeeded] -> [x] FAILED with error NT_STATUS_NO_SUCH_USER, authoritative=1`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=failure`,
	},
	{
		`check_ntlm_password:  PAM Account for user [bob] FAILED with error NT_STATUS_ACCOUNT_DISABLED`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=failure; user.name=bob`,
	},
	{
		`auth_check_password_recv: sam authentication for user [EXAMPLE\bob] FAILED with error NT_STATUS_WRONG_PASSWORD, authoritative=1`,
		"auth samba", `event.category=authentication; event.action=smb_authentication; event.outcome=failure; user.name=bob; user.domain=EXAMPLE`,
	},
	{
		`check_ntlm_password:  Checking password for unmapped user [A]\[bob]@[PC] with the new password interface`,
		"system plain", ``,
	},
	{
		`  pc-1 (ipv4:203.0.113.5:44890) signed connect to service data initially as user bob (uid=1000, gid=1000) (pid 12)`,
		"auth samba", `event.category=session; event.action=smb_share_opened; event.outcome=success; source.ip=203.0.113.5; source.port=44890; user.name=bob; event.reason=data`,
	},
	{
		`pc-1 (ipv4:203.0.113.5:44890) closed connection to service data`,
		"auth samba", `event.category=session; event.action=smb_share_closed; event.outcome=unknown; source.ip=203.0.113.5; source.port=44890; event.reason=data`,
	},
	{
		`Connection denied from ipv4:203.0.113.5:44890 to ipv4:198.51.100.1:445`,
		"system samba", `event.category=network; event.action=smb_connection_refused; event.outcome=failure; source.ip=203.0.113.5; source.port=44890`,
	},
	{
		`make_connection_snum: Denied connection from a.example.org (203.0.113.5) to \\198.51.100.1\data`,
		"system samba", `event.category=network; event.action=smb_connection_refused; event.outcome=failure; source.ip=203.0.113.5`,
	},
	{
		`bob|203.0.113.5|connect|ok|data`,
		"auth samba", `event.category=session; event.action=smb_share_opened; event.outcome=success; source.ip=203.0.113.5; user.name=bob; event.reason=connect`,
	},
	{
		`bob|203.0.113.5|disconnect|ok|data`,
		"auth samba", `event.category=session; event.action=smb_share_closed; event.outcome=unknown; source.ip=203.0.113.5; user.name=bob; event.reason=disconnect`,
	},
	{
		`bob|203.0.113.5|openat|fail (Permission denied)|w|/srv/data/a|ok|b`,
		"system samba", `event.category=file; event.action=smb_file_operation; event.outcome=failure; source.ip=203.0.113.5; user.name=bob; event.reason=openat; file.path=/srv/data/a|ok|b`,
	},
	{ // a prefix of one's own: whose name comes first is not known
		`pc|203.0.113.5|data|unlinkat|ok|/srv/data/a`,
		"system samba", `event.category=file; event.action=smb_file_operation; event.outcome=success; source.ip=203.0.113.5; event.reason=unlinkat; file.path=/srv/data/a`,
	},
	{
		`Password Change [Reset] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] status [Success] remote host [ipv4:203.0.113.5:44890] SID [S-1-5-21-1] DN [CN=bob,CN=Users,DC=example,DC=org]`,
		"auth samba", `event.category=iam; event.action=password_changed; event.outcome=success; source.ip=203.0.113.5; source.port=44890`,
	},
	{
		`Password Change [Change] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] status [Constraint violation] remote host [ipv4:203.0.113.5:44890] SID [S-1-5-7] DN [CN=bob,CN=Users,DC=example,DC=org]`,
		"auth samba", `event.category=iam; event.action=password_changed; event.outcome=failure; source.ip=203.0.113.5; source.port=44890; event.reason=Constraint violation`,
	},
	{
		`Group Change [Added] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] status [Success] Remote host [ipv4:203.0.113.5:44890] SID [S-1-5-21-1] Group [CN=Domain Admins,CN=Users,DC=example,DC=org] User [CN=bob,CN=Users,DC=example,DC=org]`,
		"auth samba", `event.category=iam; event.action=group_member_added; event.outcome=success; source.ip=203.0.113.5; source.port=44890`,
	},
	{
		`Group Change [Removed] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] status [Success] Remote host [Unknown] SID [S-1-5-21-1] Group [CN=a] User [CN=bob]`,
		"auth samba", `event.category=iam; event.action=group_member_removed; event.outcome=success`,
	},
	{
		`Group Change [PrimaryGroup] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] status [Success] Remote host [Unknown] SID [S-1-5-21-1] Group [CN=a] User [CN=bob]`,
		"auth samba", `event.category=iam; event.action=user_modified; event.outcome=success`,
	},
	{ // a DN that imitates a line
		`DSDB Change [Add] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] status [Success] remote host [ipv4:203.0.113.5:44890] SID [S-1-5-21-1] DN [CN=x] status [Busy] remote host [ipv4:192.0.2.66:1]] attributes [cn [x]]`,
		"auth samba", `event.category=iam; event.action=directory_changed; event.outcome=success; source.ip=203.0.113.5; source.port=44890`,
	},
	{
		`Password Change [Reset] at once`,
		"system plain", ``,
	},
	{
		`{"timestamp": "2025-10-07T09:00:00.023984+0000", "type": "Authentication", "Authentication": {"version": {"major": 1, "minor": 3}, "eventId": 4625, "logonId": "0", "logonType": 3, "status": "NT_STATUS_NO_SUCH_USER", "localAddress": "ipv4:198.51.100.1:445", "remoteAddress": "ipv4:203.0.113.5:44890", "serviceDescription": "SMB2", "authDescription": null, "clientDomain": "A", "clientAccount": "bob", "workstation": "PC", "becameAccount": null, "mappedAccount": "bob"}}`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_login; event.outcome=failure; source.ip=203.0.113.5; source.port=44890; user.name=bob; user.domain=A; event.code=4625; event.reason=NT_STATUS_NO_SUCH_USER`,
	},
	{
		`  {"timestamp": "2025-10-07T09:00:00.023984+0000", "type": "Authorization", "Authorization": {"version": {"major": 1, "minor": 2}, "localAddress": "ipv4:198.51.100.1:445", "remoteAddress": "ipv6:2001:db8::5:44890", "serviceDescription": "SMB2", "authType": "NTLMSSP", "domain": "A", "account": "bob", "sid": "S-1-5-21-1"}}`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=session; event.action=smb_session_opened; event.outcome=success; source.ip=2001:db8::5; source.port=44890; user.name=bob; user.domain=A`,
	},
	{
		`{"timestamp": "2025-10-07T09:00:00.023984+0000", "type": "KDC Authorization", "KDC Authorization": {"version": {"major": 1, "minor": 0}, "status": "NT_STATUS_OK", "localAddress": null, "remoteAddress": "ipv4:203.0.113.5:44890", "serviceDescription": "host/a", "authType": "TGS-REQ with Ticket-Granting Ticket", "domain": "A", "account": "bob"}}`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=authentication; event.action=smb_ticket; event.outcome=success; source.ip=203.0.113.5; source.port=44890; user.name=bob; user.domain=A`,
	},
	{
		`{"timestamp": "2025-10-07T09:00:00.023984+0000", "type": "groupChange", "groupChange": {"version": {"major": 1, "minor": 1}, "eventId": 4728, "statusCode": 0, "status": "Success", "action": "Added", "remoteAddress": "ipv4:203.0.113.5:44890", "userSid": "S-1-5-21-1", "group": "CN=a", "user": "CN=bob"}}`,
		"auth samba 2025-10-07T09:00:00.023984Z", `event.category=iam; event.action=group_member_added; event.outcome=success; source.ip=203.0.113.5; source.port=44890; event.code=4728`,
	},
	{
		`{"timestamp": "2025-10-07T09:00:00.023984+0000", "type": "dsdbTransaction", "dsdbTransaction": {"version": {"major": 1, "minor": 0}, "action": "commit", "duration": 12}}`,
		"system plain", ``,
	},
}
