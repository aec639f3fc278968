// Package email tells people of alerts by mail: it renders a notification in
// their language and hands it to a mail server, protected and authenticated.
//
// In flow notifications with their alerts, out flow mails and, as errors of
// package delivery, how the server took them. Rendering is pure: the same
// notification gives the same bytes, so that a repeated mail is the same mail.
package email

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

//go:embed mail.txt.tmpl mail.html.tmpl
var templates embed.FS

// Compiled once, never changed.
var (
	textMail = texttemplate.Must(texttemplate.ParseFS(templates, "mail.txt.tmpl"))  //nolint:gochecknoglobals // compiled
	htmlMail = htmltemplate.Must(htmltemplate.ParseFS(templates, "mail.html.tmpl")) //nolint:gochecknoglobals // compiled
)

// Style is how a receiver's mails look.
type Style struct {
	// Locale is "en" or "ko".
	Locale string
	// Location is the zone of the times; UTC for nil.
	Location *time.Location
	// BaseURL is named at the end, if set.
	BaseURL string
	// DigestOver is how many alerts are told in full.
	DigestOver int
	From       string
	To         []string
}

// Hints are what a rule's author has to say to those it wakes.
type Hints struct {
	Description    string
	FalsePositives []string
	References     []string
}

// Content is what a mail tells.
type Content struct {
	Notification *alertv1.Notification
	// GroupID names the group, and with it the thread.
	GroupID string
	// Alerts are told oldest first. News are the ids of those that were not told
	// before; nil says all.
	Alerts []*alertv1.Alert
	News   map[string]bool
	// Lost counts alerts that are told of but can no longer be read.
	Lost int
	// Refusal is what the receiver answered for whom this mail was meant, where
	// another one is told in its place.
	Refusal string
	// Delay is set on a digest of delayed alerts: the longest of their delays.
	Delay time.Duration
	// Hints looks a rule up by its id; nil knows none.
	Hints func(ruleID string) (Hints, bool)
}

// Mail is a rendered mail.
type Mail struct {
	// ID is the Message-ID with its angle brackets.
	ID      string
	From    string
	To      []string
	Subject string
	Date    time.Time
	// References are the ids of earlier mails of the thread.
	References []string
	// Headers are those of Tocsin's own.
	Headers    [][2]string
	Text, HTML string
}

// MessageID names a notification: the same for every attempt to send it.
func MessageID(receiver, groupID string, flush uint64, from string) string {
	domain := "tocsin.invalid"
	if at := strings.LastIndexByte(from, '@'); at >= 0 {
		domain = strings.TrimRight(from[at+1:], "> ")
	}
	return fmt.Sprintf("<%s.%s.%d@%s>", event.HashID(receiver)[:10], groupID, flush, domain)
}

// Render makes the mail of a notification.
func Render(style Style, c Content) (*Mail, error) {
	if style.Location == nil {
		style.Location = time.UTC
	}
	v := newView(style, c)
	var text, html bytes.Buffer
	if err := textMail.Execute(&text, v); err != nil {
		return nil, fmt.Errorf("render text: %w", err)
	}
	if err := htmlMail.Execute(&html, v); err != nil {
		return nil, fmt.Errorf("render HTML: %w", err)
	}
	n := c.Notification
	m := &Mail{
		ID: n.GetMessageId(), From: style.From, To: style.To, Subject: v.Subject,
		Date: time.Unix(0, int64(n.GetIntended())).In(style.Location),
		Text: text.String(), HTML: html.String(), Headers: headers(c),
	}
	if n.GetFlush() > 1 {
		// Of the domain of its own id: a fallback's sender may have another.
		m.References = append(m.References, MessageID(n.GetReceiver(), c.GroupID, 1, n.GetMessageId()))
		if n.GetFlush() > 2 {
			m.References = append(m.References, MessageID(n.GetReceiver(), c.GroupID, n.GetFlush()-1, n.GetMessageId()))
		}
	}
	return m, nil
}

// headers let a mail program sort and a vacation responder keep silent.
func headers(c Content) [][2]string {
	var rules []string
	seen := make(map[string]bool)
	level := alertv1.Level_LEVEL_UNSPECIFIED
	for _, a := range c.Alerts {
		if id := a.GetRule().GetId(); !seen[id] && len(rules) < 10 {
			seen[id] = true
			rules = append(rules, oneLine(id, 64))
		}
		level = max(level, a.GetRule().GetLevel())
	}
	list := [][2]string{
		{"Auto-Submitted", "auto-generated"},
		{"X-Auto-Response-Suppress", "All"},
		{"X-Tocsin-Receiver", c.Notification.GetReceiver()},
		{"X-Tocsin-Group", c.GroupID},
		{"X-Tocsin-Alerts", fmt.Sprint(len(c.Alerts) + c.Lost)},
	}
	if len(rules) > 0 {
		list = append(list, [2]string{"X-Tocsin-Rule", strings.Join(rules, " ")})
	}
	if name := finding.LevelName(level); name != "" {
		list = append(list, [2]string{"X-Tocsin-Level", name})
	}
	return list
}
