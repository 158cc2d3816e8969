package trial_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/renameio/v2"

	"example.com/keeptune/tuning/trial"
)

// The test binary is what a trial starts as its guard.
func TestMain(m *testing.M) {
	trial.SetSystemd(os.Getenv(withSystemd) != "")
	if os.Getenv(impatient) != "" {
		trial.SetPatience(200 * time.Millisecond)
	}
	if at := os.Getenv(guardDies); at != "" && os.Getenv(orderVariable) == "" {
		dieAt(at)
	}
	if code, inside := trial.Inside(kinds()); inside {
		os.Exit(code)
	}
	if code, child := applier(); child {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func kinds() trial.Kinds {
	k := trial.OwnKinds()
	k["cell"] = func(spec json.RawMessage) (trial.Target, error) {
		c := new(cell)
		return c, json.Unmarshal(spec, c)
	}
	return k
}

// A cell is a target that any user may change: a file with a value in it.
type cell struct {
	Path   string
	Reads  string // what it reads once it was set to anything, if not empty
	Fails  string // setting this value fails
	Partly string // and leaves this one
	Begins bool   // the host forgets it when it starts anew
	Change string // another cell's value becomes "theirs" when this one is set
}

func (c *cell) Kind() string { return "cell" }
func (c *cell) Spec() any    { return c }
func (c *cell) About() trial.About {
	return trial.About{Name: filepath.Base(c.Path), Volatile: c.Begins}
}
func (c *cell) Command(v string) string { return "echo " + v + " > " + c.Path }
func (c *cell) Read(context.Context) (string, error) {
	data, err := os.ReadFile(c.Path)
	return string(data), err
}

func (c *cell) Set(_ context.Context, v string) error {
	if v == c.Fails && c.Partly != "" {
		if err := os.WriteFile(c.Path, []byte(c.Partly), 0o600); err != nil {
			return err
		}
	}
	if v == c.Fails {
		return errors.New("it does not take " + v)
	}
	if c.Change != "" {
		if err := os.WriteFile(c.Change, []byte("theirs"), 0o600); err != nil {
			return err
		}
	}
	if c.Reads != "" && v == "new" {
		v = c.Reads
	}
	return renameio.WriteFile(c.Path, []byte(v), 0o600) // at once, as the kernel sets a variable
}

// cells makes cells that hold "old".
func cells(t *testing.T, names ...string) []*cell {
	t.Helper()
	dir := t.TempDir()
	var out []*cell
	for _, n := range names {
		c := &cell{Path: filepath.Join(dir, n)}
		write(t, c.Path, "old")
		out = append(out, c)
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, want string, list ...*cell) {
	t.Helper()
	for _, c := range list {
		if got, err := os.ReadFile(c.Path); err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), want %q", filepath.Base(c.Path), got, err, want)
		}
	}
}

func plan(list ...*cell) trial.Plan {
	var wishes []trial.Wish
	for _, c := range list {
		wishes = append(wishes, trial.Wish{Target: c, To: "new"})
	}
	p := trial.Compare(context.Background(), wishes)
	p.For = "edge-3"
	return p
}

func engine(t *testing.T) *trial.Engine {
	t.Helper()
	return &trial.Engine{Dir: filepath.Join(t.TempDir(), "trials"), Kinds: kinds(), Version: "test"}
}

func TestKeep(t *testing.T) {
	e, list := engine(t), cells(t, "a", "b")
	file := filepath.Join(t.TempDir(), "60-keeptune.conf")
	p := plan(list...)
	p.Keep = []trial.File{{Path: file, Content: []byte("a = new\n")}}
	var steps []int
	tr, err := e.Start(t.Context(), p, trial.Options{Window: time.Hour, Step: func(s trial.Step) { steps = append(steps, s.Index*10+s.Of) }})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "new", list...)
	if len(steps) != 2 || steps[0] != 2 || steps[1] != 12 {
		t.Errorf("steps %v", steps)
	}
	s, err := tr.State()
	if err != nil || s.Phase != trial.Trying || !s.Guarded || time.Until(s.Deadline) < 50*time.Minute || s.Items[1].From != "old" {
		t.Errorf("while it runs: %+v, %v", s, err)
	}
	if _, err := e.Start(t.Context(), plan(cells(t, "c")...), trial.Options{Window: time.Hour}); !errors.Is(err, trial.ErrBusy) || !strings.Contains(err.Error(), "edge-3") {
		t.Errorf("a second trial: %v", err)
	}
	if s, err = tr.Keep(t.Context()); err != nil || s.Phase != trial.Kept {
		t.Errorf("kept: %+v, %v", s, err)
	}
	holds(t, "new", list...)
	if got, _ := os.ReadFile(file); string(got) != "a = new\n" {
		t.Errorf("the file holds %q", got)
	}
	if s, err := e.Revert(t.Context(), "asked"); !errors.Is(err, trial.ErrNone) {
		t.Errorf("after it was kept: %+v, %v", s, err)
	}
	if _, err := os.Stat(filepath.Join(e.Dir, s.ID+".wake")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what wakes the guard is left: %v", err)
	}
	tr, err = e.Start(t.Context(), plan(cells(t, "c")...), trial.Options{Window: time.Hour})
	if err != nil {
		t.Fatalf("the next trial: %v", err)
	}
	if s, err := tr.Revert(t.Context(), "asked"); err != nil || s.Phase != trial.Reverted || s.Why != "asked" {
		t.Errorf("%+v, %v", s, err)
	}
}

// One change that fails takes all back, and says so.
func TestNothingIsHalfApplied(t *testing.T) {
	for _, c := range []struct {
		name, says string
		set        func(a, b *cell)
		want       string // of the second
	}{
		{"set fails", "b: it does not take new; nothing is changed", func(_, b *cell) { b.Fails = "new" }, "old"},
		{"a part of it is taken", "b: it does not take new; nothing is changed", func(_, b *cell) { b.Fails, b.Partly = "new", "ne" }, "old"},
		{"reads back otherwise", "b was set to new, and reads newer; nothing is changed", func(_, b *cell) { b.Reads = "newer" }, "old"},
		{"somebody else was quicker", "b is theirs now and was old when the plan was made; nothing is changed", func(a, b *cell) { a.Change = b.Path }, "theirs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, list := engine(t), cells(t, "a", "b")
			c.set(list[0], list[1])
			_, err := e.Start(t.Context(), plan(list...), trial.Options{Window: time.Hour})
			if err == nil || err.Error() != c.says {
				t.Errorf("err = %v, want %s", err, c.says)
			}
			holds(t, "old", list[0])
			holds(t, c.want, list[1])
			if s, err := e.Open(); s != nil || err != nil {
				t.Errorf("open: %+v, %v", s, err)
			}
		})
	}
}

// A trial that stays open is ended by another process's command.
func TestStay(t *testing.T) {
	e, list := engine(t), cells(t, "a")
	run(t, e, list, "stay")
	holds(t, "new", list...)
	s, err := e.Open()
	if err != nil || s == nil || !s.Guarded || s.Phase != trial.Trying {
		t.Fatalf("open: %+v, %v", s, err)
	}
	if s, err = e.Revert(t.Context(), "asked"); err != nil || s.Phase != trial.Reverted {
		t.Errorf("%+v, %v", s, err)
	}
	holds(t, "old", list...)
	run(t, e, list, "stay")
	if s, err = e.Confirm(t.Context()); err != nil || s.Phase != trial.Kept {
		t.Errorf("%+v, %v", s, err)
	}
	holds(t, "new", list...)
}

// What was changed by somebody else meanwhile is left alone, and said.
func TestTheirsIsLeft(t *testing.T) {
	e, list := engine(t), cells(t, "a", "b")
	tr, err := e.Start(t.Context(), plan(list...), trial.Options{Window: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	write(t, list[1].Path, "theirs")
	s, err := tr.Revert(t.Context(), "asked")
	if err != nil || len(s.Left()) != 1 || s.Left()[0] != "b: somebody else set it to theirs meanwhile, so it stays" {
		t.Errorf("%v, %v", s.Left(), err)
	}
	holds(t, "old", list[0])
	holds(t, "theirs", list[1])
}

func TestFileThatCannotBeWritten(t *testing.T) {
	e, list := engine(t), cells(t, "a")
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	write(t, first, "before")
	p := plan(list...)
	p.Keep = []trial.File{{Path: first, Was: []byte("before"), Content: []byte("x")}, {Path: second, Content: []byte("y")}}
	tr, err := e.Start(t.Context(), p, trial.Options{Window: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	write(t, second, "theirs")
	if _, err := tr.Keep(t.Context()); err == nil || !strings.Contains(err.Error(), "second was changed since the trial began") {
		t.Errorf("err = %v", err)
	}
	if got, _ := os.ReadFile(first); string(got) != "before" {
		t.Errorf("the first file holds %q", got)
	}
	if s, err := tr.State(); err != nil || !s.Open() || !s.Guarded {
		t.Errorf("it runs on: %+v, %v", s, err)
	}
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Keep(t.Context()); err != nil {
		t.Errorf("once there is nothing in the way: %v", err)
	}
}

func TestWindowBounds(t *testing.T) {
	for window, ok := range map[time.Duration]bool{
		trial.ShortestWindow - 1: false, trial.ShortestWindow: true, trial.LongestWindow: true, trial.LongestWindow + 1: false,
	} {
		list := cells(t, "a")
		tr, err := engine(t).Start(t.Context(), plan(list...), trial.Options{Window: window})
		if (err == nil) != ok {
			t.Errorf("%s: %v", window, err)
		}
		if err == nil {
			if _, err := tr.Revert(t.Context(), "asked"); err != nil {
				t.Error(err)
			}
		}
		holds(t, "old", list...)
	}
	if _, err := engine(t).Start(t.Context(), plan(), trial.Options{Window: time.Hour}); err == nil {
		t.Error("an empty plan starts")
	}
}

// The guard is in a session of its own, which no hangup of a terminal reaches.
func TestGuardHasItsOwnSession(t *testing.T) {
	e, list := engine(t), cells(t, "a")
	run(t, e, list, "stay")
	pid := guardOf(t, e)
	if sid, _, _ := syscall.Syscall(syscall.SYS_GETSID, uintptr(pid), 0, 0); int(sid) != pid {
		t.Errorf("the guard %d is in the session %d", pid, sid)
	}
	if _, err := e.Revert(t.Context(), "asked"); err != nil {
		t.Error(err)
	}
}

// Of ended trials the latest are remembered; an open one is never forgotten.
func TestPrune(t *testing.T) {
	e, list := engine(t), cells(t, "a")
	journals := func() int {
		names, err := filepath.Glob(filepath.Join(e.Dir, "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	for range 3 {
		tr, err := e.Start(t.Context(), plan(list...), trial.Options{Window: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Revert(t.Context(), "asked"); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Prune(3); err != nil || journals() != 3 {
		t.Errorf("%d journals, want 3: %v", journals(), err)
	}
	if err := e.Prune(2); err != nil || journals() != 2 {
		t.Errorf("%d journals, want 2: %v", journals(), err)
	}
	tr, err := e.Start(t.Context(), plan(list...), trial.Options{Window: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Prune(0); err != nil || journals() != 1 {
		t.Errorf("%d journals beside an open trial, want its own alone: %v", journals(), err)
	}
	if _, err := tr.Revert(t.Context(), "asked"); err != nil {
		t.Error(err)
	}
}
