package webattack

import "bytes"

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

// inclusion looks for the wrappers through which PHP reads what is no file.
func (e *Eye) inclusion(text, where []byte) {
	value := skipSpace(text)
	for _, scheme := range []string{"php://", "expect://", "phar://", "zip://", "compress.zlib://", "glob://", "file:///", "ogg://", "ssh2://", "data://", "data:text/plain", "data:;base64", "gopher://", "dict://", "jar:http"} {
		if hasPrefix(value, scheme) {
			e.found(FileInclusion, sure, where)
			return
		}
	}
	if (hasPrefix(value, "http://") || hasPrefix(value, "https://") || hasPrefix(value, "ftp://")) &&
		(containsAny(value, []string{".txt?", ".php?cmd", "169.254.169.254", "metadata.google.internal", "/latest/meta-data"}) || bytes.IndexByte(value, 0) >= 0) {
		e.found(FileInclusion, likely, where)
	}
}
