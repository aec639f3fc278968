package webattack

import (
	"bytes"
	"regexp"

	"github.com/corazawaf/libinjection-go"
)

// markupShapes are what libinjection lets pass: it knows a script by the
// contexts that a browser gives it, and some payloads bring their own.
func markupShapes() []shape {
	return []shape{
		{[]string{"<"}, regexp.MustCompile(`(?i)<\s*/?\s*(?:script|iframe|object|embed|applet|meta|link|base|svg|math|frameset|frame|layer|ilayer|bgsound|marquee|xss|isindex|form|input|button|video|audio|img|image|body|style|html|table|xml|details|template|keygen|noscript|plaintext|xmp)(?:[\s/>=:\x00]|$)`), likely},
		{[]string{"<a"}, regexp.MustCompile(`(?i)<a[\s/][^>]*href\s*=`), likely},
		{[]string{"on"}, regexp.MustCompile(`(?i)(?:^|[\s"'\x60/<;])on(?:error|load|click|mouse\w+|focus\w*|blur|key\w+|submit|change|select|start|begin|end|toggle|unload|resize|scroll|drag\w*|drop|copy|cut|paste|wheel|animation\w+|transition\w+|pointer\w+|touch\w+|page\w+|before\w+|after\w+|hashchange|message|popstate|storage|readystatechange|input|invalid|reset|search|show|abort|canplay\w*|finish|bounce|activate|cuechange|durationchange|emptied|loaded\w*|play\w*|progress|seek\w*|volumechange|waiting|contextmenu|dblclick|filterchange|propertychange|rowenter|losecapture|move\w*)[\s\x00]*=`), likely},
		{[]string{"script"}, regexp.MustCompile(`(?i)(?:java|vb|live)[\s\x00-\x20]*script[\s]*:\s*\S`), likely},
		{[]string{"expression"}, regexp.MustCompile(`(?i)(?:style|width|xss|:)[^;]*expression\s*\(`), likely},
		{[]string{"document"}, regexp.MustCompile(`(?i)\bdocument\s*(?:\.|\[['"])\s*(?:cookie|location|write|domain|body)`), likely},
		{[]string{"("}, regexp.MustCompile(`(?i)(?:^|[^\w.])(?:alert|prompt|confirm|eval|settimeout|setinterval|string\.fromcharcode|atob)\s*(?:\(|\x60)`), likely},
		{[]string{"data:"}, regexp.MustCompile(`(?i)data:\s*(?:text/html|image/svg|text/xml|application/x)`), likely},
		{[]string{"@import"}, regexp.MustCompile(`(?i)@import\s*['"u]`), likely},
		{[]string{"<!"}, regexp.MustCompile(`(?i)<!(?:entity|doctype|--|\[cdata)`), hint},
	}
}

// markup looks for cross-site scripting.
func (e *Eye) markup(text, where []byte) {
	if !hasByte(text, "<>=:(`\"'") {
		return
	}
	if libinjection.IsXSS(string(text)) {
		e.found(CrossSiteScripting, sure, where)
		return
	}
	if bytes.IndexByte(text, 0) >= 0 || hasByte(text, "\t\n\r") {
		text = bytes.Map(func(r rune) rune {
			if r == 0 || r == '\t' || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, text)
	}
	e.shapes(e.lore.markup, text, CrossSiteScripting, where)
}
