package report

import (
	_ "embed" // the page's template
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

//go:embed report.html.tmpl
var pageText string

// pageTemplate is compiled once and never changed.
var pageTemplate = template.Must(template.New("report").Parse(pageText)) //nolint:gochecknoglobals // compiled

// words are what a page says in one language.
type words struct {
	Lang, Title, None, NoneSoFar, Rule, Level, Host, Group, Events, First, Last, State, Lines, Fields, Old string
	Running, Trial                                                                                         string
	levels, states                                                                                         map[string]string
}

func wordsOf(locale string) words {
	if locale == "ko" {
		return words{
			Lang: "ko", Title: "보안 보고서", None: "이 기간에는 보안 이벤트가 없었습니다.",
			NoneSoFar: "지금까지 보안 이벤트가 없습니다.", Running: "진행 중인 기간", Trial: "시험 중인 규칙",
			Rule: "규칙", Level: "심각도", Host: "호스트", Group: "그룹", Events: "이벤트 수", First: "최초 발생",
			Last: "최근 발생", State: "상태", Lines: "원본 로그", Fields: "최근 이벤트의 필드", Old: "과거 기록",
			levels: map[string]string{"critical": "심각", "high": "높음", "medium": "보통", "low": "낮음", "informational": "정보"},
			states: map[string]string{"firing": "진행 중", "acknowledged": "확인됨", "resolved": "종료"},
		}
	}
	return words{
		Lang: "en", Title: "Security report", None: "No security event in this period.",
		NoneSoFar: "No security event so far.", Running: "not over yet", Trial: "rule on trial",
		Rule: "Rule", Level: "Level", Host: "Host", Group: "Group", Events: "Events", First: "First",
		Last: "Last", State: "State", Lines: "Log lines", Fields: "Fields of the last event", Old: "old record",
		levels: map[string]string{"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "informational": "Info"},
		states: map[string]string{"firing": "going on", "acknowledged": "acknowledged", "resolved": "over"},
	}
}

type htmlPage struct {
	T        words
	From, To string
	Final    bool
	Total    int
	Levels   []levelCount
	Alerts   []htmlAlert
}

type levelCount struct {
	Class, Name string
	Count       int
}

type htmlAlert struct {
	Class, Level, Rule, ID, Host, Group, First, Last, State string
	Count                                                   uint64
	Old, Trial                                              bool
	Tags                                                    string
	Lines                                                   []string
	Fields                                                  [][2]string
}

// WriteHTML writes the report as one page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	t := wordsOf(r.Locale)
	format := func(at time.Time) string { return at.In(r.Location).Format("2006-01-02 15:04 MST") }
	p := htmlPage{T: t, From: format(r.From), To: format(r.To), Final: r.Final}
	counts := make(map[string]int)
	for _, a := range r.Alerts() {
		p.Alerts = append(p.Alerts, r.htmlAlert(t, a))
		counts[finding.LevelName(a.GetRule().GetLevel())]++
	}
	p.Total = len(p.Alerts)
	for _, level := range []string{"critical", "high", "medium", "low", "informational"} {
		p.Levels = append(p.Levels, levelCount{Class: level, Name: t.levels[level], Count: counts[level]})
	}
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	return nil
}

func (r *Report) htmlAlert(t words, a *alertv1.Alert) htmlAlert {
	clock := func(ns uint64) string {
		return time.Unix(0, int64(ns)).In(r.Location).Format("2006-01-02 15:04:05")
	}
	level := finding.LevelName(a.GetRule().GetLevel())
	v := htmlAlert{
		Class: level, Level: t.levels[level], Rule: shown(a.GetRule().GetName()), ID: a.GetId(),
		Host:  shown(finding.Value(a.GetLast(), eventv1.FieldId_FIELD_ID_HOST_NAME)),
		First: clock(a.GetFirstEvent()), Last: clock(a.GetLastEvent()), State: t.states[finding.StateName(a.GetState())],
		Count: a.GetCount(), Old: a.GetBackfill(), Trial: a.GetRule().GetShadow(), Tags: strings.Join(a.GetRule().GetTags(), ", "),
	}
	var group []string
	for _, g := range a.GetGroup() {
		group = append(group, shown(g.GetField()+" = "+g.GetValue()))
	}
	v.Group = strings.Join(group, ", ")
	for _, line := range lines(a) {
		v.Lines = append(v.Lines, shown(line))
	}
	for _, f := range a.GetLast().GetFields() {
		v.Fields = append(v.Fields, [2]string{finding.FieldName(f), shown(strings.ToValidUTF8(string(f.GetValue()), "\uFFFD"))})
	}
	slices.SortStableFunc(v.Fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return v
}

// shown keeps control characters from acting where a page is copied to a terminal.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, text)
}
