package realserver

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Driven is a program that reads one command per line and answers each with one line, such as
// "GET http://127.0.0.2:8080/" and "200": a real HTTP client with its own pool, at the test's
// bidding. It is stopped at the end of the test.
type Driven struct {
	mu      sync.Mutex
	in      io.WriteCloser
	answers chan string
	log     string
	name    string
	pid     int
}

// Waiting begins to measure how long the program is kept from running.
func (d *Driven) Waiting() (so func() time.Duration) { return waiting(d.pid) }

// Drive starts a program in a directory of its own. It must print "ready" before it reads.
func Drive(t testing.TB, dir string, env []string, program string, args ...string) *Driven {
	t.Helper()
	Need(t, program, "timeout")
	d := &Driven{answers: make(chan string, 1), log: filepath.Join(dir, "errors.log"), name: program}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), find("timeout"), append([]string{"-k", "5", strconv.Itoa(int(lifetime.Seconds())), find(program)}, args...)...) //nolint:gosec // a test's own arguments
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = dir
	errors, err := os.Create(d.log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Close() }()
	cmd.Stderr = errors
	if d.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	d.pid = cmd.Process.Pid
	go func() {
		defer close(d.answers)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			d.answers <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = d.in.Close()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		for range d.answers { // until its output ends, so that Wait loses nothing
		}
		_ = cmd.Wait()
	})
	if got := d.answer(t); got != "ready" {
		t.Fatalf("%s says %q instead of ready:\n%s", program, got, d.errors())
	}
	return d
}

// Do sends a command and returns the answer; commands wait for each other.
func (d *Driven) Do(t testing.TB, command string) string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := io.WriteString(d.in, command+"\n"); err != nil {
		t.Errorf("%s does not take %q: %v\n%s", d.name, command, err, d.errors())
		return ""
	}
	return d.answer(t)
}

func (d *Driven) answer(t testing.TB) string {
	t.Helper()
	select {
	case text, ok := <-d.answers:
		if !ok {
			t.Errorf("%s ended:\n%s", d.name, d.errors())
		}
		return strings.TrimSpace(text)
	case <-time.After(Patience):
		t.Errorf("%s gives no answer within %v:\n%s", d.name, Patience, d.errors())
		return ""
	}
}

func (d *Driven) errors() string {
	b, _ := os.ReadFile(d.log)
	return string(b)
}
