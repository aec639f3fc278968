package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// gitlab reads what GitLab says of logins, rate limits and accounts: application_json.log
// and the older application.log, auth_json.log, audit_json.log. Checked in its repository,
// one commit of each file: app/controllers/sessions_controller.rb (021db4f),
// concerns/authenticates_with_two_factor.rb (0da44e1, an old one),
// concerns/verifies_with_email.rb and lib/gitlab/application_rate_limiter.rb (0286e4c),
// config/initializers/rack_attack_logging.rb (2c74298, an old one),
// app/services/audit_event_service.rb and the manual's administration/logs (017a6c1),
// lib/gitlab/json_logger.rb (282958d), app_text_logger.rb (74a89b1). The newer keys and env
// words of Rack_Attack are as logs have it; what the enterprise edition adds was not looked at.
func (e *entry) gitlab(c *clock, m []byte) bool {
	if len(m) > 0 && m[0] == '{' {
		return e.jsonReader.read(m) && e.gitlabJSON(c)
	}
	return e.gitlabText(c, m)
}

// gitlabJSON reads {"severity":…,"time":…,"message":TEXT} and the objects with keys of
// their own.
func (e *entry) gitlabJSON(c *clock) bool {
	r := &e.jsonReader
	message := r.slots[slotMessage].value
	switch string(message) {
	case "Rack_Attack", "Application_Rate_Limiter_Request":
		e.gitlabLimit(r)
	case "Email Verification":
		if string(r.value("event")) != "Failed Attempt" {
			return false
		}
		e.webLogin(failure, r.value("ip"), r.value("username"))
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, r.value("reason"))
	default:
		if !e.gitlabMessage(message) && !e.gitlabAudit(r) {
			return false
		}
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	return true
}

// value is the text of a key, if it has one.
func (r *jsonReader) value(key string) []byte {
	for i := range r.scanner.pairs {
		if p := &r.scanner.pairs[i]; p.kind == 's' && p.isKey(key) {
			return p.value
		}
	}
	return nil
}

// gitlabLimit reads a request beyond a limit. Rack::Attack says in env what came of it:
// "throttle" and "blocklist" were refused, "track" was only counted.
func (e *entry) gitlabLimit(r *jsonReader) {
	outcome := failure
	if string(r.value("env")) == "track" {
		outcome = unknown
	}
	e.did(web, "http_rate_limited", outcome)
	host := r.slots[slotRemote].value
	if len(host) == 0 {
		host = r.value("ip") // of old
	}
	e.address(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, r.value("username"))
	method, target := r.value("request_method"), r.slots[slotURI].value
	if len(method) == 0 {
		method = r.value("method")
	}
	if len(target) == 0 {
		target = r.value("fullpath") // of old
	}
	if isMethod(method) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	}
	e.targetParts(target)
}

// gitlabMessage reads the messages of application_json.log that are text. The name of a
// failed login is what a client sent, so the address is read from the end; the names of
// accounts hold no blanks. A message may begin with the display name of an account
// ("NAME created a new project …"), so each has to end as its own does.
func (e *entry) gitlabMessage(m []byte) bool {
	if rest, ok := cut(m, "Failed Login: username="); ok {
		name, host, ok := splitLast(rest, " ip=")
		if !ok || !isIP(host) {
			return false
		}
		e.webLogin(failure, host, name)
		return true
	}
	if rest, ok := cut(m, "Failed Login: user="); ok {
		return e.gitlabAccount(failure, rest, " method=")
	}
	if rest, ok := cut(m, "Successful Login: username="); ok {
		_, admin, ok := splitLast(rest, " admin=")
		return ok && (string(admin) == "true" || string(admin) == "false") && e.gitlabAccount(success, rest, " method=")
	}
	if rest, ok := cut(m, "User Logout: username="); ok {
		name, host, ok := split(rest, " ip=")
		if !ok || !isIP(host) || contains(name, " ") {
			return false
		}
		e.did(session, "web_logout", unknown)
		e.address(host)
		e.user(name)
		return true
	}
	return e.gitlabUserChange(m)
}

// gitlabAccount reads "NAME ip=IP method=METHOD" and what comes after, which has no more
// blanks than one, before "admin=".
func (e *entry) gitlabAccount(outcome string, b []byte, next string) bool {
	name, rest, ok := split(b, " ip=")
	host, method, found := split(rest, next)
	method, admin := token(method)
	if !ok || !found || !isIP(host) || contains(name, " ") || len(admin) > 0 && !has(admin, "admin=") {
		return false
	}
	e.webLogin(outcome, host, name)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	return true
}

// gitlabUserChange reads `User "DISPLAY NAME" (EMAIL) was created` or "was removed", which
// had two blanks before "was" once. The display name is anything; the account is told by
// its address, which has no blanks or brackets.
func (e *entry) gitlabUserChange(m []byte) bool {
	rest, ok := cut(m, `User "`)
	if !ok {
		return false
	}
	action := "user_created"
	rest, ok = cutEnd(rest, ") was created")
	if !ok {
		action = "user_deleted"
		if rest, ok = cutEnd(rest, ") was removed"); !ok {
			rest, ok = cutEnd(rest, ")  was removed")
		}
	}
	_, mail, found := splitLast(rest, `" (`)
	if !ok || !found || len(mail) == 0 || contains(mail, " ") || contains(mail, ")") {
		return false
	}
	e.did(iam, action, success)
	e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, mail)
	return true
}

// gitlabAudit reads a login in audit_json.log, which says with what a user signed in and
// calls the user by the display name, so nobody is named. application_json.log tells of it
// as well, unless another provider vouched for the user.
func (e *entry) gitlabAudit(r *jsonReader) bool {
	with := r.value("with")
	if len(with) == 0 || string(r.value("entity_type")) != "User" || string(r.value("target_type")) != "User" || len(r.value("author_name")) == 0 {
		return false
	}
	e.did(session, "web_session_opened", success)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, with)
	return true
}

// gitlabText reads application.log, "October 07, 2025 09:00: TEXT", which has no zone.
func (e *entry) gitlabText(c *clock, m []byte) bool {
	var t stamp
	text, ok := t.longTime(m)
	unix, valid := c.unix(&t)
	if text, colon := cut(text, ": "); !ok || !valid || !colon || !e.gitlabMessage(text) {
		return false
	}
	e.at(unix)
	return true
}

// longTime reads "October 07, 2025 09:00", which Rails calls long.
func (t *stamp) longTime(b []byte) ([]byte, bool) {
	month, rest := token(b[:min(len(b), 40)])
	t.month = monthOf(month)
	if t.month == 0 || len(month) > len("September") || len(rest) < 14 || rest[2] != ',' || rest[3] != ' ' || rest[8] != ' ' || rest[11] != ':' {
		return b, false
	}
	t.day, t.year, t.hour, t.minute = two(rest), four(rest[4:]), two(rest[9:]), two(rest[12:])
	return b[len(month)+15:], t.day > 0 && t.year > 0 && t.hour >= 0 && t.minute >= 0
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
