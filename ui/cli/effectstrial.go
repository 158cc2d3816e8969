package cli

import (
	"context"
	"errors"
	"strings"
	"sync"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/sockopt"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// screenTrials are the trials of a screen.
type screenTrials struct {
	app *app
	log *accessLog

	mu   sync.Mutex
	plan trial.Plan
	made *trial.Trial // nil while none is open
}

var _ ui.Trials = (*screenTrials)(nil)

// Plan plans what is changed.
func (s *screenTrials) Plan(ctx context.Context, now, before model.Document, from contract.ImportFile, at, netns string) (contract.TrialPlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, is := s.earlier(); is {
		return p, nil
	}
	var ends []string
	if at != "" {
		ends = []string{at}
	}
	plan, err := s.app.planTrial(ctx, now, &reading{before: before, from: from}, ends, netns, s.log.note)
	if err != nil { // the screen has a command in the place of the flag
		return contract.TrialPlan{}, errors.New(strings.ReplaceAll(err.Error(), "--at ", ":try "))
	}
	return s.planned(&plan), nil
}

// PlanSockets plans what keeptune sockets does.
func (s *screenTrials) PlanSockets(ctx context.Context, q contract.CensusQuery, c census.Change) (contract.TrialPlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, is := s.earlier(); is {
		return p, nil
	}
	chosen, err := sockopt.Select(ctx, q.Namespace, q.Filter, c)
	if err != nil {
		return contract.TrialPlan{}, err
	}
	if chosen.Chosen == 0 {
		return contract.TrialPlan{}, errors.New("there is no connection that is counted, so there is nothing to change")
	}
	plan := chosen.Plan()
	return s.planned(&plan), nil
}

// planned keeps a plan and shows it.
func (s *screenTrials) planned(plan *trial.Plan) contract.TrialPlan {
	s.plan = *plan
	p := page{w: 66} // inside a frame
	trialText(&p, plan, defaultWindow)
	return contract.TrialPlan{Lines: strings.Split(strings.TrimRight(p.b.String(), "\n"), "\n"), Changes: len(plan.Changes)}
}

// Start makes the changes of the last plan.
func (s *screenTrials) Start(ctx context.Context) (contract.TrialState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written()
	t, err := s.app.trials().Start(ctx, s.plan, trial.Options{Window: defaultWindow})
	if err != nil {
		return contract.TrialState{}, err
	}
	s.made = t
	return s.state(t.State())
}

// written notes what the trial sets; a start that fails may have set some of it.
func (s *screenTrials) written() {
	for i := range s.plan.Changes {
		switch t := s.plan.Changes[i].Target.(type) {
		case *trial.Server:
			for _, f := range t.Files {
				s.log.files("write", f.Path)
			}
			s.log.note(machine.Access{Kind: "run", What: t.Program + ", to check its files, its reload, and requests to its listeners", Count: 1})
		default:
			s.log.files("write", t.About().Name)
		}
	}
}

// Look is where the trial stands. One that nothing would undo any more is undone.
func (s *screenTrials) Look(ctx context.Context) (contract.TrialState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		return contract.TrialState{}, nil
	}
	st, err := s.made.State()
	if err == nil && st.Open() && !st.Guarded {
		st, err = s.made.Revert(context.WithoutCancel(ctx), "the process that undoes it was ended")
	}
	return s.state(st, err)
}

// End keeps the trial or undoes it.
func (s *screenTrials) End(ctx context.Context, keep bool) (contract.TrialState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		return contract.TrialState{}, trial.ErrNone
	}
	if keep {
		for _, f := range s.plan.Keep {
			s.log.files("write", f.Path)
		}
		return s.state(s.made.Keep(ctx))
	}
	return s.state(s.made.Revert(ctx, "it was asked for"))
}

func (s *screenTrials) state(st *trial.State, err error) (contract.TrialState, error) {
	if err != nil {
		return contract.TrialState{}, err
	}
	if st.Open() {
		return contract.TrialState{Open: true, Deadline: st.Deadline}, nil
	}
	s.made = nil
	var p page
	endedText(&p, st)
	return contract.TrialState{Text: strings.Join(strings.Fields(p.b.String()), " ")}, nil
}

// EndLeft undoes an earlier trial.
func (s *screenTrials) EndLeft(ctx context.Context) (contract.TrialState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state(s.app.trials().Revert(ctx, "it was asked for"))
}

// earlier is an earlier trial that nothing undoes, and false where there is none.
func (s *screenTrials) earlier() (contract.TrialPlan, bool) {
	st := s.app.left()
	if st == nil {
		return contract.TrialPlan{}, false
	}
	var lines []string
	for i := range st.Items {
		if it := &st.Items[i]; it.Made && !it.Undone {
			lines = append(lines, model.Clean(it.Name+"  "+it.To+" -> "+it.From, 200))
		}
	}
	return contract.TrialPlan{Left: "A " + leftText(st) + ". It has to be undone before another one.", Lines: lines}, true
}

// left is a trial that nothing undoes, nil where there is none.
func (a *app) left() *trial.State {
	s, err := a.trials().Open()
	if err != nil || s == nil || s.Guarded {
		return nil
	}
	return s
}

// leftText says of a trial that it was left open, without the article that it begins with.
func leftText(s *trial.State) string {
	what := "its changes are in force"
	if s.Restart {
		what = "some of its changes may be in force again"
	}
	return "trial of " + model.Clean(s.For, 60) + " was left open, and " + what
}

// leftTrial is a sentence about a trial that nothing undoes, empty where there is none.
func (a *app) leftTrial() string {
	s := a.left()
	if s == nil {
		return ""
	}
	undoes := "keeptune revert"
	if a.global.write {
		undoes = a.config.Keys.Key(keymap.ScopeGlobal, keymap.TryHere)
	}
	return "a " + leftText(s) + ": " + undoes + " undoes it"
}
