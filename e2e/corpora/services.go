package corpora

// programOf is the parser, by its name in `tocsin-agent explain --list`, of the
// program that a service of the corpus is about. Several services are one program:
// a filter for each thing it complains of. A program that is not here, or whose
// parser the agent does not have, is not supported. Whether its lines come out
// right plays no part in it.
func programOf(service string) string {
	switch service {
	case "apache-auth", "apache-botsearch", "apache-noscript", "apache-overflows", "apache-shellshock":
		return "apache_error"
	case "apache-fakegooglebot", "apache-pass", "nginx-botsearch", "nginx-bad-request":
		return "access"
	case "nginx-forbidden", "nginx-http-auth", "nginx-limit-req":
		return "nginx_error"
	case "courier-auth", "courier-smtp", "cyrus-imap", "uwimap-auth":
		return "imapd"
	case "domino-smtp":
		return "domino"
	case "directadmin":
		return "panel"
	case "drupal-auth", "horde", "sogo-auth":
		return "webapps"
	case "ejabberd-auth":
		return "ejabberd"
	case "exim-spam":
		return "exim"
	case "haproxy-http-auth":
		return "haproxy"
	case "lighttpd-auth":
		return "lighttpd"
	case "mongodb-auth":
		return "mongodb"
	case "mssql-auth":
		return "mssql"
	case "mysqld-auth":
		return "mysql"
	case "named-refused":
		return "named"
	case "pam-generic":
		return "pam"
	case "pure-ftpd":
		return "pureftpd"
	case "recidive":
		return "fail2ban"
	case "roundcube-auth":
		return "roundcube"
	case "selinux-ssh":
		return "auditd"
	case "sendmail-auth", "sendmail-reject":
		return "sendmail"
	case "sshd-journal":
		return "sshd"
	case "traefik-auth":
		return "access"
	case "webmin-auth":
		return "webmin"
	case "murmur", "znc-adminlog":
		return "voice"
	case "softethervpn":
		return "softether"
	case "solid-pop3d":
		return "qmail"
	default:
		return service
	}
}
