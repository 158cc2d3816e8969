//go:build !windows

package cli_test

import (
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"example.com/keeptune/ui/internal/screen"
)

// A terminal that reads nothing any more does not keep the program: a signal ends it, with
// the session kept.
func TestTerminalThatReadsNothing(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(screen.Build(t), "--config", "none", "ie@11 > apache")
	cmd.Env, cmd.Dir = screen.Env(t), t.TempDir()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 200, Rows: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var seen strings.Builder
	for b := make([]byte, 4096); !strings.Contains(seen.String(), "LIMIT"); {
		n, err := tty.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(b[:n])
	}
	// Each Ctrl+L draws some kilobytes, more than a terminal that is not read takes.
	if _, err := tty.WriteString(strings.Repeat("\x0c", 400)); err != nil {
		t.Fatal(err)
	}
	// The program is in a write when the kernel has it wait there and keys stay unread.
	for range 50 {
		select {
		case err := <-gone:
			t.Fatalf("it ended by itself: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-gone:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 128+int(syscall.SIGTERM) {
			t.Errorf("it ended with %v, want exit code %d", err, 128+int(syscall.SIGTERM))
		}
	case <-time.After(time.Minute):
		t.Error("SIGTERM does not end it")
	}
}
