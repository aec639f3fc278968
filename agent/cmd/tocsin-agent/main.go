// Command tocsin-agent reads the logs and watches the files of one host.
package main

import (
	"os"
	_ "time/tzdata" // hosts without a time zone database have configured zones too

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/shell/command"
)

func main() { os.Exit(run()) }

func run() int {
	root := &cobra.Command{
		Use:   "tocsin-agent",
		Short: "Reads the logs and watches the files of one host, and sends what it sees to a collector",
	}
	root.AddCommand(
		runCommand(), enrollCommand(), explainCommand(),
		watchCommand(), checkConfigCommand(), statusCommand(),
	)
	return command.Main(root)
}
