package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/solve"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

// A search looks for settings that meet the document's goals, off the loop.
type search struct {
	id     int
	cancel context.CancelFunc // nil while none runs
	view   contract.GoalsView
}

// A solvedMsg is what a search found.
type solvedMsg struct {
	id     int
	answer solve.Answer
	err    error
}

// showGoals opens the page of goals and looks for what meets them.
func (a app) showGoals() (app, tea.Cmd) {
	a, cmd := a.perform(contract.Push{Overlay: overlay.NewGoals()})
	a, search := a.solveAgain()
	return a, tea.Batch(cmd, search)
}

// goal is :solve, which may name a goal: "hold=300s", or "hold=unset" to drop it.
func (a app) goal(text string) (app, tea.Cmd) {
	if text == "" {
		return a.perform(contract.ShowGoals{})
	}
	name, value, ok := strings.Cut(text, "=")
	goal := model.Goal(strings.TrimSpace(name))
	if !ok {
		return a.complain("solve takes a goal such as :solve hold=300s, or nothing"), nil
	}
	v, err := goal.Parse(value)
	if goal.Known() && strings.TrimSpace(value) == "unset" {
		v, err = model.ValueUnset, nil
	}
	if err != nil {
		return a.complain(err.Error()), nil
	}
	a, cmd := a.edit(overlay.GoalEdit(a.s.Document().Goals, goal, v))
	a, show := a.perform(contract.ShowGoals{})
	return a, tea.Batch(cmd, show)
}

// solveAgain ends the running search, and begins one for the present document where
// the page of goals is open.
func (a app) solveAgain() (app, tea.Cmd) {
	if a.search.cancel != nil {
		a.search.cancel()
		a.search.cancel = nil
	}
	a.search.id++
	a.search.view = contract.GoalsView{}
	open := slices.ContainsFunc(a.overlays, func(o contract.Overlay) bool {
		_, goals := o.(*overlay.Goals)
		return goals
	})
	d := a.s.Document()
	if !open || len(d.Goals.Wanted) == 0 {
		return a, nil
	}
	ctx, cancel := context.WithCancel(a.out.ctx)
	a.search.cancel, a.search.view.Running = cancel, true
	id, env, hz := a.search.id, a.s.Env(), a.s.Report().HZ
	if a.s.Report().HZAssumed {
		hz = 0
	}
	return a, a.effect(func(context.Context) tea.Msg {
		defer cancel()
		answer, err := solve.Solve(ctx, d, env.Catalog, hz)
		return solvedMsg{id, answer, err}
	})
}

// solved takes what a search found, unless it was for another document.
func (a app) solved(m solvedMsg) app {
	if m.id != a.search.id || errors.Is(m.err, context.Canceled) {
		return a
	}
	a.search.cancel = nil
	a.search.view = contract.GoalsView{Ran: true, Answer: m.answer}
	if m.err != nil {
		a.search.view.Err = m.err.Error()
	}
	return a
}
