package webattack

import (
	"bytes"
	"regexp"
)

// sensitiveFiles are paths that no honest request names in a parameter, and
// that no server serves.
func sensitiveFiles() []string {
	return []string{
		"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hosts", "/etc/issue", "/etc/sudoers", "/etc/ssh/", "/etc/mysql/", "/etc/apache2/", "/etc/nginx/", "/etc/crontab", "/etc/php",
		"/proc/self/", "/proc/version", "/proc/cmdline", "/var/log/", "/root/.", "/.ssh/", "id_rsa", "boot.ini", "win.ini", "system.ini",
		"windows/system32", `windows\system32`, "winnt/system32", `winnt\system32`, "web-inf/web.xml", "c:/windows", `c:\windows`, `c:\boot`,
	}
}

// leftFiles are what is left under a web root by mistake; a path that asks for
// one is looking for it.
func leftFiles() []string {
	return []string{
		"/.env", "/.git/", "/.svn/", "/.hg/", "/.htpasswd", "/.htaccess", "/.aws/", "/.ssh/", "/.ds_store", "/wp-config.php.", "/wp-config.bak",
		"/phpinfo.php", "/server-status", "/actuator/env", "/actuator/heapdump", "/web-inf/", "/.bash_history", "/dump.sql", "/backup.sql",
	}
}

// dotted counts the steps of a path that are made of dots alone, whatever stands
// between them to fool a filter: "/%\..%\..", "/.../.../", "/././".
func dotted(text []byte) int {
	steps, dots, other, entered := 0, 0, 0, false
	for _, c := range text {
		switch c {
		case '/', '\\':
			if dots > 0 && other == 0 && entered {
				steps++
			}
			dots, other, entered = 0, 0, true
		case '.':
			dots++
		case '%', 0:
		default:
			other++
		}
	}
	return steps
}

// traversal looks for a walk out of a folder.
func (e *Eye) traversal(text, where []byte) {
	if bytes.IndexByte(text, '.') < 0 {
		return
	}
	if dotted(text) >= 4 {
		e.found(PathTraversal, sure, where)
		return
	}
	steps := 0
	for i := 0; i+2 < len(text); i++ {
		if text[i] != '.' || text[i+1] != '.' {
			continue
		}
		before := i == 0 || !isWord(text[i-1]) && text[i-1] != '.'
		if after := text[i+2]; (after == '/' || after == '\\') && before {
			steps++
		}
	}
	// "/..": at the very end, and with dots or slashes doubled to survive a filter.
	if steps == 0 && !bytes.Contains(text, []byte("....//")) && !bytes.Contains(text, []byte("..;/")) && !bytes.Contains(text, []byte(`.\\./`)) {
		return
	}
	switch {
	case steps >= 3 || steps == 0 || containsAny(text, e.lore.sensitive):
		e.found(PathTraversal, sure, where)
	case steps == 2 || bytes.IndexByte(text, 0) >= 0:
		e.found(PathTraversal, likely, where)
	default:
		e.found(PathTraversal, hint, where)
	}
}

// file looks for files that are nobody's business.
func (e *Eye) file(text, where []byte) {
	words := e.lore.sensitive
	if string(where) == inPath {
		words = e.lore.left
		if !bytes.Contains(text, []byte("/.")) && !hasByte(text, "-_") && !contains(text, "php") && !contains(text, "sql") && !contains(text, "actuator") {
			return
		}
	} else if !hasByte(text, `/\.`) && !contains(text, "id_rsa") {
		return
	}
	if !containsAny(text, words) {
		return
	}
	score := likely
	if string(where) == inPath && !contains(text, "/.env") && !contains(text, "/.git/") && !contains(text, "/.ssh/") && !contains(text, "/.aws/") {
		score = hint
	}
	e.found(SensitiveFile, score, where)
}

// remoteSigns are parts of addresses that a server is made to ask for: scripts that run what
// they are told, and the places where clouds tell a machine its secrets.
func remoteSigns() []string {
	return []string{
		".txt?", ".php?cmd", "169.254.169.254", "metadata.google.internal", "/latest/meta-data", "100.100.100.200", "fd00:ec2::254",
		"/computemetadata/", "/metadata/v1",
	}
}

// inside is an address of this host or its network as only who wants to hide it writes it
// (a number of eight digits or more, hexadecimal, octal, mapped into IPv6), or with the port
// of a service that is nobody's business.
var inside = regexp.MustCompile(`(?i)^(?:https?|ftp)://(?:[^/@]*@)?(?:\d{8,10}(?:[:/]|$)|0x[0-9a-f]{2,8}(?:[.:/]|$)|0\d{2,3}\.\d|\[(?:[0:]+(?:ffff:)?)(?:127|10|169|192)\.|(?:127\.[\d.]+|localhost|\[::1?\]|0\.0\.0\.0|10\.[\d.]+|192\.168\.[\d.]+):(?:22|23|25|110|111|135|139|389|445|873|1433|2375|3306|3389|5432|5900|5984|6379|6443|8500|9000|9200|10250|11211|27017)(?:/|$))`)

// external is a document type with an entity that lies elsewhere (XXE).
var external = regexp.MustCompile(`(?i)<!entity\s+(?:%\s*)?[\w.-]+\s+(?:system|public)\s*['"]`)

// inclusion looks for the wrappers through which PHP reads what is no file, for addresses
// that only the server itself can reach, and for entities that lie elsewhere.
func (e *Eye) inclusion(text, where []byte) {
	value := skipSpace(text)
	for _, scheme := range []string{"php://", "expect://", "phar://", "zip://", "compress.zlib://", "glob://", "file:///", "ogg://", "ssh2://", "data://", "data:text/plain", "data:;base64", "gopher://", "dict://", "jar:http"} {
		if hasPrefix(value, scheme) {
			e.found(FileInclusion, sure, where)
			return
		}
	}
	if (hasPrefix(value, "http://") || hasPrefix(value, "https://") || hasPrefix(value, "ftp://")) &&
		(containsAny(value, e.lore.remote) || bytes.IndexByte(value, 0) >= 0 || e.fits(&e.lore.inside, value, FileInclusion, where)) {
		e.found(FileInclusion, likely, where)
	}
	if e.fits(&e.lore.external, text, FileInclusion, where) {
		e.found(FileInclusion, sure, where)
	}
}
