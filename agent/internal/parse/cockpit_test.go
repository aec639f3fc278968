package parse

import "testing"

func TestCockpit(t *testing.T) { testCases(t, "cockpit", cockpitCases) }

func FuzzCockpit(f *testing.F) { fuzzParser(f, "cockpit", cockpitCases) }

var cockpitCases = []lineCase{
	{
		`User bob logged into session 5`,
		"auth cockpit", `event.category=authentication; event.action=web_login; event.outcome=success; user.name=bob`,
	},
	{
		`New connection to session 5 from 2001:db8::9`,
		"auth cockpit", `event.category=session; event.action=web_session_opened; event.outcome=success; source.ip=2001:db8::9`,
	},
	{
		`New connection to session 5`,
		"auth cockpit", `event.category=session; event.action=web_session_opened; event.outcome=success`,
	},
	{
		`Connection from 203.0.113.9 to session 5 closed`,
		"auth cockpit", `event.category=session; event.action=web_session_closed; event.outcome=unknown; source.ip=203.0.113.9`,
	},
	{
		`Connection to session 5 closed`,
		"auth cockpit", `event.category=session; event.action=web_session_closed; event.outcome=unknown`,
	},
	{
		`Logging out session 5`,
		"auth cockpit", `event.category=session; event.action=web_logout; event.outcome=unknown`,
	},
	{
		`invalid csrf token`,
		"web cockpit", `event.category=web; event.action=http_access_denied; event.outcome=failure`,
	},
	{
		`received invalid 'Authorization: tls-cert' header`,
		"web cockpit", `event.category=web; event.action=http_bad_request; event.outcome=failure`,
	},
	{
		`Request dropped; too many startup connections: 11`,
		"web cockpit", `event.category=web; event.action=http_rate_limited; event.outcome=failure`,
	},
	{
		`cockpit-session: No matching user for certificate`,
		"auth cockpit", `event.category=authentication; event.action=web_login; event.outcome=failure; event.reason=No matching user for certificate`,
	},
	{
		`cockpit-tls: Invalid TLS peer certificate: The certificate chain uses expired certificate.`,
		"auth cockpit", `event.category=authentication; event.action=web_login; event.outcome=failure; event.reason=The certificate chain uses expired certificate.`,
	},
	{
		`cockpit: authentication timed out`,
		"auth cockpit", `event.category=authentication; event.action=web_login_incomplete; event.outcome=unknown`,
	},
	{
		`cockpit-session: user account access failed: 13 bob: User account has expired`,
		"auth cockpit", `event.category=authentication; event.action=web_login; event.outcome=failure; user.name=bob; event.reason=User account has expired`,
	},
	{
		`cockpit-session: user account or password has expired: bob: Authentication token is no longer valid; new one required`,
		"auth cockpit", `event.category=authentication; event.action=web_login_incomplete; event.outcome=unknown; user.name=bob; event.reason=Authentication token is no longer valid; new one required`,
	},
	{
		`cockpit-session: couldn't open session: bob: Cannot make/remove an entry for the specified session`,
		"auth cockpit", `event.category=authentication; event.action=web_login; event.outcome=failure; user.name=bob; event.reason=Cannot make/remove an entry for the specified session`,
	},
	{
		`cockpit-session: user bob has no shell`,
		"auth cockpit", `event.category=authentication; event.action=web_login; event.outcome=failure; user.name=bob; event.reason=no shell`,
	},
	// Near misses.
	{
		`User bob logged into session 5 logged into session 6`,
		"system plain", ``,
	},
	{
		`User bob and alice logged into session 5`,
		"system plain", ``,
	},
	{
		`Connection from 203.0.113.9 to session x closed`,
		"system plain", ``,
	},
	{
		`Connection from x from 192.0.2.66 to session 5 closed`,
		"system plain", ``,
	},
	{
		`couldn't launch cockpit session: cockpit-bridge: bob: no such file`,
		"system plain", ``,
	},
}
