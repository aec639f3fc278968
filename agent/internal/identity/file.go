package identity

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tocsin-security/tocsin/shell/statedir"
)

// The folder's files. A key is written as pendingFile before it is sent
// anywhere, so that an enrolment whose reply was lost can be repeated with the
// same key; the identity that it ends in is one file, replaced as a whole.
const (
	identityFile = "identity.json"
	pendingFile  = "pending-key.pem"
)

const (
	keyBlock         = "PRIVATE KEY"
	certificateBlock = "CERTIFICATE"
)

// stored is the content of identityFile. Keys and certificates are PEM.
type stored struct {
	AgentID     string   `json:"agent_id"`
	Name        string   `json:"name"`
	Collectors  []string `json:"collectors"`
	PrivateKey  string   `json:"private_key"`
	Chain       string   `json:"certificate_chain"`
	Authorities string   `json:"authorities"`
}

// Load reads the identity in a folder; ErrNone where there is none.
func Load(dir string) (*Identity, error) {
	name := filepath.Join(dir, identityFile)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	id, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("read identity %s: %w", name, err)
	}
	return id, nil
}

func decode(data []byte) (*Identity, error) {
	var s stored
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return nil, err
	}
	key, err := decodeKey([]byte(s.PrivateKey))
	if err != nil {
		return nil, err
	}
	id, err := newIdentity(s.Name, key, grant{
		chain:       blocks([]byte(s.Chain)),
		authorities: blocks([]byte(s.Authorities)),
		collectors:  s.Collectors,
	})
	if err != nil {
		return nil, err
	}
	if id.AgentID != s.AgentID {
		return nil, fmt.Errorf("the certificate names agent %s, the file %s", id.AgentID, s.AgentID)
	}
	return id, nil
}

func (i *Identity) encode() ([]byte, error) {
	key, err := encodeKey(i.key)
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(&stored{
		AgentID: i.AgentID, Name: i.Name, Collectors: i.Collectors,
		PrivateKey: string(key), Chain: encodeChain(i.chain), Authorities: encodeChain(i.authorities),
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode identity: %w", err)
	}
	return append(data, '\n'), nil
}

// save replaces the folder's identity.
func (i *Identity) save(dir string) error {
	data, err := i.encode()
	if err != nil {
		return err
	}
	if err := statedir.WriteFile(filepath.Join(dir, identityFile), data, 0o600); err != nil {
		return fmt.Errorf("store identity: %w", err)
	}
	return nil
}

// pendingKey is the key of an enrolment under way, made at the first attempt.
func pendingKey(dir string) (crypto.Signer, error) {
	name := filepath.Join(dir, pendingFile)
	data, err := os.ReadFile(name)
	if err == nil {
		key, err := decodeKey(data)
		if err != nil {
			return nil, fmt.Errorf("read key %s: %w", name, err)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	if data, err = encodeKey(key); err != nil {
		return nil, err
	}
	if err := statedir.WriteFile(name, data, 0o600); err != nil {
		return nil, fmt.Errorf("store key: %w", err)
	}
	return key, nil
}

func encodeKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

func decodeKey(data []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != keyBlock {
		return nil, errors.New("there is no private key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("decode key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the private key cannot sign")
	}
	return signer, nil
}

func encodeChain(chain []*x509.Certificate) string {
	var out bytes.Buffer
	for _, c := range chain {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: c.Raw}))
	}
	return out.String()
}

func blocks(data []byte) [][]byte {
	var ders [][]byte
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return ders
		}
		if block.Type == certificateBlock {
			ders = append(ders, block.Bytes)
		}
		data = rest
	}
}
