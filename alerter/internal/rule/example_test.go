package rule_test

import (
	"fmt"
	"testing/fstest"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// A set is compiled once; each goroutine asks it through a matcher of its own.
func ExampleMatcher_Match() {
	set, err := rule.Load(rule.Options{Shipped: fstest.MapFS{"outside.yml": {Data: []byte(`
title: Login from outside the office
id: outside
logsource: {category: authentication}
detection:
  login: {event.outcome: success}
  office: {source.ip|cidr: 192.0.2.0/24}
  condition: login and not office
`)}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	matcher := set.Matcher()
	for _, address := range []string{"192.0.2.10", "203.0.113.7"} {
		e := &event.Event{}
		e.Add(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, []byte("success"))
		e.Add(eventv1.FieldId_FIELD_ID_SOURCE_IP, []byte(address))
		matches := matcher.Match(rule.Input{Event: e, Class: eventv1.Class_CLASS_AUTH, Host: "web01"})
		fmt.Println(address, len(matches))
		for _, m := range matches {
			for _, feed := range m.Feeds {
				fmt.Println("  counted by", feed.Root.Name)
			}
		}
	}
	// Output:
	// 192.0.2.10 0
	// 203.0.113.7 1
	//   counted by Login from outside the office
}
