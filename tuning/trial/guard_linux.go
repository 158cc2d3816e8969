package trial

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// changing is how long the changes of a trial may take before the guard undoes them.
const changing = 5 * time.Minute

// patience is how long the guard waits for a program that is at a change to end it,
// before it ends the program.
var patience = 2 * changeLimit

// again is when an undoing that failed is tried again.
var again = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}

// Inside is the first call of main. In the copy of the program that guards a trial it does
// that and returns the exit code and true; everywhere else it does nothing and returns
// false.
func Inside(kinds Kinds) (code int, inside bool) {
	path := os.Getenv(variable)
	if path == "" {
		return 0, false
	}
	_ = os.Unsetenv(variable) // not for what this starts
	// The order of ExtraFiles in startGuard.
	alive, ready, lock := os.NewFile(3, "alive"), os.NewFile(4, "ready"), os.NewFile(5, "lock")
	defer lock.Close()
	for _, f := range []*os.File{alive, ready, lock} {
		unix.CloseOnExec(int(f.Fd()))
	}
	g, err := newGuard(path, kinds)
	if err != nil {
		_, _ = io.WriteString(ready, clean(err))
		return 1, true
	}
	_, _ = io.WriteString(ready, "ready")
	_ = ready.Close()
	if err := g.run(alive); err != nil {
		return 1, true
	}
	return 0, true
}

// A guard undoes a trial that is not kept.
type guard struct {
	journal *journal
	targets []Target
	wakes   *os.File
	applier int // a pidfd of the program that makes the trial; -1 where the kernel has none
	signals chan os.Signal
}

func newGuard(path string, kinds Kinds) (*guard, error) {
	g := &guard{signals: make(chan os.Signal, 1), applier: -1}
	signal.Ignore(unix.SIGPIPE)
	signal.Notify(g.signals, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT)
	var err error
	if g.journal, err = openJournal(path); err != nil {
		return nil, err
	}
	s, err := g.journal.state()
	if err != nil {
		return nil, err
	}
	for i := range s.Items {
		t, err := kinds.target(i, &s.Items[i])
		if err != nil {
			return nil, err
		}
		g.targets = append(g.targets, t)
	}
	if fd, err := unix.PidfdOpen(s.pid, 0); err == nil && os.Getppid() == s.pid {
		g.applier = fd
	}
	// For reading and writing, so that it never ends.
	g.wakes, err = os.OpenFile(fifo(path), os.O_RDWR, 0)
	return g, err
}

// target makes the target of a journaled change again.
func (k Kinds) target(_ int, it *Item) (Target, error) {
	maker := k[it.kind]
	if maker == nil {
		return nil, errors.New("this keeptune cannot undo a change of the kind " + it.kind)
	}
	return maker(it.spec)
}

// run waits for the end of the trial, and undoes it where that is not its keeping.
func (g *guard) run(alive *os.File) error {
	gone, wakes := make(chan struct{}), make(chan struct{}, 1)
	go func() {
		_, _ = io.Copy(io.Discard, alive)
		close(gone)
	}()
	go func() {
		for b := make([]byte, 64); ; {
			if _, err := g.wakes.Read(b); err != nil {
				return
			}
			select {
			case wakes <- struct{}{}:
			default: // it will look anyway
			}
		}
	}()
	for start := time.Now(); ; {
		s, err := g.journal.state()
		if err == nil && !s.Open() {
			return nil
		}
		until := time.Until(start.Add(changing))
		if err == nil && s.Phase == Trying {
			until = min(time.Until(s.Deadline), s.Window) // where the clock was set back
		}
		window := time.NewTimer(until)
		why := ""
		select {
		case <-wakes:
		case <-gone:
			gone = nil
			if s, err := g.journal.state(); err != nil || !s.released {
				why = "keeptune ended before it was kept"
			}
		case sig := <-g.signals:
			why = "the process that guards it got the signal " + unix.SignalName(sig.(unix.Signal))
		case <-window.C:
			why = "it was not kept in time"
			if err == nil && s.Phase == Changing {
				why = "its changes took too long"
			}
		}
		window.Stop()
		if why != "" {
			return g.revert(why)
		}
	}
}

// revert undoes the trial, and tries again where something could not be undone.
func (g *guard) revert(why string) error {
	target := func(i int, _ *Item) (Target, error) { return g.targets[i], nil }
	for n := 0; ; n++ {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		_, err := revert(ctx, g.journal, why, target)
		cancel()
		if errors.Is(err, errStands) && g.applier >= 0 { // what it is at must not be done later
			_ = unix.PidfdSendSignal(g.applier, unix.SIGKILL, nil, 0)
			g.applier = -1
			continue
		}
		if err == nil || n >= len(again) {
			return err
		}
		select {
		case <-time.After(again[n]):
		case <-g.signals: // still once more, at once
		}
	}
}
