package ui

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// Trials change this host in a way that undoes itself. They are there only where keeptune
// may change it.
type Trials interface {
	// Plan plans what differs between two documents, the earlier one as configurations
	// said it. At is the endpoint that is this host; empty where only one can be. Netns is the
	// network namespace, "" for this one.
	Plan(ctx context.Context, now, before model.Document, from contract.ImportFile, at, netns string) (contract.TrialPlan, error)
	// PlanSockets plans to change what connections have against a dead peer.
	PlanSockets(ctx context.Context, q contract.CensusQuery, c census.Change) (contract.TrialPlan, error)
	// Start makes the changes that were planned last.
	Start(ctx context.Context) (contract.TrialState, error)
	// Look is where the trial stands, whoever ended it.
	Look(ctx context.Context) (contract.TrialState, error)
	// End keeps the changes, or undoes them.
	End(ctx context.Context, keep bool) (contract.TrialState, error)
	// EndLeft undoes an earlier trial that nothing undoes.
	EndLeft(ctx context.Context) (contract.TrialState, error)
}

// A trying is the trial that this session has made.
type trying struct {
	busy     bool // something is being done about it
	planning bool // a plan is being made; a yes starts the one that was made last
	state    contract.TrialState
}

type (
	trialPlanMsg struct {
		at   string // of TryHere
		of   bool   // of what is changed in the document, and not of sockets
		plan contract.TrialPlan
		err  error
	}
	trialMsg struct {
		state contract.TrialState
		err   error
		asked bool // somebody waits for the answer
	}
	trialTickMsg struct{}
)

// tryHere plans a trial, or asks how the one that runs is to end.
func (a app) tryHere(x contract.TryHere) (app, tea.Cmd) {
	switch {
	case a.cfg.Trials == nil:
		return a, nil
	case a.trial.busy:
		return a.say("the changes are being made or undone"), nil
	case a.trial.planning:
		return a.say("a plan is being made"), nil
	case a.trial.state.Open:
		return a.perform(contract.Push{Overlay: &overlay.Choice{
			Title: "TRIAL ON THIS HOST", Text: "It undoes itself in " + a.trialLeft() + " unless it is kept. Quitting undoes it, too.", Final: true,
			Options: []overlay.Option{
				{Label: "keep it", Leads: "the changes stay, those of variables and files also when the host starts anew", Then: contract.EndTrial{Keep: true}},
				{Label: "undo it now", Leads: "everything is as it was before", Then: contract.EndTrial{}},
			},
		}})
	}
	trials, now := a.cfg.Trials, a.s.Document()
	var before model.Document
	var from contract.ImportFile
	if a.opened != nil {
		before, from = a.opened.said, a.opened.from
	}
	a.trial.planning = true
	netns := a.netns
	return a, a.effect(func(ctx context.Context) tea.Msg {
		p, err := trials.Plan(ctx, now, before, from, x.At, netns)
		return trialPlanMsg{x.At, true, p, err}
	})
}

// trialPlanned shows a plan and asks.
func (a app) trialPlanned(m trialPlanMsg) (app, tea.Cmd) {
	a.trial.planning = false
	switch {
	case m.err != nil:
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	case m.plan.Left != "":
		return a.perform(contract.Push{Overlay: &overlay.Confirm{
			Title: "AN EARLIER TRIAL", Text: []string{m.plan.Left}, Body: m.plan.Lines, Yes: "undo it now", No: "leave it as it is", OnYes: contract.EndLeft{},
		}})
	case m.plan.Changes == 0 && len(m.plan.Lines) > 0:
		return a.say(model.Clean(m.plan.Lines[0], 200)), nil
	}
	o := &overlay.Confirm{Title: "TRY ON THIS HOST", Body: m.plan.Lines, Yes: "try it", No: "leave it as it is", OnYes: contract.StartTrial{}}
	if a.netns != "" {
		o.Title = "TRY IN NETWORK NAMESPACE " + model.Clean(a.netns, 40)
	}
	if m.of {
		o.OnWhere = contract.AskNamespace{Then: contract.TryHere{At: m.at}}
	}
	return a.perform(contract.Push{Overlay: o})
}

// startTrial makes the changes.
func (a app) startTrial() (app, tea.Cmd) {
	if a.cfg.Trials == nil || a.trial.busy || a.trial.state.Open {
		return a, nil
	}
	a.trial.busy = true
	trials := a.cfg.Trials
	return a.say("the changes are being made"), a.effect(func(ctx context.Context) tea.Msg {
		s, err := trials.Start(ctx)
		return trialMsg{s, err, true}
	})
}

// endTrial keeps the changes or undoes them.
func (a app) endTrial(keep bool) (app, tea.Cmd) {
	if !a.trial.state.Open || a.trial.busy {
		return a, nil
	}
	a.trial.busy = true
	trials := a.cfg.Trials
	return a, a.effect(func(ctx context.Context) tea.Msg {
		s, err := trials.End(context.WithoutCancel(ctx), keep)
		return trialMsg{s, err, true}
	})
}

// endLeft undoes an earlier trial.
func (a app) endLeft() (app, tea.Cmd) {
	if a.cfg.Trials == nil || a.trial.busy || a.trial.state.Open {
		return a, nil
	}
	a.trial.busy = true
	trials := a.cfg.Trials
	return a.say("the changes of the earlier trial are being undone"), a.effect(func(ctx context.Context) tea.Msg {
		s, err := trials.EndLeft(context.WithoutCancel(ctx))
		return trialMsg{s, err, true}
	})
}

// tried takes in where a trial stands.
func (a app) tried(m trialMsg) (app, tea.Cmd) {
	was := a.trial.state.Open
	if m.asked {
		a.trial.busy = false
	}
	if m.err != nil {
		a = a.complain(model.Clean(m.err.Error(), 300))
	} else {
		a.trial.state = m.state
	}
	switch {
	case !a.trial.state.Open && (was || m.asked && m.err == nil):
		return a.say(a.trial.state.Text), nil
	case !a.trial.state.Open:
		return a, nil
	case !was:
		key := a.keys.Key(keymap.ScopeGlobal, keymap.TryHere)
		return a.say("in force, and undone in " + a.trialLeft() + " unless it is kept; " + key + " keeps or undoes it"), a.trialTick()
	case !m.asked:
		return a, a.trialTick()
	}
	return a, nil // a tick is on its way
}

// trialTick is when to look next.
func (a app) trialTick() tea.Cmd {
	return a.waits(forClock, tea.Tick(time.Second, func(time.Time) tea.Msg { return trialTickMsg{} }))
}

// trialLook looks where the trial stands.
func (a app) trialLook() (app, tea.Cmd) {
	if !a.trial.state.Open {
		return a, nil
	}
	trials := a.cfg.Trials
	return a, a.effect(func(ctx context.Context) tea.Msg {
		s, err := trials.Look(ctx)
		return trialMsg{s, err, false}
	})
}

// trialLeft is the time until a trial undoes itself: 4:59.
func (a app) trialLeft() string {
	left := max(0, a.trial.state.Deadline.Sub(a.now)+time.Second-1) / time.Second
	return fmt.Sprintf("%d:%02d", left/60, left%60)
}
