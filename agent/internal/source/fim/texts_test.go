package fim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADifferenceIsToldWhereItIsWanted(t *testing.T) {
	for _, down := range []bool{false, true} {
		r := newRig(t)
		r.cfg.Diff = []string{r.path("conf")}
		r.write("conf/a", "one\ntwo\npassword = hunter2\n")
		r.write("conf/binary", "\x00a")
		r.write("other", "one\n")
		r.start()
		if down {
			r.stop()
		}
		r.write("conf/a", "one\n2\npassword = hunter2\n")
		r.write("conf/binary", "\x00b")
		r.write("other", "two\n")
		if down {
			r.start()
		}
		for _, e := range r.expect("modified conf/a", "modified conf/binary", "modified other") {
			diff := e.fields["tocsin.file.diff"]
			if e.path != "conf/a" {
				if diff != "" {
					t.Errorf("%s has a difference: %s", e.path, diff)
				}
				continue
			}
			if !strings.Contains(diff, "\n-two\n+2\n") || !strings.Contains(diff, "password = ***") || strings.Contains(diff, "hunter2") {
				t.Errorf("difference: %s", diff)
			}
		}
		r.write("conf/a", "one\n2\npassword = other\n")
		events := r.expect("modified conf/a", "modified conf/binary", "modified other", "modified conf/a")
		if diff := events[3].fields["tocsin.file.diff"]; diff != "(only masked values differ)\n" {
			t.Errorf("difference of a secret: %q", diff)
		}
		r.write("conf/a", "")
		events = r.expect("modified conf/a", "modified conf/binary", "modified other", "modified conf/a", "modified conf/a")
		if diff := events[4].fields["tocsin.file.diff"]; !strings.Contains(diff, "\n-2\n") {
			t.Errorf("difference to nothing: %q", diff)
		}
		r.stop()
		if kept, err := os.ReadDir(filepath.Join(r.opts.Dir, textsName)); err != nil || len(kept) != 1 {
			t.Errorf("%d texts are kept, %v", len(kept), err)
		}
	}
}

func TestALongDifferenceIsCut(t *testing.T) {
	diff := unified("/a", "", strings.Repeat("a line\n", 8000))
	if len(diff) > maxDiff+40 || !strings.HasSuffix(diff, " bytes more)\n") {
		t.Errorf("%d bytes, ends with %q", len(diff), diff[len(diff)-30:])
	}
}

func TestSecretsAreMasked(t *testing.T) {
	for text, want := range map[string]string{
		"password: hunter2":                        "password: ***",
		"DB_PASSWORD=\"a b c\"":                    "DB_PASSWORD=***",
		"  \"api_key\": \"abc\",":                  "  \"api_key\": ***",
		"aws_secret_access_key = x y":              "aws_secret_access_key = ***",
		"requirepass foobar":                       "requirepass ***",
		"url = https://bob:pw@host/x":              "url = https://bob:***@host/x",
		"root:$6$abcdefgh$ijklmnop/qrstuv:19000:0": "root:***:19000:0",
		"bob:rqXexS6ZhobKA":                        "bob:***",
		"a\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\nbnNz\n-----END OPENSSH PRIVATE KEY-----\nz\n": "a\n-----BEGIN OPENSSH PRIVATE KEY-----\n***\n***\n-----END OPENSSH PRIVATE KEY-----\nz\n",
		"listen 80;":                        "listen 80;",
		"root:x:0:0:root:/root:/bin/bash\n": "root:x:0:0:root:/root:/bin/bash\n",
	} {
		if have := mask(text); have != want {
			t.Errorf("%q became %q, want %q", text, have, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("password = x\r\n-----BEGIN PRIVATE KEY-----\nabc")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(mask(text), "\n") != strings.Count(text, "\n") {
			t.Fatal("a line was lost or made")
		}
	})
}
