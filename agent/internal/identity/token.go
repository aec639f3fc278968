package identity

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"

	"google.golang.org/protobuf/proto"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
)

const tokenPrefix = "tocsin1."

// secretSize is the length of a join token's secret.
const secretSize = 16

// ParseToken reads a join token's text. Upper and lower case, and white space
// around it, mean nothing, as it may have been carried by hand.
func ParseToken(text string) (*fleetv1.JoinToken, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	encoded, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok {
		return nil, errors.New(`the join token is not one: it must begin with "tocsin1."`)
	}
	encoded = strings.ToUpper(strings.TrimRight(encoded, "="))
	data, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(encoded)
	if err != nil {
		return nil, errors.New("the join token is damaged: part of it is missing or mistyped")
	}
	token := &fleetv1.JoinToken{}
	if err := proto.Unmarshal(data, token); err != nil {
		return nil, errors.New("the join token is damaged: part of it is missing or mistyped")
	}
	switch {
	case len(token.GetAuthorityPin()) != sha256.Size, len(token.GetSecret()) != secretSize, token.GetId() == "":
		return nil, errors.New("the join token is damaged: part of it is missing or mistyped")
	case len(token.GetCollectors()) == 0:
		return nil, errors.New("the join token names no collector")
	}
	return token, nil
}
