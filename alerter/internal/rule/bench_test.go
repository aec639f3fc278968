package rule

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// benchRules makes n rules over web requests, of the kinds that public ones are.
func benchRules(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "title: R\nid: r%d\nlogsource: {category: webserver}\ndetection:\n", i)
		switch i % 3 {
		case 0:
			fmt.Fprintf(&text, "  s: {event.action: action%d, user_agent.original|contains: [evil%d, 'worse%d?']}\n", i, i, i)
		case 1:
			fmt.Fprintf(&text, "  s: {http.request.method: POST, url.original|contains|all: [/path%d/, cmd=]}\n", i)
		default:
			fmt.Fprintf(&text, "  s: {user.name|startswith: tool%d}\n", i)
		}
		text.WriteString("  condition: s\n---\n")
	}
	return text.String()
}

func benchEvent() *event.Event {
	return eventOf("event.category=web", "event.action=http_request", "event.outcome=success", "source.ip=203.0.113.7",
		"http.request.method=GET", "url.original=/catalog/shoes?colour=red&size=42", "url.path=/catalog/shoes", "url.query=colour=red&size=42",
		"http.response.status_code=200", "http.response.body.bytes=5120", "tocsin.parser=access", "log.file.path=/var/log/nginx/access.log", "log.line=12345",
		"user_agent.original=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36")
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{30, 300, 900} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			m := load(b, benchRules(n)).Matcher()
			in := Input{Event: benchEvent(), Class: eventv1.Class_CLASS_WEB, Host: "web01", Agent: "a"}
			b.ReportAllocs()
			for b.Loop() {
				if len(m.Match(in)) > 0 {
					b.Fatal("a match")
				}
			}
		})
	}
}

func TestNoMatchAllocatesNothing(t *testing.T) {
	m := load(t, benchRules(90), authRule("s: {source.ip|cidr: 10.0.0.0/8, user.name|re: '^x', source.port|gt: 5}\ncondition: s")).Matcher()
	web := Input{Event: benchEvent(), Class: eventv1.Class_CLASS_WEB, Host: "web01"}
	auth := Input{Event: eventOf("source.ip=10.1.2.3", "user.name=bob", "source.port=55"), Class: eventv1.Class_CLASS_AUTH}
	m.Match(web)
	if n := testing.AllocsPerRun(100, func() { m.Match(web); m.Match(auth) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
