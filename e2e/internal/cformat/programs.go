package cformat

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Program says where the source of a program logs.
type Program struct {
	Name string
	// Files are patterns relative to the source's folder; Without are names of files
	// that are left out.
	Files, Without []string
	Calls          []Call
	// Quiet are levels that the program does not log unless it is told to, Verbose
	// the variables that it asks whether it was.
	Quiet, Verbose []string
}

// Programs are those whose formats Tocsin has a table of.
func Programs() []Program {
	return []Program{openssh(), pam(), sudo(), dovecot(), postfix(), nginx(), apache()}
}

func openssh() Program {
	p := Program{
		Name: "openssh",
		Files: []string{
			"auth*.c", "sshd*.c", "session.c", "monitor.c", "packet.c", "kex.c", "dispatch.c", "serverloop.c",
			"srclimit.c", "gss-serv*.c", "channels.c",
		},
		// The agent's protocol, and what Debian does not build.
		Without: []string{"authfd.c", "authfile.c", "auth-bsdauth.c", "auth-sia.c", "auth-skey.c", "auth2-jpake.c", "auth2-chall.c"},
		Calls: []Call{
			{Name: "do_log2", Level: 1}, {Name: "do_log2_f", Level: 1, Prefix: "FUNC: "},
			{Name: "do_log2_r", Level: 2, Suffix: ": %s"}, {Name: "do_log2_fr", Level: 2, Prefix: "FUNC: ", Suffix: ": %s"},
			{Name: "packet_disconnect", Prefix: "Disconnecting: "}, {Name: "ssh_packet_disconnect", Prefix: "Disconnecting %s: "},
			{Name: "sshpkt_fatal", Suffix: ": Connection %s %s: %s"},
		},
		Quiet: []string{"SYSLOG_LEVEL_DEBUG1", "SYSLOG_LEVEL_DEBUG2", "SYSLOG_LEVEL_DEBUG3"},
	}
	// fatal_f, fatal_fr and error_fr are for what cannot happen: not a catalogue's.
	for _, name := range []string{"logit", "verbose", "error", "fatal", "logdie"} {
		p.Calls = append(p.Calls, Call{Name: name}, Call{Name: name + "_r", Suffix: ": %s"})
	}
	for _, name := range []string{"logit", "verbose", "error"} {
		p.Calls = append(p.Calls, Call{Name: name + "_f", Prefix: "FUNC: "})
	}
	return p
}

func pam() Program {
	return Program{
		Name:  "pam",
		Files: []string{"modules/*/*.c", "libpam/*.c"},
		// What nobody who logs in is told by: set-up of the session's surroundings.
		Without: []string{
			"tst-pam_", "pam_debug.c", "pam_warn.c", "pam_stress", "pam_namespace", "pam_filter", "pam_motd", "pam_mail", "pam_xauth",
			"pam_selinux", "pam_setquota", "pam_env.c", "pam_issue", "pam_group", "pam_prelude", "pam_echo", "pam_exec",
		},
		Calls: []Call{
			{Name: "pam_syslog", Level: 2}, {Name: "_pam_log_err", Level: 1}, {Name: "_pam_log", Level: 1}, {Name: "helper_log_err", Level: 1},
			{Name: "_log_err", Level: 2}, {Name: "log_message", Level: 2}, {Name: "_log", Level: 1},
		},
		Quiet: []string{"LOG_DEBUG"},
	}
}

func sudo() Program {
	return Program{
		Name:  "sudo",
		Files: []string{"plugins/sudoers/*.c", "plugins/sudoers/auth/*.c", "lib/eventlog/eventlog.c"},
		Without: []string{
			"visudo.c", "cvtsudoers", "testsudoers.c", "tsdump.c", "sudoreplay.c", "toke.c", "gram.c", "bsdauth.c", "sia.c", "solaris_audit.c", "bsm_audit.c",
		},
		Calls: []Call{
			{Name: "log_warningx", Level: 1}, {Name: "log_warning", Level: 1}, {Name: "gai_log_warning", Level: 1}, {Name: "log_auth_failure", Level: 1},
			{Name: "audit_failure"}, {Name: "log_denial"}, {Name: "log_parse_error"}, {Name: "log_reject"},
			{Name: "fmt_authfail_message"}, {Name: "new_logline"}, {Name: "log_exit_status"},
		},
	}
}

func dovecot() Program {
	return Program{
		Name: "dovecot",
		Files: []string{
			"src/login-common/*.c", "src/auth/*.c", "src/imap-login/*.c", "src/pop3-login/*.c", "src/submission-login/*.c",
			"src/imap/*.c", "src/pop3/*.c", "pigeonhole/src/managesieve-login/*.c", "pigeonhole/src/managesieve/*.c",
		},
		Without: []string{"test-"},
		Calls: []Call{
			{Name: "e_info", Target: 1}, {Name: "e_warning", Target: 1}, {Name: "e_error", Target: 1},
			{Name: "client_log"}, {Name: "client_log_warn"}, {Name: "client_destroy"}, {Name: "client_destroy_iostream_error"},
			{Name: "client_disconnect", Target: 1}, {Name: "auth_request_log_info", Target: 1}, {Name: "auth_request_log_warning", Target: 1},
			{Name: "auth_request_log_error", Target: 1}, {Name: "login_proxy_failed"}, {Name: "client_proxy_failed"},
		},
	}
}

func postfix() Program {
	return Program{
		Name: "postfix",
		Files: []string{
			"src/smtpd/*.c", "src/postscreen/*.c", "src/anvil/*.c", "src/tlsproxy/*.c", "src/dnsblog/*.c", "src/tls/tls_server.c",
			"src/xsasl/*server*.c", "src/qmqpd/*.c", "src/global/tls_*.c", "src/global/smtp_stream.c", "src/global/haproxy_srvr.c",
		},
		Without: []string{"_test"},
		Calls: []Call{
			{Name: "msg_info"}, {Name: "msg_warn"}, {Name: "msg_error"}, {Name: "msg_fatal"},
		},
		Verbose: []string{"msg_verbose"},
	}
}

func nginx() Program {
	return Program{
		Name: "nginx",
		Files: []string{
			"src/http/*.c", "src/http/v2/*.c", "src/http/modules/*.c", "src/mail/*.c", "src/event/ngx_event_openssl*.c", "src/event/ngx_event_accept.c",
			"src/core/ngx_connection.c", "src/core/ngx_proxy_protocol.c", "src/stream/*.c",
		},
		Without: []string{"perl", "xslt", "image_filter", "geoip", "_script.c", "_dav_", "_mp4_", "_flv_"},
		Calls: []Call{
			{Name: "ngx_log_error", Level: 1, Target: 2}, {Name: "ngx_ssl_error", Level: 1, Target: 2}, {Name: "ngx_connection_error", Target: 1},
		},
		// EMERG is what is wrong with a configuration, before anybody connects.
		Quiet: []string{"NGX_LOG_INFO", "NGX_LOG_DEBUG", "NGX_LOG_NOTICE", "NGX_LOG_WARN", "NGX_LOG_EMERG"},
	}
}

func apache() Program {
	return Program{
		Name: "apache",
		Files: []string{
			"modules/aaa/*.c", "modules/http/*.c", "modules/mappers/*.c", "modules/ssl/*.c", "modules/filters/mod_reqtimeout.c",
			"modules/filters/mod_ratelimit.c", "modules/generators/*.c", "modules/metadata/mod_remoteip.c", "modules/arch/unix/mod_unixd.c",
			"server/core.c", "server/protocol.c", "server/request.c", "server/log.c", "server/connection.c", "server/main.c", "server/mpm_unix.c",
			"server/vhost.c", "server/mpm/*/*.c",
		},
		Without: []string{"ssl_engine_ocsp", "ssl_util_stapling", "/winnt/", "/os2/", "/netware/"},
		Calls: []Call{
			{Name: "ap_log_rerror", Level: 2, Target: 4}, {Name: "ap_log_cerror", Level: 2, Target: 4}, {Name: "ap_log_error", Level: 2},
			{Name: "ssl_log_xerror", Level: 2}, {Name: "ssl_log_rxerror", Level: 2},
		},
		Quiet: []string{"APLOG_DEBUG", "APLOG_INFO", "APLOG_TRACE", "APLOG_NOTICE", "APLOG_STARTUP", "APLOG_EMERG"},
	}
}

// Extract finds the formats in a program's source.
func (p *Program) Extract(root string) ([]Found, error) {
	var all []Found
	for _, pattern := range p.Files {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, fmt.Errorf("find sources of %s: %w", p.Name, err)
		}
		for _, name := range names {
			relative, err := filepath.Rel(root, name)
			if err != nil {
				return nil, fmt.Errorf("name source: %w", err)
			}
			if slices.ContainsFunc(p.Without, func(part string) bool { return strings.Contains(relative, part) }) {
				continue
			}
			src, err := os.ReadFile(name) //nolint:gosec // the tool's own cache
			if err != nil {
				return nil, fmt.Errorf("read source: %w", err)
			}
			all = append(all, Scan(relative, src, p.Calls, p.Verbose...)...)
		}
	}
	return slices.DeleteFunc(all, p.isQuiet), nil
}

// isQuiet says whether a format is not logged by default, or has no words of its own.
func (p *Program) isQuiet(f Found) bool {
	if f.Verbose {
		return true
	}
	for _, level := range p.Quiet {
		if strings.HasPrefix(f.Level, level) {
			return true
		}
	}
	return !hasWords(f.Format)
}

// hasWords says whether a format has any letters besides its verbs.
func hasWords(format string) bool {
	for i := 0; i < len(format); i++ {
		if format[i] == '%' {
			i = verbEnd(format, i)
			continue
		}
		if isLetter(format[i]) {
			return true
		}
	}
	return false
}

// verbEnd is the place of the letter that ends the verb at i.
func verbEnd(format string, i int) int {
	for i++; i < len(format) && format[i] != '%' && !isLetter(format[i]); i++ {
		continue // flags, width and precision
	}
	for i+1 < len(format) && strings.IndexByte("lzhjt", format[i]) >= 0 {
		i++
	}
	return i
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
