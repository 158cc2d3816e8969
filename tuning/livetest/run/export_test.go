package run

import (
	"syscall"
	"time"
)

// Arrived is when something came that was read at a time, and of which ago tells how long ago
// it was.
func Arrived(read time.Time, ago func(syscall.RawConn) (time.Duration, bool)) (time.Time, bool) {
	return arrived(read, nil, ago)
}

// WithClock returns a Tester that watches its own pauses by another clock.
func WithClock(p Tester, clock func() (time.Duration, time.Time)) Tester {
	p.clock = clock
	return p
}
