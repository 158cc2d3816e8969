package sockopt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
)

// A Taker lends sockets of other processes, each for as long as a function runs: two
// system calls and what the function does. It is for one goroutine. Close it.
type Taker struct {
	processes map[int]int // pidfds
	held      map[uint64][]census.Owner
}

// NewTaker holds nothing yet.
func NewTaker() *Taker { return &Taker{processes: map[int]int{}} }

// Close lets the processes go.
func (t *Taker) Close() {
	for _, fd := range t.processes {
		_ = unix.Close(fd)
	}
	clear(t.processes)
}

// Get tells the options of a socket. The error is [ErrGone], a [*RefusedError], or the
// kernel's.
func (t *Taker) Get(ctx context.Context, r Ref) (o census.Options, err error) {
	err = t.lend(ctx, r, func(fd int) error {
		o, err = get(fd)
		return err
	})
	return o, err
}

// Set changes a socket's options and tells those before and after, the latter read back.
// Where the kernel refuses one, those before it are put back.
func (t *Taker) Set(ctx context.Context, r Ref, c census.Change) (was, now census.Options, err error) {
	err = t.lend(ctx, r, func(fd int) error {
		if was, err = get(fd); err != nil {
			return err
		}
		if err := set(fd, c); err != nil {
			return errors.Join(err, set(fd, c.Back(was)))
		}
		now, err = get(fd)
		return err
	})
	return was, now, err
}

// Restore puts back what c set, where it is still so, and tells whether anything else
// was set since. Was are the options before c.
func (t *Taker) Restore(ctx context.Context, r Ref, c census.Change, was census.Options) (others bool, err error) {
	err = t.lend(ctx, r, func(fd int) error {
		now, err := get(fd)
		if err != nil {
			return err
		}
		back := c.Back(was)
		ours := c.Stands(now, back)
		others = ours.Applied(now) != back.Applied(now)
		return set(fd, ours)
	})
	return others, err
}

// lend duplicates the socket into this process (pidfd_getfd(2)) while f runs. Where it
// moved to another descriptor or process, it is looked for once.
func (t *Taker) lend(ctx context.Context, r Ref, f func(fd int) error) error {
	err := t.from(r, f)
	if !errors.Is(err, ErrGone) {
		return err
	}
	if t.held == nil {
		if t.held, _, err = host.Owners(ctx); err != nil {
			return err
		}
	}
	for _, o := range t.held[r.Inode] {
		if o.PID == r.PID && o.FD == r.FD {
			continue
		}
		again := Ref{PID: o.PID, FD: o.FD, Inode: r.Inode, Cookie: r.Cookie, Name: o.Name}
		if err := t.from(again, f); !errors.Is(err, ErrGone) {
			return err
		}
	}
	return ErrGone
}

func (t *Taker) from(r Ref, f func(fd int) error) error {
	process, err := t.process(r.PID)
	if err != nil {
		return err
	}
	fd, err := unix.PidfdGetfd(process, r.FD, 0)
	switch {
	case errors.Is(err, unix.EBADF), errors.Is(err, unix.ESRCH):
		return ErrGone
	case errors.Is(err, unix.EPERM):
		return refused(r)
	case err != nil:
		return fmt.Errorf("taking descriptor %d of process %d: %w", r.FD, r.PID, err)
	}
	defer unix.Close(fd)
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	if err == nil && cookie == r.Cookie {
		return f(fd)
	}
	var file unix.Stat_t
	if p, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); err == nil && p == unix.IPPROTO_MPTCP && unix.Fstat(fd, &file) == nil && file.Ino == r.Inode {
		return ErrMultipath
	}
	return ErrGone // the number belongs to something else by now
}

func (t *Taker) process(pid int) (int, error) {
	if fd, ok := t.processes[pid]; ok {
		return fd, nil
	}
	fd, err := unix.PidfdOpen(pid, 0)
	switch {
	case errors.Is(err, unix.ESRCH):
		return 0, ErrGone
	case errors.Is(err, unix.ENOSYS):
		return 0, &RefusedError{"this kernel lends no sockets of other processes: pidfd_getfd came with Linux 5.6"}
	case err != nil:
		return 0, fmt.Errorf("opening process %d: %w", pid, err)
	}
	t.processes[pid] = fd
	return fd, nil
}

// refused says who may.
func refused(r Ref) error {
	why := fmt.Sprintf("the sockets of process %d (%s) are not for this user; root may read and set them", r.PID, model.Clean(r.Name, 40))
	scope, _ := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope") // not there without Yama
	switch strings.TrimSpace(string(scope)) {
	case "1", "2":
		why += ", or the same user where kernel.yama.ptrace_scope is 0"
		if os.Geteuid() == 0 {
			why = fmt.Sprintf("the sockets of process %d (%s) take the capability CAP_SYS_PTRACE, which this root lacks", r.PID, model.Clean(r.Name, 40))
		}
	case "3":
		why = "no process may read or set sockets of another here: kernel.yama.ptrace_scope is 3"
	default:
		if os.Geteuid() == 0 {
			why = fmt.Sprintf("the sockets of process %d (%s) take the capability CAP_SYS_PTRACE, which this root lacks", r.PID, model.Clean(r.Name, 40))
		}
	}
	return &RefusedError{why}
}

func get(fd int) (o census.Options, err error) {
	on, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	if err != nil {
		return o, fmt.Errorf("reading SO_KEEPALIVE: %w", err)
	}
	o.KeepAlive = on != 0
	for _, x := range []struct {
		name string
		opt  int
		take func(int)
	}{
		{"TCP_KEEPIDLE", unix.TCP_KEEPIDLE, func(n int) { o.Idle = time.Duration(n) * time.Second }},
		{"TCP_KEEPINTVL", unix.TCP_KEEPINTVL, func(n int) { o.Every = time.Duration(n) * time.Second }},
		{"TCP_KEEPCNT", unix.TCP_KEEPCNT, func(n int) { o.Count = n }},
		{"TCP_USER_TIMEOUT", unix.TCP_USER_TIMEOUT, func(n int) { o.UserTimeout = time.Duration(n) * time.Millisecond }},
	} {
		n, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, x.opt)
		if err != nil {
			return o, fmt.Errorf("reading %s: %w", x.name, err)
		}
		x.take(n)
	}
	return o, nil
}

// set changes what c says. SO_KEEPALIVE is switched on last and off first: on, it arms
// the timer for the idle time from now, while a TCP_KEEPIDLE that is set later counts
// the silence so far, and many probes would go out at once.
func set(fd int, c census.Change) error {
	keepAlive := func(on bool) error {
		n := 0
		if on {
			n = 1
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, n); err != nil {
			return fmt.Errorf("setting SO_KEEPALIVE: %w", err)
		}
		return nil
	}
	if c.KeepAlive != nil && !*c.KeepAlive {
		if err := keepAlive(false); err != nil {
			return err
		}
	}
	tcp := func(name string, opt int, n int64) error {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, opt, int(n)); err != nil {
			return fmt.Errorf("setting %s to %d: %w", name, n, err)
		}
		return nil
	}
	if c.Every != nil {
		if err := tcp("TCP_KEEPINTVL", unix.TCP_KEEPINTVL, int64(*c.Every/time.Second)); err != nil {
			return err
		}
	}
	if c.Count != nil {
		if err := tcp("TCP_KEEPCNT", unix.TCP_KEEPCNT, int64(*c.Count)); err != nil {
			return err
		}
	}
	if c.UserTimeout != nil {
		if err := tcp("TCP_USER_TIMEOUT", unix.TCP_USER_TIMEOUT, int64(*c.UserTimeout/time.Millisecond)); err != nil {
			return err
		}
	}
	if c.Idle != nil {
		if err := tcp("TCP_KEEPIDLE", unix.TCP_KEEPIDLE, int64(*c.Idle/time.Second)); err != nil {
			return err
		}
	}
	if c.KeepAlive != nil && *c.KeepAlive {
		return keepAlive(true)
	}
	return nil
}
