package parse

import "testing"

func TestTomcat(t *testing.T) { testCases(t, "tomcat", tomcatCases) }

func FuzzTomcat(f *testing.F) { fuzzParser(f, "tomcat", tomcatCases) }

var tomcatCases = []lineCase{
	{
		`07-Oct-2025 09:00:00.123 WARNING [http-nio-8080-exec-1] org.apache.catalina.realm.LockOutRealm.filterLockedAccounts An attempt was made to authenticate the locked user [bob]`,
		"auth tomcat 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login_blocked; event.outcome=failure; log.level=WARNING; user.name=bob`,
	},
	{
		`07-Oct-2025 09:00:00.123 FINE [http-nio-8080-exec-1] org.apache.catalina.realm.CombinedRealm.authenticate Failed to authenticate user [bob] with realm [x]`,
		"auth tomcat 2025-10-07T09:00:00.123Z", `event.category=authentication; event.action=web_login; event.outcome=failure; log.level=FINE; user.name=bob`,
	},
	{
		`07-Oct-2025 09:00:00.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [512] milliseconds`,
		"system plain", ``,
	},
}
