package bus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tocsin-security/tocsin/shell/settings"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

const connectTimeout = 5 * time.Second

// Endpoint is a NATS server and who we are to it.
type Endpoint struct {
	// URL may name several servers, separated by commas.
	URL             string
	NKeyFile        string
	CredentialsFile string
	CAFile          string
	// InProcess is set where the server is in this process.
	InProcess nats.InProcessConnProvider
}

func (e *Endpoint) options() ([]nats.Option, error) {
	options := []nats.Option{
		nats.Name("tocsin-collector"),
		nats.Timeout(connectTimeout),
		// What is published while disconnected must fail at once: a late send from
		// a buffer would come after the fence was read again.
		nats.ReconnectBufSize(-1),
	}
	if e.NKeyFile != "" {
		option, err := nats.NkeyOptionFromSeed(e.NKeyFile)
		if err != nil {
			return nil, fmt.Errorf("read nkey file %s: %w", e.NKeyFile, err)
		}
		options = append(options, option)
	}
	if e.CredentialsFile != "" {
		options = append(options, nats.UserCredentials(e.CredentialsFile))
	}
	if e.CAFile != "" {
		options = append(options, nats.RootCAs(e.CAFile))
	}
	if e.InProcess != nil {
		options = append(options, nats.InProcessServer(e.InProcess))
	}
	return options, nil
}

// Dial connects once and reports an error rather than wait: it is for commands
// that people wait for.
func Dial(e Endpoint) (*nats.Conn, error) {
	options, err := e.options()
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect(e.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", settings.Redact(e.URL), err)
	}
	return conn, nil
}

// urlFile tells other processes of this host where the embedded server listens.
const urlFile = "url"

// LocalEndpoint is the embedded server of the collector that runs with a state
// folder, found by what that collector left in the folder.
func LocalEndpoint(stateDir string) (Endpoint, error) {
	folder := filepath.Join(stateDir, "nats")
	url, err := os.ReadFile(filepath.Join(folder, urlFile))
	if errors.Is(err, os.ErrNotExist) {
		return Endpoint{}, fmt.Errorf("no collector runs with state folder %s", stateDir)
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("find embedded NATS: %w", err)
	}
	e := Endpoint{URL: strings.TrimSpace(string(url)), NKeyFile: keyFile(folder, roleCollector)}
	if strings.HasPrefix(e.URL, "tls://") {
		e.CAFile = filepath.Join(stateDir, "ca.pem")
	}
	return e, nil
}

func writeURL(folder, url string) error {
	return statedir.WriteFile(filepath.Join(folder, urlFile), []byte(url+"\n"), 0o600)
}
