package email

import "testing"

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
