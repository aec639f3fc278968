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
}
