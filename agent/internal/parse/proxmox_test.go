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
}
