package email

import (
	"fmt"
	"strings"
	"time"
)

// catalogue is everything a mail says in one language. Words with verbs are for
// fmt; their arguments stand beside them.
type catalogue struct {
	Lang string

	// Subjects. One alert, several, ended ones, delayed ones.
	SubjectOne      string // level, what
	SubjectMany     string // level, count, rules
	SubjectResolved string // what
	SubjectDelayed  string // count, delay

	// The first line. What happened, in one sentence.
	Many    string // count, rules
	Ended   string // what
	Delayed string // count, delay
	On      string // host
	From    string // address
	User    string
	File    string

	Rule, Level, State, Host, Group, Count, First, Last, Tags, Description string
	Firing, Acknowledged, Resolved, Ongoing                                string
	HashBefore, HashNow, PathBefore                                        string
	Samples, Fields, Trace, FalsePositives, References                     string
	Silence, SilenceHow                                                    string
	Refused, Digest, Lost, More, Alert                                     string
	Footer                                                                 string

	levels map[string]string
	// duration renders a delay, events a count of events.
	duration func(time.Duration) string
	events   func(uint64) string
}

func catalogueOf(locale string) *catalogue {
	if locale == "ko" {
		return korean()
	}
	return english()
}

func english() *catalogue {
	return &catalogue{
		Lang:            "en",
		SubjectOne:      "[Tocsin] %s: %s",
		SubjectMany:     "[Tocsin] %s: %d security events: %s",
		SubjectResolved: "[Tocsin] Over: %s",
		SubjectDelayed:  "[Tocsin] %d security events, told late by up to %s",
		Many:            "%d security events: %s.",
		Ended:           "Over: %s.",
		Delayed:         "%d security events reached Tocsin late, by up to %s.",
		On:              " on %s", From: " from %s", User: " as %s", File: ": %s",
		Rule: "Rule", Level: "Level", State: "State", Host: "Host", Group: "Group", Count: "Events",
		First: "First", Last: "Last", Tags: "Tags", Description: "About the rule",
		Firing: "new", Acknowledged: "acknowledged", Resolved: "over", Ongoing: "going on",
		HashBefore: "SHA-256 before", HashNow: "SHA-256 now", PathBefore: "Path before",
		Samples: "Log lines", Fields: "Fields of the last event", Trace: "Traceback",
		FalsePositives: "May be harmless when", References: "Read more",
		Silence:    "To hear no more of this",
		SilenceHow: "Put this into the alerter's configuration and reload it (SIGHUP):",
		Digest:     "Too many for one mail: this table names them, tocsin-alerter report shows each in full.",
		More:       "%d more are in the report.",
		Lost:       "%d more that can no longer be read in full.",
		Alert:      "Alert",
		Refused:    "This was meant for receiver %s, who refused it: %s",
		Footer:     "Sent by Tocsin to receiver %s. Do not answer this mail.",
		levels: map[string]string{
			"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "informational": "Info",
		},
		duration: func(d time.Duration) string {
			return units(d, " d", " h", " min", " s")
		},
		events: func(n uint64) string {
			if n == 1 {
				return "1 event"
			}
			return fmt.Sprintf("%d events", n)
		},
	}
}

func korean() *catalogue {
	return &catalogue{
		Lang:            "ko",
		SubjectOne:      "[Tocsin] 보안 이벤트 발생: [%s] %s",
		SubjectMany:     "[Tocsin] 보안 이벤트 발생: [%s] %d건: %s",
		SubjectResolved: "[Tocsin] 보안 이벤트 종료: %s",
		SubjectDelayed:  "[Tocsin] 보안 이벤트 발생: %d건, 최대 %s 지연",
		Many:            "보안 이벤트 %d건이 발생했습니다: %s.",
		Ended:           "종료되었습니다: %s.",
		Delayed:         "보안 이벤트 %d건이 최대 %s 늦게 도착했습니다.",
		On:              ", 호스트 %s", From: ", 출발지 %s", User: ", 사용자 %s", File: ", 파일 %s",
		Rule: "규칙", Level: "심각도", State: "상태", Host: "호스트", Group: "그룹", Count: "이벤트 수",
		First: "최초 발생", Last: "최근 발생", Tags: "태그", Description: "규칙 설명",
		Firing: "발생", Acknowledged: "확인됨", Resolved: "종료", Ongoing: "진행 중",
		HashBefore: "이전 SHA-256", HashNow: "현재 SHA-256", PathBefore: "이전 경로",
		Samples: "원본 로그", Fields: "최근 이벤트의 필드", Trace: "스택 추적",
		FalsePositives: "오탐일 수 있는 경우", References: "참고 자료",
		Silence:    "이 알림을 더 받지 않으려면",
		SilenceHow: "tocsin-alerter 설정에 다음을 넣고 다시 읽게 하십시오(SIGHUP):",
		Digest:     "알림이 많아 표로 요약했습니다. 전체 내용은 tocsin-alerter report에서 볼 수 있습니다.",
		More:       "%d건이 보고서에 더 있습니다.",
		Lost:       "전체 내용을 더는 읽을 수 없는 알림이 %d건 더 있습니다.",
		Alert:      "알림",
		Refused:    "수신자 %s에게 보낸 메일이 거부되어 대신 보냅니다: %s",
		Footer:     "Tocsin이 수신자 %s에게 보낸 메일입니다. 회신하지 마십시오.",
		levels: map[string]string{
			"critical": "심각", "high": "높음", "medium": "보통", "low": "낮음", "informational": "정보",
		},
		duration: func(d time.Duration) string {
			return units(d, "일", "시간", "분", "초")
		},
		events: func(n uint64) string { return fmt.Sprintf("이벤트 %d건", n) },
	}
}

// units renders a duration by its two largest units.
func units(d time.Duration, names ...string) string {
	sizes := []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}
	var parts []string
	for i, size := range sizes {
		if n := d / size; n > 0 && len(parts) < 2 {
			parts = append(parts, fmt.Sprintf("%d%s", n, names[i]))
			d -= n * size
		} else if len(parts) > 0 {
			break
		}
	}
	if parts == nil {
		return "0" + names[len(names)-1]
	}
	return strings.Join(parts, " ")
}
