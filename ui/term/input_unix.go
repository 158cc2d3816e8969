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

// Patience is how long a lone ESC waits for the rest of a sequence: the Esc key
// arrives this much later. What surely has a rest, such as ESC [, waits longer.
const (
	Patience = 80 * time.Millisecond
	longer   = time.Second
)

// An Input is a terminal to be given to tea.WithInput. It joins escape
// sequences and characters that a slow link or a multiplexer split, and calls
// hangup when the terminal is gone, which Bubble Tea does not notice by
// itself. It is still a file, so raw mode and suspend go on working.
type Input struct {
	*os.File
	Lone, Rest time.Duration // what a lone ESC and any other beginning waits

	hangup func()
	esc    time.Time // when a lone ESC was given out at last
}

// NewInput wraps a terminal. hangup may be called more than once.
func NewInput(f *os.File, hangup func()) *Input {
	return &Input{File: f, Lone: Patience, Rest: longer, hangup: hangup}
}

// Read reads what is there, waiting a moment for what belongs to it. The rest of
// a sequence whose ESC was taken for the key is made whole again.
func (p *Input) Read(b []byte) (int, error) {
	n, err := p.File.Read(b)
	if gone(n, err) {
		p.hangup()
		return n, err
	}
	if n < len(b) && isRest(b[:n]) && time.Since(p.esc) < p.Rest {
		copy(b[1:], b[:n])
		b[0] = 0x1b
		n++
	}
	for began := time.Now(); err == nil && n < len(b) && incomplete(b[:n]); {
		wait := p.Rest
		if b[n-1] == 0x1b {
			wait = p.Lone
		}
		if !p.ready(wait - time.Since(began)) {
			break
		}
		var m int
		m, err = p.File.Read(b[n:])
		n += m
		if gone(m, err) { // give out what was read; the next read fails again
			return n, nil
		}
	}
	if n > 0 && b[n-1] == 0x1b {
		p.esc = time.Now()
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
