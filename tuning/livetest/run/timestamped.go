package run

import (
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"time"
)

// timestampedConnection is a raw connection whose reads know when their data arrived. One goroutine reads.
type timestampedConnection struct {
	net.Conn
	raw syscall.RawConn // nil: no kernel time
	oob []byte

	last      time.Time // arrival of the last bytes
	lastExact bool
	end       time.Time // when the far end's close or reset arrived; zero while open
	endExact  bool
}

// A path is what the kernel knows of a connection (TCP_INFO).
type path struct {
	rtt, rto time.Duration
	resent   int           // segments retransmitted
	unacked  int           // segments and probes without an answer
	heard    time.Duration // since the last segment of the far end
}

// timestamp wraps a connection; anything but a TCP connection gets no kernel time.
func timestamp(c net.Conn) *timestampedConnection {
	s := &timestampedConnection{Conn: c}
	if t, ok := c.(*net.TCPConn); ok && runtime.GOOS == "linux" {
		if raw, err := t.SyscallConn(); err == nil {
			s.raw, s.oob = raw, make([]byte, 128)
		}
	}
	return s
}

const (
	// atOnce is how far apart two readings of the clock may lie that belong to one moment.
	atOnce = 2 * time.Millisecond
	// askAgain bounds how often the kernel is asked for one that does.
	askAgain = 5
)

// arrived is when something came that was read at a time, by the kernel's word how long ago
// that was. Where the processor was taken from us around that word it fits no clock of ours:
// the kernel is asked again.
func arrived(read time.Time, raw syscall.RawConn, ago func(syscall.RawConn) (time.Duration, bool)) (at time.Time, exact bool) {
	for range askAgain {
		before := time.Now()
		late, ok := ago(raw)
		switch {
		case time.Since(before) > atOnce:
		case !ok || late == 0:
			return read, ok
		default:
			return before.Add(-late), true
		}
	}
	return read, false
}

// Read reads and notes the arrival of data, close or reset.
func (s *timestampedConnection) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, at, err := s.read(p)
	now := time.Now()
	switch {
	case n > 0:
		s.last, s.lastExact = at, !at.IsZero()
		if !s.lastExact {
			s.last = now
			if s.raw != nil {
				s.last, s.lastExact = arrived(now, s.raw, dataLateness)
			}
		}
	case !s.end.IsZero():
	case errors.Is(err, io.EOF):
		s.end, s.endExact = now, false
		if s.raw != nil {
			s.end, s.endExact = arrived(now, s.raw, lateness)
		}
	case err != nil && isReset(err):
		s.end, s.endExact = now, false
	}
	return n, err
}

func (s *timestampedConnection) read(p []byte) (int, time.Time, error) {
	if s.raw == nil {
		n, err := s.Conn.Read(p)
		return n, time.Time{}, err
	}
	n, at, err := recv(s.raw, p, s.oob)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, at, err
}
