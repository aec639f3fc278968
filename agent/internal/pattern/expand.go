package pattern

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxExpanded bounds an expression with its references written out, in bytes.
	maxExpanded = 64 << 10
	// maxProgram bounds a compiled expression, in instructions: what one byte of a
	// text costs at most grows with it.
	maxProgram = 4000
	// maxCaptures bounds the fields of one expression.
	maxCaptures = 64
)

// expander writes a grok expression out as one of RE2. Groups with a field become
// numbered ones, all others become none.
type expander struct {
	definitions map[string]string
	out         strings.Builder
	captures    []capture
	open        []string // the definitions that are being written out
}

var errPerl = errors.New("expressions are RE2, whose time is linear in the line: there is no looking around, no referring back, and no atomic group")

var errEmpty = errors.New("matches an empty line, so it says nothing about any")

// compile makes an expression of a grok expression.
func (c *compiler) compile(text string) (expression, error) {
	if strings.TrimSpace(text) == "" {
		return expression{}, errors.New("must not be empty")
	}
	x := expander{definitions: c.definitions}
	if err := x.expand(text); err != nil {
		return expression{}, err
	}
	tree, err := syntax.Parse(x.out.String(), syntax.Perl)
	if err != nil {
		return expression{}, explained(err)
	}
	literal := literalOf(tree)
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return expression{}, fmt.Errorf("compile expression: %w", err)
	}
	if len(program.Inst) > maxProgram {
		return expression{}, fmt.Errorf("is too large: %d instructions, the bound is %d; fewer repetitions of counted ranges help", len(program.Inst), maxProgram)
	}
	compiled, err := regexp.Compile(x.out.String())
	if err != nil {
		return expression{}, explained(err)
	}
	if compiled.MatchString("") {
		return expression{}, errEmpty
	}
	return expression{regexp: compiled, literal: []byte(literal), captures: x.captures}, nil
}

// explained says more about the faults that other dialects lead to.
func explained(err error) error {
	var fault *syntax.Error
	if !errors.As(err, &fault) {
		return err
	}
	switch fault.Code {
	case syntax.ErrInvalidPerlOp, syntax.ErrInvalidRepeatOp:
		return fmt.Errorf("%w (%w)", err, errPerl)
	default:
		return err
	}
}

// expand writes out a text, which may stand in a definition.
func (x *expander) expand(text string) error {
	for i := 0; i < len(text); {
		n, err := x.next(text[i:])
		if err != nil {
			return err
		}
		if i += n; x.out.Len() > maxExpanded {
			return fmt.Errorf("is too large: more than %d bytes with all its patterns written out", maxExpanded)
		}
	}
	return nil
}

// next writes out what a text begins with, and says how long that is.
func (x *expander) next(text string) (int, error) {
	n := 1
	switch {
	case strings.HasPrefix(text, `\Q`):
		if n = strings.Index(text, `\E`); n < 0 {
			n = len(text)
		}
	case text[0] == '\\' && len(text) > 1:
		if text[1] >= '1' && text[1] <= '9' || text[1] == 'k' {
			return 0, fmt.Errorf("%q: %w", text[:2], errPerl)
		}
		n = 2
	case text[0] == '[':
		n = classLength(text)
	case strings.HasPrefix(text, "%{"):
		return x.reference(text)
	case text[0] == '(':
		return x.group(text)
	}
	x.out.WriteString(text[:n])
	return n, nil
}

// classLength is that of a set of characters: "[^]a[:alpha:]\]]".
func classLength(text string) int {
	i := 1
	if strings.HasPrefix(text[i:], "^") {
		i++
	}
	if strings.HasPrefix(text[i:], "]") {
		i++
	}
	for i < len(text) {
		switch {
		case text[i] == '\\':
			i += 2
		case strings.HasPrefix(text[i:], "[:") && strings.Contains(text[i:], ":]"):
			i += strings.Index(text[i:], ":]") + 2
		case text[i] == ']':
			return i + 1
		default:
			i++
		}
	}
	return len(text)
}

// group writes the beginning of a group: of one without a name none is kept.
func (x *expander) group(text string) (int, error) {
	if !strings.HasPrefix(text, "(?") {
		x.out.WriteString("(?:")
		return 1, nil
	}
	for _, perl := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?>"} {
		if strings.HasPrefix(text, perl) {
			return 0, fmt.Errorf("%q: %w", perl, errPerl)
		}
	}
	for _, named := range []string{"(?P<", "(?<"} {
		rest, ok := strings.CutPrefix(text, named)
		if !ok {
			continue
		}
		name, _, closed := strings.Cut(rest, ">")
		if !closed {
			return 0, fmt.Errorf("%q has no >", text[:min(len(text), 20)])
		}
		if err := x.capture(name, ""); err != nil {
			return 0, err
		}
		return len(named) + len(name) + 1, nil
	}
	x.out.WriteString("(?")
	return 2, nil
}

// capture begins a group whose text goes to a field.
func (x *expander) capture(name, as string) error {
	c, err := newCapture(name, as)
	if err != nil {
		return err
	}
	if len(x.captures) == maxCaptures {
		return fmt.Errorf("has more than %d fields", maxCaptures)
	}
	x.captures = append(x.captures, c)
	x.out.WriteString("(?P<c" + strconv.Itoa(len(x.captures)) + ">")
	return nil
}

// reference writes out "%{NAME}", "%{NAME:field}" or "%{NAME:field:type}".
func (x *expander) reference(text string) (int, error) {
	inner, _, closed := strings.Cut(text[2:], "}")
	if !closed {
		return 0, fmt.Errorf("%q has no }", text[:min(len(text), 20)])
	}
	name, rest, captured := strings.Cut(inner, ":")
	field, as, _ := strings.Cut(rest, ":")
	definition, ok := x.definitions[name]
	if !ok {
		names := slices.Sorted(maps.Keys(x.definitions))
		return 0, fmt.Errorf("no grok pattern is called %q%s; definitions: may have it", name, didYouMean(name, names))
	}
	if slices.Contains(x.open, name) {
		return 0, fmt.Errorf("the definition of %s needs itself: %s", name, strings.Join(append(x.open, name), " → "))
	}
	if captured {
		if err := x.capture(field, as); err != nil {
			return 0, err
		}
	} else {
		x.out.WriteString("(?:")
	}
	x.open = append(x.open, name)
	if err := x.expand(definition); err != nil {
		return 0, err
	}
	x.open = x.open[:len(x.open)-1]
	x.out.WriteString(")")
	return 2 + len(inner) + 1, nil
}
