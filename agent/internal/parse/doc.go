// Package parse turns raw records into events. It is pure: no I/O, no goroutine
// and no clock, so the same lines give the same events every time.
//
// A Stream reads the records of one source in order. It chooses a parser for each
// line (or uses the one it was told to), joins the lines of one stack trace, and
// emits events. What it says about a line is right or absent, never guessed: text
// that a stranger chose (a user name, a path, a header) cannot forge a field,
// because every message is read from the end that the program itself wrote, and
// where neither end is safe the field is left out.
//
// # Names of parsers
//
//	auto          by content, line by line; tocsin.parser says which one it was
//	syslog        any syslog line; the program's own parser reads the message
//	sshd          OpenSSH: sshd, sshd-session, sshd-auth; also its PAM lines
//	pam           messages of PAM modules, whatever program logged them
//	sudo, su      sudo, doas, su and runuser, also their PAM lines
//	shadow        useradd usermod userdel groupadd groupmod groupdel gpasswd passwd
//	              chage chsh chfn chpasswd, also their PAM lines
//	login         login and systemd-logind
//	cron          cron, crontab, anacron
//	nginx         access and nginx_error
//	apache        access and apache_error
//	access        access logs: common, combined, with fields in any order, of load balancers
//	              and clouds, of uWSGI, JSON
//	nginx_error   nginx error log
//	apache_error  Apache httpd error log, 2.2 and 2.4
//	python        Python logging in its usual shapes, tracebacks, JSON lines
//	applog        lines of Java's, .NET's, Go's, Node's, PHP's, Ruby's and Rust's usual
//	              loggers, and their stack traces; JSON lines
//	json          one JSON object a line
//	plain         a line as it is
//	dovecot       Dovecot, all its processes
//	postfix       Postfix: smtpd, postscreen and the other servers
//	exim          Exim, by syslog or in a log of its own
//	sendmail      Sendmail's server
//	opensmtpd     OpenSMTPD's server
//	vsftpd        vsftpd, by syslog or in a log of its own
//	proftpd       ProFTPD, by syslog or in its SystemLog
//	pureftpd      Pure-FTPd
//	mysql         MySQL and MariaDB: error log, general log, server_audit, syslog
//	postgres      PostgreSQL, with any log_line_prefix, as CSV and JSON
//	mongodb       mongod and mongos: text and JSON
//	redis         Redis and Valkey
//	mssql         Microsoft SQL Server's error log
//	dropbear      Dropbear; its actions are OpenSSH's
//	openvpn       OpenVPN's server, by syslog or in a log of its own
//	named         BIND: what it says of clients
//	asterisk      Asterisk: registrations, calls, logins, security events
//	slapd         OpenLDAP: loglevel stats
//	squid         Squid's native access log
//	haproxy       HAProxy: HTTP and TCP logs, servers up and down
//	polkit        polkitd and pkexec
//	kernel        Linux: killed and crashed processes, logged packets, AppArmor
//	systemd       units that start, stop and fail
//	auditd        audit records, of the daemon, the kernel and the journal
//	proxmox       logins at Proxmox VE and Backup Server
//	webmin        logins at Webmin, by syslog and in its log of actions
//	roundcube     logins at Roundcube
//	vaultwarden   logins at Vaultwarden
//	nextcloud     logins and file access at Nextcloud and ownCloud
//	gitlab        GitLab: logins, rate limits, accounts (application_json.log, auth_json.log,
//	              audit_json.log, application.log)
//	grafana       Grafana's log: logins and requests
//	lighttpd      lighttpd's error log
//	tomcat        Apache Tomcat: locked users
//	iis           IIS, its FTP and others' W3C logs: by their #Fields, without them IIS's default ones
//	imapd         IMAP and POP3 of Courier, Cyrus and the University of Washington
//	qmail         qmail, rblsmtpd, vpopmail, solid-pop3d
//	monit         Monit's http interface
//	freeswitch    FreeSWITCH's log: registrations
//	panel         logins at DirectAdmin and cPanel
//	webapps       phpMyAdmin, Drupal, SOGo, Horde, LemonLDAP::NG, WordPress, Sympa, by syslog
//	fail2ban      what Fail2ban finds and bans
//	voice         logins at Murmur and ZNC
//	ejabberd      logins at ejabberd
//	kerio         Kerio Connect: security log
//	domino        Domino's console log: logins by SMTP
//	samba         Samba: authentication, directory and file audit, shares
//	couchdb       CouchDB's log: requests
//	endlessh      Endlessh: who fell into it
//	fortinet      FortiGate's key=value logs
//	cef           CEF and LEEF
//	suricata      Suricata's eve.json and fast.log
//	snort         alerts of Snort 2 and 3: fast, CSV, syslog
//	modsecurity   ModSecurity and Coraza: messages and audit log
//	amavis        verdicts of amavis
//	softether     SoftEther VPN: logins, sessions, connections
//	zoneminder    logins at ZoneMinder
//	dante         Dante's SOCKS server
//	cockpit       Cockpit: logins, sessions, clients turned away
//
// With a named parser other than syslog and auto, a line without a syslog prefix
// is the message itself. tocsin.parser names the parser that understood the line;
// a syslog line whose program has none says "syslog". Users may write parsers of their
// own (Options.Patterns, pattern.go): for the programs and files that they name these
// come before ours, else after all of ours.
//
// # Classes
//
//	auth    lines of sshd, PAM, sudo, su, shadow, login, systemd-logind
//	web     access logs
//	app     web servers' error logs, lines of applications, JSON and plain lines
//	system  cron, and every other syslog line
//
// What a network service says goes where its category belongs: a login or a
// session to auth, a request to web, a database's troubles to app, all else to
// system.
//
// # Entries of a journal
//
// A record with an envelope is an entry of a journal: its text is the message, which
// the program's own parser reads. It becomes what the same message becomes in a line
// of a syslog file, but for three things. The journal knows who wrote it, so what only
// certain programs may say is not believed of others (trust.go): then it is class
// system, has no action, and tocsin.journal.doubt says why. It knows whose output it
// is, so a service's line of JSON or of Python's logging is class app. And the lines
// of one process join whatever others write in between.
//
// # Actions
//
// event.action is one of these words. One attempt often logs several lines; the
// actions marked * are the ones to count, each says one attempt exactly once.
// "fail", "ok" and "?" are the outcomes failure, success and unknown. Categories
// are authentication (a), session (s), iam (i), process (p), web (w), network (n),
// database (d).
//
//	action                    outcome  category  when
//	ssh_login*                fail ok  a (ok: a s)  Failed METHOD, Accepted METHOD
//	ssh_login_none            fail     a    Failed none: the client asked without a credential; ssh_login follows if it tries
//	ssh_login_partial         ?        a    Postponed, Partial: more is to come
//	ssh_invalid_user          fail     a    Invalid user: comes before ssh_login
//	ssh_user_denied           fail     a    User … not allowed because …, ROOT LOGIN REFUSED, wrong source for a key
//	ssh_max_attempts          fail     a    maximum authentication attempts, Too many authentication failures
//	ssh_pam_error             fail     a    error: PAM: … for USER from HOST (keyboard-interactive logs it instead of the
//	                                        PAM line; Failed keyboard-interactive/pam follows)
//	ssh_key_refused           fail     a    bad file modes, key type or certificate not acceptable;
//	                                        Failed publickey of an account that exists: a client offers all the keys it has,
//	                                        and what that comes to is ssh_login or ssh_max_attempts
//	ssh_key_accepted          ?        a    Accepted key …: the key was found; ssh_login follows
//	ssh_password_expired      ? fail   a    the password has to be changed (fail: and cannot be)
//	ssh_authentication_timeout fail    a s  Timeout before authentication
//	ssh_connection            ?        n s  Connection from
//	ssh_connection_refused    fail     n    refused connect (TCP wrappers), IP options
//	ssh_connection_dropped    fail ?   n    past MaxStartups, or for a penalty (? is the penalty)
//	ssh_connection_closed     ?        n s  closed by the client after login
//	ssh_connection_reset      ?        n s  reset by the client, timed out, broken pipe
//	ssh_disconnect            ?        n s  Received disconnect, Disconnected, Disconnecting
//	ssh_preauth_close         ?        n s  the same three before login without an authentication failure of its own: noise
//	ssh_no_identification     fail     n s  Did not receive identification string: scanners
//	ssh_bad_protocol          fail     n s  bad banner, bad version, corrupt packets: scanners
//	ssh_negotiation_failed    fail     n s  Unable to negotiate
//	ssh_reverse_mapping       ?        n    the address's name does not map back
//	ssh_session_opened        ok       s    Starting session, session opened for local user
//	ssh_session_closed        ?        s    Close session
//	ssh_subsystem             ? fail   s    subsystem request
//	ssh_forward_failed        fail     s    LogLevel DEBUG: what a client wanted forwarded cannot be reached
//	ssh_forward_refused       fail     s    a forwarding that the configuration does not allow
//	ssh_server_start          ?        p    Server listening
//	ssh_server_stop           ?        p    Received signal …; terminating
//	ssh_server_error          fail     p    cannot bind, cannot load a host key
//	pam_authentication*       fail ok  a    authentication failure/success of a module; for sshd count ssh_login instead
//	pam_authentication_more   fail     a    PAM N more authentication failures (tocsin.repeated = N): repeats earlier lines
//	pam_user_unknown          fail     a    check pass; user unknown, bad username
//	pam_account_locked        fail     a    pam_faillock, pam_tally
//	pam_access_denied         fail     a    pam_access, pam_listfile, pam_wheel, pam_succeed_if and other modules;
//	                                        account expired
//	pam_password_wrong        fail     a    a module's helper or server says why; pam_authentication follows
//	pam_password_expired      ?        a    the password has to be changed
//	pam_max_retries           fail     a    ignoring max retries
//	pam_session_opened        fail ok  s
//	pam_session_closed        ?        s
//	pam_password_changed      ok       i    user.target.name
//	pam_password_rejected     fail     i
//	pam_error                 fail     a    a module is missing or broken
//	sudo_command*             ok       p    user.name ran process.command_line as user.effective.name
//	sudo_command_ended        ?        p    log_format=json: process.exit_code
//	sudo_warning              ?        p    event.reason is what sudo complains of; it says nothing of the command's right
//	sudo_authentication*      fail     a    N incorrect password attempts (tocsin.repeated = N); a password is required
//	sudo_denied*              fail     a    not in sudoers, command not allowed
//	su*                       fail ok  a    user.name became user.effective.name
//	su_denied                 fail     a    says why; su follows
//	su_terminal               fail ok  a    the "+ tty from:to" line that follows su on some systems
//	user_created              fail ok  i    user.target.name
//	user_deleted              ok       i    user.target.name
//	user_modified             fail ok  i    user.changes.name where renamed; event.reason says what
//	user_locked user_unlocked ok       i
//	password_changed          fail ok  i    user.name is who did it, where stated
//	password_expiry_changed   ok       i
//	group_created group_deleted group_modified  ok fail  i  group.name
//	group_member_added group_member_removed     ok fail  i  user.target.name, group.name
//	group_switched            fail ok  a    newgrp
//	console_login*            fail ok  a    login on a terminal
//	console_login_more        fail     a    the BSDs' line without a name beside the one with it
//	console_login_denied      fail     a    a terminal, a host or a time that is not allowed
//	console_max_attempts      fail     a
//	session_opened            ok       s    systemd-logind: New session
//	session_closed            ?        s    systemd-logind: Removed session, logged out
//	cron_command              ?        p    cron started process.command_line; anacron: event.reason is the job
//	cron_command_ended        fail ok ? p   anacron says how, cron does not
//	cron_table_changed        ok       p    crontab: user.target.name is whose
//	cron_table_read           ?        p    crontab: listed, edited; a change is cron_table_changed
//	cron_table_loaded         ?        p
//	cron_denied               fail     a    crontab and cron: a user who may not
//	cron_error                fail     p    a table or a command that cron does not heed
//	http_request*             fail ok  w    fail is a status of 400 or more
//	http_authentication*      fail     a w  error logs: basic authentication refused
//	http_access_denied        fail     w    error logs: forbidden by rule
//	http_rate_limited         fail ?   w    error logs: limiting requests, limiting connections (? is a mere delay)
//	http_not_found            fail     w    error logs: no such file
//	http_bad_request          fail     w    error logs: a request that is none
//	http_connection           ok       w    error log of Apache: a client's connection to mod_ssl stands
//	http_error                fail ?   w    any other line of an error log; fail is bash refusing a function in a header
//	mail_login*               fail ok  a    a client of a mail server; fail may stand for tocsin.repeated attempts.
//	                                        Postfix and Exim say ok once a message, not once a login
//	mail_login_incomplete     ?        a    the client gave up half way
//	mail_authentication       fail     a    Dovecot's auth process says why; mail_login follows
//	mail_session_closed       ?        s
//	mail_connection           ?        n
//	mail_disconnect           ?        n    without a login failure of its own, whoever hung up
//	mail_accepted             ok       n    a message was let in
//	mail_rejected             fail ?   n    a client, a sender or a recipient was refused (? is a mere warning)
//	mail_held                 ?        n    a message was discarded, held or sent elsewhere
//	mail_delivery             fail ok ? n   a message was passed on, given back (fail) or put off (?)
//	mail_queued               ?        n    other steps of a message through a queue
//	mail_warning              ?        n    an ACL of Exim's warns
//	mail_rate_limited         fail     n    too many or too fast
//	mail_too_many_errors      fail     n
//	mail_protocol_error       fail     n    no mail client talks like this
//	mail_client_listed        fail ?   n    on a block list
//	mail_client_accepted      ok       n    postscreen lets a client pass
//	mail_reverse_mapping      ?        n    the address's name does not map back
//	mail_tls_failed           ?        n
//	mail_tls_established      ok       n
//	ftp_login*                fail ok  a (ok: a s)
//	ftp_login_denied          fail     a    vsftpd does not even ask this user for a password; ProFTPD has banned them
//	ftp_root_login            ok       a    ProFTPD; ftp_login says it too
//	ftp_user_unknown          fail     a    comes before ftp_login
//	ftp_pam_error             fail     a    comes before ftp_login
//	ftp_max_attempts          fail     a
//	ftp_connection            ?        n
//	ftp_connection_refused    fail     n
//	ftp_disconnect            ?        n
//	ftp_protocol_error        fail     n
//	ftp_command               fail ok  n    IIS: any other command, and its answer
//	ftp_transfer              fail ok  n    a file or folder was read, written, made or removed
//	db_login*                 fail ok  a
//	db_login_timeout          fail     a
//	db_connection             ?        n
//	db_connection_refused     fail     n    no room, no such database, a blocked host
//	db_disconnect             ?        n    closed or aborted
//	db_reverse_mapping        ?        n
//	db_protocol_error         fail ?   n    no client of this database talks like this
//	db_authentication         fail ok  a    PostgreSQL says who it is, or why not; db_login follows
//	db_error                  fail     d    PostgreSQL's ERROR and PANIC, and what else is FATAL; MySQL's and MongoDB's, and what
//	                                        MongoDB does not allow: event.reason
//	db_account_changed        fail ok  i    MongoDB's audit: event.code says how
//	db_statement              fail ok ? d   a statement, and how long it took
//	db_message                ?        d    any other line of a database's log, and one that a name in it imitates
//	db_replication_changed    ?        i    Redis: a client made it a replica, or a master
//	db_replica_connected      ?        n    Redis: somebody copies the data
//	db_module_loaded          ok       p    Redis: file.path
//	vpn_login*                fail ok  a    user and password
//	vpn_authentication        fail     a    a plugin says why; vpn_login follows
//	vpn_certificate_refused   fail     a
//	vpn_session_opened        ok       s
//	vpn_session_closed        ?        s
//	vpn_connection            ?        n
//	vpn_connection_refused    fail     n    no such hub, a refused address, too many sessions, too many connections
//	vpn_access_denied         fail     a    SoftEther VPN: a policy, an expired or a blank password; after vpn_login
//	vpn_disconnect            ?        n
//	vpn_packet_dropped        fail     n    not signed with the shared key, forged or out of place: scanners
//	vpn_protocol_error        fail     n    a handshake that failed
//	dns_query                 ?        n
//	dns_query_denied          fail     n    also REFUSED
//	dns_resolution_failed     fail     n    another server does not answer, or refuses
//	dns_transfer              ? fail   n
//	dns_transfer_denied       fail     n
//	dns_update                ok       n
//	dns_update_denied         fail     n    also notify
//	dns_request_invalid       fail     n    a bad signature, cookie or message
//	dns_rate_limited          fail     n
//	sip_login*                fail ok  a    registrations and requests, IAX, the manager
//	sip_security              fail ok ?  a  a SecurityEvent, which repeats sip_login where both are logged
//	sip_rejected              fail     n    no such extension, an unknown peer, a bad request
//	ldap_bind*                fail ok  a    the result; error.code is LDAP's, 0 for ok
//	ldap_bind_request         ?        a    who asked; ldap_bind follows
//	ldap_bind_accepted        ok       a    the name it was mapped to; ldap_bind follows
//	ldap_request              ?        n    another operation: event.reason is its name
//	ldap_result               fail ok ? n   how that ended; error.code is LDAP's
//	ldap_unbind               ?        n
//	ldap_connection           ?        n    the only line with the address
//	ldap_connection_refused   fail     n
//	ldap_tls_established      ok       n
//	ldap_disconnect           ?        n
//	password_change_requested ?        i    user.target.name
//	proxy_connection          ?        n    HAProxy's log of a TCP session, Dante's of its beginning
//	proxy_connection_refused  fail     n
//	proxy_disconnect          ?        n    Dante's log of a session
//	proxy_tls_failed          ?        n
//	proxy_protocol_error      fail     n    no header of the PROXY protocol, or a wrong one
//	proxy_server_up           ok       n
//	proxy_server_down         fail     n
//	polkit_authentication*    fail ok  a    event.reason is the action asked for
//	polkit_agent_registered polkit_agent_unregistered  ?  p
//	pkexec_command*           ok       p    user.name ran process.command_line as user.effective.name
//	pkexec_denied*            fail     a
//	web_login*                fail ok  a    a web application's own login
//	web_login_blocked         fail     a    too many tries: an address or a name is blocked
//	web_login_incomplete      ?        a    asked for a page without a credential
//	web_logout                ?        s
//	web_file_accessed         ok       w    Nextcloud's audit: url.original is the request, event.reason the audit's text
//	web_file_changed          ok       w    … created, written, renamed, copied, deleted
//	web_file_shared           ok       w    … shared; event.reason says with whom
//	web_session_opened        ok       s    web_login says it too, where it is logged
//	web_session_closed        ?        s
//	web_action                ?        n    Sympa: what a client of its pages does
//	app_login*                fail ok ? a   a login in an application's own words, or at a firewall, a chat or voice server;
//	                                        ? is a LEEF event that says no more
//	app_logout                ?        s
//	app_connection_refused    fail     n
//	smb_session_opened        ok       s
//	smb_login*                fail ok ? a   ? is a line that a name in it imitates
//	smb_authentication        fail ok  a    the check of the password says it too; where auth_audit is off, it alone
//	smb_ticket                fail ok  a    a domain controller's ticket for a service
//	smb_share_opened          fail ok  s    event.reason is the share, or the operation of an audit
//	smb_share_closed          ?        s
//	smb_connection_refused    fail     n    hosts allow and deny
//	smb_file_operation        fail ok  file vfs_full_audit: event.reason is the operation
//	directory_changed         fail ok  i    an object of a domain's directory
//	proxy_login               fail     a    a SOCKS server's
//	ecs_event                 fail ok ?  any  an event in the words of the Elastic Common Schema: json.event.action
//	oom_kill*                 fail     p    the kernel killed process.name for its memory
//	oom_kill_chosen           fail     p    up to Linux 5.0: oom_kill follows
//	process_crashed           fail     p    segfault and other faults: process.name, event.reason
//	apparmor_denied           fail     p    event.reason is the operation
//	firewall_denied           fail     n    a packet that a rule logs whose prefix says block, drop, reject, …
//	firewall_allowed          ok       n    … allow, accept, pass
//	firewall_logged           ?        n    … neither
//	syn_flood                 ?        n    the kernel suspects one
//	promiscuous_mode          ?        n    somebody listens on an interface
//	kernel_panic              fail     p
//	client_banned             fail     n    Fail2ban keeps an address out
//	client_unbanned           ?        n
//	client_suspected          ?        n    Fail2ban counts a line: the program's own tells more
//	tarpit_connection         fail     n    Endlessh, to which only scanners connect
//	tarpit_closed             ?        n
//	intrusion_alert*          fail ?   intrusion_detection  Suricata, Snort, FortiGate: fail is blocked; event.reason is the signature
//	network_traffic           ?        n    Suricata: a flow, and other protocols
//	network_login             fail ok  a    Suricata saw it on the wire: SMB, VNC; the server's own log tells the same attempt
//	network_anomaly           ?        n    Suricata: event.reason says which
//	network_file              ?        n    Suricata: a file was transferred
//	waf_denied                fail     w    ModSecurity, Coraza: event.code is the rule
//	waf_allowed               ok       w    a rule lets the rest pass
//	waf_warning               ?        w
//	waf_audit                 fail ok ?  w
//	firewall_event            ?        n    FortiGate: any other event
//	device_event              fail ok ?  n  CEF, LEEF: any other event; event.reason is its name
//	unit_failed*              fail     p    systemd: service.name; event.reason is the result
//	unit_start_failed         fail     p
//	unit_process_exited       fail ok  p    process.exit_code
//	unit_oom_kill             fail     p
//	unit_starting             ?        p
//	unit_stopping             ?        p
//	unit_started              ok       p
//	unit_stopped              ?        p
//	unit_restarted            ?        p
//	audit_authentication*     fail ok  a    USER_AUTH: a program's own log tells the same attempt
//	audit_login               fail ok  a    USER_LOGIN
//	audit_account             fail ok ?  a  USER_ACCT, CRED_ACQ, CRED_REFR, CRED_DISP
//	audit_login_refused       fail     a    ANOM_LOGIN_…, RESP_ACCT_LOCK
//	audit_session_opened      fail ok  s
//	audit_session_closed      ok ?     s
//	audit_session             fail ok ?  s  LOGIN, USER_ROLE_CHANGE, CRYPTO_LOGIN
//	audit_account_changed     fail ok  i    ADD_USER … ROLE_REMOVE, USER_CHAUTHTOK; event.code is the type
//	audit_anomaly             fail     p    other ANOM_… and RESP_…; event.code is the type
//	audit_access              fail ok ?  p  SELinux, seccomp: event.reason is what was asked for
//	audit_syscall             fail ok ?  p  SYSCALL: process.executable, process.parent.pid
//	audit_exec                ?        p    EXECVE: process.command_line
//	audit_detail              ?        p    CWD, PATH, PROCTITLE, SOCKADDR, …: more of a SYSCALL; the category of PATH is file
//	audit_command             fail ok ?  p  USER_CMD: sudo
//	audit_configuration       fail ok ?  p  CONFIG_CHANGE, DAEMON_CONFIG, MAC_STATUS, NETFILTER_CFG, BPF, …
//	audit_service_started     fail ok  p    SERVICE_START: service.name; unit_started is systemd's own
//	audit_service_stopped     fail ok  p
//	audit_crypto              fail ok ?  n  CRYPTO_…: keys and sessions of SSH and TLS
//	audit_event               fail ok ?  p  any other type: event.code
//	service_started           ok fail  p    a service begins to listen
//	service_stopped           ? ok     p
//	exception*                fail     -    a stack trace: error.type, error.message, error.stack_trace,
//	                                        tocsin.error.fingerprint
//
// Plain application lines, JSON lines and syslog lines without a parser have no
// action. event.reason holds the message's own words for why, where it has them.
//
// # Exceptions
//
// The lines of one stack trace are one record, bare, in a container's envelope (the
// JSON lines of Docker, CRI's with their pieces) or in syslog's, with the log line
// before it where that is of a severe level. Known are the traces of Python, Java
// (and Kotlin, Scala), .NET, JavaScript, Go, PHP, Ruby, Rust and Dart; so is one in
// a field of a JSON line, and one that rsyslog or PHP-FPM escaped into one line. A
// line of another writer between two lines of a trace ends its record. error.type
// is the class of the error that was raised last; of a panic the runtime's word
// ("panic", "fatal error"). tocsin.error.fingerprint is a hash of the files and
// functions, of Go those of the first goroutine, without line numbers, addresses
// and generated numbers.
//
// # Fields
//
// source.ip is canonical; a host name goes to source.address and source.domain.
// tocsin.source.claimed says that somebody could have a name that reads like the address,
// as in "login failed for bob from 203.0.113.9": do not block on it alone.
// user.name is who tried or did it; user.effective.name who they became;
// user.target.name whose account changed. tocsin.auth.method is OpenSSH's own
// word (password, publickey, keyboard-interactive/pam, …). tocsin.repeated is N
// of "message repeated N times". url.original, path and query are what the
// client sent: the escapes that the web server added to its log are undone,
// percent encoding is kept. Other keys of a JSON line are kept as json.<key>.
//
// A record without a time has that of the record before it, or of its reading
// where that one is over five minutes older or there is none, and says so in
// tocsin.time: inferred.
package parse
