package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// maxColumns bounds the columns of a W3C log; IIS knows 23 of its own.
const maxColumns = 48

// column is what a column of a W3C log holds, as far as an event has a field for it.
type column byte

const (
	otherColumn column = iota
	columnDate
	columnTime
	columnClient
	columnServer
	columnServerPort
	columnUser
	columnMethod
	columnTarget
	columnStem
	columnQuery
	columnStatus
	columnVersion
	columnHost
	columnAgent
	columnReferrer
	columnForwarded
	columnTook
	columnKinds
)

// columns are what the directives of a W3C extended log say of the lines that follow
// (W3C working draft WD-logfile-960323; Microsoft's reference of IIS's fields, which FTP
// has too). Every "#Fields" stands for the lines up to the next one.
type columns struct {
	kinds []column
	// day is that of "#Date", for lines that have a time only.
	day [10]byte
	// microsoft says that IIS wrote it, which counts the time taken in milliseconds.
	microsoft bool
}

// direct reads a directive.
func (w *columns) direct(line []byte) {
	if rest, ok := cut(line, "#Fields:"); ok {
		w.name(rest)
		return
	}
	if rest, ok := cut(line, "#Date:"); ok {
		if day := firstWord(trimLeft(rest)); len(day) == len(w.day) {
			copy(w.day[:], day)
		}
		return
	}
	if rest, ok := cut(line, "#Software:"); ok {
		w.kinds, w.day = w.kinds[:0], [10]byte{}
		w.microsoft = contains(rest, "Microsoft Internet Information Services")
	}
}

// name reads the columns' names. What has no time, method or status is no log of requests.
func (w *columns) name(names []byte) {
	w.kinds = w.kinds[:0]
	var has [columnKinds]bool
	for len(names) > 0 {
		var name []byte
		if name, names = token(trimLeft(names)); len(name) == 0 {
			continue
		}
		kind := columnOf(name)
		if kind != otherColumn && has[kind] || len(w.kinds) == maxColumns {
			w.kinds = w.kinds[:0]
			return
		}
		has[kind] = true
		w.kinds = append(w.kinds, kind)
	}
	if !has[columnTime] || !has[columnMethod] || !has[columnStatus] || !has[columnStem] && !has[columnTarget] || !has[columnClient] {
		w.kinds = w.kinds[:0]
	}
}

func columnOf(name []byte) column {
	switch string(name) {
	case "date":
		return columnDate
	case "time":
		return columnTime
	case "c-ip":
		return columnClient
	case "s-ip":
		return columnServer
	case "s-port":
		return columnServerPort
	case "cs-username":
		return columnUser
	case "cs-method":
		return columnMethod
	case "cs-uri":
		return columnTarget
	case "cs-uri-stem":
		return columnStem
	case "cs-uri-query":
		return columnQuery
	case "sc-status":
		return columnStatus
	case "cs-version":
		return columnVersion
	case "cs-host", "cs(Host)":
		return columnHost
	case "cs(User-Agent)":
		return columnAgent
	case "cs(Referer)", "cs(Referrer)":
		return columnReferrer
	case "X-Forwarded-For", "x-forwarded-for", "cs(X-Forwarded-For)":
		return columnForwarded
	case "time-taken":
		return columnTook
	}
	return otherColumn
}

// columnLine reads a line by the columns that its log has named, one value each. What
// does not have as many, or what has something else where a time, a method, a status or
// an address belongs, is not of that log.
func (e *entry) columnLine(c *clock, m []byte) bool {
	w := &e.columns
	if len(w.kinds) == 0 {
		return false
	}
	var v [columnKinds][]byte
	for _, kind := range w.kinds {
		if len(m) == 0 {
			return false
		}
		var value []byte
		if value, m = token(m); len(value) == 0 {
			return false
		}
		if kind != otherColumn && string(value) != "-" {
			v[kind] = value
		}
	}
	client, status := v[columnClient], v[columnStatus]
	ftp := w.microsoft && isFTP(v[columnMethod])
	if len(m) > 0 || !ftp && !isMethod(v[columnMethod]) || client != nil && !isIP(client) {
		return false
	}
	if (len(status) != 3 || !isNumber(status)) && (!ftp || status != nil) {
		return false
	}
	unix, ok := e.columnTime(c, v[columnDate], v[columnTime])
	if !ok {
		return false
	}
	if ftp {
		e.columnCommand(&v)
	} else {
		e.columnRequest(&v)
	}
	e.address(client)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, v[columnUser])
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, v[columnServer])
	e.number(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, v[columnServerPort])
	if w.microsoft {
		e.duration(v[columnTook], 1_000_000)
	}
	e.at(unix)
	return true
}

// columnTime is the time of a line, which is UTC.
func (e *entry) columnTime(c *clock, day, hour []byte) (int64, bool) {
	if day == nil {
		day = e.columns.day[:]
	}
	start := len(e.scratch)
	e.scratch = append(append(append(e.scratch, day...), ' '), hour...)
	var t stamp
	rest, ok := t.isoTime(e.scratch[start:])
	t.zoned = true
	unix, valid := c.unix(&t)
	e.scratch = e.scratch[:start]
	return unix, ok && valid && len(rest) == 0
}

// columnRequest is a request of HTTP.
func (e *entry) columnRequest(v *[columnKinds][]byte) {
	e.did(web, "http_request", statusOutcome(v[columnStatus]))
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v[columnMethod])
	target := v[columnTarget]
	if target == nil {
		target = v[columnStem]
		if query := v[columnQuery]; query != nil && len(target)+len(query) < e.room {
			start := len(e.scratch)
			e.scratch = append(append(append(e.scratch, target...), '?'), query...)
			target = e.scratch[start:len(e.scratch):len(e.scratch)]
		}
	}
	if target != nil {
		e.targetParts(target)
	}
	if version, ok := cut(v[columnVersion], "HTTP/"); ok {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_VERSION, version)
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, v[columnStatus])
	if host := v[columnHost]; host != nil && e.out.Get(eventv1.FieldId_FIELD_ID_URL_DOMAIN) == nil {
		e.vhost(host)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, v[columnAgent])
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, v[columnReferrer])
	e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, until(v[columnForwarded], ",+"))
}

// isFTP knows a command of FTP (RFC 959) that no request of HTTP has as its method.
func isFTP(method []byte) bool {
	switch string(method) {
	case "USER", "PASS", "QUIT", "RETR", "STOR", "APPE", "DELE", "RMD", "MKD", "RNFR", "RNTO", "CWD", "CDUP", "PWD",
		"LIST", "NLST", "PORT", "PASV", "EPSV", "EPRT", "TYPE", "SYST", "FEAT", "AUTH", "PBSZ", "PROT", "ABOR", "NOOP",
		"SIZE", "MDTM", "REST", "ControlChannelOpened", "ControlChannelClosed":
		return true
	}
	return false
}

// columnCommand is a command of IIS's FTP. Its answer to PASS says whether somebody is
// logged in; before that the account's name is only claimed (RFC 959, section 5.4).
func (e *entry) columnCommand(v *[columnKinds][]byte) {
	outcome, status := unknown, v[columnStatus]
	switch {
	case status == nil:
	case status[0] < '4':
		outcome = success
	default:
		outcome = failure
	}
	switch string(v[columnMethod]) {
	case "PASS":
		if outcome == failure || string(status) == "230" {
			e.did(authentication, "ftp_login", outcome)
			return
		}
	case "RETR", "STOR", "APPE", "DELE", "MKD", "RMD":
		e.did(network, "ftp_transfer", outcome)
		e.add(eventv1.FieldId_FIELD_ID_FILE_PATH, v[columnStem])
		return
	case "ControlChannelOpened":
		e.did(network, "ftp_connection", outcome)
		return
	case "ControlChannelClosed":
		e.did(network, "ftp_disconnect", outcome)
		return
	}
	e.did(network, "ftp_command", outcome)
}
