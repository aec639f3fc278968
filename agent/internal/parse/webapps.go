package parse

// webapps reads the logins of web applications that write to syslog in words which
// do not begin with their verdict:
//
//   - phpMyAdmin 4 to 5.2: libraries/classes/Logging.php
//   - Drupal 7 to 10: core/modules/syslog, its default format with bars
//   - SOGo 2 to 5: UI/MainUI/SOGoRootPage.m
//   - Horde 3 to 5: Auth/Application.php
//   - LemonLDAP::NG 1.9 to 2: Portal/Auth/_LDAP.pm, Lib/LDAP.pm
//   - WordPress with wp-fail2ban 5: authentication.php, xmlrpc.php
//   - Sympa 6.2's web interface: src/lib/Sympa/WWW/Tools.pm (wwslog)
//   - Zimbra, Nagios XI and others have no shape of their own: login_phrase.go
func (e *entry) webapps(m []byte) bool {
	return e.readTemplate(m, []templated{
		{"user denied: %u (%w) from %h", authentication, "web_login", failure},
		{"user authenticated: %u from %h", authentication, "web_login", success},
		{"%w|%d|user|%h|%*|%*|%d|%*|Login attempt failed from %h.", authentication, "web_login", failure},
		{"%w|%d|user|%h|%*|%*|%d|%*|Login attempt failed for %u.", authentication, "web_login", failure},
		{"%w|%d|user|%h|%*|%*|%d|%*|Session opened for %u.", session, "web_session_opened", success},
		{"%w|%d|user|%h|%*|%*|%d|%*|Session closed for %u.", session, "web_logout", unknown},
		{"SOGoRootPage Login from '%h' for user '%u' might not have worked - password policy: %*", authentication, "web_login", failure},
		{"SOGoRootPage Login from '%h' for user '%u' might not have worked%*", authentication, "web_login", failure},
		{"SOGoRootPage successful login from '%h' for user '%u' - expire = %*", authentication, "web_login", success},
		{"[error] [%w] FAILED LOGIN for %u [%h] to %*", authentication, "web_login", failure},
		{"[%w] FAILED LOGIN for %u [%h] to %*", authentication, "web_login", failure},
		{"[notice] [%w] Login success for %u [%h] to %*", authentication, "web_login", success},
		{"[%w] Login success for %u [%h] to %*", authentication, "web_login", success},
		{"[warn] %u was not found in LDAP directory (%h)", authentication, "web_login", failure},
		{"[warn] Bad password for %u (%h)", authentication, "web_login", failure},
		{"Lemonldap::NG : %u was not found in LDAP directory (%h)", authentication, "web_login", failure},
		{"Lemonldap::NG : Bad password for %u (%h)", authentication, "web_login", failure},
		{"Authentication failure for %u from %h", authentication, "web_login", failure},
		{"Authentication attempt for unknown user %u from %h", authentication, "web_login", failure},
		{"Authentication attempt from %h", authentication, "web_login", failure},
		{"Blocked authentication attempt for %u from %h", authentication, "web_login_blocked", failure},
		{"Blocked user enumeration attempt from %h", network, "http_access_denied", failure},
		{"Accepted password for %u from %h", authentication, "web_login", success},
		{"XML-RPC authentication failure for %u from %h", authentication, "web_login", failure},
		{"XML-RPC authentication attempt for unknown user %u from %h", authentication, "web_login", failure},
		{"XML-RPC multicall authentication failure from %h", authentication, "web_login", failure},
		{"Pingback error %* generated from %h", network, "http_access_denied", failure},
		{"%w %*[session %d] [client %h] [user %w] [list %*", network, "web_action", unknown},
		{"%w %*[session %d] [client %h]%*", network, "web_action", unknown},
	})
}
