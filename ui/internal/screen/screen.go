//go:build !windows

package screen

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// Options say how a program is started.
type Options struct {
	Args    []string
	Env     []string      // added to a clean environment: see Env
	Dir     string        // working directory; "" is this one
	W, H    int           // size; 0 is 80 by 24
	Timeout time.Duration // of every wait; 0 is a minute
	Answer  bool          // the terminal answers cursor position and attribute queries
}

// A Screen is a running program and the terminal it runs on.
type Screen struct {
	tb      testing.TB
	cmd     *exec.Cmd
	tty     *os.File
	timeout time.Duration
	done    chan struct{} // closed when the program is gone and its output read
	err     error         // of cmd.Wait, valid after done

	mu     sync.Mutex
	vt     vt10x.Terminal
	news   chan struct{} // closed when the screen may have changed, and made anew
	lines  []string      // of the screen as it is; nil where nobody looked since it changed
	raw    []byte        // everything the program sent
	tail   []byte        // a character of which the rest has not arrived
	mark   int
	marked time.Time
	first  time.Time // of the first byte since the mark
	last   time.Time // of the last byte
	filled bool      // something was on the screen
	blanks int
}

// Start runs the program bin. It is killed when the test ends.
func Start(tb testing.TB, bin string, o Options) *Screen {
	tb.Helper()
	if o.W == 0 {
		o.W, o.H = 80, 24
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	cmd := exec.Command(bin, o.Args...)
	cmd.Dir = o.Dir
	cmd.Env = Env(tb, o.Env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(o.W), Rows: uint16(o.H)})
	if err != nil {
		tb.Fatalf("cannot start %s on a pseudo-terminal: %v", bin, err)
	}
	if tty, err = pollable(tty); err != nil {
		tb.Fatalf("cannot use the pseudo-terminal: %v", err)
	}
	s := &Screen{tb: tb, cmd: cmd, tty: tty, timeout: o.Timeout, done: make(chan struct{}), news: make(chan struct{}), last: time.Now()}
	answer := io.Discard
	if o.Answer {
		answer = io.Writer(tty)
	}
	s.vt = vt10x.New(vt10x.WithSize(o.W, o.H), vt10x.WithWriter(answer))
	go s.read()
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
		select {
		case <-s.done:
		case <-time.After(5 * time.Second):
			tb.Error("the program does not end even when killed")
		}
	})
	return s
}

// pollable makes a file whose Close ends a Read that waits.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// control calls f with the terminal's descriptor, leaving it pollable, which
// File.Fd would not.
func (s *Screen) control(f func(fd int) error) error {
	conn, err := s.tty.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// Env returns a small, fixed environment with homes of the test's own, and
// the variables more on top ("NAME=value"; later ones win). Programs that are started
// from then on have SIGHUP by the default.
func Env(tb testing.TB, more ...string) []string {
	tb.Helper()
	// What this process catches its children get by the default, whatever its own parent ignores.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	home := tb.TempDir()
	return append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + home,
		"XDG_CONFIG_HOME=" + home + "/config",
		"XDG_STATE_HOME=" + home + "/state",
		"XDG_DATA_HOME=" + home + "/data",
		"TERM=xterm-256color",
		"LANG=C.UTF-8",
		"TZ=UTC",
		"GORACE=atexit_sleep_ms=0", // else a second at each end
	}, more...)
}

func (s *Screen) read() {
	defer close(s.done)
	b := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(b)
		if n > 0 {
			s.feed(b[:n])
		}
		if err != nil { // EIO: every holder of the near end is gone
			break
		}
	}
	s.err = s.cmd.Wait()
}

func (s *Screen) feed(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if len(s.raw) == s.mark {
		s.first = s.last
	}
	s.raw = append(s.raw, b...)
	in := append(s.tail, b...)
	cut := len(in)
	for i := len(in) - 1; i >= 0 && i > len(in)-utf8.UTFMax; i-- {
		if utf8.RuneStart(in[i]) {
			if !utf8.FullRune(in[i:]) {
				cut = i
			}
			break
		}
	}
	_, _ = s.vt.Write(in[:cut])
	s.tail = append([]byte(nil), in[cut:]...)
	s.changed()
	empty := s.empty()
	if s.filled && empty {
		s.blanks++
	}
	s.filled = !empty
}

// changed tells those who wait that the screen may be another; s.mu is held.
func (s *Screen) changed() {
	s.lines = nil
	close(s.news)
	s.news = make(chan struct{})
}

// Overwrite puts on the terminal what the program did not send, as wall does.
func (s *Screen) Overwrite(raw string) { s.feed([]byte(raw)) }

// Send writes bytes to the program as they are, or to nobody where it has ended: the
// terminal of a program that is gone takes some and then none, and says so never.
func (s *Screen) Send(raw string) {
	s.tb.Helper()
	for end := time.Now().Add(s.timeout); raw != ""; {
		_ = s.tty.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := io.WriteString(s.tty, raw)
		raw = raw[n:]
		switch {
		case err == nil:
		case !s.Running():
			return
		case !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().After(end):
			s.tb.Fatalf("cannot type %q: %v\n%s", raw, err, s.frame())
		}
	}
}

// Resize changes the size of the terminal; the program gets SIGWINCH.
func (s *Screen) Resize(w, h int) {
	s.tb.Helper()
	s.mu.Lock()
	s.vt.Resize(w, h)
	s.changed()
	s.mu.Unlock()
	err := s.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(w), Row: uint16(h)})
	})
	if err != nil {
		s.tb.Fatalf("cannot resize: %v", err)
	}
}

// Signal sends a signal to the program alone.
func (s *Screen) Signal(sig os.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatalf("cannot send %v: %v", sig, err)
	}
}

// HangUp takes the terminal away, as a dropped link does: the program gets
// SIGHUP, and reads from and writes to the terminal fail.
func (s *Screen) HangUp() {
	s.tb.Helper()
	if err := s.tty.Close(); err != nil {
		s.tb.Fatalf("cannot hang up: %v", err)
	}
}

// Pid returns the process id of the program.
func (s *Screen) Pid() int { return s.cmd.Process.Pid }

// Exit waits for the program to end and returns its exit status, 128 and the
// number for a signal.
func (s *Screen) Exit() int {
	s.tb.Helper()
	select {
	case <-s.done:
	case <-time.After(s.timeout):
		s.tb.Fatalf("still running after %v\n%s", s.timeout, s.frame())
	}
	if ee, ok := errors.AsType[*exec.ExitError](s.err); ok {
		if ws, ok := ee.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return 128 + int(ws.Signal())
		}
		return ee.ExitCode()
	}
	if s.err != nil {
		s.tb.Fatalf("wait: %v", s.err)
	}
	return 0
}

// Running says whether the program has not ended yet.
func (s *Screen) Running() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}
