package parse

import "testing"

func TestShadow(t *testing.T) { testCases(t, "shadow", shadowCases) }

func FuzzShadow(f *testing.F) { fuzzParser(f, "shadow", shadowCases) }

var shadowCases = []lineCase{
	{
		`new user: name=bob, UID=1001, GID=1002, home=/home/bob, shell=/bin/bash, from=/dev/pts/0`,
		"auth shadow", `event.category=iam; event.action=user_created; event.outcome=success; user.target.name=bob; user.target.id=1001; group.id=1002`,
	},
	{
		`new group: name=ops, GID=1002`,
		"auth shadow", `event.category=iam; event.action=group_created; event.outcome=success; group.name=ops; group.id=1002`,
	},
	{
		`group added to /etc/group: name=ops, GID=1002`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops`,
	},
	{
		`incorrect password for bob`,
		"auth shadow", `event.category=iam; event.action=password_changed; event.outcome=failure; event.reason=incorrect password; user.target.name=bob`,
	},
	{
		"incorrect password for `bob'",
		"auth shadow", `event.category=iam; event.action=password_changed; event.outcome=failure; event.reason=incorrect password; user.target.name=bob`,
	},
	{
		`can't view or modify password information for bob`,
		"auth shadow", `event.category=iam; event.action=password_changed; event.outcome=failure; user.target.name=bob`,
	},
	{
		`removed shadow group 'bob' owned by 'bob'`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=bob`,
	},
	{
		`password of group ops removed by root`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops; user.name=root`,
	},
	{
		`administrators of group ops set by root to bob,carol`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops; user.name=root`,
	},
	{
		`set members of ops to bob,carol`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops`,
	},
	{
		`failed to change /etc/group (group ops/1002)`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=failure; group.name=ops`,
	},
	{
		`alice failed to add user bob to group ops`,
		"auth shadow", `event.category=iam; event.action=group_member_added; event.outcome=failure; group.name=ops; user.name=alice; user.target.name=bob`,
	},
	{
		`alice failed to change password of group ops`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=failure; group.name=ops; user.name=alice`,
	},
	{
		`failed to add group ops`,
		"auth shadow", `event.category=iam; event.action=group_created; event.outcome=failure; group.name=ops`,
	},
	{
		`failed to unlock /etc/group`,
		"system plain", ``,
	},
	{
		`user 'alice' (login 'alice' on pts/1) switched to group 'ops'`,
		"auth shadow", `event.category=authentication; event.action=group_switched; event.outcome=success; user.name=alice; group.name=ops; process.tty.name=pts/1`,
	},
	{
		`Invalid password for group 'ops' from 'bob'`,
		"auth shadow", `event.category=authentication; event.action=group_switched; event.outcome=failure; user.name=bob; group.name=ops`,
	},
	{
		`Creating group 'sshd' with GID 988.`,
		"auth shadow", `event.category=iam; event.action=group_created; event.outcome=success; group.name=sshd; group.id=988`,
	},
	{
		`Creating user 'sshd' (SSH drop privilege) with UID 988 and GID 988.`,
		"auth shadow", `event.category=iam; event.action=user_created; event.outcome=success; user.target.name=sshd; user.target.id=988; group.id=988`,
	},
	{
		`failed adding user 'bob', exit code: 9`,
		"auth shadow", `event.category=iam; event.action=user_created; event.outcome=failure; user.target.name=bob`,
	},
	{
		`add 'bob' to group 'sudo'`,
		"auth shadow", `event.category=iam; event.action=group_member_added; event.outcome=success; group.name=sudo; user.target.name=bob`,
	},
	{
		`add 'bob' to shadow group 'sudo'`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=sudo; user.target.name=bob`,
	},
	{
		`delete 'bob' from group 'sudo'`,
		"auth shadow", `event.category=iam; event.action=group_member_removed; event.outcome=success; group.name=sudo; user.target.name=bob`,
	},
	{
		`delete user 'bob'`,
		"auth shadow", `event.category=iam; event.action=user_deleted; event.outcome=success; user.target.name=bob`,
	},
	{
		`removed group 'bob' owned by 'bob'`,
		"auth shadow", `event.category=iam; event.action=group_deleted; event.outcome=success; group.name=bob`,
	},
	{
		`group 'ops' removed`,
		"auth shadow", `event.category=iam; event.action=group_deleted; event.outcome=success; group.name=ops`,
	},
	{
		`group 'ops' removed from /etc/group`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops`,
	},
	{
		`change user 'bob' password`,
		"auth shadow", `event.category=iam; event.action=password_changed; event.outcome=success; user.target.name=bob`,
	},
	{
		`change user 'bob' UID from '1001' to '0'`,
		"auth shadow", `event.category=iam; event.action=user_modified; event.outcome=success; user.target.name=bob; event.reason=UID from '1001' to '0'`,
	},
	{
		`changed user 'bob' shell to '/bin/zsh'`,
		"auth shadow", `event.category=iam; event.action=user_modified; event.outcome=success; user.target.name=bob; event.reason=shell to '/bin/zsh'`,
	},
	{
		`change user 'bob' expiration from 'never' to '2030-01-01'`,
		"auth shadow", `event.category=iam; event.action=password_expiry_changed; event.outcome=success; user.target.name=bob; event.reason=expiration from 'never' to '2030-01-01'`,
	},
	{
		`change user name 'bob' to 'rob'`,
		"auth shadow", `event.category=iam; event.action=user_modified; event.outcome=success; user.target.name=bob; user.changes.name=rob`,
	},
	{
		`lock user 'bob' password`,
		"auth shadow", `event.category=iam; event.action=user_locked; event.outcome=success; user.target.name=bob`,
	},
	{
		`unlock user 'bob' password`,
		"auth shadow", `event.category=iam; event.action=user_unlocked; event.outcome=success; user.target.name=bob`,
	},
	{
		`password for 'bob' changed by 'root'`,
		"auth shadow", `event.category=iam; event.action=password_changed; event.outcome=success; user.target.name=bob; user.name=root`,
	},
	{
		`changed password expiry for bob`,
		"auth shadow", `event.category=iam; event.action=password_expiry_changed; event.outcome=success; user.target.name=bob`,
	},
	{
		`user bob added by root to group sudo`,
		"auth shadow", `event.category=iam; event.action=group_member_added; event.outcome=success; group.name=sudo; user.name=root; user.target.name=bob`,
	},
	{
		`user bob removed by root from group sudo`,
		"auth shadow", `event.category=iam; event.action=group_member_removed; event.outcome=success; group.name=sudo; user.name=root; user.target.name=bob`,
	},
	{
		`members of group ops set by root to bob`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops; user.name=root`,
	},
	{
		`password of group ops changed by root`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops; user.name=root`,
	},
	{
		`group changed in /etc/group (group ops/1002, new name: dev)`,
		"auth shadow", `event.category=iam; event.action=group_modified; event.outcome=success; group.name=ops`,
	},
	{
		`pam_unix(passwd:chauthtok): password changed for bob`,
		"auth pam", `event.category=iam; event.action=pam_password_changed; event.outcome=success; user.target.name=bob`,
	},
	{
		`cannot lock /etc/passwd; try again later.`,
		"system plain", ``,
	},
	{
		"password for `bob' changed by `root'",
		"auth shadow", `event.category=iam; event.action=password_changed; event.outcome=success; user.target.name=bob; user.name=root`,
	},
}
