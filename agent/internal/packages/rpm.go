package packages

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// rpmTime bounds one run of rpm.
const rpmTime = time.Minute

// rpmFormat makes rpm print a line for each package, and one for each of its
// files: digest, flags, path. The flag 1 is for configuration (rpmfiles.h).
const rpmFormat = `P %{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH} %{INSTALLTIME} %{INSTALLTID}\n` +
	`[F %{FILEDIGESTS} %{FILEFLAGS} %{FILENAMES}\n]`

// rpmFolders are where its database may be.
func rpmFolders() []string { return []string{"var/lib/rpm", "usr/lib/sysimage/rpm"} }

// loadRPM asks rpm. Its databases come in four formats, and rpm knows them all.
func (d *Database) loadRPM(ctx context.Context) (*Index, error) {
	ctx, cancel := context.WithTimeout(ctx, rpmTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "rpm", "--root", d.root, "-qa", "--qf", rpmFormat)
	cmd.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("run rpm: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run rpm: %w", err)
	}
	x, readErr := readRPM(d.root, out)
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("run rpm: %w", err)
	}
	return x, readErr
}

// readRPM reads what rpm prints in rpmFormat.
func readRPM(root string, r io.Reader) (*Index, error) {
	x := newIndex(root)
	merged := dpkgLoader{merged: mergedFolders(root)}
	in := bufio.NewReaderSize(r, 64<<10)
	pkg, known := 0, false
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			kind, rest, _ := strings.Cut(line, " ")
			switch f := strings.SplitN(rest, " ", 5); {
			case kind == "P" && len(f) == 5:
				pkg, known = x.add(Package{Key: f[0] + "." + f[2], Name: f[0], Version: f[1], Stamp: f[3] + "." + f[4]})
			case kind == "F" && known:
				if f = strings.SplitN(rest, " ", 3); len(f) == 3 && strings.HasPrefix(f[2], "/") {
					sum, err := hex.DecodeString(f[0])
					if err != nil || len(sum) != 16 && len(sum) != 32 {
						sum = nil
					}
					config := len(f[1]) > 0 && (f[1][len(f[1])-1]-'0')&1 == 1
					x.put(pkg, merged.actual("", []byte(f[2])), sum, config)
				}
			}
		}
		if err == io.EOF {
			return x.finish(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("read rpm's list: %w", err)
		}
	}
}
