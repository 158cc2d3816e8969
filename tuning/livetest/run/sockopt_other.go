//go:build !linux

package run

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// errUnimplemented is what this system cannot do; the test goes on with the clock alone.
var errUnimplemented = fmt.Errorf("unimplemented on %s: %w", runtime.GOOS, errors.ErrUnsupported)

func stampSocket(_, _ string, _ syscall.RawConn) error { return nil }

func recv(syscall.RawConn, []byte, []byte) (int, time.Time, error) {
	return 0, time.Time{}, errUnimplemented
}

func lateness(syscall.RawConn) (time.Duration, bool) { return 0, false }

func dataLateness(syscall.RawConn) (time.Duration, bool) { return 0, false }

func pathOf(syscall.RawConn) (path, error) { return path{}, errUnimplemented }

func setSocket(syscall.RawConn, livetest.SocketOptions) (livetest.SocketOptions, error) {
	return livetest.SocketOptions{}, errUnimplemented
}
