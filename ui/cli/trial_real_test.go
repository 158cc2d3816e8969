//go:build real && linux

package cli_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// A place is a network namespace of a process, and the state of a keeptune.
type place struct {
	t     *testing.T
	pid   string
	state string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cat")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("a network namespace: %v", err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return &place{t, strconv.Itoa(cmd.Process.Pid), t.TempDir()}
}

// holds compares the kernel's variable with what should be in force.
func (p *place) holds(want string) {
	p.t.Helper()
	out, err := exec.CommandContext(p.t.Context(), "nsenter", "-t", p.pid, "-n", "sysctl", "-n", "net.ipv4.tcp_keepalive_time").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != want {
		p.t.Errorf("tcp_keepalive_time is %q (%v), want %s", got, err, want)
	}
}

// guardEnds waits until no process guards a trial any more.
func (p *place) guardEnds() {
	p.t.Helper()
	lock := filepath.Join(p.state, "keeptune", "trials", "lock")
	if out, err := exec.CommandContext(p.t.Context(), "flock", lock, "true").CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// apply starts keeptune apply on a terminal and says yes.
func (p *place) apply() *screen.Screen {
	p.t.Helper()
	s := screen.Start(p.t, screen.Build(p.t), screen.Options{
		Env:  []string{"XDG_STATE_HOME=" + p.state},
		Args: []string{"apply", "curl > nginx", "--set", "server:tcp_keepalive_time=600", "--netns", p.pid, "--write", "--for", "1h"},
	})
	s.WaitFor("Try it? [y/N]")
	p.holds("7200")
	s.Type("y", "enter")
	s.WaitFor("Type keep to keep it")
	p.holds("600")
	return s
}

// On a terminal a trial is kept by a word, and undone by any other, by Ctrl+C and by the
// end of the terminal.
func TestRealApplyOnTerminal(t *testing.T) {
	t.Parallel()
	t.Run("keep", func(t *testing.T) {
		p := newPlace(t)
		s := p.apply()
		s.Type("k", "e", "e", "p", "enter")
		s.WaitFor("Kept.")
		p.guardEnds()
		p.holds("600")
	})
	t.Run("another word", func(t *testing.T) {
		p := newPlace(t)
		s := p.apply()
		s.Type("n", "o", "enter")
		s.WaitFor("Undone: it was asked for.")
		p.guardEnds()
		p.holds("7200")
	})
	t.Run("Ctrl+C", func(t *testing.T) {
		p := newPlace(t)
		s := p.apply()
		s.Type("ctrl+c")
		s.WaitFor("Undone: keeptune was ended.")
		p.guardEnds()
		p.holds("7200")
	})
	t.Run("the terminal is closed", func(t *testing.T) {
		p := newPlace(t)
		p.apply().HangUp()
		p.guardEnds()
		p.holds("7200")
	})
}
