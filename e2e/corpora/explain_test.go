package corpora

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// writeCorpora makes a folder with a line of our own in each corpus.
func writeCorpora(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"auth_fail2ban.jsonl": `{"service":"sshd","line":"Oct  7 09:00:00 web01 sshd[12]: Failed password for root from 203.0.113.5 port 44465 ssh2","expect_match":true,"host":"203.0.113.5","modes":[{}]}
{"service":"no-such-program","line":"x","expect_match":true,"host":"203.0.113.5","modes":[{}]}`,
		"wazuh.jsonl": `{"file":"su.ini","line":"Oct  7 09:00:00 web01 su[12]: FAILED SU (to root) alice on pts/0","polarity":"pass","rule_level":"5","decoder":"su","rule_groups":"authentication_failed,"}
{"file":"su.ini","line":null,"polarity":"fail","rule_level":null}`,
		"crowdsec_parsed.jsonl": `{"test":"t","parser":"us/nginx-logs","success":true,"line":"203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"x\"","meta":{"source_ip":"203.0.113.5","http_path":"/a"}}`,
		"ecs_sekoia.jsonl":      `{"format":"nginx","test":"t","line":"203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"x\"","expected":{"source.ip":"203.0.113.5","http.response.status_code":200}}`,
		"weblog.log":            "203.0.113.6 - - [07/Oct/2025:09:00:00 +0000] \"GET /a?id=1'+or+'1'='1 HTTP/1.1\" 200 512 \"-\" \"x\"\n203.0.113.7 - - [07/Oct/2025:09:00:00 +0000] \"GET /a?id=1 HTTP/1.1\" 200 512 \"-\" \"x\"",
		"weblog_truth.jsonl":    `{"ip":"203.0.113.6","label":"sqli","source":"s"}` + "\n" + `{"ip":"203.0.113.7","label":"benign","source":"s"}`,
		"multiline.jsonl":       `{"name":"n","language":"python","kind":"exception","lines":["Traceback (most recent call last):","  File \"a.py\", line 1, in <module>","    x","ValueError: bad"],"expected_events":1}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestRealPrograms scores lines of our own with the real binaries.
func TestRealPrograms(t *testing.T) {
	bin := binary.Folder(t, "tocsin-agent", "tocsin-alerter")
	programs := Programs{
		Agent:   Agent{Path: filepath.Join(bin, "tocsin-agent"), Temp: t.TempDir()},
		Alerter: Alerter{Path: filepath.Join(bin, "tocsin-alerter")},
	}
	dir := writeCorpora(t)
	var table Table
	for _, score := range Scorers() {
		if err := score.Run(t.Context(), programs, dir, &table); err != nil {
			t.Fatalf("%s: %v", score.Name, err)
		}
	}
	var out strings.Builder
	if err := table.Write(&out, true); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"has a parser (explain --list): sshd\n", "without one: no-such-program\n", "benign lines with a finding                                    0      1 "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("table lacks %q:\n%s", want, out.String())
		}
	}
}

func TestMissingCorpus(t *testing.T) {
	for _, score := range Scorers() {
		if err := score.Run(t.Context(), Programs{}, t.TempDir(), &Table{}); err == nil {
			t.Errorf("%s: scored nothing without an error", score.Name)
		}
	}
}
