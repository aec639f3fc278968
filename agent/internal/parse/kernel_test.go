package parse

import "testing"

func TestKernel(t *testing.T) { testCases(t, "kernel", kernelCases) }

func FuzzKernel(f *testing.F) { fuzzParser(f, "kernel", kernelCases) }

var kernelCases = []lineCase{
	{
		`[ 8665.951930] Out of memory: Killed process 4711 (mysqld) total-vm:5123456kB, anon-rss:4000000kB, file-rss:0kB, shmem-rss:0kB, UID:110 pgtables:9000kB oom_score_adj:0`,
		"system kernel", `event.category=process; event.action=oom_kill; event.outcome=failure; process.pid=4711`,
	},
	{
		`Memory cgroup out of memory: Killed process 4711 (a) (b) total-vm:5123456kB, anon-rss:1kB`,
		"system kernel", `event.category=process; event.action=oom_kill; event.outcome=failure; process.pid=4711`,
	},
	{
		`Out of memory: Kill process 4711 (mysqld) score 905 or sacrifice child`,
		"system kernel", `event.category=process; event.action=oom_kill_chosen; event.outcome=failure; process.pid=4711`,
	},
	{
		`Killed process 4711 (mysqld) total-vm:5123456kB, anon-rss:1kB, file-rss:0kB`,
		"system kernel", `event.category=process; event.action=oom_kill; event.outcome=failure; process.pid=4711`,
	},
	{
		`[869507.505196] su[1433535]: segfault at 7f1f9b891000 ip 00007f1f9b870d7d sp 00007ffd5dab97f0 error 6 in ld-linux-x86-64.so.2[7f1f9b85e000+25000]`,
		"system kernel", `event.category=process; event.action=process_crashed; event.outcome=failure; process.pid=1433535; event.reason=segfault`,
	},
	{
		`[869507.505196] a[b][12]: segfault at 0 ip 0000000000000000 sp 00007ffd5dab97f0 error 14`,
		"system kernel", `event.category=process; event.action=process_crashed; event.outcome=failure; process.pid=12; event.reason=segfault`,
	},
	{
		`traps: app[12] general protection fault ip:7f1f9b870d7d sp:7ffd5dab97f0 error:0 in libc.so.6[7f1f9b85e000+25000]`,
		"system kernel", `event.category=process; event.action=process_crashed; event.outcome=failure; process.pid=12; event.reason=general protection`,
	},
	{
		`traps: app[12] trap divide error ip:7f1f9b870d7d sp:7ffd5dab97f0 error:0 in app[400000+1000]`,
		"system kernel", `event.category=process; event.action=process_crashed; event.outcome=failure; process.pid=12; event.reason=divide error`,
	},
	{
		`[ 8665.951930] [UFW BLOCK] IN=eth0 OUT= MAC=a2:1b:bb SRC=203.0.113.9 DST=198.51.100.1 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=37700 DF PROTO=TCP SPT=51604 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0`,
		"system kernel", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.9; destination.ip=198.51.100.1; network.transport=tcp; source.port=51604; destination.port=22`,
	},
	{
		`[UFW ALLOW] IN=eth0 OUT= MAC= SRC=2001:0db8:0000:0000:0000:0000:0000:0009 DST=2001:0db8:0000:0000:0000:0000:0000:0001 LEN=60 TC=0 HOPLIMIT=63 FLOWLBL=0 PROTO=UDP SPT=51604 DPT=53 LEN=20`,
		"system kernel", `event.category=network; event.action=firewall_allowed; event.outcome=success; source.ip=2001:db8::9; destination.ip=2001:db8::1; network.transport=udp; source.port=51604; destination.port=53`,
	},
	{
		`iptables: IN= OUT=eth0 SRC=198.51.100.1 DST=203.0.113.9 LEN=84 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=ICMP TYPE=3 CODE=3 [SRC=203.0.113.9 DST=198.51.100.1 LEN=56 PROTO=UDP SPT=1 DPT=2 ]`,
		"system kernel", `event.category=network; event.action=firewall_logged; event.outcome=unknown; source.ip=198.51.100.1; destination.ip=203.0.113.9; network.transport=icmp`,
	},
	{
		`audit: type=1400 audit(1759827600.123:54): apparmor="DENIED" operation="open" class="file" profile="/usr/bin/evince" name="/etc/shadow" pid=16418 comm="evince" requested_mask="r" denied_mask="r" fsuid=1000 ouid=0`,
		"system kernel", `event.category=process; event.action=apparmor_denied; event.outcome=failure; event.reason=open`,
	},
	{
		`device eth0 entered promiscuous mode`,
		"system kernel", `event.category=network; event.action=promiscuous_mode; event.outcome=unknown`,
	},
	{
		`martian source 198.51.100.1 from 203.0.113.9, on dev eth0`,
		"system kernel", `event.category=network; event.action=firewall_logged; event.outcome=unknown; source.ip=203.0.113.9; destination.ip=198.51.100.1`,
	},
	{
		`TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.  Check SNMP counters.`,
		"system kernel", `event.category=network; event.action=syn_flood; event.outcome=unknown`,
	},
	{
		`[1.2] Kernel panic - not syncing: Attempted to kill init!`,
		"system kernel", `event.category=process; event.action=kernel_panic; event.outcome=failure; event.reason=Attempted to kill init!`,
	},
	{
		`[WAN_IN-default-D]IN=eth0 OUT= MAC=90:10 SRC=203.0.113.9 DST=198.51.100.1 LEN=88 PROTO=TCP SPT=4000 DPT=22`,
		"system kernel", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.9; destination.ip=198.51.100.1; network.transport=tcp; source.port=4000; destination.port=22`,
	},
	{
		`[WAN_OUT-2000-A]IN=eth0 OUT=eth2 SRC=203.0.113.9 DST=198.51.100.1 LEN=88 PROTO=UDP SPT=4000 DPT=22`,
		"system kernel", `event.category=network; event.action=firewall_allowed; event.outcome=success; source.ip=203.0.113.9; destination.ip=198.51.100.1; network.transport=udp; source.port=4000; destination.port=22`,
	},
	{
		`[x-A] IN=eth0 OUT=eth2 SRC=203.0.113.9 DST=198.51.100.1 LEN=88 PROTO=UDP SPT=4000 DPT=22`,
		"system kernel", `event.category=network; event.action=firewall_logged; event.outcome=unknown; source.ip=203.0.113.9; destination.ip=198.51.100.1; network.transport=udp; source.port=4000; destination.port=22`,
	},
	{
		`filter_IN_public_REJECT: IN=eth0 OUT= MAC=90:10 SRC=203.0.113.9 DST=198.51.100.1 LEN=88 PROTO=TCP SPT=4000 DPT=22`,
		"system kernel", `event.category=network; event.action=firewall_denied; event.outcome=failure; source.ip=203.0.113.9; destination.ip=198.51.100.1; network.transport=tcp; source.port=4000; destination.port=22`,
	},
}
