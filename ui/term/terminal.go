package term

import (
	"fmt"
	"os"

	xterm "github.com/charmbracelet/x/term"
)

// A Terminal is what the screen stands on: raw while the screen is up, with a
// size, written to in whole frames.
type Terminal struct {
	in, out *os.File
	before  *xterm.State // of the input; nil while it is not raw
	output  *xterm.State // of the output, where raw mode changes that too
}

// NewTerminal takes the two ends of a terminal. Nothing is changed yet.
func NewTerminal(in, out *os.File) *Terminal { return &Terminal{in: in, out: out} }

// Write sends a frame, or a sequence.
func (t *Terminal) Write(b []byte) (int, error) { return t.out.Write(b) }

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
