package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// amavis reads the verdicts of amavis: "(ID) Blocked INFECTED (NAME) {…},[
// POLICY] [IP]:PORT [IP] <FROM> -> <TO>, …"; of its default $log_templ as
// logs have it, not held against its source. The first address is the client's.
func (e *entry) amavis(m []byte) bool {
	if !has(m, "(") {
		return false
	}
	_, rest, ok := split(m[:min(len(m), 40)], ") ")
	if !ok {
		return false
	}
	rest = m[len(m[:min(len(m), 40)])-len(rest):]
	outcome, action := failure, "mail_rejected"
	if after, ok := cut(rest, "Passed "); ok {
		outcome, action, rest = success, "mail_accepted", after
	} else if rest, ok = cut(rest, "Blocked "); !ok {
		return false
	}
	head, _, ok := split(rest, " <")
	if !ok {
		return false
	}
	reason := until(head, " ")
	_, client, ok := split(head, ", ")
	e.did(network, action, outcome)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	if !ok {
		return true
	}
	if at := index(client, "["); at >= 0 {
		host := until(client[at+1:], "]")
		if e.address(host) {
			after, ok := cut(client[at+1+len(host):], "]:")
			if port, _ := digits(after); ok {
				e.port(port)
			}
		}
	}
	return true
}
