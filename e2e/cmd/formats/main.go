// Command formats holds the tables of message formats against the sources of the
// programs, and fails where they differ.
// Usage: formats [-update] -sources FOLDER -tables FOLDER
// Below the folder of sources stand PROGRAM/VERSION/…; a program without sources
// is named and skipped.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/tocsin-security/tocsin/e2e/internal/cformat"
)

func main() {
	sources := flag.String("sources", "", "folder of sources: PROGRAM/VERSION")
	tables := flag.String("tables", "", "folder of tables: PROGRAM.tsv")
	update := flag.Bool("update", false, "write what is new into the tables, undecided")
	flag.Parse()
	check := cformat.Check{Sources: *sources, Tables: *tables, Update: *update, Out: os.Stdout}
	if err := check.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "formats:", err)
		os.Exit(1)
	}
}
