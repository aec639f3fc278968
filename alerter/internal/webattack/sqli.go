package webattack

import (
	"bytes"

	"github.com/corazawaf/libinjection-go"
)

// sqlWords are words one of which a statement cannot do without, where it has
// none of SQL's marks.
func sqlWords() []string {
	return []string{
		"select", "union", " or ", " and ", "having ", "order by", "group by", "waitfor", "sleep", "insert ", "update ",
		"delete ", "drop ", "exec ", "xor ", "like ", "or+", "null", " from ", "limit ",
	}
}

// sqlShapes are what libinjection is known to let pass: it knows a statement by
// its first tokens, and these begin in ways that it does not expect. Comments
// are blanks by then.
func sqlShapes() []shape {
	return []shape{
		at(sure, `\W?union\s*(?:all|distinct)?[\s(]*select\b`, "union"),
		far(`\W?select\b[^;]*?(?:[*,(@]|\bas\b)[^;]*?\bfrom\b\s*[\w(\x60"\[]`, "select"),
		at(likely, `\W?select\s+(?:\d+\s*,\s*\d|@\w+\s)`, "select"),
		seen(hint, `(?i)\bselect\s+[\w.]+\s+from\s+\w+`, "select"),
		at(sure, `.?[;(]\s*select\s+(?:case|count|char|\*|@@|sleep|pg_sleep|\w+\s*\()`, ";", "("),
		seen(sure, `(?i)\bwaitfor\s+(?:delay|time)\b|\bdelay\s+['"]\d+:\d`, "waitfor", "delay"),
		seen(sure, `(?i)\b(?:(?:pg_)?sleep\s*\(\s*['"\d]|pg_sleep\s*\(|benchmark\s*\(\s*\d|dbms_(?:pipe|lock|utility)\b|randomblob\s*\(|utl_(?:http|inaddr)|extractvalue\s*\(|updatexml\s*\(|load_file\s*\(|xp_(?:cmdshell|dirtree|regread)|sp_(?:executesql|oacreate|password|makewebtask))`,
			"sleep", "benchmark", "dbms_", "randomblob", "utl_", "extractvalue", "updatexml", "load_file", "xp_", "sp_"),
		seen(sure, `(?i)\binformation_schema\b|\bsys(?:objects|columns|databases)\b|@@(?:version|datadir|hostname|servername|microsoftversion)\b|\bsys\.(?:user|tables|objects|databases)|\bpg_catalog\b|\bsqlite_master\b|\binto\s+(?:outfile|dumpfile)\b`,
			"information_schema", "sysobjects", "@@", "sys.", "pg_catalog", "sqlite_master", "outfile", "dumpfile", "msys"),
		at(sure, `.?;\s*(?:select\s|insert\s+into|update\s+\w+\s+set|delete\s+from|drop\s+(?:table|database|user)|exec(?:ute)?\s*(?:\(|@|immediate\b|(?:sp|xp)_|\w*\.)|declare\s+@?\w|desc(?:ribe)?\s+\w+\s*;|shutdown\b|create\s+(?:table|user|database|or)|alter\s+\w|truncate\s+table|waitfor\s|begin\s+(?:declare|dbms|user))`,
			";"),
		at(likely, `[\s'"\x60)\d]?(?:or|and|xor|having|where|\|\||&&)[\s('"\x60!+~-]*(?:(['"\x60]?)[\w.@%]{1,40}['"\x60]?[\s)]*(?:=|<>|!=|<|>|\blike\b|\brlike\b|\bregexp\b|\bbetween\b|\bin\b\s*\()[\s('"\x60]*[\w.@%'"\x60-]|(?:ascii|substr(?:ing)?|char|length|count|exists|if|mid|ord|user|version|database|concat)\s*\()`,
			"or", "and", "xor", "having", "where", "||", "&&").asWords(),
		at(likely, `[\s'"\x60)\d]?(?:(?:order|group)\s+by\s+\d+\s*(?:--|#|,|;|$)|limit\s+\d+\s*(?:(?:,|offset)\s*\d+)?\s*(?:--|#|;|union\b))`, "order", "group", "limit").asWords(),
		// Operators between two strings, the outer quotes of which are the application's.
		at(likely, `.?(?:'\s*(?:[*/|&^<>=+%-]{1,3}\s*|\s(?:not\s+|sounds\s+)?(?:r?like|regexp|div|and|x?or)\s+)'(?:[^']|$)|'\s*[*/^]\s*@?[a-z_][\w\\ ]*[*/^|+-]?\s*'|'\s*[|&^]{1,2}\s*\d+\s*[!=<>]|'\s*\|\|\s*[a-z_][\w.]*\s*\()`, "'"),
		whole(`(?:\s*\d+\s*(?:[*+/-]\s*\d+\s*)?(?:--|#)|(?:.*\W)?'[a-z]\w{0,20}\s*--)\s*`, "--", "#"),
		at(likely, `.?\*/[\s=\w'"]{0,20}(?:--|#)`, "*/"),
		whole(`.*\b(?:len|length|ascii|char|ord)\(\d+\)\s*[-+*/=].*`, "len", "asc", "char", "ord"),
		// What scanners send to see whether anything of it comes back, or breaks.
		whole(`[\s<>"'%;()&\\+]{6,}`, `<>"'`, `<>"\'`, `"'%`),
		whole(`[\s=;()'"-]*(?:=\s*(?:--|;|')|'\s*;|--\s*')[\s=;()'"-]*`, "=", "';", "' ;", "--"),
		whole(`.*"\s*x?or\s*""\s*(?:"|=|$).*`, `""`),
		whole(`\(?\d*\s*\|\|\s*'?\d+\)?`, "||"),
		seen(hint, `(?i)['"\x60][\s)]*(?:;|--|#|/\*|\|\||&&)\s*(?:$|--|[\w'"\x60])?`, ";", "--", "#", "/*", "||", "&&"),
		at(likely, `[\w%]?['"][\s)]*(?:--|#|;--|/\*)[\s-]*$`, "'", `"`),
		at(likely, `(?:[^\s'"]?['"\x60]\s*\)*\s*(?:or|and|xor)\s+select\b|.?['\x60]\s*\)*\s*(?:or|and|xor|having|union|like|between|in|is|not|\|\||&&)\s*\(*\s*(?:['"\x60(].|\d+(?:[^\w']|$)|null|true|false|@@|0x))`, "'", "`"),
		seen(hint, `(?i)['"\x60]\s*\)*\s*(?:or|and|xor|having|union|like|\^|=|\*|<|>|\+|-|/|%)\s*\(*\s*(?:['"\x60(]|\d|null|true|false|@@|0x)`, "'", `"`, "`"),
		seen(likely, `(?i)\bdeclare\s+@\w+\s|@@\w{3,}|\bselect\s+top\s+\d|\b(?:or|and|if|select)[\s(]+sleep\s*\(`, "declare", "@@", "top", "sleep"),
		seen(likely, `(?i)^[\s'";)]*(?:create\s+user\s+\w+\s+identified|drop\s+(?:table|database)\s+\w+\s*(?:;|--|$)|insert\s+into\s+\w+\s*(?:\(|values)|grant\s+\w+\s+to\s)`, "create", "drop", "insert", "grant"),
		seen(sure, `(?i)\bexec(?:ute)?\s+(?:sp|xp)_?\b|\bexec(?:ute)?\s+(?:sp|xp)_\w`, "exec"),
		seen(likely, `(?i)\bfrom\s+(?:all_(?:tables|users|objects|tab_\w+|col_\w+)|user_tables|dual\b|pg_(?:tables|user|shadow)\b|sysibm\.|master\.\.|v\$version|mysql\.\w)|\binsert\s+into\s+mysql\.\w`,
			"all_", "user_tables", "dual", "pg_", "sysibm", "master..", "v$version", "mysql."),
		at(likely, `[\s'"\x60)\d]?(?:or|and)(?:\s+(?:true|false|\d+)\s*(?:--|/\*|#)[\s-]*['"]?\s*$|\s*\(\s*select\b|\s*\(?\s*(?:''\s*=|['"]{1,2}\w*['"]{1,2}\s*=\s*['"]))`, "or", "and").asWords(),
		seen(likely, `(?i)'[^']{0,40}'\s*(?:<>|!=|=)\s*'`, "'<>'", "' <> '", "'!='", "'='"),
		seen(likely, `(?i)^[\s'";)]*(?:create\s+table\s+\w+\s*\(|backup\s+database\s)|\bselect\s+(?:current_user|session_user|system_user)\b`, "create", "backup", "_user"),
		// XPath and LDAP have injections of the same kind.
		seen(likely, `(?i)['"]\)?\]\s*\|\s*/|\)\s*\(\s*[|&!]\s*\(\s*\w+\s*=|\*\s*\(\s*\|\s*\(`, "|"),
		seen(likely, `(?i)--\s*&\s*\w+=`, "--"),
		seen(likely, `(?i)^\s*(?:\{\s*)?["']?\$(?:ne|gt|lt|gte|lte|regex|where|nin|exists|or|and)["']?\s*:`, "$ne", "$gt", "$lt", "$regex", "$where", "$nin", "$exists", "$or", "$and"),
	}
}

// injection looks for SQL.
func (e *Eye) injection(text, where []byte) {
	if !e.sqlLike(text) {
		return
	}
	if found, tokens := libinjection.IsSQLi(string(text)); found {
		if !isProse(tokens) {
			e.found(SQLInjection, sure, where)
			return
		}
		e.found(SQLInjection, hint, where)
	}
	bare := text
	if bytes.Contains(text, []byte("/*")) {
		bare = uncomment(text, " ")
		if glued := uncomment(text, ""); contains(glued, "union") && contains(glued, "select") && (!contains(bare, "select") || !contains(bare, "union")) {
			e.found(SQLInjection, sure, where)
		}
	}
	bare = blank(bare)
	e.shapes(e.lore.sql, bare, SQLInjection, where)
}

// operator looks at a parameter's name for MongoDB's operators, which frameworks make of
// brackets: "password[$ne]". Those that compare have honest uses in the APIs of some.
func (e *Eye) operator(name []byte) {
	at := bytes.Index(name, []byte("[$"))
	if at < 0 {
		return
	}
	switch word := wordAt(name[at+2:]); string(bytes.ToLower(word)) {
	case "ne", "regex", "where", "exists", "nin", "expr", "function":
		e.found(SQLInjection, likely, name)
	case "gt", "gte", "lt", "lte", "in", "eq", "or", "and", "not":
		e.found(SQLInjection, hint, name)
	}
}

// isProse tells of what libinjection takes for SQL, by its tokens, whether people write it
// as well: a quoted word or phrase among others, a share of a hundred and another, a number
// or a name with two dashes behind it, "select x from y where".
func isProse(tokens string) bool {
	switch tokens {
	case "sos", "s&s", "1&1", "1c", "nc", "Enknk":
		return true
	default:
		return false
	}
}

// sqlLike is the cheap look at whether there could be any SQL.
func (e *Eye) sqlLike(text []byte) bool {
	return hasByte(text, "'\"`;=()<>|&*#@\\$") || bytes.Contains(text, []byte("--")) || containsAny(text, e.lore.sqlWords)
}

// blank replaces control characters, which databases and browsers take for blanks.
func blank(text []byte) []byte {
	if !bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}

// uncomment replaces comments; what MySQL runs though it stands in a comment
// ("/*!") stays.
func uncomment(text []byte, by string) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		start := bytes.Index(text, []byte("/*"))
		if start < 0 {
			break
		}
		out = append(append(out, text[:start]...), by...)
		text = text[start+2:]
		if len(text) > 0 && text[0] == '!' {
			text = bytes.TrimLeft(text[1:], "0123456789")
			continue
		}
		end := bytes.Index(text, []byte("*/"))
		if end < 0 {
			return append(append(out, "/*"...), text...) // an open comment hides nothing from a parser that stops at it
		}
		text = text[end+2:]
	}
	return append(out, text...)
}
