//go:build !linux

package realserver

import (
	"testing"
	"time"
)

// SocketTimes are the options of a socket that decide how TCP finds a dead peer.
type SocketTimes struct {
	KeepAlive   bool
	Idle        time.Duration
	Every       time.Duration
	Count       int
	UserTimeout time.Duration
}

// ReadSocketTimes works on Linux only; elsewhere the test is missing something.
func ReadSocketTimes(t testing.TB, _, _ string) SocketTimes {
	t.Helper()
	missing(t, "the options of another process's socket can be read on Linux only")
	return SocketTimes{}
}

// SocketTimesOf works on Linux only.
func SocketTimesOf(t testing.TB, _ func() (local, remote string)) SocketTimes {
	t.Helper()
	return ReadSocketTimes(t, "", "")
}

// Established works on Linux only.
func Established(string, string) bool { return false }
