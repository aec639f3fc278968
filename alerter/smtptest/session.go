package smtptest

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one client's conversation.
type session struct {
	server *Server
	conn   *smtp.Conn
	authed bool
	from   string
	to     []string
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

func (s *session) secure() bool {
	_, ok := s.conn.TLSConnectionState()
	return ok
}

// AuthMechanisms are those that EHLO offers.
func (s *session) AuthMechanisms() []string { return s.server.options.Mechanisms }

// Auth begins an authentication.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.server.options.Mechanisms, mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	if mechanism == "LOGIN" {
		return &login{check: s.check}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error { return s.check(username, password) }), nil
}

func (s *session) check(username, password string) error {
	o := s.server.options
	if !s.secure() {
		s.server.mu.Lock()
		s.server.clear++
		s.server.mu.Unlock()
	}
	same := subtle.ConstantTimeCompare([]byte(username+"\x00"+password), []byte(o.Username+"\x00"+o.Password))
	if s.server.Fault() == RefuseAuth || same != 1 {
		return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Username and password not accepted"}
	}
	s.authed = true
	return nil
}

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.secure() && s.server.Fault() != StripTLS {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	}
	if !s.authed && s.server.options.Username != "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	if s.server.Fault() == DeferMail {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	s.from = from
	return nil
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	fault := s.server.Fault()
	switch {
	case fault == RefuseRcpt, to == s.server.options.RefuseTo && to != "":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	case fault == DeferRcpt:
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "Greylisted"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail.
func (s *session) Data(r io.Reader) error {
	fault := s.server.Fault()
	if fault == CutData {
		_, _ = io.ReadFull(r, make([]byte, 64))
		return errors.Join(errors.New("cut"), s.conn.Conn().Close())
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read mail: %w", err)
	}
	switch fault {
	case DeferData:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	case RefuseData:
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Message refused by policy"}
	}
	mail := Mail{From: s.from, To: slices.Clone(s.to), Data: data, Accepted: time.Now()}
	if err := s.server.keep(mail); err != nil {
		return err
	}
	if fault == LateCut {
		return s.conn.Conn().Close()
	}
	return nil
}

// Reset forgets the mail begun.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the conversation.
func (s *session) Logout() error { return nil }

// keep stores a mail, as a file whose name sorts by arrival and which is never
// seen half written.
func (s *Server) keep(m Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Folder != "" {
		m.File = filepath.Join(s.options.Folder, fmt.Sprintf("%06d.eml", len(s.mails)+1))
		if err := os.WriteFile(m.File+".part", m.Data, 0o600); err != nil {
			return fmt.Errorf("keep mail: %w", err)
		}
		if err := os.Rename(m.File+".part", m.File); err != nil {
			return fmt.Errorf("keep mail: %w", err)
		}
	}
	s.mails = append(s.mails, m)
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

// login is the server's half of AUTH LOGIN.
type login struct {
	check    func(username, password string) error
	username string
	step     int
}

// Next answers what the client said.
func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.step == 0 && response != nil {
		l.step = 1 // the username came with the command
	}
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.username = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(l.username, string(response))
	}
}
