package webattack

import (
	"bytes"
	"regexp"
)

// commandNames are programs that intruders call first.
func commandNames() map[string]bool {
	return set(
		"whoami", "uname", "ifconfig", "ipconfig", "netstat", "nslookup", "dig", "wget", "curl", "bash", "zsh", "ksh", "csh", "dash", "busybox",
		"python", "python2", "python3", "perl", "ruby", "php", "nc", "ncat", "netcat", "telnet", "chmod", "chown", "pwd", "ls", "rm", "mv", "cp", "systeminfo",
		"tasklist", "powershell", "cmd", "ping", "tracert", "traceroute", "xterm", "crontab", "passwd", "useradd", "sudo", "gcc", "printenv", "nohup", "base64", "tftp",
		"scp", "ssh", "phpinfo", "lynx", "socat", "awk", "sed", "grep", "tac", "nl", "xxd", "hostname", "sleep", "cat", "id", "echo", "uptime", "dir", "net", "ps", "sh",
	)
}

// ordinaryNames are those that are words of ordinary language too, and need more
// around them.
func ordinaryNames() map[string]bool {
	return set(
		"type", "more", "less", "head", "tail", "find", "sort", "date", "time", "host", "last", "who", "w", "env", "set", "kill", "make", "test", "top", "man",
		"at", "touch", "mail", "copy", "del", "print", "route", "start", "exec", "read", "export", "eval", "system", "cd", "mount", "reboot", "shutdown",
	)
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// maxCommand bounds how much behind an operator is looked at, so that a text
// full of operators takes no longer than its length.
const maxCommand = 256

// command looks for a shell's operator with a command behind it.
func (e *Eye) command(text, where []byte) {
	if !hasByte(text, ";|&`$\n\r<>/{\\'") {
		return
	}
	if containsAny(text, []string{"${ifs}", "$ifs", "/dev/tcp/", "cmd.exe", "/bin/sh", "/bin/bash", "powershell -", "powershell.exe", "<!--#exec", "$(ifs)"}) {
		e.found(CommandInjection, sure, where)
		return
	}
	first := len(text) - len(skipSpace(text))
	for i := range text {
		rest, strong := operator(text, i)
		if rest == nil {
			continue
		}
		rest = rest[:min(len(rest), maxCommand)]
		if score := e.invoked(rest, strong || i <= first); score > 0 {
			e.found(CommandInjection, score, where)
		}
	}
	if score := e.absolute(text); score > 0 {
		e.found(CommandInjection, score, where)
	}
	if e.fits(&e.lore.assigned, text, CommandInjection, where) {
		e.found(CommandInjection, likely, where)
	}
	e.shellshock(text, where)
}

// assigned is a variable of the shell that is set and then run.
var assigned = regexp.MustCompile(`(?:^|[\s;|&^<\n\r])\w+=\$?\\?['"{(].*;\s*\$\{?\w`)

// operator is what follows a shell's operator at i; nil where there is none.
// Single bars and ampersands stand in honest text too.
func operator(text []byte, i int) (rest []byte, strong bool) {
	next := func(c byte) bool { return i+1 < len(text) && text[i+1] == c }
	switch text[i] {
	case ';', '`', '\n', '\r':
		return text[i+1:], true
	case '\\': // a line break that a program will make of it
		if (next('n') || next('r')) && (i == 0 || !isWord(text[i-1]) && text[i-1] != ':') {
			return text[i+2:], true
		}
	case '$':
		if next('(') {
			return text[i+2:], true
		}
	case '|', '&':
		if next(text[i]) {
			return text[i+2:], true
		}
		return text[i+1:], false
	case '<', '>':
		if next('(') {
			return text[i+2:], true
		}
	}
	return nil, false
}

// invoked scores what stands where a command is expected.
func (e *Eye) invoked(rest []byte, strong bool) int {
	rest = skipSpace(rest)
	rest = bytes.TrimLeft(rest, "({'\"\\@! ")
	path := false
	for _, folder := range []string{"/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"} {
		if hasPrefix(rest, folder) {
			rest, path = rest[len(folder):], true
			break
		}
	}
	name := make([]byte, 0, 16)
	n := 0
	// Quotes and backslashes within a command's name are the shell's to drop.
	for n < len(rest) && len(name) < 16 && (isWord(rest[n]) || hasByte(rest[n:n+1], `'"\`) && n+1 < len(rest) && isWord(rest[n+1]) && len(name) > 0) {
		if rest[n] == '\\' && lineBreak(rest[n:]) {
			break
		}
		if isWord(rest[n]) {
			name = append(name, foldByte(rest[n]))
		}
		n++
	}
	after := rest[n:]
	known, common := e.lore.commands[string(name)], e.lore.ordinary[string(name)]
	switch {
	case path && (known || common):
		return sure
	case known && ends(after) && (strong || argument(after, strong)):
		return sure
	case common && argument(after, strong):
		return likely
	case known && len(after) > 0 && (hasByte(after[:1], ";`#)&") || string(after) == "|" || bytes.HasPrefix(after, []byte(`\n`))):
		return likely
	case known && len(after) == 0:
		return hint // a list of names, perhaps
	}
	return 0
}

// lineBreak tells whether text begins with an escape that a program will make a
// line break of, with no word behind it.
func lineBreak(text []byte) bool {
	return len(text) > 1 && (text[1] == 'n' || text[1] == 'r') && (len(text) == 2 || !isWord(text[2]))
}

// ends tells whether a command's name ends here.
func ends(after []byte) bool {
	return len(after) == 0 || isSpace(after[0]) || hasByte(after[:1], ";|&`)<>$%'\"#\\{}/")
}

// argument tells whether what follows looks like an argument or a further
// operator. Bars without blanks stand in lists, too.
func argument(after []byte, strong bool) bool {
	rest := skipSpace(after)
	if len(rest) == 0 {
		return false
	}
	if len(rest) == len(after) {
		return strong && hasByte(rest[:1], ";|&`<>$")
	}
	drive := len(rest) > 1 && isLetter(rest[0]) && rest[1] == ':'
	return drive || hasByte(rest[:1], "-/.;|&<>$~") || isDigit(rest[0]) || hasPrefix(rest, "http")
}

// absolute scores a program named by its path, and reading a sensitive file.
func (e *Eye) absolute(text []byte) int {
	for _, folder := range []string{"/usr/bin/", "/bin/"} {
		if i := index(text, folder); i >= 0 && e.lore.commands[string(bytes.ToLower(wordAt(text[i+len(folder):])))] {
			return sure
		}
	}
	value := skipSpace(text)
	word := bytes.ToLower(wordAt(value[:min(len(value), 16)]))
	rest := value[len(word):]
	if !e.lore.commands[string(word)] || len(rest) == 0 || !isSpace(rest[0]) {
		return 0
	}
	if containsAny(rest, e.lore.sensitive) {
		return sure
	}
	if drive := skipSpace(rest); len(drive) > 2 && isLetter(drive[0]) && drive[1] == ':' && hasByte(drive[2:3], `/\`) && hasByte(drive, "|&;>") {
		return likely
	}
	return 0
}

var shellFunction = regexp.MustCompile(`(?:^|[='":\s])\(\)\s*\{\s*(?::|_|\w+\s[^}]*);`)

// shellshock looks for a function where a variable's value is expected.
func (e *Eye) shellshock(text, where []byte) {
	if e.fits(&e.lore.function, text, CommandInjection, where) {
		e.found(CommandInjection, sure, where)
	}
}
