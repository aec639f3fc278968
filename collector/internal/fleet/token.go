package fleet

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

const (
	tokenPrefix = "tocsin1."
	secretSize  = 16
	// MaxTokenUses bounds what one token's record may grow to.
	MaxTokenUses = 1000
)

// TokenOptions says whom a join token admits, and where it leads.
type TokenOptions struct {
	TTL  time.Duration
	Uses uint32
	// Collectors are host:port, as agents reach them.
	Collectors []string
}

// CreateToken stores a join token and returns its text, and removes tokens that
// expired long ago. Only a seal over its secret is stored: the text cannot be
// had again.
func (c *CA) CreateToken(ctx context.Context, tokens jetstream.KeyValue, o TokenOptions) (string, error) {
	now := c.now()
	if err := removeExpired(ctx, tokens, now.Add(-expiredKept)); err != nil {
		return "", err
	}
	secret := make([]byte, secretSize)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	record := &fleetv1.Token{
		Id: event.NewID(), Uses: o.Uses,
		Created: uint64(now.UnixNano()), Expires: uint64(now.Add(o.TTL).UnixNano()),
	}
	record.SecretHash = c.seal(record, secret)
	data, err := proto.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("encode token: %w", err)
	}
	if _, err := tokens.Create(ctx, record.GetId(), data); err != nil {
		return "", fmt.Errorf("store token: %w", err)
	}
	join, err := proto.Marshal(&fleetv1.JoinToken{
		Collectors: o.Collectors, AuthorityPin: c.Pin(), Id: record.GetId(), Secret: secret,
	})
	if err != nil {
		return "", fmt.Errorf("encode join token: %w", err)
	}
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	return tokenPrefix + strings.ToLower(encoding.EncodeToString(join)), nil
}

// seal binds a secret to a token's bounds by a key that only holders of the
// authority's key have. Who can write to the bucket in some way (a NATS
// permission keeps nobody from having a server's answer sent there) still makes
// no token, and makes none last longer.
func (c *CA) seal(record *fleetv1.Token, secret []byte) []byte {
	mac := hmac.New(sha256.New, c.tokenKey)
	text := append([]byte(record.GetId()), 0)
	for _, n := range []uint64{uint64(record.GetUses()), record.GetCreated(), record.GetExpires()} {
		text = binary.BigEndian.AppendUint64(text, n)
	}
	mac.Write(append(text, secret...))
	return mac.Sum(nil)
}

// expiredKept is how long an expired token still says that it has expired, and
// is not just unknown.
const expiredKept = 7 * 24 * time.Hour

// removeExpired removes the tokens that expired before a time.
func removeExpired(ctx context.Context, tokens jetstream.KeyValue, before time.Time) error {
	keys, err := tokens.ListKeys(ctx)
	if err != nil {
		return fmt.Errorf("list tokens: %w", err)
	}
	for key := range keys.Keys() {
		entry, err := tokens.Get(ctx, key)
		if err != nil {
			continue // removed meanwhile, or looked at again next time
		}
		var record fleetv1.Token
		if err := proto.Unmarshal(entry.Value(), &record); err == nil && record.GetExpires() >= uint64(before.UnixNano()) {
			continue
		}
		if err := tokens.Purge(ctx, key, jetstream.LastRevision(entry.Revision())); err != nil && !raced(err) {
			return fmt.Errorf("remove token: %w", err)
		}
	}
	if err := tokens.PurgeDeletes(ctx, jetstream.DeleteMarkersOlderThan(expiredKept)); err != nil {
		return fmt.Errorf("remove traces of tokens: %w", err)
	}
	return nil
}

// useToken binds one use of a token to a public key and returns the id of the
// agent that the key now stands for. The same key gets the same id again. Its
// errors are wire errors.
func (c *CA) useToken(ctx context.Context, tokens jetstream.KeyValue, id string, secret, keyHash []byte) (string, error) {
	if !event.ValidID(id) {
		return "", unknownToken()
	}
	for {
		entry, err := tokens.Get(ctx, id)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return "", unknownToken()
		}
		if err != nil {
			return "", unavailable("read token", err)
		}
		var record fleetv1.Token
		if err := proto.Unmarshal(entry.Value(), &record); err != nil {
			return "", unavailable("decode token", err)
		}
		if record.GetId() != id {
			return "", unknownToken()
		}
		agent, bound, err := c.admit(&record, secret, keyHash)
		if err != nil || bound {
			return agent, err
		}
		data, err := proto.Marshal(&record)
		if err != nil {
			return "", unavailable("encode token", err)
		}
		_, err = tokens.Update(ctx, id, data, entry.Revision())
		if err == nil {
			return agent, nil
		}
		if !raced(err) {
			return "", unavailable("store token", err)
		}
	}
}

// admit checks a use of a token and adds it to the record; bound tells that the
// key had used it before and the record is as it was.
func (c *CA) admit(record *fleetv1.Token, secret, keyHash []byte) (agent string, bound bool, err error) {
	if !hmac.Equal(c.seal(record, secret), record.GetSecretHash()) {
		return "", false, unknownToken()
	}
	if uint64(c.now().UnixNano()) >= record.GetExpires() {
		return "", false, wireerr.New(codes.PermissionDenied, wireerr.TokenExpired, "the join token has expired")
	}
	for _, use := range record.GetUsed() {
		if subtle.ConstantTimeCompare(use.GetPublicKeyHash(), keyHash) == 1 {
			return use.GetAgentId(), true, nil
		}
	}
	if len(record.GetUsed()) >= int(record.GetUses()) {
		return "", false, wireerr.New(codes.PermissionDenied, wireerr.TokenUsed, "the join token has been used up")
	}
	agent = event.NewID()
	record.Used = append(record.Used, &fleetv1.TokenUse{PublicKeyHash: keyHash, AgentId: agent})
	return agent, false, nil
}

func unknownToken() error {
	return wireerr.New(codes.PermissionDenied, wireerr.TokenUnknown, "the join token is not one of this fleet")
}

func unavailable(what string, err error) error {
	return wireerr.New(codes.Unavailable, wireerr.Unavailable, fmt.Sprintf("%s: %v", what, err))
}

// raced tells that a compare-and-set lost to another writer.
func raced(err error) bool {
	var api *jetstream.APIError
	if errors.Is(err, jetstream.ErrKeyExists) {
		return true
	}
	return errors.As(err, &api) && (api.ErrorCode == codeWrongSequence || api.ErrorCode == codeWrongSequenceOf)
}

// What JetStream answers when a write's expected sequence is not the last one.
const (
	codeWrongSequence   jetstream.ErrorCode = 10071
	codeWrongSequenceOf jetstream.ErrorCode = 10164
)
