package rule

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxNesting bounds how deep a condition's parentheses and negations may go.
const maxNesting = 64

// condition reads the condition grammar over the named selections:
//
//	or      = and { "or" and }
//	and     = not { "and" not }
//	not     = "not" not | "(" or ")" | ( "1" | "any" | "all" ) "of" ( "them" | pattern ) | name
type condition struct {
	names      []string
	selections map[string]*expr
	tokens     []string
	depth      int
}

// parseCondition compiles a condition. names are the selections in the rule's
// order. Every selection named by the condition exists; unused ones are allowed,
// as Sigma has them.
func parseCondition(text string, names []string, selections map[string]*expr) (*expr, error) {
	c := &condition{names: names, selections: selections, tokens: lexCondition(text)}
	if len(c.tokens) == 0 {
		return nil, fmt.Errorf("condition: empty")
	}
	e, err := c.or()
	if err != nil {
		return nil, fmt.Errorf("condition: %w", err)
	}
	if len(c.tokens) > 0 {
		if c.tokens[0] == "|" {
			return nil, fmt.Errorf("condition: aggregations are not supported: write a correlation")
		}
		return nil, fmt.Errorf("condition: unexpected %q", c.tokens[0])
	}
	return e, nil
}

func lexCondition(text string) []string {
	var tokens []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			tokens, start = append(tokens, text[start:end]), -1
		}
	}
	for i := range len(text) {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r':
			flush(i)
		case '(', ')', '|':
			flush(i)
			tokens = append(tokens, text[i:i+1])
		default:
			if start < 0 {
				start = i
			}
		}
	}
	flush(len(text))
	return tokens
}

// take consumes the next token if it is that word.
func (c *condition) take(word string) bool {
	if len(c.tokens) == 0 || !strings.EqualFold(c.tokens[0], word) {
		return false
	}
	if _, named := c.selections[c.tokens[0]]; named && word != "(" && word != ")" {
		return false
	}
	c.tokens = c.tokens[1:]
	return true
}

func (c *condition) or() (*expr, error) {
	return c.chain("or", opAny, c.and)
}

func (c *condition) and() (*expr, error) {
	return c.chain("and", opAll, c.not)
}

func (c *condition) chain(word string, op opcode, next func() (*expr, error)) (*expr, error) {
	first, err := next()
	if err != nil {
		return nil, err
	}
	kids := []*expr{first}
	for c.take(word) {
		kid, err := next()
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
	}
	return join(op, kids), nil
}

func (c *condition) not() (*expr, error) {
	if c.depth++; c.depth > maxNesting {
		return nil, fmt.Errorf("nested deeper than %d levels", maxNesting)
	}
	defer func() { c.depth-- }()
	if c.take("not") {
		kid, err := c.not()
		if err != nil {
			return nil, err
		}
		return &expr{op: opNot, kids: []*expr{kid}}, nil
	}
	if c.take("(") {
		e, err := c.or()
		if err != nil {
			return nil, err
		}
		if !c.take(")") {
			return nil, fmt.Errorf("a parenthesis is not closed")
		}
		return e, nil
	}
	return c.operand()
}

func (c *condition) operand() (*expr, error) {
	if len(c.tokens) == 0 {
		return nil, fmt.Errorf("ends where a selection is wanted")
	}
	word := c.tokens[0]
	if e, ok := c.selections[word]; ok {
		c.tokens = c.tokens[1:]
		return e, nil
	}
	if len(c.tokens) > 1 && strings.EqualFold(c.tokens[1], "of") {
		return c.quantity(word)
	}
	return nil, fmt.Errorf("unknown selection %q", word)
}

// quantity reads "1 of …" and "all of …".
func (c *condition) quantity(word string) (*expr, error) {
	op := opAny
	switch strings.ToLower(word) {
	case "1", "any":
	case "all":
		op = opAll
	default:
		return nil, fmt.Errorf("%q of: 1, any or all is wanted", word)
	}
	c.tokens = c.tokens[2:]
	if len(c.tokens) == 0 {
		return nil, fmt.Errorf("%s of: ends where a pattern is wanted", word)
	}
	pattern := c.tokens[0]
	c.tokens = c.tokens[1:]
	var kids []*expr
	for _, name := range c.names {
		if selected(pattern, name) {
			kids = append(kids, c.selections[name])
		}
	}
	if len(kids) == 0 {
		return nil, fmt.Errorf("%s of %s: no such selection", word, pattern)
	}
	return join(op, kids), nil
}

// selected tells whether a pattern means a selection. Names that begin with an
// underscore are not part of them.
func selected(pattern, name string) bool {
	if strings.EqualFold(pattern, "them") {
		return !strings.HasPrefix(name, "_")
	}
	if strings.ContainsAny(pattern, `[]\?`) {
		return false
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

// join makes one expression of several, without a level that says nothing.
func join(op opcode, kids []*expr) *expr {
	if len(kids) == 1 {
		return kids[0]
	}
	flat := make([]*expr, 0, len(kids))
	for _, kid := range kids {
		if kid.op == op {
			flat = append(flat, kid.kids...)
		} else {
			flat = append(flat, kid)
		}
	}
	return &expr{op: op, kids: slices.Clip(flat)}
}
