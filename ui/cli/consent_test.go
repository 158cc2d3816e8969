//go:build !windows

package cli_test

import (
	"syscall"
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// Ctrl+C ends the question whether another machine may be tested.
func TestSignalAtTheQuestion(t *testing.T) {
	t.Parallel()
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"probe", "192.0.2.1", "--record", "run.jsonl"}, Dir: t.TempDir()})
	s.WaitFor("May you?")
	s.Signal(syscall.SIGINT)
	if code := s.Exit(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, s.Text())
	}
}
