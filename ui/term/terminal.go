package term

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	xterm "github.com/charmbracelet/x/term"
)

// A Terminal is what the screen stands on: raw while the screen is up, with a
// size, written to in whole frames.
type Terminal struct {
	in, out *os.File
	before  *xterm.State // of the input; nil while it is not raw
	output  *xterm.State // of the output, where raw mode changes that too
	ends    <-chan struct{}
	stuck   bool
}

// ErrStuck says that a terminal takes nothing while the session has to end.
var ErrStuck = errors.New("the terminal takes no output")

// grace is how long a write may take once the session has to end.
const grace = 150 * time.Millisecond

// NewTerminal takes the two ends of a terminal. Nothing is changed yet.
func NewTerminal(in, out *os.File) *Terminal { return &Terminal{in: in, out: out} }

// Until says when the session has to end. From then on a terminal that takes nothing, such
// as one that Ctrl+S has stopped, holds nobody up. It is called before the first Write.
func (t *Terminal) Until(ends <-chan struct{}) { t.ends = ends }

// Stuck reports whether the terminal took nothing when the session had to end: nothing
// should be written to it any more.
func (t *Terminal) Stuck() bool { return t.stuck }

// Write sends a frame, or a sequence. It is called from one goroutine at a time. The error
// is that of the system, or [ErrStuck].
func (t *Terminal) Write(b []byte) (int, error) {
	if t.ends == nil {
		return t.out.Write(b)
	}
	if t.stuck {
		return 0, ErrStuck
	}
	type result struct {
		n   int
		err error
	}
	wrote, frame := make(chan result, 1), bytes.Clone(b)
	go func() { // where it is stuck it ends with the process
		n, err := t.out.Write(frame)
		wrote <- result{n, err}
	}()
	select {
	case r := <-wrote:
		return r.n, r.err
	case <-t.ends:
	}
	select {
	case r := <-wrote:
		return r.n, r.err
	case <-time.After(grace):
		t.stuck = true
		return 0, ErrStuck
	}
}

// Size is in columns and lines.
func (t *Terminal) Size() (w, h int, err error) {
	w, h, err = xterm.GetSize(t.out.Fd())
	if err != nil {
		return 0, 0, fmt.Errorf("cannot tell the size of the terminal: %w", err)
	}
	return w, h, nil
}

// Raw gives every key to the program as it is pressed, and nothing is echoed.
// Restore takes it back.
func (t *Terminal) Raw() error {
	before, err := xterm.MakeRaw(t.in.Fd())
	if err != nil {
		return fmt.Errorf("cannot make the terminal raw: %w", err)
	}
	t.before = before
	return t.sequences()
}

// Restore makes the terminal what it was before Raw.
func (t *Terminal) Restore() error {
	if t.output != nil {
		_ = xterm.Restore(t.out.Fd(), t.output) // what matters is that keys are echoed again
		t.output = nil
	}
	if t.before == nil {
		return nil
	}
	before := t.before
	t.before = nil
	if err := xterm.Restore(t.in.Fd(), before); err != nil {
		return fmt.Errorf("cannot give the terminal back: %w", err)
	}
	return nil
}
