// Package subject is the grammar of everything Tocsin says on NATS: stream,
// bucket, subject and header names. Whoever subscribes uses these and nothing
// made by hand.
package subject

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Streams and buckets.
const (
	SignalsStream    = "TOCSIN_SIGNALS"
	AlertsStream     = "TOCSIN_ALERTS"
	OutboxStream     = "TOCSIN_OUTBOX"
	DeadLetterStream = "TOCSIN_DEADLETTER"

	AgentsBucket = "TOCSIN_AGENTS"
	TokensBucket = "TOCSIN_TOKENS"
	LeasesBucket = "TOCSIN_LEASES"
	RulesBucket  = "TOCSIN_RULES"
)

// Liveness is where collectors say on core NATS which agents they see; it is no stream.
const Liveness = "tocsin.liveness"

// EventsStream is the stream of a class: "TOCSIN_EVENTS_AUTH".
func EventsStream(c eventv1.Class) string {
	return "TOCSIN_EVENTS_" + strings.ToUpper(event.ClassName(c))
}

// Events is where an agent's batches of a class are published.
func Events(c eventv1.Class, agent string) string {
	return "tocsin.events." + event.ClassName(c) + "." + agent
}

// EventsFilter matches every agent's batches of a class.
func EventsFilter(c eventv1.Class) string { return Events(c, "*") }

// ParseEvents takes a subject of Events apart.
func ParseEvents(s string) (eventv1.Class, string, error) {
	word, agent, ok := strings.Cut(strings.TrimPrefix(s, "tocsin.events."), ".")
	class, known := event.ClassByName(word)
	if !ok || !known || !event.ValidID(agent) || !strings.HasPrefix(s, "tocsin.events.") {
		return 0, "", fmt.Errorf("parse events subject %q", s)
	}
	return class, agent, nil
}

// Signals is where a partition's signals are published; SignalsFilter matches all.
func Signals(partition uint32) string {
	return "tocsin.signals." + strconv.FormatUint(uint64(partition), 10)
}

// SignalsFilter matches every partition's signals.
const SignalsFilter = "tocsin.signals.*"

// Alerts is where the state of one fingerprint of a rule is written. The rule's
// token is event.HashID of its id.
func Alerts(ruleID, fingerprint string) string {
	return "tocsin.alerts." + event.HashID(ruleID) + "." + fingerprint
}

// AlertsFilter matches every alert's state.
const AlertsFilter = "tocsin.alerts.*.*"

// ParseAlerts takes a subject of Alerts apart: the rule's token and the fingerprint.
func ParseAlerts(s string) (ruleToken, fingerprint string, err error) {
	rest, ok := strings.CutPrefix(s, "tocsin.alerts.")
	ruleToken, fingerprint, two := strings.Cut(rest, ".")
	if !ok || !two || !event.ValidID(ruleToken) || !event.ValidID(fingerprint) {
		return "", "", fmt.Errorf("parse alerts subject %q", s)
	}
	return ruleToken, fingerprint, nil
}

// Outbox is where a receiver's notifications of one group are written. The
// receiver travels as the hash of its name, the group as an id.
func Outbox(receiver, groupID string) string {
	return "tocsin.outbox." + event.HashID(receiver) + "." + groupID
}

// OutboxFilter matches every notification.
const OutboxFilter = "tocsin.outbox.*.*"

// DeadLetter is where a stage puts what it could not handle.
func DeadLetter(stage string) string { return "tocsin.deadletter." + stage }

// DeadLetterFilter matches every stage's dead letters.
const DeadLetterFilter = "tocsin.deadletter.*"

// Headers of a stored batch.
const (
	HeaderID       = "Tocsin-Id"
	HeaderEpoch    = "Tocsin-Epoch"
	HeaderSequence = "Tocsin-Seq"
	HeaderCount    = "Tocsin-Count"
	HeaderHash     = "Tocsin-Hash"
	HeaderReceived = "Tocsin-Received"
	HeaderSkew     = "Tocsin-Skew"

	HeaderContentType     = "Content-Type"
	HeaderContentEncoding = "Content-Encoding"
)

// BatchContentType and BatchContentEncoding say what a stored batch is.
const (
	BatchContentType     = "application/x-protobuf; messageType=tocsin.event.v1.Batch"
	BatchContentEncoding = "zstd"
)

// Header is a stored batch's header.
type Header struct {
	Epoch         [event.EpochSize]byte
	FirstSequence uint64
	Count         uint32
	// Hash is the SHA-256 of the message's body.
	Hash [event.HashSize]byte
	// Received is when the collector got it: nanoseconds since the Unix epoch.
	Received int64
	// Skew is the agent's clock minus the collector's, in nanoseconds, fixed once
	// by the collector: a consumer subtracts it from the agent's times.
	Skew int64
}

// Format renders the header of an agent's batch as NATS headers.
func (h *Header) Format(agent string, c eventv1.Class) map[string][]string {
	epoch := hex.EncodeToString(h.Epoch[:])
	first := strconv.FormatUint(h.FirstSequence, 10)
	one := func(v string) []string { return []string{v} }
	return map[string][]string{
		HeaderID:              one(agent + "." + event.ClassName(c) + "." + epoch + "." + first),
		HeaderEpoch:           one(epoch),
		HeaderSequence:        one(first),
		HeaderCount:           one(strconv.FormatUint(uint64(h.Count), 10)),
		HeaderHash:            one(hex.EncodeToString(h.Hash[:])),
		HeaderReceived:        one(strconv.FormatInt(h.Received, 10)),
		HeaderSkew:            one(strconv.FormatInt(h.Skew, 10)),
		HeaderContentType:     one(BatchContentType),
		HeaderContentEncoding: one(BatchContentEncoding),
	}
}

// ParseHeader reads a stored batch's header; get returns the value of a name.
func ParseHeader(get func(name string) string) (Header, error) {
	var h Header
	if err := parseHex(h.Epoch[:], HeaderEpoch, get); err != nil {
		return Header{}, err
	}
	if err := parseHex(h.Hash[:], HeaderHash, get); err != nil {
		return Header{}, err
	}
	var err error
	if h.FirstSequence, err = strconv.ParseUint(get(HeaderSequence), 10, 64); err != nil {
		return Header{}, fmt.Errorf("parse header %s: %w", HeaderSequence, err)
	}
	count, err := strconv.ParseUint(get(HeaderCount), 10, 32)
	if err != nil {
		return Header{}, fmt.Errorf("parse header %s: %w", HeaderCount, err)
	}
	h.Count = uint32(count)
	if h.Received, err = strconv.ParseInt(get(HeaderReceived), 10, 64); err != nil {
		return Header{}, fmt.Errorf("parse header %s: %w", HeaderReceived, err)
	}
	if h.Skew, err = strconv.ParseInt(get(HeaderSkew), 10, 64); err != nil {
		return Header{}, fmt.Errorf("parse header %s: %w", HeaderSkew, err)
	}
	return h, nil
}

func parseHex(dst []byte, name string, get func(string) string) error {
	text := get(name)
	if len(text) != hex.EncodedLen(len(dst)) {
		return fmt.Errorf("parse header %s: %d characters", name, len(text))
	}
	if _, err := hex.Decode(dst, []byte(text)); err != nil {
		return fmt.Errorf("parse header %s: %w", name, err)
	}
	return nil
}
