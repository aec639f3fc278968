package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// cefEvent is what is taken of an event. A slot that is empty but not nil is one of a key
// that stood twice, with two values.
type cefEvent struct {
	leef           bool
	separator      string
	id, name, rest []byte

	cefSlots
}

type cefSlots struct {
	source, source6, source6Label, sourcePort, sourceHost, destination, destination6, destination6Label, destinationPort, destinationHost []byte

	sourceUser, destinationUser, account, sourceID, destinationID, sourceDomain, destinationDomain []byte
	action, outcome, reason, message, login, logout, count, transport, protocol                    []byte
	request, method, agent, referrer, filePath, fileName, fileHash, fileSize, previous, host       []byte
	received, started, ended                                                                       []byte
}

// slot knows the keys of both formats; those of the dictionary by their short names.
func (v *cefEvent) slot(key []byte) *[]byte {
	if v.leef {
		return v.leefSlot(key)
	}
	switch string(key) {
	case "src":
		return &v.source
	case "c6a2":
		return &v.source6
	case "c6a2Label":
		return &v.source6Label
	case "spt":
		return &v.sourcePort
	case "shost":
		return &v.sourceHost
	case "dst":
		return &v.destination
	case "c6a3":
		return &v.destination6
	case "c6a3Label":
		return &v.destination6Label
	case "dpt":
		return &v.destinationPort
	case "dhost":
		return &v.destinationHost
	case "suser":
		return &v.sourceUser
	case "duser":
		return &v.destinationUser
	case "suid":
		return &v.sourceID
	case "duid":
		return &v.destinationID
	case "sntdom":
		return &v.sourceDomain
	case "dntdom":
		return &v.destinationDomain
	case "act":
		return &v.action
	case "outcome":
		return &v.outcome
	case "reason":
		return &v.reason
	case "msg":
		return &v.message
	case "cnt":
		return &v.count
	}
	return v.moreSlot(key)
}

func (v *cefEvent) moreSlot(key []byte) *[]byte {
	switch string(key) {
	case "proto":
		return &v.transport
	case "app":
		return &v.protocol
	case "request":
		return &v.request
	case "requestMethod":
		return &v.method
	case "requestClientApplication":
		return &v.agent
	case "requestContext":
		return &v.referrer
	case "filePath":
		return &v.filePath
	case "fname":
		return &v.fileName
	case "fileHash":
		return &v.fileHash
	case "fsize":
		return &v.fileSize
	case "oldFilePath":
		return &v.previous
	case "dvchost":
		return &v.host
	case "rt", "deviceReceiptTime":
		return &v.received
	case "start":
		return &v.started
	case "end":
		return &v.ended
	}
	return nil
}

func (v *cefEvent) leefSlot(key []byte) *[]byte {
	switch string(key) {
	case "src":
		return &v.source
	case "srcPort":
		return &v.sourcePort
	case "dst":
		return &v.destination
	case "dstPort":
		return &v.destinationPort
	case "usrName":
		return &v.sourceUser
	case "accountName":
		return &v.account
	case "domain":
		return &v.sourceDomain
	case "proto":
		return &v.transport
	case "isLoginEvent":
		return &v.login
	case "isLogoutEvent":
		return &v.logout
	case "url":
		return &v.request
	case "devTime":
		return &v.received
	case "action", "act":
		return &v.action
	case "outcome":
		return &v.outcome
	case "reason":
		return &v.reason
	case "msg", "message":
		return &v.message
	case "method":
		return &v.method
	}
	return nil
}

// cefWhat says what happened. A login is what the name or the message says in so many words,
// what a LEEF event declares, or a name that is a login's with an outcome stated.
func (e *entry) cefWhat(v *cefEvent) {
	stated := blockedOutcome(v.outcome)
	if len(v.outcome) == 0 {
		stated = blockedOutcome(v.action)
	}
	name := v.name
	if v.leef {
		name = v.id
	}
	isLogin, isLogout := cefLogin(name)
	switch p := (loginPhrase{}); {
	case p.read(name) || p.read(v.message):
		e.did(authentication, "app_login", p.outcome)
		if v.sourceUser == nil && v.destinationUser == nil && v.account == nil {
			v.sourceUser = p.user
		}
		if v.source == nil && v.source6 == nil && v.sourceHost == nil {
			v.source = p.host
		}
		v.loggedIn()
	case isLogin && stated != unknown, string(v.login) == "true":
		e.did(authentication, "app_login", stated)
		v.loggedIn()
	case isLogout, string(v.logout) == "true":
		e.did(session, "app_logout", unknown)
	case isMethod(v.method) && len(v.request) > 0:
		e.did(web, "http_request", stated)
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v.method)
		e.targetParts(v.text(e, v.request))
		e.add(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, v.text(e, v.agent))
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, v.text(e, v.referrer))
	case len(v.source) > 0 && len(v.destination) > 0 && blockedOutcome(v.action) != unknown:
		e.firewall(v.action)
	default:
		e.did(network, "device_event", stated)
	}
}

// loggedIn makes the account that was logged in to the user: the destination's, where there
// are two.
func (v *cefEvent) loggedIn() {
	if len(v.destinationUser) > 0 {
		v.sourceUser, v.sourceDomain, v.sourceID = v.destinationUser, v.destinationDomain, v.destinationID
	}
}

// cefLogin knows the names that events of logins and logouts have.
func cefLogin(name []byte) (login, logout bool) {
	if rest, ok := cutAny(name, "login|logon|log in|log-in|sign-in|sign in|authentication|user login|user logon|user sign-in|user authentication|admin login|"+
		"administrator login|vpn login|ssh login|web login|console login|login attempt|logon attempt|authentication attempt|user login attempt|logged in|"+
		"user authenticated|interactive logon|network logon"); ok && len(rest) == 0 {
		return true, false
	}
	rest, ok := cutAny(name, "logout|logoff|log out|sign-out|sign out|user logout|user logoff|user logged out|admin logout|administrator logout|logged out|vpn logout")
	return false, ok && len(rest) == 0
}

func (e *entry) cefEnds(v *cefEvent) {
	if v.source == nil && contains(v.source6Label, "Source") { // the labels are the standard's
		v.source = v.source6
	}
	if v.destination == nil && contains(v.destination6Label, "Destination") {
		v.destination = v.destination6
	}
	if !e.address(v.source) {
		e.address(v.sourceHost)
	} else if isHost(v.sourceHost) && isIP(v.source) {
		e.add(eventv1.FieldId_FIELD_ID_SOURCE_DOMAIN, v.sourceHost)
	}
	e.port(v.sourcePort)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, v.destination)
	if isPort(v.destinationPort) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, v.destinationPort)
	}
	if isHost(v.destinationHost) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_DOMAIN, v.destinationHost)
	}
	e.transport(v.transport)
	if len(v.protocol) <= 32 && consists(v.protocol, inHost) {
		e.lowered(eventv1.FieldId_FIELD_ID_NETWORK_PROTOCOL, v.protocol)
	}
	user, domain, id := v.sourceUser, v.sourceDomain, v.sourceID
	if len(user) == 0 {
		user, domain, id = v.destinationUser, v.destinationDomain, v.destinationID
	}
	if len(user) == 0 {
		user = v.account
	}
	e.user(v.text(e, user))
	e.add(eventv1.FieldId_FIELD_ID_USER_DOMAIN, v.text(e, domain))
	e.add(eventv1.FieldId_FIELD_ID_USER_ID, v.text(e, id))
	if e.out.Get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_HOSTNAME) == nil && isHost(v.host) {
		e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_HOSTNAME, v.host)
	}
}

// lowered sets a field to a value in lower case.
func (e *entry) lowered(id eventv1.FieldId, b []byte) {
	start := len(e.scratch)
	for _, c := range b {
		e.scratch = append(e.scratch, lower(c))
	}
	e.add(id, e.scratch[start:len(e.scratch):len(e.scratch)])
}

func (e *entry) cefFile(v *cefEvent) {
	e.add(eventv1.FieldId_FIELD_ID_FILE_PATH, v.text(e, v.filePath))
	e.add(eventv1.FieldId_FIELD_ID_FILE_NAME, v.text(e, v.fileName))
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_PATH, v.text(e, v.previous))
	e.number(eventv1.FieldId_FIELD_ID_FILE_SIZE, v.fileSize)
	if len(v.fileHash) == 64 {
		for _, c := range v.fileHash {
			if hex(c) < 0 {
				return
			}
		}
		e.lowered(eventv1.FieldId_FIELD_ID_FILE_HASH_SHA256, v.fileHash)
	}
}
