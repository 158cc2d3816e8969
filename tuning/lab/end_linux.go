package lab

import (
	"cmp"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// An end is a TCP socket of one end.
type end int

const port = 7000

func address(a string) *unix.SockaddrInet4 {
	if a == clientAddress {
		return &unix.SockaddrInet4{Addr: [4]byte{10, 9, 0, 2}, Port: port}
	}
	return &unix.SockaddrInet4{Addr: [4]byte{10, 9, 1, 2}, Port: port}
}

// newEnd makes a socket in the thread's namespace, where it stays.
func newEnd() (end, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	return end(fd), nil
}

func (e end) close() {
	if e >= 0 {
		_ = unix.Close(int(e))
	}
}

func (e end) option(level, name int, value int64) error {
	if err := unix.SetsockoptInt(int(e), level, name, int(value)); err != nil {
		return fmt.Errorf("setsockopt %d: %w", name, err)
	}
	return nil
}

// apply sets the socket options of the settings.
func (e end) apply(s Case) error {
	if s.UserTimeout > 0 {
		if err := e.option(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, s.UserTimeout.Milliseconds()); err != nil {
			return err
		}
	}
	if !s.KeepAlive {
		return nil
	}
	for _, o := range []struct {
		level, name int
		value       int64
	}{
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, int64(cmp.Or(s.IdleWas, s.Idle) / time.Second)},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, int64(s.Every / time.Second)},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, s.Count},
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
	} {
		if o.name == unix.TCP_KEEPCNT && s.Count == 0 {
			continue // refused: only the kernel's own count can be 0
		}
		if err := e.option(o.level, o.name, o.value); err != nil {
			return err
		}
	}
	return nil
}

func (e end) info() (*unix.TCPInfo, error) {
	i, err := unix.GetsockoptTCPInfo(int(e), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return nil, fmt.Errorf("TCP_INFO: %w", err)
	}
	return i, nil
}

// message is how many bytes an end says at a time, several as many as need
// several segments.
const (
	message = 100
	many    = 30000
)

// send writes n bytes in one call.
func (e end) send(n int) error {
	sent, err := unix.Write(int(e), make([]byte, n))
	if err == nil && sent != n {
		err = fmt.Errorf("only %d of %d bytes taken", sent, n)
	}
	return err
}

// receive reads one message.
func (e end) receive() error {
	b := make([]byte, message)
	for n := 0; n < message; {
		if err := e.readable(5 * time.Second); err != nil {
			return err
		}
		got, err := unix.Read(int(e), b[n:])
		if err != nil {
			return err
		}
		if got == 0 {
			return fmt.Errorf("closed by the other end")
		}
		n += got
	}
	return nil
}

// timestamped reads a message and returns when the kernel received it.
func (e end) timestamped() (time.Duration, error) {
	if err := e.readable(5 * time.Second); err != nil {
		return 0, err
	}
	control := make([]byte, 128)
	n, controls, _, _, err := unix.Recvmsg(int(e), make([]byte, message), control, 0)
	if err == nil && n != message {
		err = fmt.Errorf("%d bytes came, not %d", n, message)
	}
	return stamp(control[:controls]) + monotonic(), err
}

func (e end) readable(limit time.Duration) error {
	if !e.poll(unix.POLLIN, now()+limit) {
		return fmt.Errorf("no data within %s", limit)
	}
	return nil
}

// poll blocks this thread until an event or an error; false if the time comes first.
func (e end) poll(events int16, until time.Duration) bool {
	for {
		left := until - now()
		if left < 0 {
			return false
		}
		fds := []unix.PollFd{{Fd: int32(e), Events: events}} //nolint:gosec // a file descriptor
		n, err := unix.Poll(fds, int(left/time.Millisecond)+1)
		if err == nil && n > 0 {
			return true
		}
	}
}

// ended waits for the end of the connection: how, and when the call returned.
func (e end) ended(events int16, until time.Duration) (Outcome, time.Duration) {
	happened := e.poll(events, until)
	at := now()
	if !happened {
		return Alive, at
	}
	errno, err := unix.GetsockoptInt(int(e), unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return Outcome(err.Error()), at
	case errno == 0:
		if n, err := unix.Read(int(e), make([]byte, 1)); n == 0 && err == nil {
			return EOF, at
		}
		return Readable, at
	}
	return Outcome(unix.ErrnoName(unix.Errno(errno))), at
}
