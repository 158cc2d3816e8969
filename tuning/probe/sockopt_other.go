//go:build !linux

package probe

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// errUnimplemented is what this system cannot do; the test goes on with the clock alone.
var errUnimplemented = fmt.Errorf("unimplemented on %s: %w", runtime.GOOS, errors.ErrUnsupported)

func stampSocket(_, _ string, _ syscall.RawConn) error { return nil }

func recv(syscall.RawConn, []byte, []byte) (int, time.Time, error) {
	return 0, time.Time{}, errUnimplemented
}

func lateness(syscall.RawConn) (time.Duration, bool) { return 0, false }

func dataLateness(syscall.RawConn) (time.Duration, bool) { return 0, false }

func pathTimes(syscall.RawConn) (rtt, rto time.Duration, resent int, err error) {
	return 0, 0, 0, errUnimplemented
}
