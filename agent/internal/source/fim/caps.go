package fim

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
)

// capNames are the capabilities by their numbers (capabilities(7)).
func capNames() []string {
	return strings.Fields(`cap_chown cap_dac_override cap_dac_read_search cap_fowner cap_fsetid cap_kill cap_setgid cap_setuid
		cap_setpcap cap_linux_immutable cap_net_bind_service cap_net_broadcast cap_net_admin cap_net_raw cap_ipc_lock cap_ipc_owner
		cap_sys_module cap_sys_rawio cap_sys_chroot cap_sys_ptrace cap_sys_pacct cap_sys_admin cap_sys_boot cap_sys_nice
		cap_sys_resource cap_sys_time cap_sys_tty_config cap_mknod cap_lease cap_audit_write cap_audit_control cap_setfcap
		cap_mac_override cap_mac_admin cap_syslog cap_wake_alarm cap_block_suspend cap_audit_read cap_perfmon cap_bpf
		cap_checkpoint_restore`)
}

// capsText writes a file's capabilities as getcap does: cap_net_raw=ep. The
// attribute is little endian: a word whose top byte is the revision and whose low
// bit is "effective", then words of permitted and inheritable, low half first
// (linux/capability.h). What is not of revision 2 or 3 is given in hex.
func capsText(attribute string) string {
	b := []byte(attribute)
	if len(b) == 0 {
		return ""
	}
	if revision := b[min(3, len(b)-1)]; len(b) < 20 || revision != 2 && revision != 3 {
		return hex.EncodeToString(b)
	}
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(b[4*i:])) }
	permitted, inheritable := word(1)|word(3)<<32, word(2)|word(4)<<32
	names := capNames()
	var texts []string
	for _, set := range []struct {
		bits  uint64
		flags string
	}{{permitted &^ inheritable, "p"}, {permitted & inheritable, "ip"}, {inheritable &^ permitted, "i"}} {
		var list []string
		for n := range 64 {
			if set.bits&(1<<n) == 0 {
				continue
			}
			name := strconv.Itoa(n)
			if n < len(names) {
				name = names[n]
			}
			list = append(list, name)
		}
		if len(list) == 0 {
			continue
		}
		flags := set.flags
		if b[0]&1 != 0 {
			flags = "e" + flags
		}
		texts = append(texts, strings.Join(list, ",")+"="+flags)
	}
	return strings.Join(texts, " ")
}
