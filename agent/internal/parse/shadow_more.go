package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// shadowFailed reads what the account tools could not do, or would not.
func (e *entry) shadowFailed(m []byte) bool {
	for _, line := range [...]struct{ before, after, action string }{
		{"incorrect password for `", "'", "password_changed"}, // chfn, chsh without PAM
		{"incorrect password for ", "", "password_changed"},
		{"password locked for '", "'", "password_changed"},
		{"now < minimum age for '", "'", "password_changed"},
		{"can't view or modify password information for ", "", "password_changed"},
		{"root is not authorized by SELinux to change the password of ", "", "password_changed"},
		{"can't change shell for '", "'", "user_modified"},
		{"failed to add user ", "", "user_created"},
	} {
		rest, ok := cut(m, line.before)
		if !ok {
			continue
		}
		if name, ok := cutEnd(rest, line.after); ok && !contains(name, " ") {
			e.did(iam, line.action, failure)
			e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, failedWhy(line.before))
			e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
			return true
		}
	}
	return e.groupFailed(m)
}

// failedWhy is the reason in the words before a name.
func failedWhy(before string) string {
	switch before[0] {
	case 'i':
		return "incorrect password"
	case 'p':
		return "password locked"
	case 'n':
		return "minimum age"
	}
	return ""
}

// groupFailed reads gpasswd's "ACTOR failed to WHAT … group GROUP" and the tools' "failed
// to add group GROUP".
func (e *entry) groupFailed(m []byte) bool {
	if rest, ok := cut(m, "failed to "); ok {
		if _, in, ok := split(rest, " (group "); ok && has(rest, "change ") {
			e.did(iam, "group_modified", failure)
			e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, until(in, "/,)"))
			return true
		}
		for _, line := range [...]struct{ before, action string }{
			{"add group ", "group_created"},
			{"remove group ", "group_deleted"},
		} {
			if name, ok := cut(rest, line.before); ok {
				e.did(iam, line.action, failure)
				e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, firstWord(name))
				return true
			}
		}
		return false
	}
	actor, rest, ok := split(m, " failed to ")
	if !ok || contains(actor, " ") {
		return false
	}
	var user, group []byte
	action := "group_modified"
	for _, line := range [...]struct{ before, between, action string }{
		{"add user ", " to group ", "group_member_added"},
		{"remove user ", " from group ", "group_member_removed"},
	} {
		if who, ok := cut(rest, line.before); ok {
			if user, group, ok = split(who, line.between); !ok {
				return false
			}
			action = line.action
		}
	}
	if group == nil {
		if _, group, ok = split(rest, " group "); !ok {
			return false
		}
	}
	e.did(iam, action, failure)
	e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, firstWord(group))
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, actor)
	e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, user)
	return true
}

// groupSwitch reads newgrp's "user 'NAME' (login 'LOGIN' on TTY) switched to group
// 'GROUP'" and "Invalid password for group 'GROUP' from 'NAME'".
func (e *entry) groupSwitch(m []byte) bool {
	if rest, ok := cut(m, "Invalid password for group '"); ok {
		group, name, ok := split(rest, "' from '")
		if !ok {
			return false
		}
		name, _ = cutEnd(name, "'")
		e.did(authentication, "group_switched", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, group)
		return true
	}
	rest, ok := cut(m, "user '")
	name, rest, in := split(rest, "' (login '")
	_, rest, on := split(rest, "' on ")
	tty, rest, found := split(rest, ") ")
	if !ok || !in || !on || !found {
		return false
	}
	group, ok := cut(rest, "switched to group '")
	if !ok {
		if group, ok = cut(rest, "returned to group '"); !ok {
			return false
		}
	}
	group, _ = cutEnd(group, "'")
	e.did(authentication, "group_switched", success)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, group)
	e.terminal(tty)
	return true
}

// sysusers reads systemd-sysusers' "Creating user 'NAME' (TEXT) with UID N and GID N." and
// "Creating group 'NAME' with GID N.", as logs have them.
func (e *entry) sysusers(m []byte) bool {
	if rest, ok := cut(m, "Creating group '"); ok {
		name, id, ok := split(rest, "' with GID ")
		if !ok {
			return false
		}
		e.onGroup("group_created", name)
		number, _ := digits(id)
		e.number(eventv1.FieldId_FIELD_ID_GROUP_ID, number)
		return true
	}
	rest, ok := cut(m, "Creating user '")
	name, _, in := split(rest, "' (")
	head, group, with := splitLast(rest, " and GID ")
	_, id, uid := splitLast(head, ") with UID ")
	if !ok || !in || !with || !uid {
		return false
	}
	e.account("user_created", name)
	e.number(eventv1.FieldId_FIELD_ID_USER_TARGET_ID, id)
	number, _ := digits(group)
	e.number(eventv1.FieldId_FIELD_ID_GROUP_ID, number)
	return true
}
