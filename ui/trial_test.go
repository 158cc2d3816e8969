package ui

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/contract"
)

// fakeTrials are the trials of a screen under test.
type fakeTrials struct {
	change census.Change // of sockets, that was planned last
	plan   contract.TrialPlan
	state  contract.TrialState
	err    error
	at     string
	netns  string
	starts int
	undone bool // the earlier trial
	kept   bool
}

func (f *fakeTrials) Plan(_ context.Context, _, _ model.Document, _ contract.ImportFile, at, netns string) (contract.TrialPlan, error) {
	f.at, f.netns = at, netns
	return f.plan, f.err
}

func (f *fakeTrials) PlanSockets(_ context.Context, _ contract.CensusQuery, c census.Change) (contract.TrialPlan, error) {
	f.change = c
	return f.plan, f.err
}

func (f *fakeTrials) Start(context.Context) (contract.TrialState, error) {
	f.starts++
	return f.state, f.err
}

func (f *fakeTrials) Look(context.Context) (contract.TrialState, error) { return f.state, f.err }

func (f *fakeTrials) End(_ context.Context, keep bool) (contract.TrialState, error) {
	f.kept = keep
	if f.err == nil {
		f.state = contract.TrialState{Text: "Undone: it was asked for."}
		if keep {
			f.state.Text = "Kept."
		}
	}
	return f.state, f.err
}

func (f *fakeTrials) EndLeft(context.Context) (contract.TrialState, error) {
	f.undone = true
	return contract.TrialState{Text: "Undone: it was asked for."}, f.err
}

// allowed is a session that may change this host.
func allowed(t *testing.T) (*desk, *fakeTrials) {
	t.Helper()
	f := &fakeTrials{plan: contract.TrialPlan{Lines: []string{"net.ipv4.tcp_retries2  15 -> 8"}, Changes: 1}}
	d := sit(t, "chrome > nginx@1.30.0", 80, 24, func(c *Config) {
		c.Trials = f
		f.state = contract.TrialState{Open: true, Deadline: c.Now().Add(5 * time.Minute)}
	})
	return d, f
}

// Without --write nothing of it is shown, and no key and no word leads to it.
func TestReadOnlyHasNoTrials(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	before := d.screen()
	d.press("!")
	if d.screen() != before {
		t.Errorf("! does something:\n%s", d.screen())
	}
	d.press(":", "try", "Enter")
	d.shows(`there is no command "try"`)
	d.press("?")
	d.lacks("try what is changed on this host")
}

func TestTrialOnTheScreen(t *testing.T) {
	d, f := allowed(t)
	d.press("!")
	d.shows("TRY ON THIS HOST", "net.ipv4.tcp_retries2 15 -> 8", "try it")
	d.press("n")
	if f.starts != 0 {
		t.Fatal("it began without a yes")
	}
	d.lacks("TRIAL 5:00")
	d.press("!", "y")
	d.shows("TRIAL 5:00", "in force, and undone in 5:00 unless it is kept; ! keeps or undoes it")
	d.press("!")
	d.shows("keep it", "undo it now", "It undoes itself in 5:00")
	d.press("Enter")
	d.shows("Kept.")
	d.lacks("TRIAL 5:00")
	if f.starts != 1 || !f.kept {
		t.Errorf("%+v", f)
	}
}

func TestTrialUndone(t *testing.T) {
	d, f := allowed(t)
	d.press("!", "y", "!", "Down", "Enter")
	d.shows("Undone: it was asked for.")
	d.lacks("TRIAL")
	if f.kept {
		t.Error("it was kept")
	}
	d.press(":", "try nginx", "Enter")
	if f.at != "nginx" {
		t.Errorf("tried at %q", f.at)
	}
}

// What cannot be kept is said, and the trial runs on.
func TestTrialThatIsNotKept(t *testing.T) {
	d, f := allowed(t)
	d.press("!", "y", "!")
	f.err = errors.New("no space is left on the device")
	d.press("Enter")
	d.shows("no space is left on the device", "TRIAL 5:00")
}

func TestTrialThatDoesNotBegin(t *testing.T) {
	d, f := allowed(t)
	d.press("!")
	f.err = errors.New("only root may set it; nothing is changed")
	d.press("y")
	d.shows("only root may set it; nothing is changed")
	d.lacks("TRIAL")
	f.err = nil
	f.plan = contract.TrialPlan{Lines: []string{"This host has it all in force already."}}
	d.press("!")
	d.shows("This host has it all in force already.")
}

// It counts down by itself, and tells when it has undone itself.
func TestTrialCountsDown(t *testing.T) {
	d, f := allowed(t)
	d.press("!", "y")
	d.app.waiting = nil
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if _, ok := d.app.trialTick()().(trialTickMsg); !ok || time.Since(began) != time.Second {
			t.Fatalf("the next look is after %s", time.Since(began))
		}
	})
	d.app.waiting = d.fake.ends
	now := d.app.cfg.Now()
	d.app.cfg.Now = func() time.Time { return now.Add(time.Minute + 100*time.Millisecond) }
	d.send(trialTickMsg{})
	d.shows("TRIAL 4:00")
	f.state = contract.TrialState{Text: "Undone: it was not kept in time."}
	d.send(trialTickMsg{})
	d.shows("Undone: it was not kept in time.")
	d.lacks("TRIAL")
	d.send(trialTickMsg{}) // one that was on its way
	d.lacks("TRIAL")
}

func TestNotice(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24, func(c *Config) { c.Notice = "a trial of edge-3 was left open" })
	d.shows("a trial of edge-3 was left open")
}

// An earlier trial that nothing undoes is undone on the screen, before another begins.
func TestTrialThatWasLeft(t *testing.T) {
	d, f := allowed(t)
	f.plan = contract.TrialPlan{Left: "A trial of edge-3 was left open.", Lines: []string{"net.ipv4.tcp_retries2  8 -> 15"}}
	d.press("!")
	d.shows("A trial of edge-3 was left open.", "net.ipv4.tcp_retries2  8 -> 15", "undo it now", "leave it as it is")
	d.press("n")
	if f.undone {
		t.Fatal("it was undone without a yes")
	}
	d.press("!", "y")
	d.shows("Undone: it was asked for.")
	if !f.undone || f.starts != 0 {
		t.Errorf("%+v", f)
	}
	f.plan = contract.TrialPlan{Lines: []string{"net.ipv4.tcp_retries2  15 -> 8"}, Changes: 1}
	d.press("!", "y")
	d.shows("TRIAL 5:00")
}

// Of two plans in the making a yes could start the one that was not shown.
func TestOnePlanAtATime(t *testing.T) {
	d, f := allowed(t)
	a, plan := d.app.tryHere(contract.TryHere{})
	if again, cmd := a.tryHere(contract.TryHere{}); plan == nil || cmd != nil || again.note != "a plan is being made" {
		t.Errorf("a second plan: %q", again.note)
	}
	a.census.open = true
	if again, cmd := a.planSockets("off"); cmd != nil || again.note != "a plan is being made" {
		t.Errorf("of sockets: %q", again.note)
	}
	f.err = errors.New("it cannot be read")
	d.press("!").shows("it cannot be read")
	f.err = nil
	d.press("!").shows("TRY ON THIS HOST")
}
