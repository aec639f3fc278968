package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// shadow reads the account tools: useradd, usermod, userdel, groupadd, groupmod,
// groupdel, gpasswd, passwd, chage, chsh, chfn, chpasswd, newgrp, vipw and their kin, of
// shadow 4.8.1 and 4.17.4 (src/*.c), and systemd-sysusers.
func (e *entry) shadow(m []byte) bool {
	return e.accountNew(m) || e.accountGone(m) || e.accountChange(m) || e.membership(m) || e.password(m) || e.groupChange(m) ||
		e.shadowFailed(m) || e.groupSwitch(m) || e.sysusers(m)
}

// account sets an iam action on an account.
func (e *entry) account(action string, name []byte) bool {
	e.did(iam, action, success)
	e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
	return true
}

// onGroup sets an iam action on a group.
func (e *entry) onGroup(action string, name []byte) bool {
	e.did(iam, action, success)
	e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, name)
	return true
}

// inQuotes reads 'NAME' or the `NAME' of old at the beginning of b.
func inQuotes(b []byte) (name, rest []byte, ok bool) {
	if len(b) < 2 || (b[0] != '\'' && b[0] != '`') {
		return nil, b, false
	}
	return split(b[1:], "'")
}

// pair reads the value of "key=value" in a list with ", " between.
func pair(b []byte, key string) []byte {
	i := index(b, key)
	if i < 0 {
		return nil
	}
	return until(b[i+len(key):], ",")
}

func (e *entry) accountNew(m []byte) bool {
	rest, ok := cut(m, "new user: ")
	if !ok {
		rest, ok = cut(m, "new account added - ")
	}
	if ok {
		e.account("user_created", pair(rest, "name="))
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_ID, pair(rest, "UID="))
		e.add(eventv1.FieldId_FIELD_ID_GROUP_ID, pair(rest, "GID="))
		return true
	}
	if rest, ok = cut(m, "failed adding user "); ok {
		name, _, ok := inQuotes(rest)
		if !ok {
			return false
		}
		e.did(iam, "user_created", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
		return true
	}
	if rest, ok = cut(m, "new group: "); ok {
		e.onGroup("group_created", pair(rest, "name="))
		e.add(eventv1.FieldId_FIELD_ID_GROUP_ID, pair(rest, "GID="))
		return true
	}
	if rest, ok = cut(m, "group added to "); ok {
		// The same new group once for each file that holds it.
		e.onGroup("group_modified", pair(rest, "name="))
		return true
	}
	return false
}

func (e *entry) accountGone(m []byte) bool {
	if rest, ok := cut(m, "delete user "); ok {
		name, _, ok := inQuotes(rest)
		return ok && e.account("user_deleted", name)
	}
	if rest, ok := cut(m, "removed shadow group "); ok {
		name, _, ok := inQuotes(rest)
		return ok && e.onGroup("group_modified", name)
	}
	for _, prefix := range [...]string{"removed group ", "remove group "} {
		if rest, ok := cut(m, prefix); ok {
			name, _, ok := inQuotes(rest)
			return ok && e.onGroup("group_deleted", name)
		}
	}
	if rest, ok := cut(m, "group "); ok {
		if name, rest, ok := inQuotes(rest); ok && has(rest, " removed") {
			if string(rest) == " removed" {
				return e.onGroup("group_deleted", name)
			}
			return e.onGroup("group_modified", name)
		}
	}
	return false
}

func (e *entry) accountChange(m []byte) bool {
	if rest, ok := cut(m, "lock user "); ok {
		name, _, ok := inQuotes(rest)
		return ok && e.account("user_locked", name)
	}
	if rest, ok := cut(m, "unlock user "); ok {
		name, _, ok := inQuotes(rest)
		return ok && e.account("user_unlocked", name)
	}
	if rest, ok := cut(m, "change user name "); ok {
		name, rest, ok := inQuotes(rest)
		if !ok {
			return false
		}
		e.account("user_modified", name)
		if rest, ok = cut(rest, " to "); ok {
			changed, _, _ := inQuotes(rest)
			e.add(eventv1.FieldId_FIELD_ID_USER_CHANGES_NAME, changed)
		}
		return true
	}
	rest, ok := cut(m, "change user ")
	if !ok {
		rest, ok = cut(m, "changed user ")
	}
	if !ok {
		return false
	}
	name, rest, ok := inQuotes(rest)
	if !ok {
		return false
	}
	what := trimLeft(rest)
	if string(what) == "password" {
		return e.account("password_changed", name)
	}
	if has(what, "expiration") || has(what, "inactive") {
		e.account("password_expiry_changed", name)
	} else {
		e.account("user_modified", name)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, what)
	return true
}

// membership reads who joined or left a group.
func (e *entry) membership(m []byte) bool {
	for _, verb := range [...]struct{ prefix, between, action string }{
		{"add ", " to group ", "group_member_added"},
		{"delete ", " from group ", "group_member_removed"},
		{"add ", " to shadow group ", "group_modified"},
		{"delete ", " from shadow group ", "group_modified"},
	} {
		rest, ok := cut(m, verb.prefix)
		if !ok {
			continue
		}
		name, rest, ok := inQuotes(rest)
		if !ok {
			return false
		}
		if rest, ok = cut(rest, verb.between); ok {
			group, _, ok := inQuotes(rest)
			if !ok {
				return false
			}
			e.onGroup(verb.action, group)
			e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
			return true
		}
	}
	return e.gpasswd(m)
}

// gpasswd reads "user NAME added by ACTOR to group GROUP" and its opposite.
func (e *entry) gpasswd(m []byte) bool {
	rest, ok := cut(m, "user ")
	if !ok {
		return false
	}
	for _, verb := range [...]struct{ by, group, action string }{
		{" added by ", " to group ", "group_member_added"},
		{" removed by ", " from group ", "group_member_removed"},
	} {
		name, tail, ok := split(rest, verb.by)
		actor, group, in := split(tail, verb.group)
		if !ok || !in {
			continue
		}
		e.onGroup(verb.action, group)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, actor)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
		return true
	}
	return false
}

// password reads passwd's and chage's lines.
func (e *entry) password(m []byte) bool {
	if rest, ok := cut(m, "password for "); ok {
		name, rest, ok := inQuotes(rest)
		if !ok {
			return false
		}
		rest, ok = cut(rest, " changed by ")
		actor, _, quotes := inQuotes(rest)
		if !ok || !quotes {
			return false
		}
		e.account("password_changed", name)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, actor)
		return true
	}
	for _, prefix := range [...]string{"changed password expiry for ", "changed password expiry information for ", "changed aging information for "} {
		if rest, ok := cut(m, prefix); ok {
			return e.account("password_expiry_changed", rest)
		}
	}
	return false
}

func (e *entry) groupChange(m []byte) bool {
	for _, line := range [...]struct{ before, by string }{
		{"password of group ", " changed by "},
		{"password of group ", " removed by "},
		{"access to group ", " restricted by "},
		{"members of group ", " set by "},
		{"administrators of group ", " set by "},
	} {
		rest, ok := cut(m, line.before)
		if !ok {
			continue
		}
		if name, actor, ok := split(rest, line.by); ok {
			e.onGroup("group_modified", name)
			actor, _ = token(actor)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, actor)
			return true
		}
	}
	for _, before := range [...]string{"set members of ", "set administrators of "} { // of old
		if rest, ok := cut(m, before); ok {
			name, _, ok := split(rest, " to ")
			return ok && e.onGroup("group_modified", name)
		}
	}
	if rest, ok := cut(m, "group changed in "); ok {
		_, in, ok := split(rest, "(group ")
		return ok && e.onGroup("group_modified", until(in, "/,)"))
	}
	if rest, ok := cut(m, "change group "); ok {
		name, _, ok := inQuotes(rest)
		return ok && e.onGroup("group_modified", name)
	}
	return false
}
