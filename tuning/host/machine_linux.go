package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/lab"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
)

// Machine reads what this machine has in force, or what the network namespace that o names
// has. It changes nothing; the programs that it runs are asked for their versions, and
// running ones to check their files, where nginx -t makes an empty pid file, logs and
// folders that its files name and that are not there.
func Machine(ctx context.Context, o machine.Options) (m machine.Machine, err error) {
	inner := within(o.Namespace, func() error {
		m, err = machine.Read(ctx, this{}, o)
		return nil
	})
	return m, errors.Join(inner, err)
}

// this is the machine that keeptune runs on.
type this struct{}

var _ machine.Host = this{}

const (
	runLimit = 5 * time.Second // of a program that is asked for its version
	outLimit = 256 << 10       // of what it prints, in bytes
)

func (this) Read(name string) ([]byte, error) {
	if dir, rest, ok := otherRoot(name); ok {
		return rooted(dir).read(rest)
	}
	return store.ReadLimited(name, native.MaxSize)
}

func (this) Real(name string) (string, error) { return filepath.EvalSymlinks(name) }

func (this) Glob(pattern string) ([]string, error) {
	if dir, rest, ok := otherRoot(pattern); ok {
		return rooted(dir).glob(rest)
	}
	found, err := filepath.Glob(pattern)
	slices.Sort(found)
	return found, err
}

func (this) Link(name string) (string, error) { return os.Readlink(name) }

func (this) Stat(name string) (machine.Stat, error) {
	st, err := stat(name)
	if err != nil {
		return machine.Stat{}, err
	}
	s := machine.Stat{Changed: st.ModTime(), Dir: st.IsDir(), Shared: st.Mode().Perm()&0o022 != 0, Sticky: st.Mode()&os.ModeSticky != 0}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		s.User = int(sys.Uid)
		s.ID = fmt.Sprintf("%d:%d", sys.Dev, sys.Ino)
	}
	return s, nil
}

func stat(name string) (fs.FileInfo, error) {
	if dir, rest, ok := otherRoot(name); ok {
		return rooted(dir).Stat(rest)
	}
	return os.Stat(name)
}

func (this) Run(ctx context.Context, env []string, argv ...string) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, runLimit)
	defer stop()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // machine.Read runs what only root and this user can have written
	cmd.Dir = "/"
	cmd.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal on which it could ask for a key's password
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var out, errs limited
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	out.Buffer.Write(errs.Bytes())
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not end within %d s", int(runLimit/time.Second))
	}
	return out.Bytes(), err
}

func (this) Ask(ctx context.Context, socket, line string) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, runLimit)
	defer stop()
	var dialer net.Dialer
	network := "unix"
	if !filepath.IsAbs(socket) { // a number and a port: the thread stays in its namespace
		network = "tcp"
	}
	conn, err := dialer.DialContext(ctx, network, socket)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	if _, err := conn.Write([]byte(line + "\n")); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(conn, native.MaxSize))
}

// limited keeps the beginning of what is written to it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := outLimit - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (this) Listeners(ctx context.Context) (list []machine.Listener, hidden int, err error) {
	got, err := Sockets(ctx, Options{Owners: true, Listening: true}, func(s *census.Socket) {
		host, at := "*", s.Local.Addr().Unmap()
		if !at.IsUnspecified() {
			host = at.String()
		}
		l := machine.Listener{Address: net.JoinHostPort(host, strconv.Itoa(int(s.Local.Port())))}
		for _, o := range s.Owners {
			l.PIDs = append(l.PIDs, o.PID)
		}
		list = append(list, l)
	})
	return list, got.Hidden, err
}

func (this) HZ() (int, bool) { return lab.HostHZ() }

func (this) Now() time.Time { return time.Now() }

func (this) User() int { return os.Getuid() }
