package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Trial is one that this process has made.
type Trial struct {
	engine  *Engine
	journal *journal
	targets []Target
	alive   *os.File      // the guard undoes the trial when its other end closes
	gone    chan struct{} // is closed when the guard has ended
	lock    *os.File

	mu sync.Mutex // one at a time does something with the journal
}

// changeLimit is how long one change may take, with what makes it be in force.
const changeLimit = 30 * time.Second

// journals is how many of the latest trials are remembered.
const journals = 100

// ending is how long a guard may take to end.
const ending = 5 * time.Second

// Start makes the changes of a plan. When it returns without an error all of them are in
// force and were read back; with one, none is, but what the error says. [ErrBusy] and
// [ErrLeft] say that another trial has to end first.
func (e *Engine) Start(ctx context.Context, p Plan, o Options) (*Trial, error) {
	if o.Window < ShortestWindow || o.Window > LongestWindow {
		return nil, fmt.Errorf("a trial lasts from %s to %s, not %s", ShortestWindow, LongestWindow, o.Window)
	}
	if len(p.Changes) == 0 {
		return nil, errors.New("there is nothing to change")
	}
	first, err := e.firstRecord(&p, o.Window)
	if err != nil {
		return nil, err
	}
	t, err := e.begin(ctx, first)
	if err != nil {
		return nil, err
	}
	for _, c := range p.Changes {
		t.targets = append(t.targets, c.Target)
	}
	for i := range p.Changes {
		if err := t.change(ctx, i, &p.Changes[i]); err != nil {
			return nil, t.abandon(err)
		}
		if o.Step != nil {
			o.Step(Step{Index: i, Of: len(p.Changes), Change: p.Changes[i]})
		}
	}
	err = t.do(ctx, func(s *State) error {
		if err := t.may(s); err != nil {
			return err
		}
		if err := t.journal.append(record{What: trying}); err != nil || !o.Stay {
			return err
		}
		return t.journal.append(record{What: released})
	})
	if err != nil {
		return nil, t.abandon(err)
	}
	wake(t.journal.path)
	return t, nil
}

// begin takes the lock, writes the journal and starts the guard.
func (e *Engine) begin(ctx context.Context, first record) (*Trial, error) {
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		return nil, journalError(e.Dir, err)
	}
	only, err := os.OpenFile(filepath.Join(e.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, journalError(e.Dir, err)
	}
	ok := false
	defer func() {
		if !ok {
			_ = only.Close()
		}
	}()
	if err := unix.Flock(int(only.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if open, err := e.Open(); err != nil || open != nil {
			return nil, e.busy()
		}
		ctx, cancel := context.WithTimeout(ctx, ending) // the guard of one that has just ended
		defer cancel()
		if lock(ctx, only) != nil {
			return nil, e.busy()
		}
	}
	open, err := e.Open()
	if err != nil {
		return nil, err
	}
	if open != nil && !open.touched() { // it ended before its first change
		if _, err := e.Revert(ctx, "it ended before its first change"); err != nil {
			return nil, err
		}
		open = nil
	}
	if open != nil {
		return nil, open.leftOpen()
	}
	path := filepath.Join(e.Dir, fmt.Sprintf("%s-%d%s", time.Now().UTC().Format("20060102T150405.000"), os.Getpid(), extension))
	j, err := create(path, first)
	if err != nil {
		return nil, err
	}
	if err := e.Prune(journals); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	t := &Trial{engine: e, journal: j, lock: only}
	if err := t.startGuard(ctx); err != nil {
		_ = j.append(record{What: reverting, Why: "the guard did not start"})
		_ = j.append(record{What: reverted})
		_ = os.Remove(fifo(path))
		return nil, fmt.Errorf("the process that undoes the trial did not start, so nothing was changed: %w", err)
	}
	ok = true
	return t, nil
}

func (e *Engine) busy() error {
	if s, err := e.Last(); err == nil && s != nil && s.Open() {
		return fmt.Errorf("%w: %s of %s; keeptune status shows it, keeptune confirm or revert ends it", ErrBusy, s.ID, s.For)
	}
	return fmt.Errorf("%w; keeptune status shows it", ErrBusy)
}

// fifo is where others tell the guard to look at the journal.
func fifo(path string) string { return path[:len(path)-len(extension)] + ".wake" }

// wake makes the guard of a journal look at it, and says whether there is one.
func wake(path string) bool {
	f, err := os.OpenFile(fifo(path), os.O_WRONLY|unix.O_NONBLOCK, 0) // fails where nobody reads
	if err != nil {
		return false
	}
	defer f.Close()
	_, _ = f.Write([]byte{'\n'})
	return true
}

// variable is set in the copy of this program that is the guard; see [Inside].
const variable = "KEEPTUNE_TRIAL_GUARD"

// startGuard starts the guard and waits until it stands.
func (t *Trial) startGuard(ctx context.Context) error {
	if err := unix.Mkfifo(fifo(t.journal.path), 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	theirs, alive, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirs.Close()
	atStep("before guard")
	for _, argv := range guardCommands(self, filepath.Base(t.journal.path)) {
		if err = t.launch(ctx, argv, theirs); err == nil {
			t.alive = alive
			atStep("guard")
			return nil
		}
	}
	return errors.Join(err, alive.Close())
}

// systemdHost says whether this host's systemd may be asked by this user to start something.
var systemdHost = func() bool {
	st, err := os.Lstat("/run/systemd/system") // sd_booted(3)
	return err == nil && st.IsDir() && os.Geteuid() == 0
}

// guardCommands are the ways to start a guard, the best first. In a scope of systemd's own it
// outlives the session of whoever starts it, also where logind ends what a session leaves
// behind (logind.conf(5), KillUserProcesses), and is told when the host goes down. For
// another user than root it is not better: the scopes of a user end with the last session.
func guardCommands(self, name string) [][]string {
	own := []string{self, "guards", name} // what ps shows
	run, err := exec.LookPath("systemd-run")
	if err != nil || !systemdHost() {
		return [][]string{own}
	}
	unit := "--unit=keeptune-trial-" + strings.TrimSuffix(name, extension)
	return [][]string{append([]string{run, "--scope", "--collect", "--quiet", unit, "--description=keeptune undoes a trial", "--"}, own...), own}
}

// launch starts a guard in a session of its own, which it keeps where a program gives it its
// place.
func (t *Trial) launch(ctx context.Context, argv []string, theirs *os.File) error {
	stands, ready, err := os.Pipe()
	if err != nil {
		return err
	}
	defer stands.Close()
	//nolint:gosec // this program itself, which outlives ctx
	cmd := exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), variable+"="+t.journal.path)
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{theirs, ready, t.lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = ready.Close()
	if err != nil {
		return err
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	_ = stands.SetReadDeadline(time.Now().Add(changeLimit))
	said, err := io.ReadAll(io.LimitReader(stands, 1000))
	if err == nil && string(said) != "ready" {
		err = errors.New(cmp.Or(string(said), filepath.Base(argv[0])+" ended before it stood"))
	}
	if err != nil {
		_ = cmd.Process.Kill() // it may have ended
		<-gone
		return err
	}
	t.gone = gone
	return nil
}

// do runs f with the journal locked.
func (t *Trial) do(ctx context.Context, f func(*State) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.journal.locked(ctx, f)
}

// may says why no further change may be made, nil where it may.
func (t *Trial) may(s *State) error {
	switch {
	case s.Why != "":
		return fmt.Errorf("the trial was reverted meanwhile: %s", s.Why)
	case !wake(t.journal.path):
		return errors.New("the process that undoes the trial was ended")
	}
	return nil
}

// change makes one change and reads it back.
func (t *Trial) change(ctx context.Context, i int, c *Change) error {
	name := c.Target.About().Name
	ctx, cancel := context.WithTimeout(ctx, changeLimit)
	defer cancel()
	return t.do(ctx, func(s *State) error {
		if err := t.may(s); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		now, err := c.Target.Read(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if now != c.From {
			return fmt.Errorf("%s is %s now and was %s when the plan was made", name, c.Shown(now), c.Shown(c.From))
		}
		if err := t.journal.append(record{What: setting, Step: i}); err != nil {
			return journalError(t.journal.path, err)
		}
		if err := c.Target.Set(ctx, c.To); err != nil {
			// Of several numbers the kernel takes those before the one that it refuses.
			if now, rerr := c.Target.Read(context.WithoutCancel(ctx)); rerr == nil {
				_ = t.journal.append(record{What: set, Step: i, Value: now})
			}
			return fmt.Errorf("%s: %w", name, err)
		}
		atStep("change")
		if now, err = c.Target.Read(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := t.journal.append(record{What: set, Step: i, Value: now}); err != nil {
			return err
		}
		if now != c.To {
			return fmt.Errorf("%s was set to %s, and reads %s", name, c.Shown(c.To), c.Shown(now))
		}
		return nil
	})
}

// abandon undoes what was changed and words why.
func (t *Trial) abandon(cause error) error {
	s, err := t.Revert(context.Background(), clean(cause))
	switch {
	case err != nil:
		_ = t.alive.Close() // the guard tries, and again
		_ = t.lock.Close()
		return fmt.Errorf("%w; undoing it failed, too: %w", cause, err)
	case len(s.Left()) > 0:
		return fmt.Errorf("%w; what was changed is undone, but %s", cause, s.Left()[0])
	case len(s.Notes()) > 0:
		return fmt.Errorf("%w; what was changed is undone: %s", cause, s.Notes()[0])
	}
	return fmt.Errorf("%w; nothing is changed", cause)
}

// State is where the trial stands, whoever changed that.
func (t *Trial) State() (*State, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.journal.state()
	if err != nil {
		return nil, err
	}
	if !s.Open() {
		t.close()
		return s, nil
	}
	select {
	case <-t.gone:
	default:
		s.Guarded = true
	}
	return s, nil
}

// Keep keeps the changes: it writes the plan's files and ends the guard. Where a file
// cannot be written none is, and the trial runs on.
func (t *Trial) Keep(ctx context.Context) (*State, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := keep(ctx, t.journal)
	if err == nil {
		t.close()
	}
	return s, err
}

// Revert undoes the changes. Where that was done already, by whomever, it tells so.
func (t *Trial) Revert(ctx context.Context, why string) (*State, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := revert(ctx, t.journal, why, func(i int, _ *Item) (Target, error) { return t.targets[i], nil })
	if err == nil {
		t.close()
	}
	return s, err
}

// close ends the guard, which finds the trial ended, and lets others try.
func (t *Trial) close() {
	if t.alive != nil {
		_ = t.alive.Close()
		<-t.gone
		_ = t.lock.Close()
		t.alive = nil
	}
}
