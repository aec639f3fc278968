package cformat

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScan(t *testing.T) {
	calls := []Call{
		{Name: "logit"}, {Name: "logit_f", Prefix: "FUNC: "}, {Name: "error_r", Suffix: ": %s"},
		{Name: "pam_syslog", Level: 2}, {Name: "ngx_log_error", Level: 1, Target: 2}, {Name: "ap_log_rerror", Level: 2},
	}
	for _, tc := range []struct {
		name, src string
		want      []Found
	}{
		{
			"strings are joined, escapes undone, a newline at the end dropped",
			"void\nf(void)\n{\n\tlogit(\"User \\\"%s\\\" \"\n\t    \"is \\\\ here\\n\", u);\n}\n",
			[]Found{{File: "x.c", Func: "f", Call: "logit", Format: `User "%s" is \ here`}},
		},
		{
			"a condition is a format each, without what it asks",
			"int f(int a) {\n\tlogit(strcmp(a, \"x\") ? \"yes %d\" : \"no %d\", a);\n}\n",
			[]Found{{File: "x.c", Func: "f", Call: "logit", Format: "yes %d"}, {File: "x.c", Func: "f", Call: "logit", Format: "no %d"}},
		},
		{
			"comments, characters and the preprocessor are none",
			"#define L logit(\"macro\")\nvoid f() {\n\t/* logit(\"comment\") */ char c = '\"'; // logit(\"line\")\n\tlogit(\"real\");\n}\n",
			[]Found{{File: "x.c", Func: "f", Call: "logit", Format: "real"}},
		},
		{
			"both branches of the preprocessor are read, and the next function is one",
			"int f()\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tlogit(\"in\");\n\t}\n}\nint g()\n{\n\tlogit(\"out\");\n}\n",
			[]Found{{File: "x.c", Func: "f", Call: "logit", Format: "in"}, {File: "x.c", Func: "g", Call: "logit", Format: "out"}},
		},
		{
			"what the function adds",
			"int f()\n{\n\tlogit_f(\"a\");\n\terror_r(r, \"b %s\", x);\n}\n",
			[]Found{{File: "x.c", Func: "f", Call: "logit_f", Format: "f: a"}, {File: "x.c", Func: "f", Call: "error_r", Format: "b %s: %s"}},
		},
		{
			"levels, targets and codes",
			"int f()\n{\n\tpam_syslog(h, LOG_ERR, \"a\");\n\tngx_log_error(NGX_LOG_ERR, r->connection->log, 0, \"b\");\n\tap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, APLOGNO(01617) \"c\");\n}\n",
			[]Found{
				{File: "x.c", Func: "f", Call: "pam_syslog", Level: "LOG_ERR", Format: "a"},
				{File: "x.c", Func: "f", Call: "ngx_log_error", Level: "NGX_LOG_ERR", Target: "r->connection->log", Format: "b"},
				{File: "x.c", Func: "f", Call: "ap_log_rerror", Level: "APLOG_ERR", Format: "AH01617: c"},
			},
		},
		{
			"macros between strings",
			"int f()\n{\n\tlogit(\"%\" PRIu64 \" of %\" APR_SIZE_T_FMT \" \" NAME, a);\n}\n",
			[]Found{{File: "x.c", Func: "f", Call: "logit", Format: "%u of %lu %s"}},
		},
		{"a format that is no constant is left out", "int f()\n{\n\tlogit(fmt, a);\n\tlogit(str(\"x\"));\n}\n", nil},
		{
			"verbose",
			"int f()\n{\n\tif (msg_verbose > 1)\n\t\tlogit(\"quiet\");\n\tlogit(\"loud\");\n\tif (msg_verbose) {\n\t\tlogit(\"a\");\n\t\tlogit(\"b\");\n\t}\n\tlogit(\"again\");\n}\n",
			[]Found{
				{File: "x.c", Func: "f", Call: "logit", Format: "quiet", Verbose: true}, {File: "x.c", Func: "f", Call: "logit", Format: "loud"},
				{File: "x.c", Func: "f", Call: "logit", Format: "a", Verbose: true}, {File: "x.c", Func: "f", Call: "logit", Format: "b", Verbose: true},
				{File: "x.c", Func: "f", Call: "logit", Format: "again"},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Scan("x.c", []byte(tc.src), calls, "msg_verbose")); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("int f()\n{\n\tlogit(\"%s\" PRIu64, a ? \"b\" : \"c\");\n}\n"))
	f.Add([]byte("\"\\"))
	f.Add([]byte("#define x \\"))
	f.Add([]byte("/* '"))
	f.Fuzz(func(t *testing.T, src []byte) {
		calls := []Call{{Name: "logit", Prefix: "FUNC: "}, {Name: "f", Level: 3, Target: 1}}
		if diff := cmp.Diff(Scan("x.c", src, calls, "v"), Scan("x.c", src, calls, "v")); diff != "" {
			t.Errorf("two scans differ:\n%s", diff)
		}
	})
}

func TestHasWords(t *testing.T) {
	for format, want := range map[string]bool{"%s: %d": false, "%-10.3lu%%": false, "%zu left": true, "no": true, "": false} {
		if got := hasWords(format); got != want {
			t.Errorf("hasWords(%q) = %v, want %v", format, got, want)
		}
	}
}
