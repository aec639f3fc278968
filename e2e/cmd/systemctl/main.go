// Command systemctl stands in for systemd's where there is no systemd, for the
// test that follows docs/quickstart.md: it starts, stops and reloads what unit
// files say, as the user and with the capabilities that they say, and waits for
// READY=1. What a service says is kept in /run/quickstart.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	units   = "/etc/systemd/system"
	run     = "/run/quickstart"
	patient = 30 * time.Second
)

func main() {
	if err := manage(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "systemctl:", err)
		os.Exit(1)
	}
}

func manage(args []string) error {
	verb, args := args[0], args[1:]
	now := slices.Contains(args, "--now")
	args = slices.DeleteFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") })
	for _, name := range args {
		u, err := load(name)
		if err != nil {
			return err
		}
		switch {
		case verb == "start", verb == "enable" && now:
			err = u.start()
		case verb == "stop", verb == "disable" && now:
			err = u.stop()
		case verb == "restart":
			err = errors.Join(u.stop(), u.start())
		case verb == "reload":
			err = u.reload()
		default:
			err = fmt.Errorf("%q is not known here", verb)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", verb, name, err)
		}
	}
	return nil
}

// unit is what a unit file says; of a key that is there twice, the last.
type unit struct {
	name string
	keys map[string]string
}

func load(name string) (*unit, error) {
	lines, err := readLines(filepath.Join(units, name+".service"))
	if err != nil {
		return nil, err
	}
	u := &unit{name: name, keys: make(map[string]string)}
	for _, line := range lines {
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			u.keys[key] = value
		}
	}
	return u, nil
}

func readLines(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n"), nil
}

func (u *unit) start() (err error) {
	if _, err := u.pid(); err == nil {
		return nil
	}
	words := strings.Fields(u.keys["ExecStart"])
	cmd := exec.Command(words[0], words[1:]...) //nolint:gosec,noctx // outlives this command
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := u.become(cmd.SysProcAttr); err != nil {
		return err
	}
	if cmd.Env, err = u.environment(); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(run, u.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	cmd.Stdout, cmd.Stderr = log, log
	socket, err := u.listen()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, socket.Close()) }()
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := strconv.Itoa(cmd.Process.Pid)
	if err := os.WriteFile(filepath.Join(run, u.name+".pid"), []byte(pid), 0o644); err != nil {
		return err
	}
	return await(cmd, socket)
}

// become makes the state folder, and takes user and capabilities where there is
// more than one user.
func (u *unit) become(attr *syscall.SysProcAttr) error {
	state := filepath.Join("/var/lib", u.keys["StateDirectory"])
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	who, err := user.Lookup(u.keys["User"])
	if err != nil {
		return err
	}
	if ids, err := readLines("/proc/self/uid_map"); err != nil || strings.HasSuffix(ids[0], " 1") {
		return err
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	switch caps := u.keys["AmbientCapabilities"]; caps {
	case "":
	case "CAP_DAC_READ_SEARCH":
		attr.AmbientCaps = []uintptr{2}
	default:
		return fmt.Errorf("capabilities %q are not known here", caps)
	}
	return os.Chown(state, int(uid), int(gid))
}

// environment is that of the manager's default and of the unit's own file.
func (u *unit) environment() ([]string, error) {
	env, err := readLines(filepath.Join(run, "environment"))
	if err != nil {
		return nil, err
	}
	file, optional := strings.CutPrefix(u.keys["EnvironmentFile"], "-")
	own, err := readLines(file)
	if err != nil && (!optional || !errors.Is(err, os.ErrNotExist)) {
		return nil, err
	}
	return append(append(env, own...), "PATH=/usr/local/bin:/usr/bin:/bin", "NOTIFY_SOCKET="+u.socket()), nil
}

func (u *unit) socket() string { return filepath.Join(run, u.name+".notify") }

func (u *unit) listen() (*net.UnixConn, error) {
	if err := os.Remove(u.socket()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: u.socket(), Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	return socket, errors.Join(os.Chmod(u.socket(), 0o777), socket.SetReadDeadline(time.Now().Add(patient)))
}

// await returns when the service says that it is ready, or has ended.
func await(cmd *exec.Cmd, socket *net.UnixConn) error {
	said := make(chan error, 1)
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := socket.Read(buffer)
			if err != nil || slices.Contains(strings.Split(string(buffer[:n]), "\n"), "READY=1") {
				said <- err
				return
			}
		}
	}()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-said:
		return err
	case err := <-ended:
		return fmt.Errorf("ended before it was ready: %w", err)
	}
}

// pid is that of the running service.
func (u *unit) pid() (int, error) {
	lines, err := readLines(filepath.Join(run, u.name+".pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(lines[0])
}

func (u *unit) stop() error {
	pid, err := u.pid()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	deadline := time.After(patient)
	for again := time.NewTicker(20 * time.Millisecond); alive(pid); {
		select {
		case <-again.C:
		case <-deadline:
			return errors.New("does not end")
		}
	}
	return os.Remove(filepath.Join(run, u.name+".pid"))
}

// alive tells whether a process runs; one that nobody has waited for does not.
func alive(pid int) bool {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if strings.HasPrefix(scanner.Text(), "State:") {
			return !strings.Contains(scanner.Text(), "Z")
		}
	}
	return false
}

// reload does what ExecReload says.
func (u *unit) reload() error {
	pid, err := u.pid()
	if err != nil {
		return err
	}
	command := u.keys["ExecReload"]
	if command != "/bin/kill -HUP $MAINPID" {
		return fmt.Errorf("ExecReload %q is not known here", command)
	}
	return syscall.Kill(pid, syscall.SIGHUP)
}
