package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// snort reads the alerts of Snort 2 and 3 as alert_fast, alert_syslog and alert_csv
// write them, the latter with its default fields; Snort 3's src/loggers/alert_fast.cc
// and alert_syslog.cc, the default fields of alert_csv as both versions list them. The
// text of an alert is its rule's: nothing in such a line is a stranger's but the addresses.
func (e *entry) snort(c *clock, m []byte) bool {
	return e.alertLine(c, m, false) || e.alertCSV(c, m)
}

// alertTime reads "10/07-09:00:00.123456", with "/25" or "/2025" for a year.
func (t *stamp) alertTime(b []byte) ([]byte, bool) {
	if len(b) < 18 || b[2] != '/' {
		return b, false
	}
	t.month, t.day = two(b), two(b[3:])
	rest := b[5:]
	if year, ok := cut(rest, "/"); ok {
		number, after := digits(year)
		switch len(number) {
		case 2:
			t.year = 2000 + int(atoi(number))
		case 4:
			t.year = int(atoi(number))
		default:
			return b, false
		}
		rest = after
	}
	rest, ok := cut(rest, "-")
	if !ok || t.month < 1 || t.day < 1 {
		return b, false
	}
	return t.clockTime(rest)
}

// alertLine reads "TIME [ACTION] [**] [GID:SID:REV] TEXT [**] [Classification: C] [Priority: N]
// {PROTOCOL} SOURCE -> DESTINATION", in syslog without the time and the stars. Suricata
// always writes a port, of ICMP the type and code for it (ported); Snort only of TCP and UDP.
func (e *entry) alertLine(c *clock, b []byte, ported bool) bool {
	var t stamp
	rest, timed := t.alertTime(b)
	if timed {
		unix, ok := c.unix(&t)
		if !ok {
			return false
		}
		e.at(unix)
	}
	rest = trimLeft(rest)
	outcome := unknown
	if len(rest) > 2 && rest[0] == '[' && isLetter(rest[1]) {
		action, after, ok := split(rest[1:min(len(rest), 24)], "] ")
		if !ok {
			return false
		}
		if isAlertBlock(action) {
			outcome = failure
		}
		rest = rest[len(rest[:min(len(rest), 24)])-len(after):]
	}
	rest, starred := cut(rest, "[**] ")
	if timed && !starred {
		return false
	}
	id, rest, ok := alertID(rest)
	if !ok {
		return false
	}
	if rest, ok = cut(rest, " <"); ok { // the interface, where it is asked for
		if _, rest, ok = split(rest, ">  "); !ok {
			return false
		}
	}
	text, tail := alertText(rest)
	if !starred && len(tail) == 0 {
		return false // in syslog, others begin so too
	}
	e.did("intrusion_detection", "intrusion_alert", outcome)
	tail = tail[max(0, len(tail)-256):]
	if head, addresses, ok := splitLast(tail, "} "); ok {
		_, protocol, _ := splitLast(head, "{")
		e.alertPeers(protocol, addresses, ported)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, bytes.Trim(text, `"`))
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, id)
	return true
}

// alertID reads "[GID:SID:REV] " and gives the SID.
func alertID(b []byte) (sid, rest []byte, ok bool) {
	rest, ok = cut(b, "[")
	var part [3][]byte
	for i := range part {
		if i > 0 {
			if rest, ok = cut(rest, ":"); !ok {
				return nil, b, false
			}
		}
		part[i], rest = digits(rest)
		ok = ok && isNumber(part[i])
	}
	rest, closed := cut(rest, "] ")
	return part[1], rest, ok && closed
}

// alertText is the rule's text, and what follows it.
func alertText(b []byte) (text, tail []byte) {
	for _, end := range [...]string{" [**] ", " [Classification: ", " [Priority: ", " {"} {
		if i := index(b[:min(len(b), longestTemplated)], end); i >= 0 {
			return b[:i], b[i:]
		}
	}
	return b[:min(len(b), longestTemplated)], nil
}

// alertPeers reads "SOURCE:PORT -> DESTINATION:PORT", with version 6 bare.
func (e *entry) alertPeers(protocol, b []byte, ported bool) {
	source, destination, ok := splitOnly(b, " -> ")
	if !ok {
		return
	}
	withPort := string(protocol) == "TCP" || string(protocol) == "UDP"
	sourcePort, destinationPort := []byte(nil), []byte(nil)
	if withPort || ported {
		source, sourcePort, _ = splitLast(source, ":")
		destination, destinationPort, _ = splitLast(destination, ":")
	}
	if !withPort {
		sourcePort, destinationPort = nil, nil
	}
	e.peers(source, sourcePort, destination, destinationPort)
	e.transport(protocol)
}

// peers sets the two ends of a connection, where they are addresses.
func (e *entry) peers(source, sourcePort, destination, destinationPort []byte) {
	if isIP(source) {
		e.address(source)
		e.port(sourcePort)
	}
	if e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, destination) && isPort(destinationPort) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, destinationPort)
	}
}

// transport sets a transport's name in lower case, from its name or number.
func (e *entry) transport(b []byte) {
	var low [16]byte
	if len(b) == 0 || len(b) > len(low) {
		return
	}
	for i, c := range b {
		low[i] = lower(c)
	}
	name := ""
	switch string(low[:len(b)]) {
	case "tcp", "6":
		name = "tcp"
	case "udp", "17":
		name = "udp"
	case "icmp", "1":
		name = "icmp"
	case "ipv6-icmp", "icmp6", "icmpv6", "58":
		name = "ipv6-icmp"
	case "sctp", "132":
		name = "sctp"
	}
	e.text(eventv1.FieldId_FIELD_ID_NETWORK_TRANSPORT, name)
}

// isAlertBlock knows the actions that kept a packet out: not "would_drop" and "wDrop".
func isAlertBlock(b []byte) bool {
	return hasAny(b, "drop|block|blacklist|reject|reset|react")
}

// alertCSV reads Snort 2's "TIME ,GID,SID,REV,"TEXT",PROTOCOL,SOURCE,PORT,DESTINATION,PORT,…" and
// Snort 3's "TIME, N, PROTOCOL, GENERATOR, LENGTH, DIRECTION, SOURCE:PORT,
// DESTINATION:PORT, GID:SID:REV, ACTION".
func (e *entry) alertCSV(c *clock, b []byte) bool {
	var t stamp
	rest, ok := t.alertTime(b)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	rest, ok = cut(trimLeft(rest), ",")
	if !ok {
		return false
	}
	var column [10][]byte
	n := 0
	for ; n < len(column) && len(rest) > 0; n++ {
		rest = trimLeft(rest)
		if text, after, ok := quoted(rest); ok {
			column[n] = text
			rest, _ = cut(after, ",")
			continue
		}
		column[n], rest, _ = split(rest[:min(len(rest), 1024)], ",")
	}
	switch {
	case n == 9 && (string(column[4]) == "C2S" || string(column[4]) == "S2C" || string(column[4]) == "UNK"):
		_, id, ok := split(column[7], ":")
		if !ok {
			return false
		}
		outcome := unknown
		if isAlertBlock(column[8]) {
			outcome = failure
		}
		e.did("intrusion_detection", "intrusion_alert", outcome)
		source, sourcePort, _ := splitLast(column[5], ":")
		destination, destinationPort, _ := splitLast(column[6], ":")
		e.peers(source, sourcePort, destination, destinationPort)
		e.transport(column[1])
		e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, until(id, ":"))
	case n >= 9 && isNumber(column[0]) && isNumber(column[1]) && isNumber(column[2]) && isIP(column[5]) && isIP(column[7]):
		e.did("intrusion_detection", "intrusion_alert", unknown)
		e.peers(column[5], column[6], column[7], column[8])
		e.transport(column[4])
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, column[3])
		e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, column[1])
	default:
		return false
	}
	e.at(unix)
	return true
}
