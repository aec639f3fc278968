package parse

// samba reads the authentications that Samba logs at auth_audit 2 and more since
// 4.7 (auth/auth_log.c), as logs have them, not held against its source. A name is in brackets,
// which it may hold itself.
func (e *entry) samba(m []byte) bool {
	if rest, ok := cut(m, "  "); ok {
		m = rest
	}
	if !has(m, "Auth: [") && !has(m, "Successful AuthZ: [") {
		return false
	}
	if _, rest, ok := split(m, "] status [NT_STATUS_"); ok && contains(rest, "] status [NT_STATUS_") {
		e.did(authentication, "smb_login", unknown) // a name that imitates the line
		return true
	}
	if has(m, "Successful AuthZ: [") {
		return e.readTemplate(m, []templated{
			{"Successful AuthZ: [%*] user [%*]\\[%u] [S-%*] at [%*] Remote host [ipv4:%H] local host [%*", session, "smb_session_opened", success},
			{"Successful AuthZ: [%*] user [%*]\\[%u] [S-%*] at [%*] Remote host [ipv6:%H] local host [%*", session, "smb_session_opened", success},
		})
	}
	return e.readTemplate(m, []templated{
		{"Auth: [%*] user [%*]\\[%u] at [%*] with [%*] status [NT_STATUS_OK] workstation [%*] remote host [ipv4:%H] %*", authentication, "smb_login", success},
		{"Auth: [%*] user [%*]\\[%u] at [%*] with [%*] status [NT_STATUS_OK] workstation [%*] remote host [ipv6:%H] %*", authentication, "smb_login", success},
		{"Auth: [%*] user [%*]\\[%u] at [%*] with [%*] status [NT_STATUS_%w] workstation [%*] remote host [ipv4:%H] %*", authentication, "smb_login", failure},
		{"Auth: [%*] user [%*]\\[%u] at [%*] with [%*] status [NT_STATUS_%w] workstation [%*] remote host [ipv6:%H] %*", authentication, "smb_login", failure},
		{"Auth: [%*] user [%*]\\[%u] at [%*] with [%*] status [NT_STATUS_%w] workstation [%*] remote host [%*", authentication, "smb_login", failure},
	})
}
