package parse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// formatRow is a row of testdata/formats: what a program logs, and what that must
// become. e2e/cmd/formats holds the tables against the programs' sources.
type formatRow struct {
	versions, file, function, call, level, format string
	// concern is "authentication", "session", "client" or, for nobody, "-".
	concern string
	// want is "CATEGORY ACTION OUTCOME", for a "-" only where it has an action.
	want string
	// args are the kinds of the verbs; one that is missing is a plain word or number.
	args []string
}

func readFormats(t *testing.T, program string) []formatRow {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "formats", program+".tsv"))
	if err != nil {
		t.Fatal(err)
	}
	unescape := strings.NewReplacer(`\\`, "\\", `\t`, "\t", `\n`, "\n", `\r`, "\r")
	var rows []formatRow
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 9 {
			t.Fatalf("%s: %d columns: %q", program, len(cells), line)
		}
		row := formatRow{
			versions: cells[0], file: cells[1], function: cells[2], call: cells[3], level: cells[4],
			format: unescape.Replace(cells[5]), concern: cells[6], want: cells[7],
		}
		if cells[8] != "" {
			row.args = strings.Split(cells[8], "|")
		}
		switch {
		case row.concern == "-":
		case row.concern != "authentication" && row.concern != "session" && row.concern != "client":
			t.Errorf("%s: %q concerns %q", program, row.format, row.concern)
		case len(strings.Fields(row.want)) != 3:
			t.Errorf("%s: %q wants %q", program, row.format, row.want)
		}
		rows = append(rows, row)
	}
	return rows
}

// scene is what the lines of one round are about.
type scene struct {
	user, ip, wantIP string
	port             string
	word             string // what a verb of no kind of its own is, where it is not "word"
}

func (s *scene) fields() map[string]string {
	return map[string]string{"source.ip": s.wantIP, "source.port": s.port, "user.name": s.user, "user.target.name": s.user}
}

// filled is a format with its verbs replaced, and the fields that this makes certain.
type filled struct {
	text string
	want map[string]string
}

// fill replaces the verbs of a format. "=TEXT" is TEXT; the other kinds are below.
func (r *formatRow) fill(s *scene) filled {
	f := filled{want: map[string]string{}}
	var b strings.Builder
	n := 0
	for i := 0; i < len(r.format); i++ {
		if r.format[i] != '%' {
			b.WriteByte(r.format[i])
			continue
		}
		start := i
		for i++; i < len(r.format) && strings.IndexByte("#0-+ .*123456789lhzjqtL", r.format[i]) >= 0; i++ {
			continue // flags, width and length
		}
		if i == len(r.format) {
			b.WriteString(r.format[start:])
			break
		}
		if r.format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if r.format[i] == 'u' && i+1 < len(r.format) && (r.format[i+1] == 'i' || r.format[i+1] == 'A') && r.call != "" && strings.HasPrefix(r.call, "ngx_") {
			i++ // nginx's %ui
		}
		if r.format[i] == 'p' && i+1 < len(r.format) && r.format[i+1] == 'I' {
			i++ // Apache's %pI
		}
		kind := ""
		if n < len(r.args) {
			kind = r.args[n]
		}
		n++
		b.WriteString(f.value(kind, r.format[i], s))
	}
	f.text = b.String()
	return f
}

func (f *filled) value(kind string, verb byte, s *scene) string {
	if text, ok := strings.CutPrefix(kind, "="); ok {
		return text
	}
	note := func(names ...string) {
		for _, name := range names {
			f.want[name] = s.fields()[name]
		}
	}
	switch kind {
	case "ip":
		note("source.ip")
		return s.ip
	case "port":
		note("source.port")
		return s.port
	case "user":
		note("user.name")
		return s.user
	case "account": // one that exists, and is named like one
		if f.want["user.name"] = s.user; strings.ContainsAny(s.user, " \t") {
			return "alice"
		}
		return s.user
	case "target":
		note("user.target.name")
		return s.user
	case "remote": // as sshd writes a connection
		note("source.ip", "source.port")
		return s.ip + " port " + s.port
	case "peer": // the same with who is at its other end
		note("source.ip", "source.port", "user.name")
		return "authenticating user " + s.user + " " + s.ip + " port " + s.port
	case "upeer": // and after the login
		note("source.ip", "source.port", "user.name")
		return "user " + s.user + " " + s.ip + " port " + s.port
	case "conn":
		note("source.ip")
		return "connection from " + s.ip + " to 198.51.100.1"
	case "namaddr": // as Postfix writes a client
		note("source.ip")
		return "mail.example.org[" + s.ip + "]"
	case "namaddrport":
		note("source.ip", "source.port")
		return "[" + s.ip + "]:" + s.port
	case "key":
		return "SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
	}
	switch verb {
	case 'd', 'i', 'u', 'x', 'X', 'O', 'z', 'T', 'P', 'l', 'f', 'g':
		return "7"
	case 'm':
		return "Permission denied"
	case 'c':
		return "c"
	case 's', 'V':
		if s.word != "" {
			return s.word
		}
	}
	return "word"
}
