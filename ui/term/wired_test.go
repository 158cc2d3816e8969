//go:build !windows

package term_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

func TestWithBubbleTea(t *testing.T) {
	bin := screen.BuildAs(t, "./testdata/wired")
	open := func(t *testing.T, args ...string) *screen.Screen {
		s := screen.Start(t, bin, screen.Options{Args: args})
		s.WaitFor("keys: ;")
		return s
	}
	t.Run("split key", func(t *testing.T) {
		s := open(t, "patient")
		s.Send("\x1b")
		time.Sleep(40 * time.Millisecond) // a slow link splits the sequence here
		s.Send("[A")
		s.WaitFor("keys: up;")
	})
	t.Run("keys", func(t *testing.T) {
		s := open(t)
		s.Type("up")
		s.WaitFor("keys: up;")
		s.Type("esc")
		s.WaitFor("keys: up,esc;")
		s.Send("+++")
		s.WaitFor("keys: up,esc,+++;")
		s.Type("q")
		if code := s.Exit(); code != 0 || !s.Restored() || !s.CookedMode() {
			t.Errorf("exit %d, restored %v, cooked %v", code, s.Restored(), s.CookedMode())
		}
	})
	t.Run("idle is silent", func(t *testing.T) {
		s := open(t)
		s.Settle(100 * time.Millisecond)
		s.Mark()
		time.Sleep(500 * time.Millisecond)
		if n := s.SinceMark(); n != 0 {
			t.Errorf("%d bytes: %q", n, s.RawSinceMark())
		}
	})
	for name, sig := range map[string]syscall.Signal{"SIGHUP": syscall.SIGHUP, "SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.Signal(sig)
			if code := s.Exit(); code != 128+int(sig) || !s.Restored() || !s.CookedMode() {
				t.Errorf("exit %d, restored %v, cooked %v", code, s.Restored(), s.CookedMode())
			}
		})
	}
	t.Run("dropped link", func(t *testing.T) {
		s := open(t)
		s.HangUp()
		if code := s.Exit(); code != 129 {
			t.Errorf("exit %d", code)
		}
	})
	t.Run("dropped link under nohup", func(t *testing.T) {
		sh := screen.Find(t, "sh")
		s := screen.Start(t, sh, screen.Options{Args: []string{"-c", "trap '' HUP; exec " + bin}})
		s.WaitFor("keys: ;")
		s.HangUp()
		if code := s.Exit(); code != 129 {
			t.Errorf("exit %d", code)
		}
	})
	t.Run("not a terminal", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), bin)
		cmd.Env = screen.Env(t)
		out, err := cmd.CombinedOutput()
		if err == nil || string(out) != "no terminal UI: standard input is not a terminal\n" {
			t.Errorf("%q, %v", out, err)
		}
	})
}
