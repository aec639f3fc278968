// Package cformat finds the formats of the messages that C programs log, and keeps
// them in tables: facts about a program, with the file and the function of each.
package cformat

import (
	"bytes"
	"slices"
	"strings"
)

// A Call is a function of a program that logs.
type Call struct {
	Name string
	// Level is the place of the argument that says how severe the message is,
	// counted from 1; 0 where the function's name says it.
	Level int
	// Target is the place of the argument that says whose log it is, counted from 1;
	// 0 where there is none.
	Target int
	// Prefix and Suffix are what the function puts around the message. "FUNC" in the
	// prefix stands for the name of the calling function.
	Prefix, Suffix string
}

// Found is one format in a source file.
type Found struct {
	File, Func, Call string
	// Level and Target are those arguments as they are written.
	Level, Target string
	Format        string
	// Verbose says that it is only logged while a word of Program.Verbose is true.
	Verbose bool
}

// Scan finds what the calls log in one source file. A call whose format is no
// constant is left out; a format that a condition chooses is found once for each
// choice. What a condition with a verbose word leads to is marked.
func Scan(file string, src []byte, calls []Call, verbose ...string) []Found {
	s := scanner{lexer: lexer{src: src}, file: file, calls: calls, verbose: verbose, quiet: -1}
	s.run()
	return s.found
}

// scanner follows a file at the level of functions and calls.
type scanner struct {
	lexer

	file    string
	calls   []Call
	verbose []string
	found   []Found
	depth   int
	// quiet is the depth of the condition with a verbose word that the scanner is
	// under, or -1; open is the depth of parentheses.
	quiet, open int
	// function is the one that the scanner is in; candidate the last name before a
	// parenthesis outside of all functions.
	function, candidate string
}

func (s *scanner) run() {
	name := ""
	for {
		t := s.next()
		switch t.kind {
		case endOfFile:
			return
		case word:
			name = t.text
			if slices.Contains(s.verbose, name) && s.quiet < 0 {
				s.quiet = s.depth
			}
			continue
		case punct:
			s.punctuation(t, name)
		case text:
		}
		name = ""
	}
}

func (s *scanner) punctuation(t token, name string) {
	switch t.text {
	case "{":
		// A brace in the first column begins a function, whatever the branches of
		// the preprocessor before it have opened and not closed.
		if t.column == 0 {
			s.depth = 0
		}
		if s.depth == 0 && s.candidate != "" {
			s.function, s.candidate = s.candidate, ""
		}
		s.depth++
	case "}":
		s.depth--
		if t.column == 0 || s.depth < 0 {
			s.depth, s.open = 0, 0
		}
		if s.depth <= s.quiet {
			s.quiet = -1
		}
	case ";":
		if s.depth == 0 {
			s.candidate = ""
		}
		if s.depth <= s.quiet && s.open == 0 {
			s.quiet = -1
		}
	case ")":
		s.open--
	case "(":
		s.open++
		if name == "" {
			return
		}
		if s.depth == 0 {
			if s.candidate == "" {
				s.candidate = name
			}
			return
		}
		if i := slices.IndexFunc(s.calls, func(c Call) bool { return c.Name == name }); i >= 0 {
			s.call(&s.calls[i])
		}
	}
}

// call reads the arguments of a call. The source is read from its parenthesis
// again afterwards, for calls within it.
func (s *scanner) call(c *Call) {
	back := s.lexer
	args := s.arguments()
	s.lexer = back
	f := Found{File: s.file, Func: s.function, Call: c.Name, Verbose: s.quiet >= 0}
	if c.Level > 0 && c.Level <= len(args) {
		f.Level = plain(args[c.Level-1])
	}
	if c.Target > 0 && c.Target <= len(args) {
		f.Target = plain(args[c.Target-1])
	}
	for _, arg := range args[min(len(args), max(c.Level, c.Target)):] {
		formats := constants(arg)
		if len(formats) == 0 {
			continue
		}
		for _, format := range formats {
			f.Format = strings.ReplaceAll(c.Prefix, "FUNC", s.function) + strings.TrimRight(format, "\n") + c.Suffix
			s.found = append(s.found, f)
		}
		return
	}
}

// arguments reads up to the closing parenthesis.
func (s *scanner) arguments() [][]token {
	const most = 4000 // tokens: a parenthesis that never closes ends here
	var args [][]token
	var arg []token
	depth := 0
	for range most {
		t := s.next()
		switch {
		case t.kind == endOfFile:
			return args
		case t.kind == punct && (t.text == "(" || t.text == "{" || t.text == "["):
			depth++
		case t.kind == punct && t.text == ")" && depth == 0:
			return append(args, arg)
		case t.kind == punct && (t.text == ")" || t.text == "}" || t.text == "]"):
			depth--
		case t.kind == punct && t.text == "," && depth == 0:
			args, arg = append(args, arg), nil
			continue
		}
		arg = append(arg, t)
	}
	return args
}

// plain writes an argument without spaces.
func plain(arg []token) string {
	var b strings.Builder
	for _, t := range arg {
		b.WriteString(t.text)
	}
	return b.String()
}

// constants are the formats that an argument can be. Names between its strings are
// what <inttypes.h> puts there, or a number that APLOGNO makes a code of.
func constants(arg []token) []string {
	var all []string
	var b bytes.Buffer
	seen := false
	end := func() {
		if seen {
			all = append(all, b.String())
		}
		b.Reset()
		seen = false
	}
	for i := 0; i < len(arg); i++ {
		switch t := arg[i]; {
		case t.kind == text:
			b.WriteString(t.text)
			seen = true
		case t.kind == punct && t.text == "?":
			b.Reset() // the condition
			seen = false
			all = nil
		case t.kind == punct && (t.text == ":" || t.text == ","):
			end()
		case t.text == "APLOGNO" && i+2 < len(arg):
			b.WriteString("AH" + arg[i+2].text + ": ")
			i += 3
		case t.kind == word && strings.HasPrefix(t.text, "PRI"):
			b.WriteString(integer(t.text))
		case t.kind == word && strings.HasSuffix(b.String(), "%") && !strings.HasSuffix(b.String(), "%%"):
			b.WriteString("lu") // one of APR's macros
		case t.kind == word && i+1 < len(arg) && arg[i+1].text == "(" && !isTranslation(t.text):
			i = closing(arg, i+1) // a function's result
		case t.kind == word && (seen || i+1 < len(arg) && arg[i+1].kind == text):
			b.WriteString("%s") // another constant
		}
	}
	end()
	return all
}

// closing is the place of the parenthesis that closes the one at i.
func closing(arg []token, i int) int {
	depth := 0
	for ; i < len(arg); i++ {
		switch {
		case arg[i].kind != punct:
		case arg[i].text == "(":
			depth++
		case arg[i].text == ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

func isTranslation(name string) bool {
	switch name {
	case "_", "N_", "U_", "ngettext", "gettext":
		return true
	}
	return false
}

// integer is the verb behind the percent sign that a macro of <inttypes.h> stands for.
func integer(macro string) string { return macro[len("PRI"):min(len("PRI")+1, len(macro))] }
