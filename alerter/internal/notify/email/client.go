package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/log"
	"github.com/wneessen/go-mail/smtp"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/delivery"
)

// Client hands mails to one mail server, each in a conversation of its own. It is
// safe for concurrent use.
type Client struct {
	config *config.Email
	roots  *x509.CertPool
	// conversation is told every line that is said; nil for nobody.
	conversation func(fromServer bool, line string)

	mu sync.Mutex // guards taken
	// taken holds, by Message-ID, the addresses that took a mail which others put
	// off, so that only the others are asked again.
	taken map[string][]string
}

// NewClient is a client for a valid receiver. It reads ca_file.
func NewClient(c *config.Email) (*Client, error) {
	client := &Client{config: c, taken: make(map[string][]string)}
	if c.CAFile == "" {
		return client, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read ca_file: %w", err)
	}
	client.roots = x509.NewCertPool()
	if !client.roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read ca_file: %s holds no PEM certificate", c.CAFile)
	}
	return client, nil
}

// Observe makes the client tell every line of its conversations, secrets masked.
// It is called before the first Send.
func (c *Client) Observe(say func(fromServer bool, line string)) { c.conversation = say }

// Send hands over one mail. Its errors are those of package delivery; any other
// means that the server could not be reached or lets nobody in.
func (c *Client) Send(ctx context.Context, m *Mail) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.config.Timeout))
	defer cancel()
	message, err := m.message()
	if err != nil {
		return &delivery.RefusedError{Err: err}
	}
	session, conn, err := c.dial(ctx)
	if conn != nil {
		defer func() { _ = conn.Close() }() // QUIT has been said, or nothing helps any more
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		defer stop()
	}
	if err != nil {
		return err
	}
	if err := c.transfer(session, message, m); err != nil {
		return err
	}
	_ = session.Quit() // the mail is taken, whatever becomes of the goodbye
	return nil
}

// dial connects, protects and authenticates. The connection is returned even
// with an error, for the caller to close.
func (c *Client) dial(ctx context.Context) (*smtp.Client, net.Conn, error) {
	var conn net.Conn
	options := []mail.Option{
		mail.WithPort(c.config.Port),
		mail.WithTimeout(time.Duration(c.config.Timeout)),
		mail.WithTLSConfig(c.tls()),
		mail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			plain, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			conn = plain
			if c.config.TLS != config.ImplicitTLS {
				return plain, nil
			}
			secure := tls.Client(plain, c.tls())
			if err := secure.HandshakeContext(ctx); err != nil {
				return nil, fmt.Errorf("TLS: %w", err)
			}
			return secure, nil
		}),
	}
	if c.config.Hello != "" {
		options = append(options, mail.WithHELO(c.config.Hello))
	}
	if c.conversation != nil {
		options = append(options, mail.WithDebugLog(), mail.WithLogger(listener{c.conversation}))
	}
	switch c.config.TLS {
	case config.NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case config.ImplicitTLS:
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	client, err := mail.NewClient(c.config.Host, append(options, c.auth()...)...)
	if err != nil {
		return nil, conn, fmt.Errorf("prepare conversation: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		address := net.JoinHostPort(c.config.Host, strconv.Itoa(c.config.Port))
		return nil, conn, fmt.Errorf("open conversation with %s: %w", address, err)
	}
	return session, conn, nil
}

func (c *Client) tls() *tls.Config {
	return &tls.Config{ServerName: c.config.Host, RootCAs: c.roots, MinVersion: tls.VersionTLS12}
}

func (c *Client) auth() []mail.Option {
	if c.config.Auth == "none" {
		return nil
	}
	options := []mail.Option{mail.WithUsername(c.config.Username), mail.WithPassword(c.config.Password)}
	switch c.config.Auth {
	case "plain":
		return append(options, mail.WithSMTPAuth(mail.SMTPAuthPlain))
	case "login":
		return append(options, mail.WithSMTPAuth(mail.SMTPAuthLogin))
	default:
		return append(options, mail.WithOpportunisticSMTPAuth(
			mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
}

// transfer is MAIL, RCPT and DATA. It is ours rather than the library's because
// one refused address must not keep the mail from the others.
func (c *Client) transfer(session *smtp.Client, message *mail.Msg, m *Mail) error {
	from, err := message.GetSender(false)
	if err != nil {
		return &delivery.RefusedError{Err: err}
	}
	recipients, err := message.GetRecipients()
	if err != nil {
		return &delivery.RefusedError{Err: err}
	}
	if err := session.Mail(from); err != nil {
		return fmt.Errorf("MAIL FROM %s: %w", from, err)
	}
	r, err := c.recipients(session, m.ID, recipients)
	if err != nil {
		return err
	}
	if len(r.accepted) > 0 {
		if err := c.data(session, message); err != nil {
			c.forget(m.ID, err)
			return err
		}
	}
	return c.settle(m.ID, r)
}

// answers are what RCPT got, by address.
type answers struct {
	earlier, accepted []string
	refused, deferred []error
}

func (c *Client) recipients(session *smtp.Client, id string, recipients []string) (answers, error) {
	c.mu.Lock()
	r := answers{earlier: slices.Clone(c.taken[id])}
	c.mu.Unlock()
	for _, to := range recipients {
		if slices.Contains(r.earlier, to) {
			continue
		}
		err := session.Rcpt(to)
		var reply *textproto.Error
		switch {
		case err == nil:
			r.accepted = append(r.accepted, to)
		case !errors.As(err, &reply):
			return r, fmt.Errorf("RCPT TO %s: %w", to, err)
		case reply.Code >= 500:
			r.refused = append(r.refused, fmt.Errorf("RCPT TO %s: %w", to, err))
		default:
			r.deferred = append(r.deferred, fmt.Errorf("RCPT TO %s: %w", to, err))
		}
	}
	return r, nil
}

// data hands over the mail itself.
func (c *Client) data(session *smtp.Client, message *mail.Msg) error {
	w, err := session.Data()
	if err == nil {
		if _, err := message.WriteTo(w); err != nil {
			return &delivery.UncertainError{Err: fmt.Errorf("DATA: %w", err)}
		}
		err = w.Close()
		if reply, ok := w.(*smtp.DataCloser); ok && err == nil && c.conversation != nil {
			c.conversation(true, reply.ServerResponse())
		}
	}
	var reply *textproto.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &reply):
		return &delivery.UncertainError{Err: fmt.Errorf("DATA: %w", err)}
	case reply.Code >= 500:
		return &delivery.RefusedError{Err: fmt.Errorf("DATA: %w", err)}
	default:
		return &delivery.DeferredError{Err: fmt.Errorf("DATA: %w", err)}
	}
}

// forget drops what is remembered of a mail that is not sent again.
func (c *Client) forget(id string, err error) {
	var refused *delivery.RefusedError
	if errors.As(err, &refused) {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.taken, id)
	}
}

// settle remembers who took the mail for as long as somebody else put it off.
func (c *Client) settle(id string, r answers) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := append(r.earlier, r.accepted...)
	if len(r.deferred) > 0 {
		if len(all) > 0 {
			c.taken[id] = all
		}
		return &delivery.DeferredError{Partly: len(all) > 0, Err: errors.Join(append(r.deferred, r.refused...)...)}
	}
	delete(c.taken, id)
	if len(r.refused) > 0 {
		return &delivery.RefusedError{Partly: len(all) > 0, Err: errors.Join(r.refused...)}
	}
	return nil
}

// listener passes the library's log of a conversation on. The library itself
// masks what is said during AUTH.
type listener struct {
	say func(fromServer bool, line string)
}

// Debugf is a line of the conversation.
func (l listener) Debugf(entry log.Log) {
	l.say(entry.Direction == log.DirServerToClient, fmt.Sprintf(entry.Format, entry.Messages...))
}

// Infof is not part of a conversation.
func (listener) Infof(log.Log) {}

// Warnf is not part of a conversation.
func (listener) Warnf(log.Log) {}

// Errorf is not part of a conversation.
func (listener) Errorf(log.Log) {}
