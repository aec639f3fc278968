package fleet

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
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
	// Pin is the authority's.
	Pin []byte
}

// CreateToken stores a join token and returns its text. Only a hash of its
// secret is stored: the text cannot be had again.
func CreateToken(ctx context.Context, tokens jetstream.KeyValue, now time.Time, o TokenOptions) (string, error) {
	secret := make([]byte, secretSize)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	sum := sha256.Sum256(secret)
	record := &fleetv1.Token{
		Id: event.NewID(), SecretHash: sum[:], Uses: o.Uses,
		Created: uint64(now.UnixNano()), Expires: uint64(now.Add(o.TTL).UnixNano()),
	}
	data, err := proto.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("encode token: %w", err)
	}
	if _, err := tokens.Create(ctx, record.GetId(), data); err != nil {
		return "", fmt.Errorf("store token: %w", err)
	}
	join, err := proto.Marshal(&fleetv1.JoinToken{
		Collectors: o.Collectors, AuthorityPin: o.Pin, Id: record.GetId(), Secret: secret,
	})
	if err != nil {
		return "", fmt.Errorf("encode join token: %w", err)
	}
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	return tokenPrefix + strings.ToLower(encoding.EncodeToString(join)), nil
}

// useToken binds one use of a token to a public key and returns the id of the
// agent that the key now stands for. The same key gets the same id again. Its
// errors are wire errors.
func useToken(ctx context.Context, tokens jetstream.KeyValue, now time.Time, id string, secret, keyHash []byte) (string, error) {
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
		agent, bound, err := admit(&record, now, secret, keyHash)
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
func admit(record *fleetv1.Token, now time.Time, secret, keyHash []byte) (agent string, bound bool, err error) {
	sum := sha256.Sum256(secret)
	if subtle.ConstantTimeCompare(sum[:], record.GetSecretHash()) != 1 {
		return "", false, unknownToken()
	}
	if uint64(now.UnixNano()) >= record.GetExpires() {
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
