package parse

import "testing"

func TestSamba(t *testing.T) { testCases(t, "samba", sambaCases) }

func FuzzSamba(f *testing.F) { fuzzParser(f, "samba", sambaCases) }

var sambaCases = []lineCase{
	{
		`  Auth: [SMB2,(null)] user [WORKGROUP]\[bob] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [PC] remote host [ipv4:203.0.113.5:44890] mapped to [WORKGROUP]\[bob]. local host [ipv4:198.51.100.1:445]`,
		"auth samba", `event.category=authentication; event.action=smb_login; event.outcome=failure; source.ip=203.0.113.5; source.port=44890; user.name=bob`,
	},
	{
		`Auth: [SMB2,(null)] user [WORKGROUP]\[bob] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_OK] workstation [PC] remote host [ipv6:2001:db8::5:44890] became [WORKGROUP]\[bob] [S-1-5-21]. local host [ipv6:2001:db8::1:445]`,
		"auth samba", `event.category=authentication; event.action=smb_login; event.outcome=success; source.ip=2001:db8::5; source.port=44890; user.name=bob`,
	},
	{
		`Auth: [SMB2,(null)] user []\[x] at [a] with [b] status [NT_STATUS_OK] workstation [c] remote host [ipv4:192.0.2.66:1] d] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_NO_SUCH_USER] workstation [PC] remote host [ipv4:203.0.113.5:44890] mapped to []\[x]. local host [ipv4:198.51.100.1:445]`,
		"auth samba", `event.category=authentication; event.action=smb_login; event.outcome=unknown`,
	},
	{
		`check_ntlm_password: Checking password`,
		"system plain", ``,
	},
	{
		`Successful AuthZ: [SMB2,NTLMSSP] user [WORKGROUP]\[bob] [S-1-5-21-1] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] Remote host [ipv4:203.0.113.5:44890] local host [ipv4:198.51.100.1:445]`,
		"auth samba", `event.category=session; event.action=smb_session_opened; event.outcome=success; source.ip=203.0.113.5; source.port=44890; user.name=bob`,
	},
}
