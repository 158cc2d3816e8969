package term

import (
	"fmt"

	xterm "github.com/charmbracelet/x/term"
	"golang.org/x/sys/windows"
)

// sequences makes the console obey escape sequences and send them for keys.
func (t *Terminal) sequences() error {
	before, err := xterm.GetState(t.out.Fd())
	if err != nil {
		return fmt.Errorf("cannot read the console's mode: %w", err)
	}
	if err := enable(windows.Handle(t.in.Fd()), windows.ENABLE_VIRTUAL_TERMINAL_INPUT); err != nil {
		return err
	}
	if err := enable(windows.Handle(t.out.Fd()), windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING); err != nil {
		return err
	}
	t.output = before
	return nil
}

// enable adds to a console's mode.
func enable(console windows.Handle, flag uint32) error {
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return fmt.Errorf("cannot read the console's mode: %w", err)
	}
	if err := windows.SetConsoleMode(console, mode|flag); err != nil {
		return fmt.Errorf("cannot set the console's mode: %w", err)
	}
	return nil
}
