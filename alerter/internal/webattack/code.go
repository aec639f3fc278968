package webattack

import (
	"bytes"
	"regexp"
)

// lookupInside is an expression that Log4j resolves.
var lookupInside = regexp.MustCompile(`(?i)\$\{(?:jndi|lower|upper|env|sys|java|date|ctx|main|base64|:{1,2}-)[^}]*`)

// codeShapes are code of the languages that servers run.
func codeShapes() []shape {
	return []shape{
		at(likely, `(?:.?(?:<\?(?:php|=)|<!--\s*#\s*(?:echo|exec|include|printenv)|\$_(?:get|post|request|server|cookie|files)\b|allow_url_include|auto_prepend_file|invokefunction)|\W?(?:phpinfo|shell_exec|passthru|proc_open|popen|base64_decode|file_get_contents|file_put_contents|call_user_func\w*|assert|gzinflate|str_rot13|var_dump|md5|print_r|system|exec|eval|fopen|readfile|die|include|require)\s*\(\s*(?:['"$@\w/)]|$))`,
			"<?", "<!--", "$_", "phpinfo", "shell_exec", "passthru", "proc_open", "popen", "base64_decode", "file_get_contents", "file_put_contents",
			"call_user_func", "assert", "gzinflate", "str_rot13", "var_dump", "md5", "print_r", "system", "exec", "eval", "fopen", "readfile", "die",
			"include", "require", "allow_url_include", "auto_prepend_file", "invokefunction"),
		seen(likely, `(?i)java\.(?:lang|io|net|util)\.\w|\bgetruntime\s*\(|processbuilder|#_memberaccess|@ognl|ognl\.|class\.module\.classloader|#context\[|freemarker\.template`,
			"java.", "getruntime", "processbuilder", "#_member", "ognl", "class.module", "#context", "freemarker"),
		seen(likely, `(?i)require\s*\(\s*['"](?:child_process|fs|net|http)|process\.(?:mainmodule|binding|env)|__proto__|constructor\s*\[|constructor\.prototype|child_process`,
			"require", "process.", "__proto__", "constructor", "child_process"),
		seen(likely, `(?i)\$env\{|%x\s*[({\[]\s*['"\w]|\bkernel\.(?:exit|system|exec|open|fork|spawn)\b|@\{\[\s*\w`, "$env{", "%x", "kernel.", "@{["),
		seen(likely, `(?i)__(?:import__|class__|globals__|subclasses__|builtins__|mro__|init__)|os\.(?:system|popen)\s*\(|subprocess\.\w+\s*\(`, "__", "os.", "subprocess"),
		seen(likely, `(?i)(?:^|[;{])o:\d+:"[\w\\]+":\d+:\{|^ro0ab|^aced0005`, "o:", "ro0ab", "aced0005"),
	}
}

// templateShapes are expressions of the languages that pages are made with.
func templateShapes() []shape {
	return []shape{far(`.?(?:\{\{.*?(?:\d\s*[*+\-/]\s*['"]?\d|config|self|request\.|__|\bapp\b|constructor|''|_self|lipsum|cycler|range\()|[$#@*]\{\s*['"(]?\d+\s*[*+\-/]\s*\d+|<%=?\s*.+%>|\$\{\s*(?:t\s*\(|new\s|@|#|class|self|facescontext|applicationscope)|\{%\s*\w+|#set\s*\(\s*\$|\[\[\$?\{)`, "{{", "${", "#{", "@{", "*{", "<%", "{%", "#set", "[[")}
}

// lookups looks for the expressions that Log4j resolves in what it logs. The
// word behind them may be put together from nested ones.
func (e *Eye) lookups(text, where []byte) {
	if !bytes.Contains(text, []byte("${")) {
		return
	}
	if contains(text, "${jndi:") || contains(text, "jndi:") {
		e.found(LogLookup, sure, where)
		return
	}
	if !e.spend(len(text), LogLookup, where) {
		return
	}
	if found := lookupInside.FindAll(text, 3); len(found) >= 2 || len(found) == 1 && contains(text, ":-") {
		e.found(LogLookup, sure, where)
	}
}

// code looks for code of the languages that servers run.
func (e *Eye) code(text, where []byte) {
	if !hasByte(text, "(<$_.:{0") && !contains(text, "ro0ab") {
		return
	}
	for i := range e.lore.code {
		s := &e.lore.code[i]
		if i == 0 && !hasByte(text, "(<$_") {
			continue // PHP's words alone are prose
		}
		if e.fits(s, text, CodeInjection, where) {
			e.found(CodeInjection, s.score, where)
			break
		}
	}
	e.shapes(e.lore.templates, text, TemplateInjection, where)
}
