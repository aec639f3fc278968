package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// tomcat reads what Apache Tomcat's realms say of logins in catalina.out, "02-Jan-2006
// 15:04:05.000 LEVEL [THREAD] CLASS.METHOD TEXT", 8.5 to 11; as in 10.1:
// java/org/apache/catalina/realm/LocalStrings.properties (lockOutRealm.…),
// LockOutRealm.java, CombinedRealm.java, and juli's OneLineFormatter. No address is
// logged; the access log has it.
func (e *entry) tomcat(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.dashTime(m)
	unix, valid := c.unix(&t)
	level, rest := token(trimLeft(rest))
	_, rest, found := split(rest, "] ")
	class, text := token(rest)
	if !ok || !valid || !found || !has(class, "org.apache.catalina.") {
		return false
	}
	name, locked := cut(text, "An attempt was made to authenticate the locked user [")
	if !locked {
		var failed bool
		if name, failed = cut(text, "Failed to authenticate user ["); !failed {
			return false
		}
	}
	action := "web_login"
	if locked {
		action = "web_login_blocked"
	}
	e.did(authentication, action, failure)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	if before, _, ok := splitOnly(name, "] with realm ["); ok {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, before)
	} else if before, ok := cutEnd(name, "]"); ok && locked {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, before)
	}
	e.at(unix)
	return true
}
