// Command journalsay writes each line of its input to a journal as one entry, by
// journald's own protocol: IDENTIFIER, a tab, MESSAGE. What the journal finds out
// about the sender is true of this process, so the tests build it under the name of
// the program whose words it says.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
)

func main() {
	if err := say(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "journalsay:", err)
		os.Exit(1)
	}
}

func say(socket string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		identifier, message, _ := bytes.Cut(in.Bytes(), []byte("\t"))
		entry := fmt.Appendf(nil, "PRIORITY=6\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=%s\nMESSAGE\n", identifier)
		entry = binary.LittleEndian.AppendUint64(entry, uint64(len(message)))
		entry = append(append(entry, message...), '\n')
		if _, err := conn.Write(entry); err != nil {
			return err
		}
		fmt.Println("said") // the sender is still there when the journal looks at it
	}
	return in.Err()
}
