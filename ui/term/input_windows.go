package term

import "os"

// An Input is a terminal to be given to tea.WithInput. The Windows console
// delivers whole key events, so there is nothing to join.
type Input struct{ *os.File }

// NewInput wraps a terminal. A closed console ends the process itself.
func NewInput(f *os.File, _ func()) *Input { return &Input{File: f} }
