package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// softether reads what SoftEther VPN's server logs of its clients, in the logs of the
// server and of a hub ("2025-10-07 09:00:00.123 TEXT") or by its own syslog ("… (TIME)
// <SECURITY_LOG>: TEXT"). Written from the texts LS_…, LH_… and LP_… of
// src/bin/hamcore/strtable_en.stb and from src/Cedar/Protocol.c (HLog), which since adds the
// address to a failed login. Of other languages' tables nothing is known.
func (e *entry) softether(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	rest = trimLeft(rest)
	if _, after, ok := split(rest[:min(len(rest), 256)], "_LOG>: "); ok {
		rest = rest[len(rest[:min(len(rest), 256)])-len(after):]
	}
	if !e.softetherText(rest) {
		return false
	}
	e.at(unix)
	return true
}

// isSoftetherHead knows how its messages begin.
func isSoftetherHead(b []byte) bool {
	for _, words := range [...]string{
		"Connection \"", "Session \"", "The connection \"", "On the TCP Listener (", "The connection with the client (IP address ", "A DoS attack on the TCP ",
		"For the client (IP address: ", "Although the Virtual Hub's ",
	} {
		if has(b, words) {
			return true
		}
	}
	return contains(b[:min(len(b), 64)], "PPP Session [")
}

func (e *entry) softetherText(m []byte) bool {
	switch {
	case has(m, "Connection \""):
		return e.softetherConnection(m)
	case has(m, "Session \""):
		return e.readTemplate(m, []templated{
			{"Session \"%w\": The session has been terminated. The statistical information is as follows: %*", session, "vpn_session_closed", unknown},
		})
	case has(m, "The connection \""):
		return e.softetherAttempt(m)
	case has(m, "Although the Virtual Hub's "):
		return e.readTemplate(m, []templated{
			{
				"Although the Virtual Hub's Security Account Manager has received the following certificate, has refused its contents as the certificate " +
					"for when user \"%u\" logs in because this certificate's contents %*", authentication, "vpn_certificate_refused", failure,
			},
		})
	}
	return e.softetherListener(m) || e.softetherPPP(m)
}

// softetherConnection reads what is said of a connection. A user whose access is refused
// has been authenticated.
func (e *entry) softetherConnection(m []byte) bool {
	return e.readTemplate(m, []templated{
		{"Connection \"%w\": User authentication failed. The user name that has been provided was \"%u\", from %h.", authentication, "vpn_login", failure},
		{"Connection \"%w\": User authentication failed. The user name that has been provided was \"%u\".", authentication, "vpn_login", failure},
		{"Connection \"%w\": Successfully authenticated as user \"%u\".", authentication, "vpn_login", success},
		{"Connection \"%w\": The remote login has been refused because of the password for user \"%u\" is blank.", authentication, "vpn_access_denied", failure},
		{"Connection \"%w\": Access has beens refused to user \"%u\" based on the security policy.", authentication, "vpn_access_denied", failure},
		{
			"Connection \"%w\": Access has been refused to user \"%u\" because of the expiration date has been expired.",
			authentication, "vpn_access_denied", failure,
		},
		{"Connection \"%w\": The authentication method of the user \"%u\" has been specified as %* The connection will be denied.", authentication, "vpn_access_denied", failure},
		{"Connection \"%w\": The new session \"%*\" has been created. (IP address: %h, Port number: %p, Physical underlying protocol: \"%*", session, "vpn_session_opened", success},
		{"Connection \"%w\": Changing of password failed. The specified user \"%u\" does not exist.", iam, "password_changed", failure},
		{"Connection \"%w\": Changing of password failed. The auth type of user \"%u\" is not password authentication.", iam, "password_changed", failure},
		{"Connection \"%w\": Changing of password failed. The old password of user \"%u\" is incorrect.", iam, "password_changed", failure},
		{"Connection \"%w\": The password of user \"%u\" has been changed.", iam, "password_changed", success},
		{"Connection \"%w\": Virtual Hub \"%*\" that the client is trying to connect to does not exist on the server.", network, "vpn_connection_refused", failure},
		{"Connection \"%w\": The source IP address \"%h\" of the client has refused based on the Source IP Address Limit List %*", network, "vpn_connection_refused", failure},
		{"Connection \"%w\": The maximum number of %*Unable to create a new session.", network, "vpn_connection_refused", failure},
		{"Connection \"%w\" terminated by the cause \"%*", network, "vpn_disconnect", unknown},
		{"Connection \"%w\" has been terminated.", network, "vpn_disconnect", unknown},
	})
}

// softetherAttempt reads `The connection "ID" (IP address: IP, Host name: …) is attempting
// to connect to the Virtual Hub. The auth type provided is "…" and the user name is "NAME".` The
// address comes before what the client chose.
func (e *entry) softetherAttempt(m []byte) bool {
	_, rest, ok := split(m[:min(len(m), 128)], "\" (IP address")
	if !ok {
		return false
	}
	rest, _ = cut(rest, ":")
	host := until(trimLeft(rest), ",)")
	switch {
	case contains(m[:min(len(m), longestTemplated)], ") is attempting to connect to the Virtual Hub. "):
		e.did(network, "vpn_connection", unknown)
		if _, name, ok := splitOnly(m, "\" and the user name is \""); ok {
			name, _ = cutEnd(name, "\".")
			e.user(name)
		}
	case contains(m[:min(len(m), longestTemplated)], ") connected to Virtual Hub in change password mode."):
		e.did(network, "vpn_connection", unknown)
	default:
		return false
	}
	e.address(host)
	return true
}

// softetherListener reads the server's own lines about connections.
func (e *entry) softetherListener(m []byte) bool {
	switch {
	case has(m, "On the TCP Listener (Port "), has(m, "For the client (IP address: "):
		_, rest, ok := split(m[:min(len(m), 128)], "(IP address")
		rest, _ = cut(rest, ":")
		host := until(trimLeft(rest), ",")
		if !ok || !isIP(host) {
			return false
		}
		e.did(network, "vpn_connection", unknown)
		e.address(host)
		return true
	}
	return e.readTemplate(m, []templated{
		{"The connection with the client (IP address %h, Port number %p) has been disconnected.", network, "vpn_disconnect", unknown},
		{"A DoS attack on the TCP Listener (port %d) has been detected. The connecting source IP address is %h, port number is %p. %*", network, "vpn_connection_refused", failure},
	})
}

// softetherPPP reads what L2TP's and SSTP's sessions say: "… PPP Session [IP:PORT]: TEXT".
func (e *entry) softetherPPP(m []byte) bool {
	before, rest, ok := split(m[:min(len(m), 160)], "PPP Session [")
	peer, text, closed := split(rest, "]: ")
	if !ok || !closed || len(before) > 64 {
		return false
	}
	text = m[len(m[:min(len(m), 160)])-len(text):]
	_, failed := cutEnd(text, " user authentication failed.")
	switch {
	case failed && (has(text, "\"PAP\" (") || has(text, "\"MS-CHAP v2\" (")):
		e.did(authentication, "vpn_authentication", failure)
	case has(text, "A new PPP session (Upper protocol: "):
		e.did(network, "vpn_connection", unknown)
	case has(text, "The PPP session is disconnected"):
		e.did(network, "vpn_disconnect", unknown)
	default:
		return false
	}
	host, port, _ := splitLast(peer, ":")
	if isIP(host) {
		e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, host)
		e.port(port)
	}
	return true
}
