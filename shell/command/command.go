// Package command is the edge between a Tocsin command and whoever runs it: exit
// codes, signals, version and log.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/shell/settings"
)

// Exit codes, the same for all commands.
const (
	ExitOK      = 0
	ExitFailure = 1
	ExitUsage   = 2
	ExitConfig  = 3
)

type coded struct {
	error
	code int
}

func (c coded) Unwrap() error { return c.error }

// Usage marks an error as a wrong use of the command: exit code 2.
func Usage(err error) error { return coded{err, ExitUsage} }

// Config marks an error as a bad rule or configuration: exit code 3. A
// *settings.Error needs no mark.
func Config(err error) error { return coded{err, ExitConfig} }

// ErrSilent is a failure that was already told, line by line, on stderr.
var ErrSilent = errors.New("failed")

// Main runs a command until it ends or SIGINT or SIGTERM cancels its context;
// a second signal kills. It prints an error once, to stderr, and returns the
// exit code.
func Main(root *cobra.Command) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // restores the default action for a second signal
	return run(ctx, root, os.Stderr)
}

func run(ctx context.Context, root *cobra.Command, stderr io.Writer) int {
	prepare(root)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	if !errors.Is(err, ErrSilent) {
		_, _ = fmt.Fprintf(stderr, "%s: %v\n", root.Name(), err)
	}
	return codeOf(err)
}

// prepare makes every command quiet about errors (run prints them) and gives
// wrong flags, arguments and names the code for wrong use.
func prepare(root *cobra.Command) {
	root.Version = Version()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return Usage(err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if args := c.Args; args != nil {
			c.Args = func(c *cobra.Command, given []string) error {
				if err := args(c, given); err != nil {
					return Usage(err)
				}
				return nil
			}
		}
		if c.HasSubCommands() && c.RunE == nil {
			c.Args = nil
			c.RunE = func(c *cobra.Command, given []string) error {
				if len(given) == 0 {
					return c.Help()
				}
				return Usage(fmt.Errorf("unknown command %q", given[0]))
			}
			c.Args = cobra.ArbitraryArgs
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
}

func codeOf(err error) int {
	var c coded
	if errors.As(err, &c) {
		return c.code
	}
	var s *settings.Error
	if errors.As(err, &s) {
		return ExitConfig
	}
	if strings.HasPrefix(err.Error(), "required flag(s)") { // cobra has no type for it
		return ExitUsage
	}
	return ExitFailure
}

// Logger writes to stderr. level is debug, info, warn or error; format text or json.
func Logger(level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("unknown log level %q", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, options)), nil
	default:
		return nil, fmt.Errorf("unknown log format %q", format)
	}
}
