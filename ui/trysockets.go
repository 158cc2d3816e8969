package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// askSockets asks what the connections that are counted are to have against a dead peer.
func (a app) askSockets() (app, tea.Cmd) {
	if a.trial.busy || a.trial.state.Open {
		a.census.view.Err = "a trial runs on this host: keep it or undo it first"
		return a, nil
	}
	p := &overlay.Prompt{
		Label: "probes: ", Hint: "idle, interval and count for the connections that are counted, such as 60s 10s 5; a user timeout may follow; off ends probes; " + a.keys.Key(keymap.ScopePrompt, keymap.Accept) + " shows a plan",
		Done: func(text string) contract.Action { return contract.PlanSockets{Text: text} },
	}
	return a.perform(contract.Push{Overlay: p.Begin("")})
}

// planSockets plans the change. The census makes room: the first screen shows how long a
// trial has left.
func (a app) planSockets(text string) (app, tea.Cmd) {
	if a.cfg.Trials == nil || !a.census.open {
		return a, nil
	}
	if a.trial.planning {
		return a.say("a plan is being made"), nil
	}
	change, err := census.ParseChange(text)
	if err != nil {
		a.census.view.Err = err.Error()
		return a, nil
	}
	trials := a.cfg.Trials
	q := contract.CensusQuery{Filter: a.census.view.Filter, Namespace: a.netns}
	a = a.endCensus()
	a.trial.planning = true
	a.overlays = slices.DeleteFunc(slices.Clone(a.overlays), func(o contract.Overlay) bool {
		_, is := o.(*overlay.Census)
		return is
	})
	return a.say("reading what the connections have set"), a.effect(func(ctx context.Context) tea.Msg {
		p, err := trials.PlanSockets(ctx, q, change)
		return trialPlanMsg{plan: p, err: err}
	})
}
