package bus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// The users of the embedded server. Each has a key in <folder>/<role>.nkey.
const (
	roleCollector = "collector"
	roleAlerter   = "alerter"
	roleConsumer  = "consumer"
)

func keyFile(folder, role string) string { return filepath.Join(folder, role+".nkey") }

// makeUsers reads the users' keys, making those that are missing.
func makeUsers(folder string) ([]*server.NkeyUser, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("create NATS folder: %w", err)
	}
	if err := removeStale(folder); err != nil {
		return nil, err
	}
	roles := []struct {
		name        string
		permissions *server.Permissions
	}{
		{roleCollector, nil}, // everything
		{roleAlerter, alerterPermissions()},
		{roleConsumer, consumerPermissions()},
	}
	users := make([]*server.NkeyUser, 0, len(roles))
	for _, role := range roles {
		public, err := userKey(keyFile(folder, role.name))
		if err != nil {
			return nil, err
		}
		users = append(users, &server.NkeyUser{Nkey: public, Permissions: role.permissions})
	}
	return users, nil
}

// userKey is the public key of a seed file, which it makes where there is none.
func userKey(file string) (string, error) {
	seed, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		pair, err := nkeys.CreateUser()
		if err != nil {
			return "", fmt.Errorf("make NATS key: %w", err)
		}
		if seed, err = pair.Seed(); err != nil {
			return "", fmt.Errorf("make NATS key: %w", err)
		}
		if err := statedir.WriteFile(file, append(seed, '\n'), 0o600); err != nil {
			return "", err
		}
	} else if err != nil {
		return "", fmt.Errorf("read NATS key: %w", err)
	}
	pair, err := nkeys.ParseDecoratedNKey(seed)
	if err != nil {
		return "", fmt.Errorf("parse NATS key %s: %w", file, err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return "", fmt.Errorf("parse NATS key %s: %w", file, err)
	}
	return public, nil
}

const (
	agentsStream = "KV_" + subject.AgentsBucket
	tokensStream = "KV_" + subject.TokensBucket
)

// alerterPermissions let an alerter read events and own what it makes of them.
// It may neither write nor delete events, nor see or make join tokens. Like all
// permissions of NATS that binds the honest: a server's answer can be had sent to
// any subject (docs/adr/0007).
func alerterPermissions() *server.Permissions {
	deny := []string{"tocsin.events.>", subject.Liveness, "$KV." + subject.AgentsBucket + ".>", "$KV." + subject.TokensBucket + ".>"}
	for _, stream := range append(eventStreams(), agentsStream, tokensStream) {
		deny = append(deny, changes(stream)...)
	}
	deny = append(deny, reads(tokensStream)...)
	return &server.Permissions{
		Publish: &server.SubjectPermission{
			Allow: []string{
				"tocsin.>", "$KV.>", "_INBOX.>", "$JS.ACK.>", "$JS.FC.>",
				"$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.CONSUMER.>", "$JS.API.DIRECT.>",
			},
			Deny: deny,
		},
		Subscribe: &server.SubjectPermission{Allow: []string{"tocsin.>", "_INBOX.>"}},
	}
}

// consumerPermissions let anybody else read events, alerts and the names of
// agents, with consumers of their own.
func consumerPermissions() *server.Permissions {
	allow := []string{"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.ACK.>", "$JS.FC.>", subject.Liveness + ".query"}
	for _, stream := range append(eventStreams(), subject.AlertsStream, agentsStream) {
		allow = append(allow, reads(stream)...)
	}
	var deny []string
	for _, class := range event.Classes() {
		deny = append(deny, theirs(subject.EventsStream(class), alerterDurable+event.ClassName(class))...)
	}
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: allow, Deny: deny},
		Subscribe: &server.SubjectPermission{Allow: []string{"tocsin.events.>", "tocsin.alerts.>", subject.Liveness, "_INBOX.>"}},
	}
}

func eventStreams() []string {
	var streams []string
	for _, class := range event.Classes() {
		streams = append(streams, subject.EventsStream(class))
	}
	return streams
}

// reads are the requests that read a stream, directly or by a consumer.
func reads(stream string) []string {
	return []string{
		"$JS.API.STREAM.INFO." + stream,
		"$JS.API.STREAM.MSG.GET." + stream,
		"$JS.API.DIRECT.GET." + stream,
		"$JS.API.DIRECT.GET." + stream + ".>",
		"$JS.API.CONSUMER.CREATE." + stream,
		"$JS.API.CONSUMER.CREATE." + stream + ".>",
		"$JS.API.CONSUMER.DURABLE.CREATE." + stream + ".>",
		"$JS.API.CONSUMER.NAMES." + stream,
		"$JS.API.CONSUMER.LIST." + stream,
		"$JS.API.CONSUMER.INFO." + stream + ".>",
		"$JS.API.CONSUMER.MSG.NEXT." + stream + ".>",
		"$JS.API.CONSUMER.DELETE." + stream + ".>",
	}
}

// changes are the requests that change a stream or take from it.
func changes(stream string) []string {
	var subjects []string
	for _, verb := range []string{"CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "RESTORE", "SNAPSHOT"} {
		subjects = append(subjects, "$JS.API.STREAM."+verb+"."+stream)
	}
	return subjects
}

// alerterDurable and a class name the consumer that all alerters share.
const alerterDurable = "alerter-"

// theirs are the requests by which somebody could take messages that are the
// alerters', or lose their place in a stream.
func theirs(stream, durable string) []string {
	return []string{
		"$JS.API.CONSUMER.CREATE." + stream + "." + durable,
		"$JS.API.CONSUMER.CREATE." + stream + "." + durable + ".>",
		"$JS.API.CONSUMER.DURABLE.CREATE." + stream + "." + durable,
		"$JS.API.CONSUMER.MSG.NEXT." + stream + "." + durable,
		"$JS.API.CONSUMER.DELETE." + stream + "." + durable,
		"$JS.ACK." + stream + "." + durable + ".>",
		"$JS.ACK.*.*." + stream + "." + durable + ".>",
	}
}
