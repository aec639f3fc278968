package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// haproxy reads HAProxy's default log formats for HTTP and TCP, 1.4 to 3.x, and what
// it says about servers; written from 2.6.12: src/log.c (default_http_log_format,
// default_tcp_log_format, sess_build_logline), src/session.c, src/server.c, and the
// configuration manual, 8.2. HAProxy encodes quotes and braces in what it captures.
func (e *entry) haproxy(c *clock, m []byte) bool {
	client, rest := token(m)
	host, port, ok := splitLast(client, ":")
	rest, bracket := cut(rest, "[")
	if !ok || !bracket || !isPort(port) || !isIP(host) {
		return e.haproxyServer(m)
	}
	var t stamp
	rest, timed := t.accessTime(rest)
	if rest, ok = cut(rest, "] "); !timed || !ok {
		return false
	}
	unix, valid := c.unix(&t)
	frontend, rest := token(rest)
	if !valid || len(frontend) == 0 {
		return false
	}
	if has(rest, "SSL handshake failure") || has(rest, "Connection error during SSL handshake") || has(rest, "Connection closed during SSL handshake") {
		e.did(network, "proxy_tls_failed", unknown)
	} else if !e.haproxyRequest(rest) {
		return false
	}
	e.address(host)
	e.port(port)
	if !e.timed {
		e.at(unix)
	}
	return true
}

// haproxyRequest reads "BACKEND/SERVER TIMES STATUS BYTES … "REQUEST"" of HTTP, and
// "BACKEND/SERVER TIMES BYTES STATE …" of TCP.
func (e *entry) haproxyRequest(b []byte) bool {
	server, rest := token(b)
	times, rest := token(rest)
	status, rest := token(rest)
	size, rest := token(rest)
	if !contains(server, "/") || !contains(times, "/") {
		return false
	}
	if i := index(rest, ` "`); i >= 0 && (len(status) == 3 || string(status) == "-1") {
		request, _, ok := quoted(rest[i+1:])
		if !ok {
			request = rest[i+2:] // cut short: HAProxy did not have room
		}
		outcome := unknown
		if isNumber(status) {
			outcome = statusOutcome(status)
		}
		e.did(web, "http_request", outcome)
		if string(request) != "<BADREQ>" {
			e.request(request)
		}
		if isNumber(status) {
			e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
		}
		size, _ = cut(size, "+")
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BYTES, size)
		return true
	}
	if !isNumber(status) || len(size) != 2 && len(size) != 4 {
		return false
	}
	e.did(network, "proxy_connection", unknown)
	return true
}

// haproxyServer reads "Server BACKEND/NAME is UP|DOWN…" and "backend NAME has no
// server available!".
func (e *entry) haproxyServer(m []byte) bool {
	if rest, ok := cut(m, "Server "); ok {
		name, state, ok := split(rest, " is ")
		if !ok || !contains(name, "/") || !has(state, "UP") && !has(state, "DOWN") {
			return false
		}
		if has(state, "UP") {
			e.did(network, "proxy_server_up", success)
		} else {
			e.did(network, "proxy_server_down", failure)
		}
		return true
	}
	if _, rest, ok := split(m[:min(len(m), 200)], " has no server available!"); ok && len(rest) < 2 {
		e.did(network, "proxy_server_down", failure)
		return true
	}
	return false
}
