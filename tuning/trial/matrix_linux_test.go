package trial_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/trial"
)

// A subject is what the matrix tries on: two targets, and how their values are read
// without this package.
type subject struct {
	wishes   []wish
	old, new []string
	read     func(t *testing.T, i int) string
	write    func(t *testing.T, i int, value string)
	settled  func(t *testing.T, i int, want string) // waits until it is so; nil where it is at once
}

// holds compares what is in force with what should be.
func (s *subject) holds(t *testing.T, want []string) {
	t.Helper()
	for i := range want {
		if s.settled != nil {
			s.settled(t, i, want[i])
		}
		if got := s.read(t, i); got != want[i] {
			t.Errorf("target %d holds %q, want %q", i, got, want[i])
		}
	}
}

// matrix is what can happen to a trial. Each case begins with subjects of its own.
func matrix(t *testing.T, fresh func(*testing.T) *subject) {
	t.Run("killed at every step", func(t *testing.T) { t.Parallel(); killedAtEveryStep(t, fresh) })
	t.Run("guard killed at every step", func(t *testing.T) { t.Parallel(); guardKilledAtEveryStep(t, fresh) })
	for _, c := range []struct {
		name string
		f    func(*testing.T, *subject, *trial.Engine)
	}{
		{"confirmed", confirmed},
		{"out of time", outOfTime},
		{"SIGHUP", func(t *testing.T, s *subject, e *trial.Engine) { signalled(t, s, e, syscall.SIGHUP) }},
		{"SIGTERM", func(t *testing.T, s *subject, e *trial.Engine) { signalled(t, s, e, syscall.SIGTERM) }},
		{"SIGKILL", func(t *testing.T, s *subject, e *trial.Engine) { signalled(t, s, e, syscall.SIGKILL) }},
		{"SIGHUP under nohup", nohup},
		{"stands still at a change", standsStill},
		{"the guard gets SIGTERM", func(t *testing.T, s *subject, e *trial.Engine) { guardSignalled(t, s, e, syscall.SIGTERM) }},
		{"the guard gets SIGHUP", func(t *testing.T, s *subject, e *trial.Engine) { guardSignalled(t, s, e, syscall.SIGHUP) }},
		{"the guard is killed", guardKilled},
		{"somebody else changes it", somebodyElse},
	} {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); c.f(t, fresh(t), engine(t)) })
	}
}

func (s *subject) order(e *trial.Engine, then string) order {
	return order{Dir: e.Dir, Plan: s.wishes, Window: time.Hour, Then: then}
}

func confirmed(t *testing.T, s *subject, e *trial.Engine) {
	if out, err := command(t, s.order(e, "stay")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.holds(t, s.new)
	if st, err := e.Confirm(t.Context()); err != nil || st.Phase != trial.Kept {
		t.Errorf("%+v, %v", st, err)
	}
	guardEnds(t, e)
	s.holds(t, s.new)
}

func outOfTime(t *testing.T, s *subject, e *trial.Engine) {
	o := s.order(e, "stay")
	o.Window = time.Second
	if out, err := command(t, o).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	guardEnds(t, e)
	s.holds(t, s.old)
	reverted(t, e, "it was not kept in time")
}

// reverted says that the last trial was, and why.
func reverted(t *testing.T, e *trial.Engine, why string) {
	t.Helper()
	st, err := e.Last()
	if err != nil || st.Phase != trial.Reverted || st.Why != why {
		t.Errorf("the trial: %+v, %v; want reverted: %s", st, err, why)
	}
	if open, err := e.Open(); open != nil || err != nil {
		t.Errorf("open: %+v, %v", open, err)
	}
}

// trying starts a program whose trial waits to be kept.
func trying(t *testing.T, o order) *os.Process {
	t.Helper()
	cmd := command(t, o)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "trying\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process
}

func signalled(t *testing.T, s *subject, e *trial.Engine, sig syscall.Signal) {
	p := trying(t, s.order(e, "wait"))
	s.holds(t, s.new)
	if err := p.Signal(sig); err != nil {
		t.Fatal(err)
	}
	guardEnds(t, e)
	s.holds(t, s.old)
	reverted(t, e, "keeptune ended before it was kept")
}

// nohup goes on after SIGHUP, and is undone by what ends it.
func nohup(t *testing.T, s *subject, e *trial.Engine) {
	o := s.order(e, "wait")
	o.Nohup = true
	p := trying(t, o)
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := p.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	if state, err := p.Wait(); err != nil || state.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("it ends by %v, %v", state, err)
	}
	guardEnds(t, e)
	s.holds(t, s.old)
	reverted(t, e, "keeptune ended before it was kept")
}

// standsStill stops the program at its second change: what it would still do if it went on
// must not come after the undoing.
func standsStill(t *testing.T, s *subject, e *trial.Engine) {
	for _, step := range []string{"setting", "change"} {
		o := s.order(e, "wait")
		o.At, o.Nth, o.Signal, o.Impatient = step, 2, syscall.SIGSTOP, true
		p := trying(t, o)
		killAndWait(t, guardOf(t, e), syscall.SIGTERM)
		s.holds(t, s.old)
		if state, err := p.Wait(); err != nil || state.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Errorf("%s: it ends by %v, %v", step, state, err)
		}
		reverted(t, e, "the process that guards it got the signal SIGTERM")
	}
}

func guardSignalled(t *testing.T, s *subject, e *trial.Engine, sig syscall.Signal) {
	trying(t, s.order(e, "wait"))
	killAndWait(t, guardOf(t, e), sig)
	s.holds(t, s.old)
}

// guardKilled leaves the changes in force: the next start tells, and undoes them.
func guardKilled(t *testing.T, s *subject, e *trial.Engine) {
	if out, err := command(t, s.order(e, "stay")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	killAndWait(t, guardOf(t, e), syscall.SIGKILL)
	guardEnds(t, e)
	s.holds(t, s.new)
	if st, err := e.Open(); err != nil || st == nil || st.Guarded || !st.Items[0].Made {
		t.Fatalf("open: %+v, %v", st, err)
	}
	if _, err := e.Confirm(t.Context()); !errors.Is(err, trial.ErrLeft) {
		t.Errorf("confirmed: %v", err)
	}
	if _, err := e.Start(t.Context(), plan(cells(t, "c")...), trial.Options{Window: time.Hour}); !errors.Is(err, trial.ErrLeft) {
		t.Errorf("the next trial: %v", err)
	}
	s.holds(t, s.new)
	if _, err := e.Revert(t.Context(), "asked"); err != nil {
		t.Error(err)
	}
	s.holds(t, s.old)
	reverted(t, e, "asked")
}

func somebodyElse(t *testing.T, s *subject, e *trial.Engine) {
	p := trying(t, s.order(e, "wait"))
	s.write(t, 0, "4321")
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	guardEnds(t, e)
	s.holds(t, []string{"4321", s.old[1]})
	st, err := e.Last()
	if err != nil || st.Phase != trial.Reverted || len(st.Left()) != 1 || !strings.Contains(st.Left()[0], "somebody else set it to 4321 meanwhile, so it stays") {
		t.Errorf("%+v, %v", st, err)
	}
}

// guardKilledAtEveryStep kills the guard at each step of its undoing; what is left is
// undone when it is asked for.
func guardKilledAtEveryStep(t *testing.T, fresh func(*testing.T) *subject) {
	for _, step := range []string{"revert", "before reverting", "reverting", "before undone 1", "undone 1", "before undone 2", "undone 2", "before reverted", "reverted"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s, e := fresh(t), engine(t)
			o := s.order(e, "stay")
			o.Window = time.Second
			cmd := command(t, o)
			cmd.Env = append(cmd.Env, guardDies+"="+step)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			guardEnds(t, e)
			st, err := e.Open()
			if err != nil || (st == nil) != (step == "reverted") {
				t.Fatalf("open: %+v, %v", st, err)
			}
			why := "it was not kept in time"
			if st != nil {
				if st.Why == "" { // it did not come to say so
					why = "asked"
				}
				if _, err := e.Revert(t.Context(), "asked"); err != nil {
					t.Error(err)
				}
			}
			s.holds(t, s.old)
			reverted(t, e, why)
		})
	}
}

// killedAtEveryStep kills the program at each step of a whole trial, one after the other.
func killedAtEveryStep(t *testing.T, fresh func(*testing.T) *subject) {
	o := fresh(t).order(engine(t), "keep")
	o.At, o.File = "list", filepath.Join(t.TempDir(), "file")
	out, err := command(t, o).Output()
	steps := strings.Fields(strings.ReplaceAll(string(out), "before ", "before_"))
	if err != nil || len(steps) < 19 {
		t.Fatalf("%d steps: %v", len(steps), err)
	}
	nth := map[string]int{}
	for _, step := range steps {
		step = strings.ReplaceAll(step, "_", " ")
		nth[step]++
		n := nth[step]
		t.Run(fmt.Sprintf("%s %d", step, n), func(t *testing.T) {
			t.Parallel()
			s, e := fresh(t), engine(t)
			o := s.order(e, "keep")
			o.At, o.Nth, o.Signal, o.File = step, n, syscall.SIGKILL, filepath.Join(t.TempDir(), "file")
			cmd := command(t, o)
			if err := cmd.Run(); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("it ends by %v", err)
			}
			guardEnds(t, e)
			_, err := os.Stat(o.File)
			if step == "kept" {
				s.holds(t, s.new)
				if err != nil {
					t.Errorf("the file is not kept: %v", err)
				}
				return
			}
			s.holds(t, s.old)
			if !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file is there: %v", err)
			}
			o.At = "" // whatever is left stands in nobody's way
			if out, err := command(t, o).CombinedOutput(); err != nil {
				t.Errorf("the next trial: %v: %s", err, out)
			}
			s.holds(t, s.new)
		})
	}
}

// The matrix on targets that any user may change.
func TestMatrix(t *testing.T) {
	matrix(t, func(t *testing.T) *subject {
		list := cells(t, "a", "b")
		return &subject{
			wishes: wishes(t, "new", list...), old: []string{"old", "old"}, new: []string{"new", "new"},
			read: func(t *testing.T, i int) string {
				data, err := os.ReadFile(list[i].Path)
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			},
			write: func(t *testing.T, i int, value string) { write(t, list[i].Path, value) },
		}
	})
}
