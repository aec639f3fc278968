package email

import (
	"strings"
	"testing"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

func TestWhatIsPastedIsWhatWasRead(t *testing.T) {
	for text, want := range map[string]string{
		"plain":               `"plain"`,
		"a$b":                 `"a$$b"`,
		"\u202egpj.exe":       `"\u202egpj.exe"`,
		"zero\u200bwidth":     `"zero\u200bwidth"`,
		"tag\U000e0041":       `"tag\U000e0041"`,
		"line\nbreak \"end\"": `"line\nbreak \"end\""`,
		"안녕":                  `"안녕"`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestATracebackIsShownOnce(t *testing.T) {
	a := appException()
	a.Last.Original = []byte("ERROR:app:boom\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    boom()\nValueError: boom\n")
	m := render(t, "en", Content{Alerts: []*alertv1.Alert{a}})
	for _, text := range []string{m.Text, m.HTML} {
		if strings.Count(text, "Traceback (most recent") != 1 || !strings.Contains(text, "ERROR:app:boom") {
			t.Errorf("not once, or not what was logged with it:\n%s", text)
		}
	}
}
