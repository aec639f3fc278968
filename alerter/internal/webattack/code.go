package webattack

import (
	"bytes"
	"regexp"
)

// The shapes of code where data is expected.
var (
	phpCode      = regexp.MustCompile(`(?i)<\?(?:php|=)|<!--\s*#\s*(?:echo|exec|include|printenv)|\b(?:phpinfo|shell_exec|passthru|proc_open|popen|base64_decode|file_get_contents|file_put_contents|call_user_func\w*|assert|gzinflate|str_rot13|var_dump|md5|print_r|system|exec|eval|fopen|readfile|die|include|require)\s*\(\s*(?:['"$@\w/)]|$)|\$_(?:get|post|request|server|cookie|files)\b|allow_url_include|auto_prepend_file|invokefunction`)
	javaCode     = regexp.MustCompile(`(?i)java\.(?:lang|io|net|util)\.\w|\bgetruntime\s*\(|processbuilder|#_memberaccess|@ognl|ognl\.|class\.module\.classloader|#context\[|freemarker\.template`)
	nodeCode     = regexp.MustCompile(`(?i)require\s*\(\s*['"](?:child_process|fs|net|http)|process\.(?:mainmodule|binding|env)|__proto__|constructor\s*\[|constructor\.prototype|child_process`)
	pythonCode   = regexp.MustCompile(`(?i)__(?:import__|class__|globals__|subclasses__|builtins__|mro__|init__)|os\.(?:system|popen)\s*\(|subprocess\.\w+\s*\(`)
	serialized   = regexp.MustCompile(`(?i)(?:^|[;{])o:\d+:"[\w\\]+":\d+:\{|^ro0ab|^aced0005`)
	template     = regexp.MustCompile(`(?i)\{\{.*?(?:\d\s*[*+\-/]\s*['"]?\d|config|self|request\.|__|\bapp\b|constructor|''|_self|lipsum|cycler|range\()|[$#@*]\{\s*['"(]?\d+\s*[*+\-/]\s*\d+|<%=?\s*.+%>|\$\{\s*(?:t\s*\(|new\s|@|#|class|self|facescontext|applicationscope)|\{%\s*\w+|#set\s*\(\s*\$|\[\[\$?\{`)
	lookupInside = regexp.MustCompile(`(?i)\$\{(?:jndi|lower|upper|env|sys|java|date|ctx|main|base64|:{1,2}-)[^}]*`)
)

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
	if found := lookupInside.FindAll(text, 3); len(found) >= 2 || len(found) == 1 && contains(text, ":-") {
		e.found(LogLookup, sure, where)
	}
}

// code looks for code of the languages that servers run.
func (e *Eye) code(text, where []byte) {
	if hasByte(text, "(<$_.") {
		switch {
		case phpCode.Match(text) && (hasByte(text, "(<$") || contains(text, "_")): // the words alone are prose
			e.found(CodeInjection, likely, where)
		case javaCode.Match(text), nodeCode.Match(text), pythonCode.Match(text):
			e.found(CodeInjection, likely, where)
		}
	}
	if hasByte(text, ":") && serialized.Match(text) {
		e.found(CodeInjection, likely, where)
	}
	if hasByte(text, "{<") && template.Match(text) {
		e.found(TemplateInjection, likely, where)
	}
}
