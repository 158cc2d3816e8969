package trial_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/trial"
)

// An order is what the test binary does as the program that makes a trial.
type order struct {
	Dir    string
	Plan   []wish
	Window time.Duration
	Then   string // stay: end well; wait: print a line and wait for a signal; keep
	File   string // is written when the trial is kept

	At     string // the step at which it gets the signal, the N-th time that it comes there; "list" prints each
	Nth    int
	Signal syscall.Signal

	Impatient bool // its guard does not wait long for it
	Nohup     bool // SIGHUP is ignored from its start on
}

type wish struct {
	Kind, To string
	Spec     json.RawMessage
}

// impatient is set for guards that do not wait for a program that stands still.
const impatient = "TRIAL_TEST_IMPATIENT"

// guardDies is the step at which a guard is to kill itself, with how often it comes there.
const guardDies = "TRIAL_TEST_GUARD_DIES"

// dieAt kills this process when it comes to a step, "undone 2" the second time.
func dieAt(at string) {
	nth := 1
	if n, err := strconv.Atoi(at[len(at)-1:]); err == nil {
		at, nth = at[:len(at)-2], n
	}
	trial.SetStep(func(step string) {
		if step == at {
			if nth--; nth == 0 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				time.Sleep(time.Hour)
			}
		}
	})
}

const orderVariable = "TRIAL_TEST_ORDER"

// applier makes a trial as it is ordered, in a process that a test may kill.
func applier() (code int, child bool) {
	text := os.Getenv(orderVariable)
	if text == "" {
		return 0, false
	}
	_ = os.Unsetenv(orderVariable)
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fail(err), true
	}
	trial.SetStep(func(step string) {
		switch o.At {
		case "list":
			_, _ = os.Stdout.WriteString(step + "\n")
		case step:
			if o.Nth--; o.Nth == 0 {
				_, _ = os.Stdout.WriteString("trying\n")
				_ = syscall.Kill(os.Getpid(), o.Signal)
				time.Sleep(time.Hour) // until it arrives
			}
		}
	})
	var wishes []trial.Wish
	for _, w := range o.Plan {
		t, err := kinds()[w.Kind](w.Spec)
		if err != nil {
			return fail(err), true
		}
		wishes = append(wishes, trial.Wish{Target: t, To: w.To})
	}
	p := trial.Compare(context.Background(), wishes)
	p.For = "edge-3"
	if o.File != "" {
		p.Keep = []trial.File{{Path: o.File, Content: []byte("kept")}}
	}
	e := &trial.Engine{Dir: o.Dir, Kinds: kinds()}
	t, err := e.Start(context.Background(), p, trial.Options{Window: o.Window, Stay: o.Then == "stay"})
	if err != nil {
		return fail(err), true
	}
	switch o.Then {
	case "keep":
		_, err = t.Keep(context.Background())
	case "wait":
		_, _ = os.Stdout.WriteString("trying\n")
		time.Sleep(time.Hour)
	}
	if err != nil {
		return fail(err), true
	}
	return 0, true
}

func fail(err error) int {
	_, _ = os.Stderr.WriteString(err.Error() + "\n")
	return 1
}

// command is the test binary with an order.
func command(t *testing.T, o order) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	// What this process catches its children get by the default, whatever its own parent ignores.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	if o.Nohup {
		cmd = exec.CommandContext(t.Context(), "sh", "-c", `trap '' HUP; exec "$0"`, os.Args[0])
	}
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	if o.Impatient {
		cmd.Env = append(cmd.Env, impatient+"=1")
	}
	return cmd
}

// run makes a trial of cells in another process, which ends as ordered.
func run(t *testing.T, e *trial.Engine, list []*cell, then string) {
	t.Helper()
	cmd := command(t, order{Dir: e.Dir, Plan: wishes(t, "new", list...), Window: time.Hour, Then: then})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func wishes(t *testing.T, to string, list ...*cell) []wish {
	t.Helper()
	var out []wish
	for _, c := range list {
		spec, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, wish{Kind: "cell", To: to, Spec: spec})
	}
	return out
}

// guardEnds waits until no guard of the engine's trials is left.
func guardEnds(t *testing.T, e *trial.Engine) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(e.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := trial.Lock(ctx, f); err != nil {
		_ = syscall.Kill(guardOf(t, e), syscall.SIGTERM)
		t.Fatalf("the guard does not end: %v", err)
	}
}

// killAndWait sends a signal to a process, and waits for its end.
func killAndWait(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// guardOf is the process that guards the open trial.
func guardOf(t *testing.T, e *trial.Engine) int {
	t.Helper()
	s, err := e.Open()
	if err != nil || s == nil {
		t.Fatalf("no trial is open: %v", err)
	}
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		line, _ := os.ReadFile(name)
		if bytes.Contains(line, []byte("guards\x00"+s.ID)) {
			pid, _ := strconv.Atoi(strings.Split(name, "/")[2])
			return pid
		}
	}
	t.Fatal("the trial has no guard")
	return 0
}
