package config

import (
	"github.com/tocsin-security/tocsin/shell/settings"
)

// The ways to protect the conversation with a mail server.
const (
	// StartTLS refuses to go on with a server that does not offer STARTTLS.
	StartTLS = "starttls"
	// ImplicitTLS speaks TLS from the first byte.
	ImplicitTLS = "implicit"
	// NoTLS sends mail in the clear, and never a password.
	NoTLS = "none"
)

// Receiver is somebody to tell: exactly one of its kinds is set.
type Receiver struct {
	// Name is what routes call it: 1 to 64 of A-Z a-z 0-9 _ -.
	Name string `yaml:"name"`
	// Fallback names the mail receiver that is told what this one refuses.
	Fallback string  `yaml:"fallback"`
	Email    *Email  `yaml:"email"`
	Report   *Report `yaml:"report"`
}

// Email is a receiver of mails.
type Email struct {
	Host string `yaml:"host"`
	// Port is 587 for STARTTLS, 465 for implicit TLS and 25 for none, unless set.
	Port int `yaml:"port"`
	// TLS is "starttls" (the default), "implicit" or "none".
	TLS string `yaml:"tls"`
	// Auth is "auto" (what the server offers; the default with a username),
	// "plain", "login" or "none".
	Auth         string `yaml:"auth"`
	Username     string `yaml:"username"`
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
	// CAFile holds the certificates that the server's must descend from, instead
	// of the system's.
	CAFile string   `yaml:"ca_file"`
	From   string   `yaml:"from"`
	To     []string `yaml:"to"`
	// Hello is the name given in EHLO; the host's own unless set.
	Hello string `yaml:"hello"`
	// DigestOver is how many alerts a mail tells in full; more become a table.
	DigestOver int `yaml:"digest_over"`
	// SendResolved tells the end of what was told, too.
	SendResolved bool `yaml:"send_resolved"`
	// Timeout bounds one whole conversation.
	Timeout settings.Duration `yaml:"timeout"`
}

// Report is a receiver that keeps a file for each day.
type Report struct {
	// Folder is an absolute path.
	Folder string `yaml:"folder"`
}
