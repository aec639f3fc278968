package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// nextcloudFile reads what somebody did with a file. Later versions put its number before
// what was done: a path, which the user chose, comes after both.
func (e *entry) nextcloudFile(message []byte) bool {
	action := "web_file_changed"
	switch {
	case has(message, "File accessed: "), has(message, "Preview accessed: "), has(message, "The shared ") && contains(message, "\" has been accessed"):
		action = "web_file_accessed"
	case has(message, "File created: "), has(message, "File written to: "), has(message, "File updated: "), has(message, "File deleted: "),
		has(message, "File renamed: "), has(message, `File renamed with id "`), has(message, "File copied: "), has(message, `File id copied from: "`):
	case has(message, "The ") && contains(message, "\" has been shared "):
		action = "web_file_shared"
	default:
		rest, ok := cut(message, `File with id "`)
		_, rest = digits(rest)
		if has(rest, `" accessed: "`) {
			action = "web_file_accessed"
		} else if !ok || !has(rest, `" created: "`) && !has(rest, `" written to: "`) && !has(rest, `" updated: "`) && !has(rest, `" deleted: "`) {
			return false
		}
	}
	e.did(web, action, success)
	return true
}

// nextcloudAccount reads what somebody did with an account or a group:
// apps/admin_audit/lib/Actions/UserManagement.php, GroupManagement.php.
func (e *entry) nextcloudAccount(message []byte) bool {
	for _, t := range [...]struct{ start, end, action string }{
		{`User created: "`, `"`, "user_created"},
		{`User deleted: "`, `"`, "user_deleted"},
		{`User enabled: "`, `"`, "user_unlocked"},
		{`User disabled: "`, `"`, "user_locked"},
		{`Password of user "`, `" has been changed`, "password_changed"},
		{`Group created: "`, `"`, "group_created"},
		{`Group deleted: "`, `"`, "group_deleted"},
	} {
		rest, ok := cut(message, t.start)
		name, ended := cutEnd(rest, t.end)
		if !ok || !ended {
			continue
		}
		e.did(iam, t.action, success)
		if t.start[0] == 'G' {
			e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, name)
		} else {
			e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
		}
		return true
	}
	return e.nextcloudMember(message)
}

// nextcloudMember reads `User "NAME" added to group "GROUP"` and `… removed from group …`.
func (e *entry) nextcloudMember(message []byte) bool {
	rest, ok := cut(message, `User "`)
	rest, closed := cutEnd(rest, `"`)
	if !ok || !closed {
		return false
	}
	action := "group_member_added"
	name, group, ok := splitOnly(rest, `" added to group "`)
	if !ok {
		action = "group_member_removed"
		if name, group, ok = splitOnly(rest, `" removed from group "`); !ok {
			return false
		}
	}
	e.did(iam, action, success)
	e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
	e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, group)
	return true
}
