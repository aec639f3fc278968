package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// haproxy reads HAProxy's default log formats for HTTP and TCP, 1.4 to 3.x, and what
// it says about servers; written from 2.6.12, its errors and notices from 3.0.11: src/log.c (default_http_log_format,
// default_tcp_log_format, sess_build_logline), src/session.c, src/server.c, and the
// configuration manual, 8.2. HAProxy encodes quotes and braces in what it captures.
func (e *entry) haproxy(c *clock, m []byte) bool {
	client, rest := token(m)
	host, port, ok := splitLast(client, ":")
	rest, bracket := cut(rest, "[")
	if !ok || !bracket || !isPort(port) || !isIP(host) {
		return e.haproxyServer(m) || isIP(client) && e.accessLine(c, m) // option httplog clf
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
	if _, ok := cutEnd(frontend, ":"); ok {
		if !e.haproxyFault(rest) {
			return false
		}
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

// haproxyFault reads why a connection came to nothing (src/connection.c,
// conn_err_code_str).
func (e *entry) haproxyFault(text []byte) bool {
	switch head := text[:min(len(text), 80)]; {
	case contains(head, "SSL handshake"), has(head, "SSL "):
		e.did(network, "proxy_tls_failed", unknown)
	case contains(head, "PROXY protocol"), contains(head, "NetScaler Client IP"):
		e.did(network, "proxy_protocol_error", failure)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
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

// haproxyServer reads "Server BACKEND/NAME is UP|DOWN…", "backend NAME has no server
// available!", "Connect from IP:PORT to IP:PORT (NAME/MODE)" and "Proxy NAME started.";
// what the program writes on its terminal has "[LEVEL] (PID) : " before it.
func (e *entry) haproxyServer(m []byte) bool {
	if rest, ok := cut(m, "["); ok {
		if level, _, ok := split(rest[:min(len(rest), 60)], " : "); ok && consists(until(level, "]"), inHost) {
			m = rest[len(level)+len(" : "):]
		}
	}
	if rest, ok := cut(m, "Connect from "); ok {
		client, rest := token(rest)
		if !has(rest, "to ") {
			return false
		}
		e.did(network, "proxy_connection", unknown)
		e.hostPort(client)
		return true
	}
	if rest, ok := cut(m, "Proxy "); ok {
		_, rest = token(rest)
		switch {
		case has(rest, "started"):
			e.did(process, "service_started", success)
		case has(rest, "stopped"), has(rest, "hard-stopped"):
			e.did(process, "service_stopped", unknown)
		default:
			return false
		}
		return true
	}
	rest, ok := cut(m, "Server ")
	if !ok {
		rest, ok = cut(m, "Backup Server ")
	}
	if ok {
		name, state, ok := split(rest, " is ")
		state, _ = cut(state, "going ")
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
