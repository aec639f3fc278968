package corpora

import "testing"

func TestParsedFieldAnswers(t *testing.T) {
	c := fieldCase{Parser: "someone/shop-logs", Meta: map[string]any{
		"source_ip": "::ffff:203.0.113.5", "username": "bob", "http_status": "401", "http_path": "/login", "http_verb": "POST", "service": "shop",
	}}
	right := Record{
		"source.ip": {"203.0.113.5"}, "user.name": {"bob"}, "http.response.status_code": {"401"},
		"url.original": {"/login?a=b"}, "url.path": {"/login"}, "http.request.method": {"POST"},
	}
	if got := c.answers(right); len(got) != 5 || !allYes(got) || got[0].Source != "shop-logs" {
		t.Errorf("answers %+v", got)
	}
	wrong := Record{"source.ip": {"203.0.113.6"}, "user.name": {"eve"}}
	for _, a := range c.answers(wrong) {
		if a.Yes {
			t.Errorf("right: %s", a.Miss)
		}
	}
}

func TestNothingIsNotAskedFor(t *testing.T) {
	c := fieldCase{Meta: map[string]any{"user": "undefined", "target_user": "-", "http_status": ""}}
	if got := c.answers(nil); len(got) != 0 {
		t.Errorf("answers %+v", got)
	}
}

func allYes(answers []Answer) bool {
	for _, a := range answers {
		if !a.Yes {
			return false
		}
	}
	return true
}
