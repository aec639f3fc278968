package pattern

import "maps"

// library is grok's patterns by the names that Logstash gave them, in expressions of
// our own: from RFC 791 and 5952 (addresses), 952 and 1123 (host names), 3986 (URIs),
// 3164 and 5424 (syslog), 3339 and ISO 8601, 5322 and 9110 (times), 9562 (UUIDs).
//
// They say what a thing looks like; that an address is one is asked of the field that
// it goes to. That keeps them small, and what they cost with it. None looks around
// itself, so what stands before and after is the expression's to say.
func library() map[string]string {
	patterns := timeLibrary()
	maps.Copy(patterns, map[string]string{
		// Text.
		"WORD":         `\b\w+\b`,
		"NOTSPACE":     `\S+`,
		"SPACE":        `\s*`,
		"DATA":         `.*?`,
		"GREEDYDATA":   `.*`,
		"QUOTEDSTRING": `"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`,
		"QS":           `%{QUOTEDSTRING}`,
		"UUID":         `[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`,
		"LOGLEVEL": `(?i:trace|debug|info(?:rmation(?:al)?)?|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|` +
			`fatal|severe|alert|emerg(?:ency)?|panic)`,

		// Numbers.
		"INT":         `[+-]?[0-9]+`,
		"POSINT":      `[1-9][0-9]*`,
		"NONNEGINT":   `[0-9]+`,
		"BASE10NUM":   `[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)`,
		"NUMBER":      `%{BASE10NUM}`,
		"BASE16NUM":   `[+-]?(?:0[xX])?[0-9A-Fa-f]+`,
		"BASE16FLOAT": `[+-]?(?:0[xX])?[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?`,

		// Who.
		"USERNAME":       `[A-Za-z0-9._-]+`,
		"USER":           `%{USERNAME}`,
		"EMAILLOCALPART": "[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+",
		"EMAILADDRESS":   `%{EMAILLOCALPART}@%{HOSTNAME}`,
		"HTTPDUSER":      `%{EMAILADDRESS}|%{USER}`,

		// Where from.
		"IPV4":       `\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b`,
		"IPV6":       `(?:[0-9A-Fa-f]*:){2,7}(?:%{IPV4}|[0-9A-Fa-f]+)(?:%[0-9A-Za-z._-]+)?|(?:(?:[0-9A-Fa-f]+:)+|:):`,
		"IP":         `%{IPV6}|%{IPV4}`,
		"HOSTNAME":   `\b[0-9A-Za-z][0-9A-Za-z_-]*(?:\.[0-9A-Za-z][0-9A-Za-z_-]*)*\.?`,
		"HOST":       `%{HOSTNAME}`,
		"IPORHOST":   `%{IP}|%{HOSTNAME}`,
		"HOSTPORT":   `(?:\[%{IPV6}\]|%{IPORHOST}):%{POSINT}`,
		"MAC":        `%{COMMONMAC}|%{WINDOWSMAC}|%{CISCOMAC}`,
		"COMMONMAC":  `[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}`,
		"WINDOWSMAC": `[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}`,
		"CISCOMAC":   `[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}`,

		// Paths and addresses of pages.
		"PATH":         `%{UNIXPATH}|%{WINPATH}`,
		"UNIXPATH":     `(?:/[^\s/]*)+`,
		"WINPATH":      `(?:[A-Za-z]:|\\)(?:\\[^\\/:*?"<>|\s]*)+`,
		"TTY":          `/dev/(?:pts/[0-9]+|tty[A-Za-z0-9]*|console)`,
		"URIPROTO":     `[A-Za-z][A-Za-z0-9+.-]*`,
		"URIHOST":      `(?:\[%{IPV6}\]|%{IPORHOST})(?::%{POSINT})?`,
		"URIPATH":      `(?:/[^\s?#]*)+`,
		"URIQUERY":     `[^\s#]*`,
		"URIPARAM":     `\?%{URIQUERY}`,
		"URIPATHPARAM": `%{URIPATH}(?:%{URIPARAM})?`,
		"URI":          `%{URIPROTO}://(?:[^\s/?#@]*@)?%{URIHOST}(?:%{URIPATHPARAM}|%{URIPARAM})?(?:#\S*)?`,

		// Syslog.
		"PROG":           `[!-Z\\^-~]+`,
		"SYSLOGPROG":     `%{PROG:process.name}(?:\[%{POSINT:process.pid}\])?`,
		"SYSLOGHOST":     `%{IPORHOST}`,
		"SYSLOGFACILITY": `<%{NONNEGINT}\.%{NONNEGINT}>`,
	})
	return patterns
}

// timeLibrary are the patterns of times and their parts.
func timeLibrary() map[string]string {
	return map[string]string{
		// Parts of times.
		"YEAR":             `[0-9]{4}|[0-9]{2}`,
		"MONTH":            `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*`,
		"MONTHNUM":         `1[0-2]|0?[1-9]`,
		"MONTHNUM2":        `1[0-2]|0[1-9]`,
		"MONTHDAY":         `3[01]|[12][0-9]|0?[1-9]`,
		"DAY":              `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*`,
		"HOUR":             `2[0-3]|[01]?[0-9]`,
		"MINUTE":           `[0-5][0-9]`,
		"SECOND":           `(?:60|[0-5]?[0-9])(?:[.,:][0-9]+)?`,
		"TIME":             `%{HOUR}:%{MINUTE}:%{SECOND}`,
		"TZ":               `[A-Z]{3,4}`,
		"ISO8601_TIMEZONE": `Z|[+-][0-9]{2}:?[0-9]{2}`,
		"ISO8601_HOUR":     `%{HOUR}`,
		"ISO8601_SECOND":   `%{SECOND}`,

		// Times.
		"DATE_US":            `%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}`,
		"DATE_EU":            `%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}`,
		"DATE":               `%{DATE_US}|%{DATE_EU}`,
		"DATESTAMP":          `%{DATE}[- ]%{TIME}`,
		"DATESTAMP_RFC822":   `%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}`,
		"DATESTAMP_RFC2822":  `%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}`,
		"DATESTAMP_OTHER":    `%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}`,
		"DATESTAMP_EVENTLOG": `[0-9]{14}`,
		"TIMESTAMP_ISO8601":  `[0-9]{4}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?`,
		"SYSLOGTIMESTAMP":    `%{MONTH} +%{MONTHDAY} %{TIME}`,
		"HTTPDATE":           `%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} [+-][0-9]{4}`,
		"HTTPDERROR_DATE":    `%{DAY} %{MONTH} %{MONTHDAY} %{TIME} [0-9]{4}`,
	}
}
