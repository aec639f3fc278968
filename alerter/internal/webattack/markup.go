package webattack

import (
	"bytes"

	"github.com/corazawaf/libinjection-go"
)

// markupShapes are what libinjection lets pass: it knows a script by the
// contexts that a browser gives it, and some payloads bring their own.
func markupShapes() []shape {
	return []shape{
		at(likely, `.?<\s*/?\s*(?:script|iframe|object|embed|applet|meta|link|base|svg|math|frameset|frame|layer|ilayer|bgsound|marquee|xss|isindex|form|input|button|video|audio|img|image|body|style|html|table|xml|details|template|keygen|noscript|plaintext|xmp)(?:[\s/>=:\x00]|$)`, "<"),
		far(`.?<a[\s/][^>]*href\s*=\s*["'\x60]?\s*(?:[a-z][a-z\s]*:|&|\\|//|[^\w\s"'/.#?>-])`, "<a"),
		at(likely, `[\s"'\x60/<;]?on(?:error|load|click|mouse\w+|focus\w*|blur|key\w+|submit|change|select|start|begin|end|toggle|unload|resize|scroll|drag\w*|drop|copy|cut|paste|wheel|animation\w+|transition\w+|pointer\w+|touch\w+|page\w+|before\w+|after\w+|hashchange|message|popstate|storage|readystatechange|input|invalid|reset|search|show|abort|canplay\w*|finish|bounce|activate|cuechange|durationchange|emptied|loaded\w*|play\w*|progress|seek\w*|volumechange|waiting|contextmenu|dblclick|filterchange|propertychange|rowenter|losecapture|move\w*)[\s\x00]*=`, "on"),
		seen(likely, `(?i)(?:java|vb|live)[\s\x00-\x20]*script[\s]*:\s*\S`, "script"),
		seen(likely, `(?i)(?:style|width|xss|:)[^;]*expression\s*\(`, "expression"),
		seen(likely, `(?i)\bdocument\s*(?:\.|\[['"])\s*(?:cookie|location|write|domain|body|url)`, "document"),
		seen(likely, `(?i)(?:^|[^\w.])(?:alert|prompt|confirm|eval|settimeout|setinterval|string\.fromcharcode|atob)\s*(?:\(|\x60)`, "alert", "prompt", "confirm", "eval", "settimeout", "setinterval", "fromcharcode", "atob"),
		seen(likely, `(?i)data:\s*(?:text/html|image/svg|text/xml|application/x)`, "data:"),
		seen(likely, `(?i)@import\s*['"u]`, "@import"),
		far(`.?<[a-z](?:[^>]|=\s*["']>)*[\s/"'\x60]on[a-z]{3,}\s*=`, "<"),
		at(likely, `.?["']\s*/?>\s*<a\s`, `"><a`, "'><a", `"> <a`, "'> <a", `"/><a`, "'/><a"),
		seen(likely, `(?i)(?:^|[;,{(\s])[\w$.]*\s*=\s*(?:eval|unescape|alert)\s*(?:[;,)]|$|\s\w+\s*\()|\blocation\s*=\s*(?:name\b|location\.|document\.)`, "eval", "unescape", "alert", "location"),
		seen(likely, `(?i)^\s*expression\s*\(|\bexpre[\w\\/*?\s]{0,20}ion\s*\([a-z]+\s*=`, "expre"),
		// A bracket in a form that only who wants to hide it would choose.
		seen(likely, `(?i)&#(?:0*6[02]\b|x0*3[ce]\b)`, "&#"),
		seen(hint, `(?i)<!(?:entity|doctype|--|\[cdata)`, "<!"),
	}
}

// markup looks for cross-site scripting.
func (e *Eye) markup(text, where []byte) {
	if !hasByte(text, "<>=:(`\"'&") {
		return
	}
	if libinjection.IsXSS(string(text)) {
		e.found(CrossSiteScripting, sure, where)
		return
	}
	if bytes.IndexByte(text, 0) >= 0 || hasByte(text, "\t\n\r") {
		e.shapes(e.lore.markup, blank(text), CrossSiteScripting, where)
		text = bytes.Map(func(r rune) rune { // as browsers read an address
			if r == 0 || r == '\t' || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, text)
	}
	e.shapes(e.lore.markup, text, CrossSiteScripting, where)
}
