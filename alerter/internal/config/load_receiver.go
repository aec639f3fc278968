package config

import (
	"crypto/x509"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"

	"github.com/tocsin-security/tocsin/shell/settings"
)

// validName keeps receiver names fit for a NATS subject and a file name.
var validName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (c *Config) resolveReceivers(doc *settings.Document) error {
	if len(c.Receivers) == 0 {
		return doc.Errorf("receivers", "at least one receiver is needed")
	}
	seen := make(map[string]bool, len(c.Receivers))
	for i := range c.Receivers {
		r := &c.Receivers[i]
		key := fmt.Sprintf("receivers[%d]", i)
		if !validName.MatchString(r.Name) {
			return doc.Errorf(key+".name", "%q is not a name of 1 to 64 letters, digits, _ and -", r.Name)
		}
		if seen[r.Name] {
			return doc.Errorf(key+".name", "%q is the name of an earlier receiver", r.Name)
		}
		seen[r.Name] = true
		var err error
		switch {
		case (r.Email == nil) == (r.Report == nil):
			err = doc.Errorf(key, "exactly one of email and report is needed")
		case r.Email != nil:
			err = r.Email.resolve(doc, key+".email")
		case !filepath.IsAbs(r.Report.Folder):
			err = doc.Errorf(key+".report.folder", "%q is not an absolute path", r.Report.Folder)
		}
		if err != nil {
			return err
		}
	}
	return c.checkFallbacks(doc)
}

// checkFallbacks refuses a fallback that could not be told, or that leads back.
func (c *Config) checkFallbacks(doc *settings.Document) error {
	for i := range c.Receivers {
		r := &c.Receivers[i]
		key := fmt.Sprintf("receivers[%d].fallback", i)
		if r.Fallback != "" && r.Email == nil {
			return doc.Errorf(key, "nothing refuses a report: only a mail receiver has a fallback")
		}
		for next, steps := r, 0; next.Fallback != ""; steps++ {
			name := next.Fallback
			var known bool
			switch next, known = c.Receiver(name); {
			case !known:
				return doc.Errorf(key, "unknown receiver %q", name)
			case next.Email == nil:
				return doc.Errorf(key, "receiver %q sends no mail", name)
			case steps == len(c.Receivers):
				return doc.Errorf(key, "leads back to where it came from: whoever is last must have none")
			}
		}
	}
	return nil
}

// resolve fills in ports and ways to authenticate, and reads the password.
func (e *Email) resolve(doc *settings.Document, key string) error {
	if e.Host == "" {
		return doc.Errorf(key+".host", "must name the mail server")
	}
	if e.TLS == "" {
		e.TLS = StartTLS
	}
	ports := map[string]int{StartTLS: 587, ImplicitTLS: 465, NoTLS: 25}
	port, known := ports[e.TLS]
	if !known {
		return doc.Errorf(key+".tls", "unknown %q: starttls, implicit and none are known", e.TLS)
	}
	if e.Port == 0 {
		e.Port = port
	}
	if e.Port < 1 || e.Port > 65535 {
		return doc.Errorf(key+".port", "%d is not a port", e.Port)
	}
	if e.DigestOver == 0 {
		e.DigestOver = defaultDigestOver
	}
	if e.DigestOver < 1 {
		return doc.Errorf(key+".digest_over", "must be positive")
	}
	if e.Timeout == 0 {
		e.Timeout = settings.Duration(defaultTimeout)
	}
	if e.Timeout < 0 {
		return doc.Errorf(key+".timeout", "must be positive")
	}
	if err := e.resolveAuth(doc, key); err != nil {
		return err
	}
	if err := e.checkCA(doc, key); err != nil {
		return err
	}
	return e.checkAddresses(doc, key)
}

func (e *Email) resolveAuth(doc *settings.Document, key string) error {
	password, err := settings.Secret(e.Password, e.PasswordFile)
	if err != nil {
		return doc.Errorf(key+".password_file", "%v", err)
	}
	e.Password = password
	if e.Auth == "" {
		e.Auth = "none"
		if e.Username != "" {
			e.Auth = "auto"
		}
	}
	switch e.Auth {
	case "none":
		return nil
	case "auto", "plain", "login":
	default:
		return doc.Errorf(key+".auth", "unknown %q: auto, plain, login and none are known", e.Auth)
	}
	if e.TLS == NoTLS {
		return doc.Errorf(key+".auth", "a password is never sent in the clear: use tls starttls or implicit, or auth none")
	}
	if e.Username == "" {
		return doc.Errorf(key+".username", "must be set for auth %s", e.Auth)
	}
	if e.Password == "" {
		return doc.Errorf(key+".password", "password or password_file must be set for auth %s", e.Auth)
	}
	return nil
}

func (e *Email) checkCA(doc *settings.Document, key string) error {
	if e.CAFile == "" {
		return nil
	}
	pem, err := os.ReadFile(e.CAFile)
	if err != nil {
		return doc.Errorf(key+".ca_file", "%v", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return doc.Errorf(key+".ca_file", "%s holds no PEM certificate", e.CAFile)
	}
	return nil
}

func (e *Email) checkAddresses(doc *settings.Document, key string) error {
	if _, err := mail.ParseAddress(e.From); err != nil {
		return doc.Errorf(key+".from", "%q is not a mail address", e.From)
	}
	if len(e.To) == 0 {
		return doc.Errorf(key+".to", "at least one address is needed")
	}
	for i, to := range e.To {
		if _, err := mail.ParseAddress(to); err != nil {
			return doc.Errorf(fmt.Sprintf("%s.to[%d]", key, i), "%q is not a mail address", to)
		}
	}
	return nil
}
