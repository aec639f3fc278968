package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// What mail servers say of a message on its way. Addresses and the answers of other
// servers are strangers' text: what stands between them counts where it stands once.

// postfixDelivery reads "ID: to=<A>[, orig_to=<A>], relay=NAME[IP]:PORT, …, dsn=D, status=S
// (TEXT)" of the delivery agents and what qmgr, cleanup, pickup and bounce say of a queue
// file; as in 3.7.11: src/global/log_adhoc.c, src/qmgr/qmgr_active.c.
func (e *entry) postfixDelivery(m []byte) bool {
	id, _, ok := split(m[:min(len(m), 64)], ": ")
	if !ok || !isPostfixID(id) {
		return e.postfixMaster(m)
	}
	rest := m[len(id)+2:]
	switch {
	case has(rest, "to=<"):
		e.did(network, "mail_delivery", postfixStatus(rest))
		if _, relay, ok := splitOnly(rest, ", relay="); ok {
			e.mailTarget(relay)
		}
	case has(rest, "from=<") && contains(rest, ", status="):
		e.did(network, "mail_delivery", postfixStatus(rest))
	case has(rest, "from=<"), has(rest, "message-id="), has(rest, "resent-message-id="), has(rest, "uid=") && contains(rest, " from=<"), string(rest) == "removed",
		has(rest, "sender non-delivery notification: "), has(rest, "sender delivery status notification: "), has(rest, "sender delay notification: "),
		has(rest, "skipped, still being delivered"):
		e.did(network, "mail_queued", unknown)
	case has(rest, "host ") && (contains(rest, "] said: ") || contains(rest, "] refused to talk to me: ")):
		e.did(network, "mail_delivery", unknown)
		e.mailTarget(rest[len("host "):])
	case has(rest, "lost connection with "), has(rest, "conversation with "):
		_, peer, _ := split(rest, " with ")
		e.did(network, "mail_delivery", unknown)
		e.mailTarget(peer)
	default:
		return e.postfixMaster(m)
	}
	return true
}

// postfixMaster reads what does not belong to a message.
func (e *entry) postfixMaster(m []byte) bool {
	switch {
	case has(m, "daemon started -- version "):
		e.did(process, "service_started", success)
	case has(m, "terminating on signal "), has(m, "stopping the Postfix mail system"):
		e.did(process, "service_stopped", unknown)
	case has(m, "connect to "):
		e.did(network, "mail_delivery", unknown)
		e.mailTarget(m[len("connect to "):])
	default:
		return false
	}
	return true
}

// isPostfixID knows queue ids, short and long.
func isPostfixID(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && !isLetter(c) {
			return false
		}
	}
	return len(b) >= 5 && len(b) <= 20
}

func postfixStatus(b []byte) string {
	_, status, ok := splitOnly(b, ", status=")
	if !ok {
		return unknown
	}
	switch string(until(status, " ,(")) {
	case "sent", "deliverable", "delivered":
		return success
	case "bounced", "expired", "undeliverable", "SOFTBOUNCE":
		return failure
	}
	return unknown
}

// mailTarget sets the server that a message goes to, "NAME[IP]:PORT" or "NAME. [IP]".
func (e *entry) mailTarget(b []byte) {
	var c bracketed
	b = b[:min(len(b), 400)]
	if name, rest := token(b); len(rest) > 0 && rest[0] == '[' && len(name) > 0 && name[len(name)-1] == '.' {
		b = rest
	}
	if _, ok := c.read(b); ok && e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, c.ip) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, c.port)
	}
}

// sendmailMessage reads "from=A, size=N, …, relay=CLIENT" of a message that came in and
// "to=A, …, relay=SERVER, dsn=D, stat=TEXT" of one that goes out; as in 8.17.1:
// sendmail/deliver.c (logdelivery), headers.c (logsender).
func (e *entry) sendmailMessage(m []byte) bool {
	if has(m, "from=") && contains(m, ", size=") {
		e.did(network, "mail_queued", unknown)
		if _, relay, ok := splitLast(m, ", relay="); ok {
			if c, rest, ok := sendmailPeer(relay); ok && len(rest) == 0 {
				e.client(&c)
			}
		}
		return true
	}
	if !has(m, "to=") || !contains(m, ", stat=") {
		return false
	}
	outcome := unknown
	if _, dsn, ok := splitOnly(m, ", dsn="); ok && len(dsn) > 1 && dsn[1] == '.' {
		switch dsn[0] {
		case '2':
			outcome = success
		case '5':
			outcome = failure
		}
	}
	e.did(network, "mail_delivery", outcome)
	if _, relay, ok := splitOnly(m, ", relay="); ok {
		e.mailTarget(relay)
	}
	return true
}

// eximDelivery reads what follows a message's id: "=> A … H=NAME [IP] …", "** A …",
// "== A …", "Completed"; as in chapter 53 of the specification.
func (e *entry) eximDelivery(m []byte) bool {
	outcome := success
	switch {
	case string(m) == "Completed", has(m, "Completed "):
		e.did(network, "mail_queued", unknown)
		return true
	case has(m, "=> "), has(m, "-> "), has(m, ">> "), has(m, "*> "):
	case has(m, "** "):
		outcome = failure
	case has(m, "== "):
		outcome = unknown
	default:
		return false
	}
	e.did(network, "mail_delivery", outcome)
	if _, host, ok := splitOnly(m, " H="); ok {
		if c, _, ok := eximClient(host); ok {
			e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, c.ip)
		}
	}
	return true
}

// dovecotDelivery reads "lmtp(NAME)…: [sieve: ]msgid=<ID>: WHAT"; as in 2.3:
// src/lib-lda/mail-deliver.c; of Pigeonhole as logs have it. The id is the
// sender's, what became of it ends the line.
func (e *entry) dovecotDelivery(head, text []byte) bool {
	if !has(head, "lmtp(") && !has(head, "lda(") && !has(head, "deliver(") {
		return false
	}
	text, _ = cut(text, "sieve: ")
	rest, ok := cut(text, "msgid=")
	_, what, found := splitLast(rest, ": ")
	if !ok || !found {
		return false
	}
	outcome := unknown
	switch {
	case has(what, "saved mail to "), has(what, "stored mail into mailbox '"), has(what, "forwarded to <"):
		outcome = success
	case bytes.Contains(rest, []byte(": save failed to ")), bytes.Contains(rest, []byte(": failed to store into mailbox '")):
		outcome = failure
	}
	e.did(network, "mail_delivery", outcome)
	return true
}
