// Package sockopt reads and sets what TCP sockets of other processes have against a
// dead peer: SO_KEEPALIVE with its times, and TCP_USER_TIMEOUT. The process goes on
// with its socket and is not told.
package sockopt

import (
	"errors"

	"example.com/keeptune/tuning/census"
)

// A Ref names a socket so that another process finds it again, later.
type Ref struct {
	PID    int    `json:"pid"`
	FD     int    `json:"fd"`
	Inode  uint64 `json:"inode"`
	Cookie uint64 `json:"cookie"` // never used twice, so that no other socket is taken for it
	Name   string `json:"process"`
}

// ErrGone says that a socket was closed, or is held by no process any more.
var ErrGone = errors.New("the socket is closed")

// ErrMultipath says that a socket speaks Multipath TCP: what the kernel lists are its
// subflows, which no process holds.
var ErrMultipath = errors.New("the socket speaks Multipath TCP")

// A RefusedError says in one sentence why a process's sockets are out of this user's reach.
type RefusedError struct{ Why string }

// Error is the sentence.
func (e *RefusedError) Error() string { return e.Why }

// RefOf names a row of a census that knows its owners, false where it has none.
func RefOf(s *census.Socket) (Ref, bool) {
	if len(s.Owners) == 0 {
		return Ref{}, false
	}
	o := s.Owners[0]
	return Ref{PID: o.PID, FD: o.FD, Inode: s.Inode, Cookie: s.Cookie, Name: o.Name}, true
}
