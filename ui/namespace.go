package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

// A namespacesMsg is the list of this host's network namespaces.
type namespacesMsg struct {
	under contract.Overlay // that asked
	then  contract.Action
	list  []contract.Namespace
	err   error
}

// askNamespace lists the network namespaces, to choose from.
func (a app) askNamespace(x contract.AskNamespace) (app, tea.Cmd) {
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	effects, under := a.cfg.Effects, a.top()
	return a, a.effect(func(ctx context.Context) tea.Msg {
		list, err := effects.Namespaces(ctx)
		return namespacesMsg{under, x.Then, list, err}
	})
}

// namespaces shows the list, where nothing else was opened or closed meanwhile.
func (a app) namespaces(m namespacesMsg) (app, tea.Cmd) {
	switch {
	case a.top() != m.under:
		return a, nil
	case m.err != nil:
		return a.wrong(model.Clean(m.err.Error(), 300)), nil
	}
	return a.perform(contract.Push{Overlay: overlay.NewNamespaces(m.list, a.netns, m.then)})
}

// wrong tells on the page that is open what went wrong.
func (a app) wrong(text string) app {
	switch a.top().(type) {
	case *overlay.Census:
		a.census.view.Err = text
	case *overlay.Host:
		a.host.Err = text
	default:
		return a.complain(text)
	}
	return a
}

// chooseNamespace reads, counts and changes in a network namespace from now on. What is open
// is read and counted anew.
func (a app) chooseNamespace(x contract.ChooseNamespace) (app, tea.Cmd) {
	changed := x.Name != a.netns
	if a.netns = x.Name; !changed {
		return a.perform(x.Then)
	}
	a.host.Machine, a.host.Err = nil, ""
	var cmds []tea.Cmd
	if a.census.open {
		v := &a.census.view
		v.Summary, v.Err = nil, ""
		var cmd tea.Cmd
		a, cmd = a.recount()
		cmds = append(cmds, cmd)
	}
	if slices.ContainsFunc(a.overlays, isHost) {
		var cmd tea.Cmd
		a, cmd = a.rereadHost()
		cmds = append(cmds, cmd)
	}
	if len(a.overlays) == 0 {
		a = a.say("what is read, counted and tried is " + contract.NamespaceText(a.netns) + " from now on")
	}
	a, cmd := a.perform(x.Then)
	return a, tea.Batch(append(cmds, cmd)...)
}
