//go:build !windows

package term_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"example.com/keeptune/ui/internal/screen"
)

// The guard runs before Bubble Tea's init only while everything this package
// imports is imported by Bubble Tea too and its path sorts first.
func TestGuardComesFirst(t *testing.T) {
	const tea = "github.com/charmbracelet/bubbletea"
	deps := func(pkg string) []string {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pkg, err)
		}
		return strings.Fields(string(out))
	}
	theirs := deps(tea)
	for _, d := range deps("example.com/keeptune/ui/term") {
		switch {
		case !strings.Contains(d, "."): // the standard library has no init order to lose
		case d == "example.com/keeptune/ui/term":
			if d > tea {
				t.Errorf("%s sorts after %s", d, tea)
			}
		case d == tea || !slices.Contains(theirs, d):
			t.Errorf("ui/term imports %s: Bubble Tea's init would run first", d)
		}
	}
}

func TestSilentOnATerminalThatNeverAnswers(t *testing.T) {
	bin := screen.BuildAs(t, "./testdata/silent")
	cmd := exec.CommandContext(t.Context(), bin)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	out, err := io.ReadAll(tty)
	if err != nil && !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if string(out) != "quiet\r\n" {
		t.Errorf("sent %q", out)
	}
}
