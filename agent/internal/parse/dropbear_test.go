package parse

import "testing"

func TestDropbear(t *testing.T) { testCases(t, "dropbear", dropbearCases) }

func FuzzDropbear(f *testing.F) { fuzzParser(f, "dropbear", dropbearCases) }

var dropbearCases = []lineCase{
	{
		`Bad password attempt for 'root' from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=60495; user.name=root`,
	},
	{
		`bad password attempt for 'x' from 192.0.2.66:1' from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=60495; user.name=x' from 192.0.2.66:1`,
	},
	{
		`Login attempt for nonexistent user from ::ffff:203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; source.ip=203.0.113.9; source.port=60495`,
	},
	{
		`login attempt with wrong user bob from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; source.ip=203.0.113.9; source.port=60495`,
	},
	{
		`Bad PAM password attempt for 'bob' from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`Pubkey auth bad signature for 'bob' with key SHA256:abc from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; tocsin.auth.method=publickey; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`Password auth succeeded for 'bob' from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`Password auth succeeded for 'bob' from 203.0.113.9:60495, extra auth required`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login_partial; event.outcome=unknown; tocsin.auth.method=password; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`Pubkey auth succeeded for 'bob' with ssh-ed25519 key SHA256:abc from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=publickey; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`Auth succeeded with blank password for 'bob' from 203.0.113.9:60495`,
		"auth dropbear", `event.category=authentication; event.category=session; event.action=ssh_login; event.outcome=success; tocsin.auth.method=none; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`Child connection from 2001:db8::9:60495`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_connection; event.outcome=unknown; source.ip=2001:db8::9; source.port=60495`,
	},
	{
		`Exit before auth from <203.0.113.9:60495>: (user 'root', 10 fails): Max auth tries reached - user 'root'`,
		"auth dropbear", `event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; source.ip=203.0.113.9; source.port=60495; user.name=root`,
	},
	{
		`Exit before auth (user 'root', 0 fails): Exited normally`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; user.name=root`,
	},
	{
		`Early exit from <203.0.113.9:60495>: Failed to get remote version`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.9; source.port=60495`,
	},
	{
		`Exit (bob) from <203.0.113.9:60495>: Disconnect received`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_connection_closed; event.outcome=unknown; source.ip=203.0.113.9; source.port=60495; user.name=bob`,
	},
	{
		`User 'bob' has invalid shell, rejected`,
		"auth dropbear", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`User account 'bob' is locked`,
		"auth dropbear", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`root login rejected`,
		"auth dropbear", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; user.name=root`,
	},
	{
		`Not backgrounding`,
		"system dropbear", `event.category=process; event.action=ssh_server_start; event.outcome=unknown`,
	},
	{
		`User bob executing login shell`,
		"system plain", ``,
	},
	{
		`Exit before auth (user 'root', 10 fails): Max auth tries reached - user 'root' from 203.0.113.5:4242`,
		"auth dropbear", `event.category=authentication; event.action=ssh_max_attempts; event.outcome=failure; source.ip=203.0.113.5; source.port=4242; user.name=root`,
	},
	{
		`Exit before auth from <203.0.113.5:4242>: (user 'root', 2 fails): Exited normally`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=4242; user.name=root`,
	},
	{
		`Premature exit: Failed to get remote version`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown`,
	},
	{
		`Login attempt for nonexistent user 'bob' from 203.0.113.5:4242`,
		"auth dropbear", `event.category=authentication; event.action=ssh_login; event.outcome=failure; source.ip=203.0.113.5; source.port=4242; user.name=bob`,
	},
	{
		`Logins are restricted to the group ops but user 'bob' is not a member`,
		"auth dropbear", `event.category=authentication; event.action=ssh_user_denied; event.outcome=failure; user.name=bob`,
	},
	{
		`Failed listening on '22': Error listening: Address already in use`,
		"system dropbear", `event.category=process; event.action=ssh_server_error; event.outcome=failure`,
	},
	{
		`Exit before auth from <203.0.113.5:4242>: Incompatible remote version 'SSH-1.0-x (user 'root', 9 fails): Max auth tries reached - user 'root' from 198.51.100.1:22'`,
		"system dropbear", `event.category=network; event.category=session; event.action=ssh_preauth_close; event.outcome=unknown; source.ip=203.0.113.5; source.port=4242`,
	},
}
