package parse

import "testing"

func TestVaultwarden(t *testing.T) { testCases(t, "vaultwarden", vaultwardenCases) }

func FuzzVaultwarden(f *testing.F) { fuzzParser(f, "vaultwarden", vaultwardenCases) }

var vaultwardenCases = []lineCase{
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 203.0.113.9. Username: bob@example.org.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::admin][ERROR] Invalid admin token. IP: 203.0.113.9`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::core::two_factor::authenticator][ERROR] Invalid TOTP code! Server time: 2025-10-07 09:00:00 UTC IP: 203.0.113.9`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][INFO] User bob@example.org logged in successfully. IP: 203.0.113.9`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 203.0.113.9. Username: x IP: 192.0.2.66.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=x IP: 192.0.2.66`,
	},
	{
		`[2025-10-07 09:00:00.123][start][INFO] Rocket has launched from http://0.0.0.0:80`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Username or access code is incorrect. Try again. IP: 203.0.113.9. Username: bob@example.org.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Auth request not found. Try again.. IP: 203.0.113.9. Username: bob@example.org.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Please verify your email before trying again.. IP: 2001:db8::9. Username: bob@example.org.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=2001:db8::9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Invalid client_id. IP: 203.0.113.9.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Incorrect client_secret. IP: 203.0.113.9. Organization: 5f3c.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] This user has been disabled (API key login). IP: 203.0.113.9. Username: bob@example.org.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][INFO] User bob@example.org logged in successfully via API key. IP: 203.0.113.9`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=success; source.ip=203.0.113.9; user.name=bob@example.org`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Recovery code is incorrect. Try again.`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure`,
	},
	{
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][ERROR] Login failure (x IP: 192.0.2.66), no invitation with email (bob@example.org) was found`,
		"auth vaultwarden 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure`,
	},
	{ // near misses
		`[2025-10-07 09:00:00.123][vaultwarden::api::identity][INFO] User 5f3c email changed in SSO provider from bob@example.org to alice@example.org`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
	{
		`[2025-10-07 09:00:00.123][auth][ERROR] Unauthorized Error: Invalid claim`,
		"system plain 2025-10-07T09:00:00.123Z", ``,
	},
}
