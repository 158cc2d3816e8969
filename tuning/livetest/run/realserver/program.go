package realserver

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A Program runs in the background.
type Program struct {
	file string // what it writes
	pid  int
}

// Run starts a program in dir, without input; it is stopped at the end of the test.
func Run(t testing.TB, dir string, env []string, program string, args ...string) *Program {
	t.Helper()
	Need(t, program, "timeout")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), find("timeout"), append([]string{"-k", "5", strconv.Itoa(int(lifetime.Seconds())), find(program)}, args...)...) //nolint:gosec // a test's own arguments
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = dir
	file := filepath.Join(dir, "program.log")
	log, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		kill.Stop()
	})
	return &Program{file, cmd.Process.Pid}
}

// Output is what the program wrote so far.
func (p *Program) Output() string {
	b, _ := os.ReadFile(p.file)
	return string(b)
}

// Waiting begins to measure how long the program is kept from running.
func (p *Program) Waiting() (so func() time.Duration) { return waiting(p.pid) }
