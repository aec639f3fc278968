// Package smtptest is a real mail server for tests and demonstrations: it wants
// STARTTLS and AUTH before MAIL, keeps every mail it accepts, and can be told to
// fail in the ways in which mail servers fail.
//
// In flow SMTP conversations, out flow the accepted mails, in memory and as
// files. It is never part of a Tocsin command.
package smtptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Fault is a way to fail.
type Fault string

// The ways to fail; NoFault accepts everything.
const (
	NoFault    Fault = ""
	RefuseAuth Fault = "refuse-auth" // 535 to any password
	DeferMail  Fault = "defer-mail"  // 451 to MAIL
	DeferRcpt  Fault = "defer-rcpt"  // 450 to RCPT
	RefuseRcpt Fault = "refuse-rcpt" // 550 to RCPT
	DeferData  Fault = "defer-data"  // 451 after the mail
	RefuseData Fault = "refuse-data" // 554 after the mail
	CutData    Fault = "cut-data"    // the connection breaks within the mail
	LateCut    Fault = "late-cut"    // it breaks after the mail was accepted, before the client knows
	StripTLS   Fault = "strip-tls"   // no STARTTLS, but AUTH in the clear is offered
)

// Options say how a server behaves.
type Options struct {
	// Listen is the address to listen on, 127.0.0.1:0 unless set.
	Listen string
	// Folder is where each accepted mail becomes a file; empty keeps none.
	Folder string
	// Username and Password are what AUTH wants.
	Username, Password string
	// Mechanisms are those offered, PLAIN and LOGIN unless set.
	Mechanisms []string
	// Implicit speaks TLS from the first byte.
	Implicit bool
	// Fault is how the server fails at first.
	Fault Fault
	// RefuseTo is a recipient that is always refused for good.
	RefuseTo string
	// Names are host names that the certificate holds besides localhost.
	Names []string
}

// Mail is an accepted mail.
type Mail struct {
	From string
	To   []string
	// Data is the mail as it came, with CRLF.
	Data []byte
	// File holds it, where the server has a folder.
	File     string
	Accepted time.Time
}

// Server is a running mail server.
type Server struct {
	options  Options
	listener net.Listener
	ca       []byte
	servers  []*smtp.Server
	routes   [2]*handoff // for connections with and without STARTTLS
	wg       sync.WaitGroup
	closing  sync.Once

	mu      sync.Mutex // guards what follows
	fault   Fault
	mails   []Mail
	clear   int
	changed chan struct{} // closed and replaced at each mail
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Mechanisms == nil {
		o.Mechanisms = []string{"PLAIN", "LOGIN"}
	}
	certificate, ca, err := makeCertificate(time.Now(), o.Names)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{options: o, listener: listener, ca: ca, fault: o.Fault, changed: make(chan struct{})}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	for i := range s.routes {
		server := smtp.NewServer(smtp.BackendFunc(s.newSession))
		server.Domain = "smtptest"
		server.MaxLineLength = 4096
		server.ErrorLog = log.New(io.Discard, "", 0)
		server.AllowInsecureAuth = i == 1
		if i == 0 {
			server.TLSConfig = config
		}
		s.routes[i] = &handoff{addr: listener.Addr(), conns: make(chan net.Conn), done: make(chan struct{})}
		s.servers = append(s.servers, server)
		s.wg.Go(func() { _ = server.Serve(s.routes[i]) }) // ends when its listener is closed
	}
	s.wg.Go(func() { s.accept(config) })
	return s, nil
}

func (s *Server) accept(config *tls.Config) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		route := s.routes[0]
		if s.Fault() == StripTLS {
			route = s.routes[1]
		}
		if s.options.Implicit {
			conn = tls.Server(conn, config)
		}
		select {
		case route.conns <- conn:
		case <-route.done:
			_ = conn.Close()
		}
	}
}

// Close ends all conversations and waits for them. A second one does nothing.
func (s *Server) Close() (err error) {
	s.closing.Do(func() { err = s.close() })
	return err
}

func (s *Server) close() error {
	err := s.listener.Close()
	for i, server := range s.servers {
		_ = s.routes[i].Close()
		if closeErr := server.Close(); closeErr != nil && !errors.Is(closeErr, smtp.ErrServerClosed) {
			err = errors.Join(err, closeErr)
		}
	}
	s.wg.Wait()
	return err
}

// Port is where it listens, on 127.0.0.1 unless configured otherwise.
func (s *Server) Port() int {
	addr, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	return addr.Port
}

// CA is the certificate, in PEM, that the server's own descends from.
func (s *Server) CA() []byte { return s.ca }

// SetFault changes how conversations fail from now on.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Fault is how conversations fail now.
func (s *Server) Fault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// ClearCredentials counts the attempts to authenticate without TLS.
func (s *Server) ClearCredentials() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clear
}

// Mails are all accepted mails, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Wait returns when at least n mails were accepted.
func (s *Server) Wait(ctx context.Context, n int) ([]Mail, error) {
	for {
		s.mu.Lock()
		mails, changed := append([]Mail(nil), s.mails...), s.changed
		s.mu.Unlock()
		if len(mails) >= n {
			return mails, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return mails, fmt.Errorf("wait for mail %d of %d: %w", len(mails)+1, n, ctx.Err())
		}
	}
}

// handoff is a listener whose connections somebody else accepted.
type handoff struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// Accept waits for a connection.
func (h *handoff) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

// Close makes Accept return.
func (h *handoff) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

// Addr is the address of the listener behind it.
func (h *handoff) Addr() net.Addr { return h.addr }
