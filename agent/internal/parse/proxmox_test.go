package parse

import "testing"

func TestProxmox(t *testing.T) { testCases(t, "proxmox", proxmoxCases) }

func FuzzProxmox(f *testing.F) { fuzzParser(f, "proxmox", proxmoxCases) }

var proxmoxCases = []lineCase{
	{
		`authentication failure; rhost=203.0.113.9 user=root@pam msg=Authentication failure`,
		"auth proxmox", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=root@pam; event.reason=Authentication failure`,
	},
	{
		`authentication failure; rhost=::ffff:203.0.113.9 user=x msg=y@pve msg=no such user ('x msg=y@pve')`,
		"auth proxmox", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`<root@pam> successful auth for user 'root@pam'`,
		"auth proxmox", `event.category=authentication; event.action=web_login; event.outcome=success; user.name=root@pam`,
	},
	{
		`<root@pam> starting task UPID:pve:0001:0002:3:vncproxy:100:root@pam:`,
		"system plain", ``,
	},
	{
		`0 3 PVEFW-HOST-IN 07/Oct/2025:09:00:00 +0200 policy DROP: IN=vmbr0 MAC=24:8a:07 SRC=203.0.113.9 DST=198.51.100.1 LEN=52 TOS=0x00 PREC=0xC0 TTL=255 ID=64317 DF PROTO=UDP SPT=49152 DPT=3784 LEN=32`,
		"system proxmox 2025-10-07T07:00:00Z", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.9; destination.ip=198.51.100.1; network.transport=udp; source.port=49152; destination.port=3784`,
	},
	{
		`101 1 tap101i0-IN 07/Oct/2025:09:00:00 +0200 ACCEPT: IN=fwbr101i0 OUT=fwbr101i0 MAC=a2:1b SRC=2001:db8::9 DST=2001:db8::1 LEN=40 TC=0 FLOWLBL=0 HOPLIMIT=64 PROTO=TCP SPT=51604 DPT=22`,
		"system proxmox 2025-10-07T07:00:00Z", `event.category=network; event.action=firewall_allowed; event.outcome=success; source.ip=2001:db8::9; destination.ip=2001:db8::1; network.transport=tcp; source.port=51604; destination.port=22`,
	},
}
