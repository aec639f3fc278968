package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// kernel reads what Linux, 3.x to 6.x, says of killed and crashed processes, of
// packets that a firewall rule logs, and of AppArmor; as in 6.1:
// mm/oom_kill.c (oom_kill_process, __oom_kill_process), arch/x86/mm/fault.c
// (show_signal_msg), arch/x86/kernel/traps.c, net/netfilter/nf_log_syslog.c
// (dump_ipv4_packet, dump_ipv6_packet), security/apparmor/audit.c. A process may
// choose its name, so that it is read up to what the kernel wrote after it.
func (e *entry) kernel(m []byte) bool {
	if rest, ok := cut(m, "["); ok { // seconds since the boot
		if end := bytes.IndexByte(rest[:min(len(rest), 24)], ']'); end > 0 && isUptime(rest[:end]) {
			m = trimLeft(rest[end+1:])
		}
	}
	if bytes.IndexByte(m[:min(len(m), 256)], '=') >= 0 && (e.kernelPacket(m) || e.kernelAppArmor(m)) {
		return true
	}
	if has(m, "audit: type=") || has(m, "type=") {
		return e.auditd(m)
	}
	return e.kernelOOM(m) || e.kernelFault(m) || e.kernelNetwork(m)
}

// kernelNetwork reads what is odd about the network, and the last words before a halt:
// as logs have it, not held against the kernel's source.
func (e *entry) kernelNetwork(m []byte) bool {
	if rest, ok := cut(m, "martian source "); ok { // "martian source TO from FROM, on dev …"
		to, rest := token(rest)
		from, ok := cut(rest, "from ")
		from = until(from, ",")
		if !ok || !isIP(from) {
			return false
		}
		e.did(network, "firewall_logged", unknown)
		e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, from)
		e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, to)
		return true
	}
	head := m[:min(len(m), 80)]
	switch {
	case contains(head, "ossible SYN flooding on port "):
		e.did(network, "syn_flood", unknown)
	case has(m, "device ") && contains(head, " entered promiscuous mode"), contains(head, ": entered promiscuous mode"):
		e.did(network, "promiscuous_mode", unknown)
	case has(m, "Kernel panic - not syncing: "):
		e.did(process, "kernel_panic", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, m[len("Kernel panic - not syncing: "):])
	default:
		return false
	}
	return true
}

func isUptime(b []byte) bool {
	_, rest := digits(trimLeft(b))
	fraction, ok := cut(rest, ".")
	return ok && isDigits(fraction)
}

// kernelOOM reads "[Memory cgroup o|O]ut of memory: Kill[ed] process PID (NAME) …".
func (e *entry) kernelOOM(m []byte) bool {
	rest, ok := cut(m, "Out of memory: ")
	if !ok {
		if rest, ok = cut(m, "Memory cgroup out of memory: "); !ok {
			rest = m
		}
	}
	action := "oom_kill"
	text, killed := cut(rest, "Killed process ")
	if !killed {
		// Up to 5.0 this line came first.
		if text, killed = cut(rest, "Kill process "); !killed || !ok {
			return false
		}
		action = "oom_kill_chosen"
	}
	pid, text := digits(text)
	text, ok = cut(text, " (")
	if !ok || !isNumber(pid) {
		return false
	}
	e.did(process, action, failure)
	e.set(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	for _, end := range [...]string{"), UID ", ") total-vm:", ") score ", ") vsz:"} {
		if name, _, ok := split(text[:min(len(text), 80)], end); ok {
			e.set(eventv1.FieldId_FIELD_ID_PROCESS_NAME, name)
			break
		}
	}
	return true
}

// kernelFault reads "NAME[PID]: segfault at …" and "traps: NAME[PID] general protection …".
func (e *entry) kernelFault(m []byte) bool {
	m, _ = cut(m, "traps: ")
	open := bytes.IndexByte(m[:min(len(m), 64)], '[')
	if open <= 0 {
		return false
	}
	// The name may hold a bracket, the process id may not.
	var pid, rest []byte
	for {
		var ok bool
		pid, rest = digits(m[open+1:])
		if rest, ok = cut(rest, "]"); ok && isNumber(pid) {
			break
		}
		next := bytes.IndexByte(m[open+1:min(len(m), 64)], '[')
		if next < 0 {
			return false
		}
		open += 1 + next
	}
	rest, _ = cut(rest, ":")
	rest, ok := cut(rest, " ")
	if !ok {
		return false
	}
	rest, _ = cut(rest, "trap ")
	reason := []byte(nil)
	for _, word := range [...]string{"segfault", "general protection", "divide error", "invalid opcode", "stack segment", "int3", "bad frame", "unhandled signal"} {
		if has(rest, word) {
			reason = rest[:len(word)]
		}
	}
	if reason == nil {
		return false
	}
	e.did(process, "process_crashed", failure)
	e.set(eventv1.FieldId_FIELD_ID_PROCESS_NAME, m[:open])
	e.set(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// kernelPacket reads "PREFIXIN=I OUT=O … SRC=IP DST=IP … PROTO=P SPT=N DPT=N …". The
// prefix is the administrator's, and says what the rule does.
func (e *entry) kernelPacket(m []byte) bool {
	window := m[:min(len(m), 1024)]
	prefix, rest, ok := split(window, "IN=")
	if !ok || len(prefix) > 128 {
		return false
	}
	_, source, ok := split(rest, " SRC=")
	source, rest = token(source)
	target, found := cut(rest, "DST=")
	target, rest = token(target)
	if !ok || !found || !isIP(source) || !isIP(target) {
		return false
	}
	if len(trimSpace(prefix)) == 0 {
		prefix = e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_NAME) // taken for a tag
	}
	switch vyos := firewallVerdict(prefix); {
	case vyos == 'A':
		e.did(network, "firewall_allowed", success)
	case vyos != 0:
		e.did(network, "firewall_denied", failure)
	case anyFold(prefix, "block", "drop", "reject", "deny", "denied", "blacklist", "invalid"):
		e.did(network, "firewall_denied", failure)
	case anyFold(prefix, "allow", "accept", "pass"):
		e.did(network, "firewall_allowed", success)
	default:
		e.did(network, "firewall_logged", unknown)
	}
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, source)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, target)
	if _, protocol, ok := split(rest, "PROTO="); ok {
		switch protocol, _ = token(protocol); string(protocol) {
		case "TCP":
			e.text(eventv1.FieldId_FIELD_ID_NETWORK_TRANSPORT, "tcp")
		case "UDP":
			e.text(eventv1.FieldId_FIELD_ID_NETWORK_TRANSPORT, "udp")
		case "ICMP", "ICMPv6":
			e.text(eventv1.FieldId_FIELD_ID_NETWORK_TRANSPORT, "icmp")
		}
	}
	// An ICMP error quotes a packet of the sender's in brackets.
	rest, _, _ = split(rest, " [")
	if _, port, ok := split(rest, " SPT="); ok {
		e.port(firstWord(port))
	}
	if _, port, ok := split(rest, " DPT="); ok && isPort(firstWord(port)) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, firstWord(port))
	}
	return true
}

// firewallVerdict reads the end of the prefix that VyOS and EdgeOS write, "[RULES-RULE-A]":
// accepted, dropped or rejected; as logs have it.
func firewallVerdict(prefix []byte) byte {
	prefix = trimRight(prefix)
	if head, ok := cutEnd(prefix, "]"); ok && len(head) > 4 && head[0] == '[' && head[len(head)-2] == '-' {
		switch verdict := head[len(head)-1]; verdict {
		case 'A', 'D', 'R':
			return verdict
		}
	}
	return 0
}

// anyFold says whether one of some words in lower case stands in b in any case.
func anyFold(b []byte, words ...string) bool {
	for i := range b {
		for _, word := range words {
			if len(b)-i < len(word) {
				continue
			}
			j := 0
			for j < len(word) && b[i+j]|0x20 == word[j] {
				j++
			}
			if j == len(word) {
				return true
			}
		}
	}
	return false
}

// kernelAppArmor reads `…apparmor="DENIED" operation="O" … profile="P" name="N" pid=N comm="C"`.
func (e *entry) kernelAppArmor(m []byte) bool {
	head, rest, ok := split(m[:min(len(m), 200)], `apparmor="DENIED" operation="`)
	if !ok || contains(head, `"`) {
		return false
	}
	operation, _, _ := split(rest, `"`)
	e.did(process, "apparmor_denied", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, operation)
	return true
}
