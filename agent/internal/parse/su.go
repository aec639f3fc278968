package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// su reads the shapes that the su of shadow, util-linux, coreutils and the BSDs
// log; held against shadow 4.8.1 and 4.17.4 (src/su.c, src/suauth.c, lib/sulog.c) and
// util-linux 2.41 (login-utils/su-common.c), the others as logs have them.
func (e *entry) su(m []byte) bool {
	return e.suShadow(m) || e.suLinux(m) || e.suQuoted(m) || e.suTerminal(m) || e.suAIX(m) || e.suBSD(m) || e.suIRIX(m) || e.suDenied(m)
}

// suDenied reads why shadow's su lets nobody through; "FAILED su" follows. The names are
// those of accounts, but for one that does not exist.
func (e *entry) suDenied(m []byte) bool {
	var from, to, reason []byte
	if rest, ok := cut(m, "DENIED su from '"); ok {
		var in bool
		if from, rest, ok = split(rest, "' to '"); !ok {
			return false
		}
		if to, reason, in = splitLast(rest, "' ("); !in {
			return false
		}
		reason, _ = cutEnd(reason, ")")
	} else if rest, ok := cut(m, "SU by "); ok {
		if from, to, ok = splitOnly(rest, " to restricted account "); !ok {
			return false
		}
	} else if name, ok := cut(m, "Authentication failed for "); ok {
		to = name
	} else if name, ok := cut(m, "No passwd entry for user '"); ok {
		to, _ = cutEnd(name, "'")
	} else if why, ok := cut(m, "pam_authenticate: "); ok {
		reason = why
	} else if why, ok := cut(m, "pam_acct_mgmt: "); ok {
		reason = why
	} else {
		return false
	}
	e.did(authentication, "su_denied", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, from)
	e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, to)
	return true
}

// suAIX reads "[BAD SU ]from FROM to TO at TTY" as logs of AIX have it; its source is
// not public.
func (e *entry) suAIX(m []byte) bool {
	outcome := success
	rest, ok := cut(m, "BAD SU ")
	if ok {
		outcome = failure
	}
	rest, ok = cut(rest, "from ")
	head, tty, at := splitLast(rest, " at ")
	from, to, in := split(head, " to ")
	if !ok || !at || !in || contains(from, " ") || contains(to, " ") {
		return false
	}
	e.became("su", outcome, from, to)
	e.terminal(tty)
	return true
}

// suIRIX reads "failed: TTY changing from FROM to TO" and "succeeded: …" as logs of IRIX
// have it; its source is not public.
func (e *entry) suIRIX(m []byte) bool {
	outcome := failure
	rest, ok := cut(m, "failed: ")
	if !ok {
		outcome = success
		if rest, ok = cut(m, "succeeded: "); !ok {
			return false
		}
	}
	tty, rest := token(rest)
	rest, ok = cut(rest, "changing from ")
	from, to, in := split(rest, " to ")
	if !ok || !in || contains(from, " ") || contains(to, " ") {
		return false
	}
	e.became("su", outcome, from, to)
	e.terminal(tty)
	return true
}

// suShadow reads "Successful su for TO by FROM" and "FAILED su for TO by FROM".
func (e *entry) suShadow(m []byte) bool {
	outcome := success
	rest, ok := cut(m, "Successful su for ")
	if !ok {
		if rest, ok = cut(m, "FAILED su for "); !ok {
			return false
		}
		outcome = failure
	}
	to, from, ok := splitLast(rest, " by ")
	if !ok {
		return false
	}
	e.became("su", outcome, from, to)
	return true
}

// suLinux reads "[FAILED SU |FAILED RUNUSER ](to TO) FROM on TTY".
func (e *entry) suLinux(m []byte) bool {
	outcome := success
	rest, ok := cut(m, "FAILED SU ")
	if !ok {
		rest, ok = cut(m, "FAILED RUNUSER ")
	}
	if ok {
		outcome = failure
	}
	rest, ok = cut(rest, "(to ")
	if !ok {
		return false
	}
	to, rest, ok := split(rest, ") ")
	from, tty, on := splitLast(rest, " on ")
	if !ok || !on {
		return false
	}
	e.became("su", outcome, from, to)
	e.terminal(tty)
	return true
}

// suQuoted reads "'su TO' failed for FROM on TTY" and "… succeeded …".
func (e *entry) suQuoted(m []byte) bool {
	rest, ok := cut(m, "'su ")
	if !ok {
		return false
	}
	outcome := failure
	to, rest, ok := split(rest, "' failed for ")
	if !ok {
		outcome = success
		if to, rest, ok = split(to, "' succeeded for "); !ok {
			return false
		}
	}
	from, tty, _ := splitLast(rest, " on ")
	e.became("su", outcome, from, to)
	e.terminal(tty)
	return true
}

// suTerminal reads "+ TTY FROM:TO" and "- TTY FROM:TO", and FROM-TO of old.
func (e *entry) suTerminal(m []byte) bool {
	if len(m) < 4 || (m[0] != '+' && m[0] != '-') || m[1] != ' ' {
		return false
	}
	outcome := success
	if m[0] == '-' {
		outcome = failure
	}
	tty, pair := token(m[2:])
	from, to, ok := split(pair, ":")
	if !ok {
		from, to, ok = split(pair, "-")
		ok = ok && !contains(to, "-") // else nobody knows where one name ends
	}
	if !ok || len(from) == 0 || len(to) == 0 {
		return false
	}
	e.became("su_terminal", outcome, from, to)
	e.terminal(tty)
	return true
}

// suBSD reads "BAD SU FROM to TO on TTY" and "FROM to TO on TTY".
func (e *entry) suBSD(m []byte) bool {
	outcome := success
	rest, ok := cut(m, "BAD SU ")
	if ok {
		outcome = failure
	}
	head, tty, on := splitLast(rest, " on ")
	from, to, ok := split(head, " to ")
	if !ok || !on || contains(from, " ") || contains(to, " ") {
		return false
	}
	e.became("su", outcome, from, to)
	e.terminal(tty)
	return true
}

func (e *entry) became(action, outcome string, from, to []byte) {
	e.did(authentication, action, outcome)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, from)
	e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, to)
}

func (e *entry) terminal(tty []byte) {
	if string(tty) == "none" || string(tty) == "?" || string(tty) == "???" {
		return
	}
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
}
