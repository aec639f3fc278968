package parse

// webapps reads the logins of web applications that write to syslog in words which
// do not begin with their verdict:
//
//   - phpMyAdmin 5.2.2: libraries/classes/Logging.php
//   - SOGo 5.12.1: UI/MainUI/SOGoRootPage.m
//   - Sympa 6.2.76's web interface: src/cgi/wwsympa.fcgi.in, src/lib/Sympa/WWW/Session.pm
//   - Drupal's module syslog in its default format with bars, Horde, LemonLDAP::NG, and
//     WordPress with wp-fail2ban, as logs have them: not held against their sources
//
// Others have no shape of their own: login_phrase.go.
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
