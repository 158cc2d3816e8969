//go:build real && linux

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/ui/internal/screen"
)

// A place is a network namespace of a process, and the state of a keeptune.
type place struct {
	t     *testing.T
	pid   string
	state string
}

// newPlace makes one with its loopback up, which ends with the test.
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
	p := &place{t: t, pid: strconv.Itoa(cmd.Process.Pid), state: t.TempDir()}
	p.does("ip", "link", "set", "lo", "up")
	return p
}

// does runs a program in the place's network namespace to its end.
func (p *place) does(argv ...string) {
	p.t.Helper()
	if out, err := exec.CommandContext(p.t.Context(), "nsenter", append([]string{"-t", p.pid, "-n"}, argv...)...).CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %v: %s", argv, err, out)
	}
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

// keeptune runs the program with a state of the test's own.
func keeptune(t *testing.T, state string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), screen.Build(t), args...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+state)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// A server that is told to close after each reply does not keep connections then, and that
// is no fault of its reload.
func TestRealApplyToClose(t *testing.T) {
	t.Parallel()
	srv := realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 65s;"})
	main, state := filepath.Join(srv.Dir, "nginx.conf"), t.TempDir()
	out, err := keeptune(t, state, "apply", main, "--set", "keepalive_timeout=off", "--write", "--yes", "--for", "1h")
	if err != nil || !strings.Contains(out, "After the reload nginx has to answer a request at "+srv.Addr) {
		t.Fatalf("%v: %s", err, out)
	}
	conf, err := os.ReadFile(main)
	if err != nil || !strings.Contains(string(conf), "keepalive_timeout 0;") {
		t.Errorf("%v: %s", err, conf)
	}
	if out, err := keeptune(t, state, "revert"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if conf, err = os.ReadFile(main); err != nil || !strings.Contains(string(conf), "keepalive_timeout 65s;") {
		t.Errorf("%v: %s", err, conf)
	}
}
