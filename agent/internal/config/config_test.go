package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/config"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func around() config.Surroundings {
	return config.Surroundings{Parsers: []string{"auto", "sshd"}, Own: []string{"/var/log/tocsin-agent.log"}}
}

func TestLoad(t *testing.T) {
	got, err := config.Load(filepath.Join("testdata", "good.yaml"), around())
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Config{
		StateDir:   "/srv/agent",
		Collectors: []string{"one.example.com:7443", "[2001:db8::1]:7443"},
		Sources: config.Sources{
			Files: []config.File{
				{
					Paths: []string{"/var/log/auth.log", "/var/log/nginx/*.log"}, Exclude: []string{"**/*.gz"},
					Parser: "sshd", Start: config.StartBeginning, Timezone: "Asia/Seoul", MaxLine: 64 << 10,
				},
				{Paths: []string{"/srv/app.log"}, Parser: "auto", Start: config.StartEnd, Timezone: "UTC", MaxLine: 256 << 10},
			},
			Journald: config.Journald{
				Enabled: true, Start: config.StartBeginning, Units: []string{"ssh.service"}, Priority: "err..debug",
				Matches: []string{"_UID=0", "+", "_COMM=cron"}, MaxLine: 64 << 10,
			},
			FIM: config.FIM{
				Paths: []string{"/etc"}, Rescan: settings.Duration(30 * time.Minute),
				Diff: []string{"/etc/ssh"}, MaxHash: 1 << 30, HashRate: 50 << 20,
			},
		},
		Spool:     config.Spool{MaxSize: 64 << 20},
		Resources: config.Resources{Memory: 48 << 20, CPUs: 1},
		Log:       config.Log{Level: "debug", Format: "json"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if name := got.Sources.Files[0].Location().String(); name != "Asia/Seoul" {
		t.Errorf("location %s", name)
	}
}

func TestDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte("sources: {fim: {paths: [/etc]}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(path, around())
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Sources.FIM.Paths = []string{"/etc"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		file string
		want []string
	}{
		{"unknown_key.yaml", []string{`:5: sources.files[0].pharser: unknown key "pharser"`}},
		{"unknown_parser.yaml", []string{`:4: sources.files[0].parser: no parser is called "cisco"; there are: auto, sshd`}},
		{"nothing.yaml", []string{`: sources: names neither files nor fim paths nor the journal`}},
		{"relative.yaml", []string{
			`:5: sources.files[0].paths[1]: "log/app.log" is not an absolute path`,
			`:6: sources.files[0].exclude[1]: "nginx/*.gz" is not an absolute path`,
			`:8: sources.fim.paths[0]: "etc" is not an absolute path`,
		}},
		{"values.yaml", []string{
			`:1: state_dir: must not be empty`,
			`:2: collectors[0]: "collector.example.com" is not host:port`,
			`:2: collectors[1]: "collector.example.com:0" has no port`,
			`:5: sources.files[0].paths: must name at least one file`,
			`:6: sources.files[1].paths[0]: "/var/log/[a-" is not a valid glob`,
			`:7: sources.files[1].start: is "middle"; it must be one of: end, beginning`,
			`:8: sources.files[1].timezone: no time zone is called "Mars/Olympus"`,
			`:9: sources.files[1].max_line: must be from 256B to 512KiB`,
			`:12: sources.fim.rescan: must be at least 1s`,
			`:13: sources.fim.diff[0]: "ssh/config" is not an absolute path`,
			`:14: sources.fim.max_hash_size: must be at least 1MiB`,
			`:15: sources.fim.hash_rate: must be 0`,
			`:16: spool.max_size: must be at least 16MiB`,
			`:17: http.listen: "9464" is not host:port`,
			`:18: log.level: is "loud"`,
			`:18: log.format: is "xml"`,
			`:19: resources.memory: must be at least 32MiB`,
			`:19: resources.cpus: must be from 1 to 1024`,
		}},
		{"journald.yaml", []string{
			`:4: sources.journald.start: is "now"; it must be one of: end, beginning`,
			`:5: sources.journald.units[0]: must not be empty`,
			`:6: sources.journald.identifiers[1]: must not be empty`,
			`:7: sources.journald.priority: "loud" is no level`,
			`:8: sources.journald.matches[0]: "--root=/" is not FIELD=VALUE`,
			`:9: sources.journald.directory: "var/log/journal" is not an absolute path`,
			`:10: sources.journald.namespace: has no meaning with a directory`,
			`:11: sources.journald.max_line: must be from 256B to 512KiB`,
			`:12: sources.journald.covers[0]: "var/log/auth.log" is not an absolute path`,
			`:12: sources.journald.covers: files would go unread: only a part of the journal is read`,
		}},
		{"lines.yaml", []string{
			`:5: sources.files[0].encoding: no encoding is called "klingon"`,
			`:8: sources.files[1].encoding: where lines of "IBM037" end is not known`,
			`:10: sources.files[1].multiline.start: error parsing regexp`,
			`:11: sources.files[1].multiline.max_lines: must be at least 2`,
			`:14: sources.files[2].multiline: must have one of start and indent`,
		}},
		{"bad_size.yaml", []string{`:5: `, `"lots" is no size`}},
		{"own_log.yaml", []string{
			`:5: sources.files[1].paths[0]: /var/log/*.log would read /var/log/tocsin-agent.log, which this agent itself writes`,
			`:6: sources.files[2].paths[0]: /srv/agent/spool/* is in the agent's own state folder`,
		}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			path := filepath.Join("testdata", test.file)
			_, err := config.Load(path, around())
			if err == nil {
				t.Fatal("it was taken")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
			for _, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, path) {
					t.Errorf("%q does not begin with the file's name", line)
				}
			}
		})
	}
}

func TestExcludingTheOwnLogIsEnough(t *testing.T) {
	if _, err := config.Load(filepath.Join("testdata", "own_log_excluded.yaml"), around()); err != nil {
		t.Error(err)
	}
}
