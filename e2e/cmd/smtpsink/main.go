// Command smtpsink is the mail server of the demonstration and the end-to-end
// tests: it keeps each mail it accepts as a file, and fails as told.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
)

func main() {
	var o smtptest.Options
	flag.StringVar(&o.Listen, "listen", "127.0.0.1:0", "address to listen on")
	flag.StringVar(&o.Folder, "folder", "", "folder for the accepted mails, 000001.eml and so on")
	flag.StringVar(&o.Username, "username", "tocsin", "the user that AUTH wants")
	flag.StringVar(&o.Password, "password", "", "the password that AUTH wants")
	flag.BoolVar(&o.Implicit, "implicit", false, "speak TLS from the first byte")
	flag.StringVar((*string)(&o.Fault), "fault", "", "how to fail: refuse-auth, defer-mail, defer-rcpt, refuse-rcpt, defer-data, refuse-data, cut-data, late-cut or strip-tls")
	flag.Func("name", "a host name that the certificate holds besides localhost; repeatable", func(name string) error {
		o.Names = append(o.Names, name)
		return nil
	})
	ca := flag.String("ca-file", "", "where to write the certificate of the authority")
	flag.Parse()
	if err := run(o, *ca); err != nil {
		fmt.Fprintln(os.Stderr, "smtpsink:", err)
		os.Exit(1)
	}
}

// run serves until it is told to stop. Once it listens it prints its port.
func run(o smtptest.Options, ca string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if o.Folder != "" {
		if err := os.MkdirAll(o.Folder, 0o700); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
	}
	server, err := smtptest.Start(o)
	if err != nil {
		return err
	}
	if ca != "" {
		if err := os.WriteFile(ca, server.CA(), 0o644); err != nil {
			return fmt.Errorf("write certificate: %w", err)
		}
	}
	fmt.Println(server.Port())
	<-ctx.Done()
	return server.Close()
}
