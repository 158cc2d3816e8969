//go:build !windows

package term

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Patience is how long a read waits for the rest of an escape sequence. A
// lone Esc key arrives this much later.
const Patience = 80 * time.Millisecond

// An Input is a terminal to be given to tea.WithInput. It joins escape
// sequences and characters that a slow link or a multiplexer split, and calls
// hangup when the terminal is gone, which Bubble Tea does not notice by
// itself. It is still a file, so raw mode and suspend go on working.
type Input struct {
	*os.File
	hangup func()
}

// NewInput wraps a terminal. hangup may be called more than once.
func NewInput(f *os.File, hangup func()) *Input { return &Input{File: f, hangup: hangup} }

// Read reads what is there, waiting at most Patience for what belongs to it.
func (p *Input) Read(b []byte) (int, error) {
	n, err := p.File.Read(b)
	if gone(n, err) {
		p.hangup()
		return n, err
	}
	deadline := time.Now().Add(Patience)
	for err == nil && n < len(b) && incomplete(b[:n]) && p.ready(time.Until(deadline)) {
		var m int
		m, err = p.File.Read(b[n:])
		n += m
		if gone(m, err) { // give out what was read; the next read fails again
			return n, nil
		}
	}
	return n, err
}

// ready waits until there is something to read.
func (p *Input) ready(wait time.Duration) bool {
	until := time.Now().Add(wait)
	for {
		left := time.Until(until)
		if left <= 0 {
			return false
		}
		fds := []unix.PollFd{{Fd: int32(p.Fd()), Events: unix.POLLIN}} //nolint:gosec // a file descriptor is small
		n, err := unix.Poll(fds, int((left+time.Millisecond-1)/time.Millisecond))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return err == nil && n > 0
	}
}

func gone(n int, err error) bool {
	return n == 0 && errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO)
}
