//go:build unix

package run_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

const (
	suspendTarget = "KEEPTUNE_TEST_SUSPEND_TARGET"
	suspendWhat   = "KEEPTUNE_TEST_SUSPEND_WHAT"
)

// TestMain is the process under test of the tests below where one of them started it: it
// tests a server and prints its events.
func TestMain(m *testing.M) {
	addr := os.Getenv(suspendTarget)
	if addr == "" {
		os.Exit(m.Run())
	}
	target, err := livetest.ParseTarget("http://" + addr)
	if err != nil {
		panic(err)
	}
	spec := livetest.NewSpec(target)
	spec.IdleLimit = 10 * time.Second
	spec.Stagger, spec.Measure = 100*time.Millisecond, []livetest.Measurement{livetest.Measurement(os.Getenv(suspendWhat))}
	switch {
	case spec.Measures(livetest.MeasureLadder):
		spec.IdleLimit = 3 * time.Second
	case spec.Measures(livetest.MeasureHold):
		spec.Hold = 20
	case spec.Measures(livetest.MeasureRace):
		spec.Cap, spec.Race = 100, &livetest.RaceSpec{Around: 1500 * time.Millisecond, Clients: 20, PerStep: 1}
	}
	rec := run.NewRecorder(os.Stdout)
	err = run.Run(context.Background(), spec.Normalize(), rec.Record)
	_, _ = fmt.Fprintf(os.Stdout, "ended: %v\n", err)
}

// suspended starts such a process, stops it (Ctrl+Z) for 3 s once so many of its connections are
// silent, and returns what it said in the end.
func suspended(t *testing.T, addr string, what livetest.Measurement, silent int) (livetest.Result, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), suspendTarget+"="+addr, suspendWhat+"="+string(what))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var events []livetest.Event
	ended, watched := "", 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var e livetest.Event
		if s, ok := strings.CutPrefix(lines.Text(), "ended: "); ok {
			ended = s
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		events = append(events, e)
		begins := e.Kind == livetest.EventRung && !e.Done
		switch e.Role {
		case livetest.RoleIdle, livetest.RoleHold:
			begins = e.Kind == livetest.EventResponse
		case livetest.RoleRace:
			begins = e.Kind == livetest.EventConnected
		default:
		}
		if !begins {
			continue
		}
		if watched++; watched == silent {
			// All are silent now; the stop covers their ends.
			_ = cmd.Process.Signal(syscall.SIGSTOP)
			time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGCONT) })
		}
	}
	_ = cmd.Wait()
	return livetest.Summarize(events), ended
}

// A test that was stopped while the server closed must not report a timeout.
func TestSuspendedProcess(t *testing.T) {
	t.Parallel()
	addr := listen(t, scripted.Script{Idle: 1500 * time.Millisecond}, nil)
	r, ended := suspended(t, addr, livetest.MeasureIdle, 7)
	if r.Outcome != livetest.OutcomeInconclusive || r.Idle.Samples != 0 || r.Idle.Discarded != 7 || !strings.Contains(ended, "did not run for") {
		t.Errorf("outcome %q (%s), idle %+v, ended %q", r.Outcome, r.Reason, r.Idle, ended)
	}
}

// A ladder that was stopped discards the rungs it fell into, and tries them again; where
// the machine is too busy for that it says so, and another run tells.
func TestSuspendedLadder(t *testing.T) {
	t.Parallel()
	addr := listen(t, scripted.Script{Idle: 2500 * time.Millisecond}, nil)
	for range 5 {
		r, ended := suspended(t, addr, livetest.MeasureLadder, 3)
		if len(r.Ladders) != 1 {
			t.Fatalf("%d ladders, ended %q", len(r.Ladders), ended)
		}
		discarded, l := 0, r.Ladders[0]
		for _, g := range l.Rungs {
			if g.State == livetest.SampleDiscarded && strings.Contains(g.Why, "did not run for") {
				discarded++
			}
		}
		if r.Outcome == livetest.OutcomeInconclusive && strings.Contains(r.Reason, "did not run for") {
			t.Log(r.Reason)
			continue
		}
		if discarded == 0 || r.Outcome != livetest.OutcomeMeasured || l.Close != livetest.CloseFIN || *l.Dead < 2500*time.Millisecond || *l.Alive != 2*time.Second {
			t.Errorf("%d discarded, %s (%s), %s, alive %v, dead %v, ended %q", discarded, r.Outcome, r.Reason, l.Close, l.Alive, l.Dead, ended)
		}
		return
	}
	t.Error("none of five runs came to a verdict")
}

// Held connections and races that were stopped over the closes give no verdict.
func TestSuspendedHoldAndRace(t *testing.T) {
	t.Parallel()
	for _, what := range []livetest.Measurement{livetest.MeasureHold, livetest.MeasureRace} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			addr := listen(t, scripted.Script{Idle: 1500 * time.Millisecond}, nil)
			r, ended := suspended(t, addr, what, 20)
			if r.Outcome != livetest.OutcomeInconclusive || !strings.Contains(ended, "the test itself did not run for") {
				t.Errorf("outcome %q (%s), ended %q", r.Outcome, r.Reason, ended)
			}
		})
	}
}
