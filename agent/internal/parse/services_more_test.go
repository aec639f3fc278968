package parse

// moreCases are the tables of the parsers in services_more.go.
func moreCases() map[string][]lineCase {
	return map[string][]lineCase{
		"imapd":       imapdCases,
		"qmail":       qmailCases,
		"monit":       monitCases,
		"freeswitch":  freeswitchCases,
		"panel":       panelCases,
		"webapps":     webappsCases,
		"fail2ban":    fail2banCases,
		"voice":       voiceCases,
		"ejabberd":    ejabberdCases,
		"kerio":       kerioCases,
		"domino":      dominoCases,
		"samba":       sambaCases,
		"couchdb":     couchdbCases,
		"endlessh":    endlesshCases,
		"fortinet":    fortinetCases,
		"cef":         cefCases,
		"suricata":    suricataCases,
		"snort":       snortCases,
		"modsecurity": modsecurityCases,
		"amavis":      amavisCases,
		"softether":   softetherCases,
		"zoneminder":  zoneminderCases,
		"dante":       danteCases,
	}
}

// moreHeads are how lines of theirs begin that hold a stranger's text; see
// TestLongLinesTakeBoundedTime.
func moreHeads() []string {
	return []string{
		"Oct  7 09:00:00 h imapd: LOGIN FAILED, user=",
		"Oct  7 09:00:00 h cyrus/imap[1]: badlogin: a [203.0.113.5] plaintext ",
		"Oct  7 09:00:00 h vpopmail[1]: vchkpw-smtp: password fail ",
		"Oct  7 09:00:00 h monit[1]: HttpRequest: access denied -- client 203.0.113.5: unknown user '",
		"2025-10-07 09:00:00.123456 [WARNING] sofia_reg.c:1 SIP auth failure (INVITE) on sofia profile 'a' for [",
		"2025:10:07-09:00:00: '203.0.113.5' 2 failed login attempts. Account '",
		"Oct  7 09:00:00 h phpMyAdmin: user denied: ",
		"Oct  7 09:00:00 h fail2ban.actions: NOTICE [",
		"<W>2025-10-07 09:00:00.123 1 => <4:",
		"2025-10-07 09:00:00.123 [info] <0.1.0>@ejabberd_c2s:a:1 (",
		"[07/Oct/2025 09:00:00] Relay attempt from IP address 203.0.113.5, mail from <",
		"2025-10-07 09:00:00   SMTP Server: Authentication failed for user ",
		"  Auth: [SMB2,(null)] user [",
		"  check_ntlm_password:  Authentication for user [",
		"Oct  7 09:00:00 h smbd_audit[1]: bob|203.0.113.5|",
		"Oct  7 09:00:00 h smbd[1]: pc (ipv4:203.0.113.5:4000) connect to service ",
		"[notice] 2025-10-07T09:00:00.5Z a <0.1.0> ",
		"2025-10-07T09:00:00.813Z ACCEPT host=",
		"date=2025-10-07 time=09:00:00 logid=\"1\" type=\"event\" ",
		"CEF:0|a|b|c|d|e|5|",
		"10/07/2025-09:00:00.123456  [**] [1:2019236:3] ",
		"10/07-09:00:00.123456 ,1,2,3,",
		"Oct  7 09:00:00 h amavis[1]: (1-1) Blocked INFECTED (",
		"2025-10-07 09:00:00.123 Connection \"a\": User authentication failed. ",
		"10/07/25 09:00:00.1 web_php[1].ERR [203.0.113.5] [Could not retrieve user ",
		"Oct  7 09:00:00 h danted[1]: info: block(1): tcp/accept ]: 203.0.113.5.1 198.51.100.1.2: ",
		"Oct  7 09:00:00 h shop[1]: Login failed for ",
		"time=2025-10-07T09:00:00Z level=info msg=",
		"[client \"203.0.113.5\"] ModSecurity: ",
		"[GIN] 2025/10/07 - 09:00:00 | 200 | ",
		"203.0.113.5 - - [07/Oct/2025 09:00:00] \"GET /",
		"Failed password for ",
		"conn=1 op=1 BIND dn=\"",
		"{\"ecs.version\":\"1\",\"event.category\":\"",
		"{\"event_type\":\"alert\",\"src_ip\":\"203.0.113.5\",\"dest_ip\":\"",
	}
}

// moreBenches are lines of theirs for BenchmarkParse.
func moreBenches() []struct{ parser, source, line string } {
	return []struct{ parser, source, line string }{
		{"imapd", "auto", `Oct  7 09:00:00 web01 imapd[12]: LOGIN FAILED, user=bob, ip=[::ffff:203.0.113.5], port=[4000]`},
		{"qmail", "auto", `Oct  7 09:00:00 web01 vpopmail[12]: vchkpw-smtp: password fail bob@example.org:203.0.113.5`},
		{"monit", "auto", `Oct  7 09:00:00 web01 monit[12]: HttpRequest: access denied -- client [203.0.113.5]: wrong password for user 'bob'`},
		{"freeswitch", "auto", `2025-10-07 09:00:00.123456 [WARNING] sofia_reg.c:1478 SIP auth failure (INVITE) on sofia profile 'internal' for [1000@198.51.100.1] from ip 203.0.113.5`},
		{"panel", "auto", `2025:10:07-09:00:00: '203.0.113.5' 2 failed login attempts. Account 'bob' via 'admin'`},
		{"webapps", "auto", `Oct  7 09:00:00 web01 phpMyAdmin[12]: user denied: root (mysql-denied) from 203.0.113.5`},
		{"fail2ban", "auto", `2025-10-07 09:00:00,123 fail2ban.actions        [12]: NOTICE  [sshd] Ban 203.0.113.5`},
		{"voice", "auto", `<W>2025-10-07 09:00:00.123 1 => <4:bob(-1)> Rejected connection from 203.0.113.5:29530: Invalid server password`},
		{"ejabberd", "auto", `2025-10-07 09:00:00.123 [info] <0.585.0>@ejabberd_c2s:wait_for_sasl_response:965 ({socket_state,p1_tls,<0.584.0>}) Failed authentication for bob@example.org from 203.0.113.5`},
		{"kerio", "auto", `[07/Oct/2025 09:00:00] Failed SMTP login from 203.0.113.5 with SASL method CRAM-MD5.`},
		{"domino", "auto", `07-10-2025 09:00:00   SMTP Server: Authentication failed for user bob ; connecting host 203.0.113.5`},
		{"samba", "auto", `  Auth: [SMB2,(null)] user [WORKGROUP]\[bob] at [Tue, 07 Oct 2025 09:00:00.023984 UTC] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [PC] remote host [ipv4:203.0.113.5:44890] mapped to [WORKGROUP]\[bob]. local host [ipv4:198.51.100.1:445]`},
		{"couchdb", "auto", `[notice] 2025-10-07T09:00:00.579985Z nonode@nohost <0.17607.12> e1fed412f8 db.example.org 203.0.113.5 undefined GET /_all_dbs?limit=1 401 ok 1`},
		{"endlessh", "auto", `2025-10-07T09:00:00.813Z ACCEPT host=::ffff:203.0.113.5 port=39590 fd=4 n=1/4096`},
		{"fortinet", "auto", `date=2025-10-07 time=09:00:00 devname="fw" devid="FG1" eventtime=1759827600123456789 tz="+0000" logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=203.0.113.5 user="bob" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied" msg="SSL user failed to logged in"`},
		{"cef", "auto", `CEF:0|Example|Firewall|1.0|100|Packet dropped|5|src=203.0.113.5 spt=40000 dst=198.51.100.1 dpt=22 act=Drop suser=a\=b msg=a text with src inside`},
		{"suricata", "auto", `{"timestamp":"2025-10-07T09:00:00.515262+0000","flow_id":1,"event_type":"alert","src_ip":"203.0.113.5","src_port":5555,"dest_ip":"198.51.100.1","dest_port":80,"proto":"TCP","alert":{"action":"blocked","signature_id":2019236,"signature":"ET WEB attack"}}`},
		{"snort", "auto", `10/07-09:00:00.123456  [**] [1:1000001:2] "SSH brute force" [**] [Classification: Attempted Administrator Privilege Gain] [Priority: 1] {TCP} 203.0.113.5:5555 -> 198.51.100.1:22`},
		{"modsecurity", "auto", `[client "203.0.113.5"] ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:q. [file "/etc/crs/x.conf"] [line "8786"] [id "942100"] [msg "SQL Injection"] [hostname "example.org"] [uri "/a"] [unique_id "abc"]`},
		{"amavis", "auto", `Oct  7 09:00:00 web01 amavis[12]: (4051607-09) Blocked INFECTED (Eicar-Test-Signature) {DiscardedInbound,Quarantined}, [203.0.113.5]:1434 [203.0.113.5] <a@example.com> -> <b@example.org>, quarantine: 2/virus-26W2lJY63nCZ`},
		{"softether", "auto", `2025-10-07 09:00:00.123 Connection "CID-594": User authentication failed. The user name that has been provided was "bob", from 203.0.113.5.`},
		{"zoneminder", "auto", `10/07/25 09:00:00.123456 web_php[12].ERR [203.0.113.5] [Could not retrieve user bob details] at /usr/share/zoneminder/www/includes/auth.php line 313`},
		{"dante", "auto", `Oct  7 09:00:00 web01 danted[12]: info: block(1): tcp/accept ]: 203.0.113.5.8490 198.51.100.1.1080: error after reading 31 bytes in 2 seconds: pam_authenticate() for user "bob" failed: Authentication failure`},
		{"login_text", "auto", `2025-10-07 09:00:00,123 - shop.auth - WARNING - Login failed for user "bob" from 203.0.113.5`},
		{"logfmt", "auto", `time="2025-10-07T09:00:00+02:00" level=error msg="connection lost" component=db attempt=5`},
		{"bare", "auto", `Failed password for invalid user admin from 203.0.113.5 port 44465 ssh2`},
	}
}
