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
