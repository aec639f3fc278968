package parse

import (
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// columnCases are logs: the directives, and of the lines after them the last one.
func columnCases() []lineCase {
	const (
		iisHead = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2025-10-07 09:00:00\n"
		ftp     = iisHead + "#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath\n"
	)
	return []lineCase{
		{
			iisHead + "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent) X-Forwarded-For time-taken\n2025-10-07 09:00:01 203.0.113.9 GET /a.aspx id=1' 500 Mozilla/5.0+(X11) 192.0.2.7,+10.0.0.1 31",
			"web iis 2025-10-07T09:00:01Z", `event.category=web; event.action=http_request; event.outcome=failure; http.request.method=GET; url.original=/a.aspx?id=1'; url.path=/a.aspx; url.query=id=1'; http.response.status_code=500; user_agent.original=Mozilla/5.0+(X11); network.forwarded_ip=192.0.2.7; source.ip=203.0.113.9; event.duration=31000000`,
		},
		{ // a time only, the day from the directive; an absolute target and a host
			"#Version: 1.0\n#Date: 2025-10-07 00:00:00\n#Fields: time c-ip cs-username cs-method cs-uri sc-status cs-version cs-host\n09:00:02 2001:db8::9 bob POST /x 204 HTTP/1.1 www.example.org:8443",
			"web iis 2025-10-07T09:00:02Z", `event.category=web; event.action=http_request; event.outcome=success; http.request.method=POST; url.original=/x; url.path=/x; http.version=1.1; http.response.status_code=204; url.domain=www.example.org; url.port=8443; source.ip=2001:db8::9; user.name=bob`,
		},
		{ // not of IIS: nobody says the unit of the time taken, and PASS is a method
			"#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken\n2025-10-07 09:00:03 203.0.113.9 PASS /x 405 7",
			"web iis 2025-10-07T09:00:03Z", `event.category=web; event.action=http_request; event.outcome=failure; http.request.method=PASS; url.original=/x; url.path=/x; http.response.status_code=405; source.ip=203.0.113.9`,
		},
		{
			ftp + "2025-10-07 09:00:04 203.0.113.9 - 198.51.100.1 21 PASS *** 530 1326 41 0a1b /",
			"auth iis 2025-10-07T09:00:04Z", `event.category=authentication; event.action=ftp_login; event.outcome=failure; source.ip=203.0.113.9; destination.ip=198.51.100.1; destination.port=21`,
		},
		{
			ftp + "2025-10-07 09:00:05 203.0.113.9 WEB01\\bob 198.51.100.1 21 PASS *** 230 0 0 0a1b /",
			"auth iis 2025-10-07T09:00:05Z", `event.category=authentication; event.action=ftp_login; event.outcome=success; source.ip=203.0.113.9; user.name=WEB01\bob; destination.ip=198.51.100.1; destination.port=21`,
		},
		{
			ftp + "2025-10-07 09:00:06 203.0.113.9 bob 198.51.100.1 49152 STOR /in/a.exe 226 0 0 0a1b /in/a.exe",
			"system iis 2025-10-07T09:00:06Z", `event.category=network; event.action=ftp_transfer; event.outcome=success; file.path=/in/a.exe; source.ip=203.0.113.9; user.name=bob; destination.ip=198.51.100.1; destination.port=49152`,
		},
		{
			ftp + "2025-10-07 09:00:07 203.0.113.9 - 198.51.100.1 21 ControlChannelOpened - - 0 0 0a1b -",
			"system iis 2025-10-07T09:00:07Z", `event.category=network; event.action=ftp_connection; event.outcome=unknown; source.ip=203.0.113.9; destination.ip=198.51.100.1; destination.port=21`,
		},
		{ // PASS answered by a question is no login yet
			ftp + "2025-10-07 09:00:08 203.0.113.9 - 198.51.100.1 21 PASS *** 332 0 0 0a1b -",
			"system iis 2025-10-07T09:00:08Z", `event.category=network; event.action=ftp_command; event.outcome=success; source.ip=203.0.113.9; destination.ip=198.51.100.1; destination.port=21`,
		},
	}
}

func TestColumns(t *testing.T) {
	for _, parser := range []string{"auto", "iis"} {
		for _, tc := range columnCases() {
			t.Run(parser+" "+tc.line, func(t *testing.T) {
				events := parseLines(t, parser, Options{Year: 2025}, strings.Split(tc.line, "\n")...)
				testEvent(t, events[len(events)-1], tc)
			})
		}
	}
}

// What the names do not fit is of no log of requests.
func TestColumnsThatSayNothing(t *testing.T) {
	tests := []struct{ name, log string }{
		{"one value too few", "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2025-10-07 09:00:09 203.0.113.9 GET /x"},
		{"one too many", "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2025-10-07 09:00:09 203.0.113.9 GET /x 200 1"},
		{"no status where one belongs", "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2025-10-07 09:00:09 203.0.113.9 GET /x y"},
		{"no day anywhere", "#Fields: time c-ip cs-method cs-uri-stem sc-status\n09:00:09 203.0.113.9 GET /x 200"},
		{"columns of something else, named later", "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n#Fields: date time action protocol\n2025-10-07 09:00:10 203.0.113.9 GET /x 200"},
		{"another program's log after it", "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n#Software: x\n2025-10-07 09:00:10 203.0.113.9 GET /x 200"},
		{"a name given twice", "#Fields: date time c-ip c-ip cs-method cs-uri-stem sc-status\n2025-10-07 09:00:11 203.0.113.9 192.0.2.1 GET /x 200"},
		{"more columns than there are", "#Fields: date time c-ip cs-method cs-uri-stem sc-status" + strings.Repeat(" x", maxColumns) + "\n2025-10-07 09:00:11 203.0.113.9 GET /x 200" + strings.Repeat(" -", maxColumns)},
	}
	for _, tt := range tests {
		for _, parser := range []string{"auto", "iis"} {
			t.Run(parser+" "+tt.name, func(t *testing.T) {
				events := parseLines(t, parser, Options{Year: 2025}, strings.Split(tt.log, "\n")...)
				e := events[len(events)-1]
				if by := string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER)); by != "plain" {
					t.Errorf("%s spoke: %s", by, describe(e))
				}
			})
		}
	}
}

// FuzzColumns reads logs that begin with directives.
func FuzzColumns(f *testing.F) {
	for _, tc := range columnCases() {
		f.Add(tc.line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			t.Skip()
		}
		s, err := New("iis", Options{Year: 2026})
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(text, "\n") {
			s.Push(&record.Raw{Text: []byte(line)}, func(e *record.Event) {
				check(t, e)
				checkOrigin(t, e)
			})
		}
	})
}
