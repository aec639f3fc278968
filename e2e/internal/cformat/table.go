package cformat

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Undecided is the concern of a row that nobody has looked at yet.
const Undecided = "?"

// ByHand is the call of a row that was found by hand: a macro, a table of strings, a
// version whose source is not to be had. No source is held against it.
const ByHand = "-"

const columns = 9

// A Row is a fact about a program: in these versions, this function logs this
// format. The last three columns are Tocsin's: whom it concerns ("authentication",
// "session", "client", or "-" for nobody), what it must become, and what its verbs
// stand for.
type Row struct {
	Versions                                             []string
	File, Func, Call, Level, Format, Concern, Want, Args string
}

// A Table is a file of rows, with the comments at its beginning.
type Table struct {
	Comments []string
	Rows     []Row
}

var (
	escape   = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`) //nolint:gochecknoglobals // constant
	unescape = strings.NewReplacer(`\\`, "\\", `\t`, "\t", `\n`, "\n", `\r`, "\r") //nolint:gochecknoglobals // constant
)

// ReadTable reads a table; one that does not exist is empty.
func ReadTable(path string) (*Table, error) {
	b, err := os.ReadFile(path) //nolint:gosec // a table of the repository
	if os.IsNotExist(err) {
		return &Table{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	t := &Table{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			t.Comments = append(t.Comments, line)
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != columns {
			return nil, fmt.Errorf("read table: %s:%d: %d columns, want %d", path, n, len(cells), columns)
		}
		t.Rows = append(t.Rows, Row{
			Versions: strings.Split(cells[0], ","), File: cells[1], Func: cells[2], Call: cells[3], Level: cells[4],
			Format: unescape.Replace(cells[5]), Concern: cells[6], Want: cells[7], Args: cells[8],
		})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	return t, nil
}

// Write writes a table.
func (t *Table) Write(path string) error {
	var b bytes.Buffer
	for _, c := range t.Comments {
		b.WriteString(c + "\n")
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		fmt.Fprintln(&b, strings.Join([]string{
			strings.Join(r.Versions, ","), r.File, r.Func, r.Call, r.Level, escape.Replace(r.Format), r.Concern, r.Want, r.Args,
		}, "\t"))
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil { //nolint:gosec // a table of the repository
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// Compare holds a table against what was found in one version's source: Missing
// are formats that the table lacks for this version, Gone those that it has too
// many. A format that moved to another function is the same.
func (t *Table) Compare(version string, found []Found) (missing []Found, gone []Row) {
	has := map[string]bool{}
	for _, f := range found {
		has[key(f.File, f.Format)] = true
	}
	known := map[string]bool{}
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Call == ByHand || !slices.Contains(r.Versions, version) {
			continue
		}
		known[key(r.File, r.Format)] = true
		if !has[key(r.File, r.Format)] {
			gone = append(gone, *r)
		}
	}
	for _, f := range found {
		if k := key(f.File, f.Format); !known[k] {
			known[k] = true
			missing = append(missing, f)
		}
	}
	return missing, gone
}

// Update makes the table what was found in a version's source: new rows are
// undecided, and one that no version has any more goes.
func (t *Table) Update(version string, found []Found) {
	missing, gone := t.Compare(version, found)
	for _, g := range gone {
		i := t.row(g.File, g.Format)
		t.Rows[i].Versions = slices.DeleteFunc(t.Rows[i].Versions, func(v string) bool { return v == version })
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(r Row) bool { return len(r.Versions) == 0 })
	for _, f := range missing {
		if i := t.row(f.File, f.Format); i >= 0 {
			t.Rows[i].Versions = append(t.Rows[i].Versions, version)
			continue
		}
		level := f.Level
		if f.Target != "" {
			level = strings.TrimSpace(f.Level + " " + f.Target)
		}
		t.Rows = append(t.Rows, Row{
			Versions: []string{version}, File: f.File, Func: f.Func, Call: f.Call, Level: level, Format: f.Format, Concern: Undecided,
		})
	}
	slices.SortStableFunc(t.Rows, func(a, b Row) int {
		return strings.Compare(a.File+"\x00"+a.Func, b.File+"\x00"+b.Func)
	})
}

func (t *Table) row(file, format string) int {
	return slices.IndexFunc(t.Rows, func(r Row) bool { return r.File == file && r.Format == format && r.Call != ByHand })
}

func key(file, format string) string { return file + "\x00" + format }
