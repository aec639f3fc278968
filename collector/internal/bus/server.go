package bus

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tocsin-security/tocsin/proto/event"
)

// ErrPlainText is what StartServer refuses: a port that others reach, without TLS.
var ErrPlainText = errors.New("is not a loopback address, and without TLS anybody on the way could read and forge events")

const (
	startTimeout = 30 * time.Second
	// Streams on disk are bounded one by one; the server's own bound would only
	// refuse to create them.
	maxStore  = 1 << 50
	maxMemory = 256 << 20
)

// ServerOptions are what the embedded server is made of.
type ServerOptions struct {
	// Folder holds the streams, the users' keys and the file that says where the
	// server listens.
	Folder string
	// Listen is host:port; port 0 takes a free one.
	Listen string
	// TLS is needed off loopback, and not used on it.
	TLS *tls.Config
	Log *slog.Logger
	// Space looks at the disk; nil asks the file system.
	Space Space
}

// Server is a NATS server in this process, with JetStream on disk and an fsync
// before every acknowledgement.
type Server struct {
	o   ServerOptions
	url string
	key string
	// folder holds what tells other processes where the server is.
	folder string
	space  Space
	log    *slog.Logger

	mu    sync.Mutex // guards inner, which repair replaces
	inner *server.Server
}

// StartServer starts the embedded server and waits until it takes connections.
func StartServer(o ServerOptions) (*Server, error) {
	s := &Server{o: o, key: keyFile(o.Folder, roleCollector), folder: o.Folder, space: o.Space, log: o.Log}
	if s.space == nil {
		s.space = statfs
	}
	if err := s.launch(); err != nil {
		return nil, err
	}
	bound := s.current().Addr()
	s.url = clientURL(bound, o.Listen, s.encrypted())
	// When it starts again, clients are to find it where it was.
	host, _, _ := net.SplitHostPort(o.Listen) // launch took it apart already
	if tcp, ok := bound.(*net.TCPAddr); ok {
		s.o.Listen = net.JoinHostPort(host, strconv.Itoa(tcp.Port))
	}
	if err := writeURL(o.Folder, s.url); err != nil {
		s.Close()
		return nil, err
	}
	o.Log.Info("embedded NATS", "url", s.url, "store", storeFolder(o.Folder))
	return s, nil
}

// launch starts a server and makes it the current one.
func (s *Server) launch() error {
	options, err := serverOptions(s.o)
	if err != nil {
		return err
	}
	inner, err := server.NewServer(options)
	if err != nil {
		return fmt.Errorf("configure embedded NATS: %w", err)
	}
	fatal := make(chan error, 1)
	inner.SetLoggerV2(&logger{log: s.log, fatal: fatal}, false, false, false)
	inner.Start()
	s.mu.Lock()
	s.inner = inner
	s.mu.Unlock()
	if err := await(inner, fatal); err != nil {
		s.Close()
		return fmt.Errorf("start embedded NATS on %s: %w", s.o.Listen, err)
	}
	return nil
}

func (s *Server) current() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner
}

func (s *Server) encrypted() bool {
	host, _, _ := net.SplitHostPort(s.o.Listen)
	return !loopback(host)
}

func storeFolder(folder string) string { return filepath.Join(folder, "jetstream") }

func serverOptions(o ServerOptions) (*server.Options, error) {
	host, portText, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address of embedded NATS: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("listen address of embedded NATS: %w", err)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	users, err := makeUsers(o.Folder)
	if err != nil {
		return nil, err
	}
	options := &server.Options{
		ServerName: "tocsin-collector",
		Host:       host,
		Port:       port,
		NoSigs:     true, // signals are the collector's
		Nkeys:      users,
		JetStream:  true,
		StoreDir:   storeFolder(o.Folder),
		// The default syncs every two minutes, and a power cut would take what was
		// acknowledged since.
		SyncAlways:         true,
		JetStreamMaxStore:  maxStore,
		JetStreamMaxMemory: maxMemory,
		MaxPayload:         max(server.MAX_PAYLOAD_SIZE, event.MaxMessage),
	}
	if loopback(host) {
		return options, nil
	}
	if o.TLS == nil {
		return nil, fmt.Errorf("embedded NATS: %s %w", o.Listen, ErrPlainText)
	}
	options.TLSConfig, options.TLS, options.TLSTimeout = o.TLS, true, 5
	return options, nil
}

// await waits until the server takes connections or reports what it would have
// died of: its own wait does not end at that.
func await(inner *server.Server, fatal <-chan error) error {
	const slice = 50 * time.Millisecond
	for waited := time.Duration(0); waited < startTimeout; waited += slice {
		if inner.ReadyForConnections(slice) {
			return nil
		}
		select {
		case err := <-fatal:
			return err
		default:
		}
	}
	return errors.New("it did not become ready")
}

// Endpoint is how this process connects to the server: through a pipe, which
// needs no TLS.
func (s *Server) Endpoint() Endpoint {
	url := "nats://" + strings.TrimPrefix(strings.TrimPrefix(s.url, "tls://"), "nats://")
	return Endpoint{URL: url, NKeyFile: s.key, InProcess: s}
}

// InProcessConn implements nats.InProcessConnProvider: it connects to the server
// that runs now.
func (s *Server) InProcessConn() (net.Conn, error) { return s.current().InProcessConn() }

// Close stops the server and waits until everything is on disk.
func (s *Server) Close() {
	inner := s.current()
	inner.Shutdown()
	inner.WaitForShutdown()
	if err := removeStale(s.folder); err != nil {
		s.log.Warn("stop embedded NATS", "error", err)
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// clientURL is where processes of this host connect.
func clientURL(bound net.Addr, listen string, encrypted bool) string {
	host, port, _ := net.SplitHostPort(listen) // serverOptions took it apart already
	if tcp, ok := bound.(*net.TCPAddr); ok {
		port = strconv.Itoa(tcp.Port)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	scheme := "nats://"
	if encrypted {
		scheme = "tls://"
	}
	return scheme + net.JoinHostPort(host, port)
}

// logger passes what the server says on, and keeps what it would die of.
type logger struct {
	log   *slog.Logger
	fatal chan error
}

// Noticef implements server.Logger.
func (l *logger) Noticef(format string, v ...any) {
	l.log.Debug("embedded NATS", "message", fmt.Sprintf(format, v...))
}

// Warnf implements server.Logger.
func (l *logger) Warnf(format string, v ...any) {
	l.log.Warn("embedded NATS", "message", fmt.Sprintf(format, v...))
}

// Errorf implements server.Logger.
func (l *logger) Errorf(format string, v ...any) {
	l.log.Error("embedded NATS", "message", fmt.Sprintf(format, v...))
}

// Fatalf implements server.Logger; the library's own would end the process.
func (l *logger) Fatalf(format string, v ...any) {
	err := fmt.Errorf(format, v...)
	l.log.Error("embedded NATS", "message", err.Error())
	select {
	case l.fatal <- err:
	default:
	}
}

// Debugf implements server.Logger.
func (l *logger) Debugf(string, ...any) {}

// Tracef implements server.Logger.
func (l *logger) Tracef(string, ...any) {}

// removeStale takes away what told others of a server that runs no more.
func removeStale(folder string) error {
	if err := os.Remove(filepath.Join(folder, urlFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove old address of embedded NATS: %w", err)
	}
	return nil
}
