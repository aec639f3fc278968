package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// nextcloud reads the logins in Nextcloud's and ownCloud's log, one JSON object a
// line; as in Nextcloud 27: core/Controller/LoginController.php,
// lib/private/User/Session.php, lib/private/Log/LogDetails.php,
// lib/private/Security/Bruteforce/Throttler.php.
func (e *entry) nextcloud(c *clock, m []byte) bool {
	return e.jsonReader.read(m) && e.nextcloudJSON(c)
}

// nextcloudJSON reads {"reqId":…,"level":…,"time":…,"remoteAddr":IP,"user":…,"message":…}.
// The message quotes the name before the address that the server repeats.
func (e *entry) nextcloudJSON(c *clock) bool {
	r := &e.jsonReader
	pairs := r.scanner.pairs
	if len(pairs) < 4 || string(pairs[0].key) != "reqId" {
		return false
	}
	message := r.slots[slotMessage].value
	if e.nextcloudAudit(pairs, message) {
		e.nextcloudFrom(pairs)
		if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
			e.at(unix)
		}
		return true
	}
	action := "web_login"
	rest, ok := cut(message, "Login failed: ")
	outcome := failure
	if !ok {
		if rest, ok = cut(message, "Login successful: \""); ok {
			outcome = success // the audit log
		}
	}
	if !ok {
		if !has(message, "Bruteforce attempt from ") && !has(message, "IP address blocked ") {
			return false
		}
		action = "web_login_blocked"
	}
	e.did(authentication, action, outcome)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	e.nextcloudFrom(pairs)
	if name, ok := cutEnd(rest, "\""); ok && outcome == success {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	} else if name, _, ok := splitLast(rest, " (Remote IP: "); ok && action == "web_login" {
		if inside, ok := cut(name, "'"); ok {
			name, _ = cutEnd(inside, "'")
		}
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	return true
}

func (e *entry) nextcloudFrom(pairs []jsonPair) {
	for _, p := range pairs {
		if string(p.key) == "remoteAddr" {
			e.address(p.value)
			return
		}
	}
}

// nextcloudAudit reads what the app admin_audit says of files, shares and accounts, which
// it does when it is done: apps/admin_audit/lib/Actions/Files.php, Sharing.php. The user is who is logged in.
func (e *entry) nextcloudAudit(pairs []jsonPair, message []byte) bool {
	var app, user, url []byte
	for _, p := range pairs {
		switch string(p.key) {
		case "app":
			app = p.value
		case "user":
			user = p.value
		case "url":
			url = p.value
		}
	}
	if string(app) != "admin_audit" {
		return false
	}
	if !e.nextcloudFile(message) && !e.nextcloudAccount(message) {
		return false
	}
	if string(user) != "--" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	}
	e.targetParts(url)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, message)
	return true
}
