package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// gitlab reads the logins in GitLab's application_json.log and the blocks in
// auth_json.log; as in 16: app/controllers/sessions_controller.rb
// (log_failed_login), lib/gitlab/auth_logger.rb, config/initializers/rack_attack_logging.rb.
func (e *entry) gitlab(c *clock, m []byte) bool {
	return e.jsonReader.read(m) && e.gitlabJSON(c)
}

// gitlabJSON reads {"severity":…,"time":…,"message":"Failed Login: username=NAME ip=IP"}, in
// which the address ends the message, and {"message":"Rack_Attack",…,"remote_ip":IP}.
func (e *entry) gitlabJSON(c *clock) bool {
	r := &e.jsonReader
	message := r.slots[slotMessage].value
	if rest, ok := cut(message, "Failed Login: username="); ok {
		name, host, ok := splitLast(rest, " ip=")
		if !ok {
			return false
		}
		e.webLogin(failure, host, name)
	} else if string(message) == "Rack_Attack" {
		e.did(network, "http_rate_limited", failure)
		e.address(r.slots[slotRemote].value)
	} else {
		return false
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	return true
}

// gitlabUser sets who tries to log in, from a request in production_json.log: the form's
// fields are {"key":"user","value":{"login":NAME}} of GitLab's own, {"key":"username",
// "value":NAME} of LDAP. A quote in a value has a backslash, so no value looks like a key.
func (e *entry) gitlabUser(r *jsonReader, uri []byte) {
	if !has(uri, "/users/sign_in") && !has(uri, "/users/auth/") {
		return
	}
	controller := false
	for _, p := range r.scanner.pairs {
		controller = controller || p.isKey("controller")
	}
	for _, key := range [...]string{`{"key":"user","value":{"login":`, `{"key":"username","value":`} {
		if _, rest, ok := split(e.out.Original, key); ok && controller {
			if name, _, ok := quoted(rest); ok && len(name) < 256 && !contains(name, `\`) {
				e.user(name)
				return
			}
		}
	}
}
