//go:build !windows

package cli_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/scripted"
	"example.com/keeptune/ui/internal/screen"
)

// A signal ends a live test with what was found until then, and 128 + n.
func TestSignalEndsProbe(t *testing.T) {
	t.Parallel()
	addr, stop, err := scripted.Listen(context.Background(), scripted.Script{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		cmd := exec.Command(screen.Build(t), "probe", addr, "--idle-limit", "60s", "--format", "jsonl")
		cmd.Env = screen.Env(t)
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := ""
		for lines := bufio.NewScanner(out); lines.Scan(); last = lines.Text() {
			if last == "" {
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%v: exit code %d, want %d: %s", sig, got, code, errs.String())
		}
		if !strings.Contains(last, `"kind":"finished"`) || !strings.Contains(errs.String(), "the test was cancelled") {
			t.Errorf("%v: %s %s", sig, last, errs.String())
		}
	}
}

// Under nohup SIGHUP ends nothing.
func TestNohupProbe(t *testing.T) {
	t.Parallel()
	addr, stop, err := scripted.Listen(context.Background(), scripted.Script{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cmd := exec.Command(screen.Find(t, "sh"), "-c", `trap '' HUP; exec "$@"`, "sh", screen.Build(t), "probe", addr, "--idle-limit", "60s", "--format", "jsonl")
	cmd.Env = screen.Env(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Error("it does not begin")
	}
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	for lines.Scan() { // until it ends
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 143 {
		t.Errorf("exit code %d, want that of SIGTERM, 143", got)
	}
}

// What was seen until the process was killed is in FILE.part, and is replayed as a test that
// did not end.
func TestKilledRecordingStays(t *testing.T) {
	t.Parallel()
	addr, stop, err := scripted.Listen(context.Background(), scripted.Script{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	file := filepath.Join(t.TempDir(), "run.jsonl")
	cmd := exec.Command(screen.Build(t), "probe", addr, "--idle-limit", "60s", "--format", "jsonl", "--record", file)
	cmd.Env = screen.Env(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		seen.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), `"kind":"response"`) {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait()
	kept, err := os.ReadFile(file + ".part")
	if err != nil || !strings.HasPrefix(string(kept), seen.String()) {
		t.Fatalf("%v: kept\n%s\nwhere there was seen\n%s", err, kept, seen.String())
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a recording that did not end has its name")
	}
	again := exec.Command(screen.Build(t), "probe", "--replay", file+".part")
	again.Env = screen.Env(t)
	said, err := again.CombinedOutput()
	if code := again.ProcessState.ExitCode(); code != 4 || !strings.Contains(string(said), "the recording ends before the test did") {
		t.Errorf("%v, exit code %d:\n%s", err, code, said)
	}
}

// Signals end the screen with 128 + n and give the terminal back.
func TestSignalEndsScreen(t *testing.T) {
	t.Parallel()
	for sig, code := range map[os.Signal]int{syscall.SIGTERM: 143, os.Interrupt: 130} {
		s := tune(t, screen.Build(t))
		s.Signal(sig)
		if got := s.Exit(); got != code {
			t.Errorf("%v: exit code %d, want %d", sig, got, code)
		}
		if !s.Restored() || !s.CookedMode() {
			t.Errorf("%v: the terminal was not given back", sig)
		}
	}
}

// The demo tests the built-in server by itself, offline.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"demo"}})
	s.WaitFor("LIMIT")
	s.Type("3")
	s.WaitUntil("shows no result of the test", func(text string) bool {
		return strings.Contains(text, "FIN") && strings.Contains(text, "100")
	})
	s.Type("q", "q")
	leave(s)
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A live test on a terminal tells how it goes on.
func TestProbeProgress(t *testing.T) {
	t.Parallel()
	addr, stop, err := scripted.Listen(context.Background(), scripted.Script{Idle: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	var s *screen.Screen
	for range 10 {
		s = screen.Start(t, screen.Build(t), screen.Options{W: 120, H: 60, Args: []string{"probe", addr, "--connections", "3", "--measure", "idle", "--idle-limit", "3s"}})
		if code := s.Exit(); code == 0 || !s.Contains("did not run for") {
			break // else the machine was too busy
		}
	}
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"started: up to", "closed with a FIN after", "finished: measured", "OUTCOME         measured"} {
		if !strings.Contains(s.Raw(), want) { // the lines above those that fit too
			t.Errorf("it does not say %q:\n%s", want, s.Text())
		}
	}
	if strings.Contains(s.Raw(), "\x1b") {
		t.Error("it sends an escape")
	}
}

// Another machine is tested after a question.
func TestProbeAsks(t *testing.T) {
	t.Parallel()
	s := screen.Start(t, screen.Build(t), screen.Options{W: 120, H: 24, Args: []string{"probe", "192.0.2.1"}})
	s.WaitFor("May you? [y/N]")
	s.Type("n", "enter")
	if code := s.Exit(); code != 2 || !s.Contains("not tested") {
		t.Errorf("exit code %d\n%s", code, s.Text())
	}
}
