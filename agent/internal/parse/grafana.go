package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// grafana reads Grafana's log in logfmt, 4 to 12; as in 10.2: pkg/api/login.go,
// pkg/services/authn/authnimpl/service.go, pkg/middleware/loggermw/logger.go, and
// go-kit's logfmt, which quotes what holds blanks, quotes or an equals sign.
func (e *entry) grafana(c *clock, m []byte) bool {
	var v grafanaLine
	if !v.read(m) || len(v.logger) == 0 || len(v.message) == 0 {
		return false
	}
	var t stamp
	_, ok := t.isoTime(v.time)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	switch {
	case string(v.message) == "Invalid username or password" || string(v.message) == "Failed to authenticate request" && len(v.status) == 0:
		e.did(authentication, "web_login", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.reason)
	case string(v.message) == "Request Completed" && isNumber(v.status) && len(v.status) == 3 && isMethod(v.method):
		e.did(web, "http_request", statusOutcome(v.status))
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v.method)
		e.targetParts(v.path)
		e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, v.status)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, v.level)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LOGGER, v.logger)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, v.message)
	if !e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, v.remote) {
		e.hostPort(v.remote)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, v.user)
	e.at(unix)
	return true
}

// grafanaLine holds the values of the keys that matter; the first of a key stands.
type grafanaLine struct {
	time, level, logger, message, remote, user, reason, method, path, status []byte
}

func (v *grafanaLine) read(b []byte) bool {
	for n := 0; len(b) > 0 && n < 64; n++ {
		key := until(b, "= \"")
		if len(key) == len(b) || b[len(key)] != '=' {
			return false
		}
		b = b[len(key)+1:]
		value, rest, ok := quoted(b)
		if !ok {
			value, rest = token(b)
		} else {
			rest = trimLeft(rest)
		}
		b = rest
		if slot := v.slot(key); slot != nil && *slot == nil {
			*slot = value
		}
	}
	return true
}

func (v *grafanaLine) slot(key []byte) *[]byte {
	switch string(key) {
	case "t", "time":
		return &v.time
	case "lvl", "level":
		return &v.level
	case "logger":
		return &v.logger
	case "msg":
		return &v.message
	case "remote_addr":
		return &v.remote
	case "uname":
		return &v.user
	case "error", "err":
		return &v.reason
	case "method":
		return &v.method
	case "path":
		return &v.path
	case "status":
		return &v.status
	}
	return nil
}
