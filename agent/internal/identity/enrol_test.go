package identity

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/agent/internal/identity/fleettest"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(dir, token string) EnrolOptions {
	return EnrolOptions{Dir: dir, Token: token, Name: "web-1", Log: slog.New(slog.DiscardHandler)}
}

func testKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func enrolled(t *testing.T, f *fleettest.Fleet) (dir string, id *Identity) {
	t.Helper()
	dir = t.TempDir()
	id, err := Enrol(t.Context(), options(dir, f.Token()))
	if err != nil {
		t.Fatal(err)
	}
	return dir, id
}

func TestEnrol(t *testing.T) {
	f := fleettest.New(t)
	dir, id := enrolled(t, f)
	if id.AgentID != f.Get().AgentID || id.Name != "web-1" || id.Collectors[0] != f.Address {
		t.Errorf("identity %+v", id)
	}
	loaded, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.AgentID != id.AgentID || !loaded.Expires().Equal(id.Expires()) || loaded.Name != id.Name {
		t.Errorf("loaded %+v, enrolled %+v", loaded, id)
	}
	if _, err := os.Stat(filepath.Join(dir, pendingFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pending key is still there: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, identityFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestEnrolAgain(t *testing.T) {
	f := fleettest.New(t)
	dir, first := enrolled(t, f)
	_, err := Enrol(t.Context(), options(dir, f.Token()))
	if !errors.Is(err, ErrEnrolled) || !strings.Contains(err.Error(), first.AgentID) {
		t.Errorf("without force: %v", err)
	}
	forced := options(dir, f.Token(func(token *fleetv1.JoinToken) { token.Id = "second" }))
	forced.Force = true
	second, err := Enrol(t.Context(), forced)
	if err != nil {
		t.Fatal(err)
	}
	if second.chain[0].Equal(first.chain[0]) {
		t.Error("the old certificate is still there")
	}
}

func TestEnrolAfterALostReplyCostsOneUse(t *testing.T) {
	t.Run("within one run", func(t *testing.T) {
		f := fleettest.New(t)
		f.Set(func(b *fleettest.Behaviour) { b.Lost = 1 })
		enrolled(t, f)
		if uses := f.Get().Uses; uses != 1 {
			t.Errorf("%d uses", uses)
		}
	})
	t.Run("by a second run", func(t *testing.T) {
		f := fleettest.New(t)
		f.Set(func(b *fleettest.Behaviour) { b.Lost = 1000 })
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		first := options(dir, f.Token())
		first.Log = slog.New(&hook{level: slog.LevelWarn, do: cancel}) // given up after one attempt
		if _, err := Enrol(ctx, first); err == nil || !strings.Contains(err.Error(), "reply was lost") {
			t.Fatalf("first run: %v", err)
		}
		f.Set(func(b *fleettest.Behaviour) { b.Lost = 0 })
		if _, err := Enrol(t.Context(), options(dir, f.Token())); err != nil {
			t.Fatal(err)
		}
		if uses := f.Get().Uses; uses != 1 {
			t.Errorf("%d uses", uses)
		}
	})
}

func TestEnrolRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fleetv1.JoinToken)
		want   string
	}{
		{"wrong authority", func(token *fleetv1.JoinToken) { token.AuthorityPin = make([]byte, 32) },
			"does not come from the authority that the join token names"},
		{"expired token", func(token *fleetv1.JoinToken) { token.Id = fleettest.ExpiredToken }, "the join token has expired"},
		{"used token", func(token *fleetv1.JoinToken) { token.Id = fleettest.UsedToken }, "the join token has been used"},
		{"unknown token", func(token *fleetv1.JoinToken) { token.Id = fleettest.UnknownToken }, "does not know this join token"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := fleettest.New(t)
			dir := t.TempDir()
			_, err := Enrol(t.Context(), options(dir, f.Token(test.change)))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if _, err := Load(dir); !errors.Is(err, ErrNone) {
				t.Errorf("there is an identity: %v", err)
			}
		})
	}
}

// A collector that presents the fleet's own authority, and a certificate that
// another made, must get nothing: neither token nor trust.
func TestEnrolRefusesAForeignCertificateBesideThePinnedAuthority(t *testing.T) {
	f, foreign := fleettest.New(t), fleettest.New(t)
	leaf := foreign.Server(testKey(t).Public(), "localhost")
	err := verifyPinned([]*x509.Certificate{leaf, f.Cert}, f.Pin(), "localhost")
	if !errors.Is(err, ErrPin) {
		t.Errorf("got %v", err)
	}
}

func TestEnrolRefusesAnotherName(t *testing.T) {
	f := fleettest.New(t, "collector.example.com")
	_, err := Enrol(t.Context(), options(t.TempDir(), f.Token()))
	if err == nil || !strings.Contains(err.Error(), "collector.example.com, not localhost") {
		t.Errorf("got %v", err)
	}
}

// A member's certificate must not pass for a collector's.
func TestEnrolRefusesAMemberAsCollector(t *testing.T) {
	f := fleettest.New(t)
	member := f.Member(f.Get().AgentID, testKey(t).Public(), time.Now(), time.Now().Add(time.Hour))
	if err := verifyPinned([]*x509.Certificate{member, f.Cert}, f.Pin(), "localhost"); err == nil {
		t.Error("it passed")
	}
}

func TestEnrolTriesTheNextCollector(t *testing.T) {
	f := fleettest.New(t)
	token := f.Token(func(token *fleetv1.JoinToken) {
		token.Collectors = append([]string{"localhost:1"}, token.GetCollectors()...)
	})
	if _, err := Enrol(t.Context(), options(t.TempDir(), token)); err != nil {
		t.Error(err)
	}
}

func TestParseToken(t *testing.T) {
	f := fleettest.New(t)
	good := f.Token()
	for _, text := range []string{good, strings.ToUpper(good), " " + good + "\n"} {
		token, err := ParseToken(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if !bytes.Equal(token.GetAuthorityPin(), f.Pin()) {
			t.Errorf("%q: other pin", text)
		}
	}
	for _, text := range []string{"", "tocsin2.aaaa", good[:len(good)-7], good + "1", tokenPrefix, "tocsin1.!!"} {
		if _, err := ParseToken(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("tocsin1.")
	f.Add("tocsin1.mfrggzdfmztwq2lk")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseToken(text)
		if err == nil && (len(token.GetSecret()) != secretSize || len(token.GetCollectors()) == 0) {
			t.Errorf("%q gave %v", text, token)
		}
	})
}
