package email

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/wneessen/go-mail"
)

// message gives a mail its form on the wire: text and HTML, the same bytes each
// time.
func (m *Mail) message() (*mail.Msg, error) {
	sum := sha256.Sum256([]byte(m.ID))
	message := mail.NewMsg(
		mail.WithNoDefaultUserAgent(),
		mail.WithBoundary("tocsin-"+hex.EncodeToString(sum[:12])),
	)
	if err := message.From(m.From); err != nil {
		return nil, fmt.Errorf("set sender: %w", err)
	}
	if err := message.To(m.To...); err != nil {
		return nil, fmt.Errorf("set recipients: %w", err)
	}
	message.SetMessageIDWithValue(strings.Trim(m.ID, "<>"))
	message.SetDateWithValue(m.Date)
	message.Subject(headerText(m.Subject, maxSubject))
	if len(m.References) > 0 {
		message.SetGenHeader(mail.HeaderReferences, strings.Join(m.References, " "))
		message.SetGenHeader(mail.HeaderInReplyTo, m.References[len(m.References)-1])
	}
	for _, h := range m.Headers {
		message.SetGenHeader(mail.Header(h[0]), headerText(h[1], maxValue))
	}
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	message.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return message, nil
}

// Bytes is the mail as it goes over the wire, without dot-stuffing.
func (m *Mail) Bytes() ([]byte, error) {
	message, err := m.message()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if _, err := message.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	return []byte(b.String()), nil
}
