package ui

import (
	"context"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

type (
	// A patchMsg is what writing back would do.
	patchMsg struct {
		patch contract.Patch
		quit  bool
		err   error
	}
	// A wroteBackMsg is what was written back, and what the files say now.
	wroteBackMsg struct {
		paths []string
		said  model.Document
		quit  bool
		err   error
	}
)

// writeBack asks what the changes make of the configurations that were opened.
func (a app) writeBack(quit bool) (app, tea.Cmd) {
	switch {
	case a.opened == nil:
		return a.complain("no configuration was opened; :open nginx.conf opens one, x exports files of their own"), nil
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	if undo, _ := a.s.Depth(); undo < a.opened.depth {
		return a.complain("undo took " + a.opened.name + " out of this session, so there is nothing to write back; " + a.keys.Key(keymap.ScopeGlobal, keymap.Redo) + " redoes"), nil
	}
	effects, o, now := a.cfg.Effects, *a.opened, a.s.Document()
	return a, a.effect(func(context.Context) tea.Msg {
		p, err := effects.Patch(o.from, o.said, now)
		return patchMsg{p, quit, err}
	})
}

// patched shows the difference, and asks.
func (a app) patched(m patchMsg) (app, tea.Cmd) {
	p := m.patch
	switch {
	case m.err != nil:
		return a.complain("nothing was written: " + model.Clean(m.err.Error(), 300)), nil
	case len(p.Files) == 0 && len(p.Left) == 0:
		return a.say("nothing to write: " + a.opened.name + " says all of this already"), nil
	case len(p.Files) == 0:
		return a.complain("nothing was written: " + model.Clean(p.Left[0], 200) + "; " + a.keys.Key(keymap.ScopeGlobal, keymap.Export) + " exports it"), nil
	}
	o := &overlay.Confirm{
		Title: "Write back into " + into(p.Files) + "?",
		Yes:   "write, keep a copy", No: "leave everything as it is", OnYes: contract.CommitBack{Patch: p, Quit: m.quit},
	}
	for _, f := range p.Files {
		o.Body = append(o.Body, strings.Split(strings.TrimRight(f.Diff, "\n"), "\n")...)
	}
	if len(p.Also) > 0 {
		o.Text = append(o.Text, "The same lines are in force for "+model.Clean(strings.Join(p.Also, "; "), 300)+".")
	}
	if len(p.Left) > 0 {
		o.Text = append(o.Text, "Not written: "+model.Clean(strings.Join(p.Left, "; "), 400)+". x exports it.")
	}
	return a.perform(contract.Push{Overlay: o})
}

// into names the files that are written.
func into(files []contract.Patched) string {
	if len(files) == 1 {
		return model.Clean(filepath.Base(files[0].Path), 60)
	}
	return contract.Count(len(files), "file", "files")
}

// commitBack writes what was agreed to.
func (a app) commitBack(x contract.CommitBack) tea.Cmd {
	effects := a.cfg.Effects
	return a.effect(func(context.Context) tea.Msg {
		paths, err := effects.CommitBack(x.Patch)
		return wroteBackMsg{paths, x.Patch.Said, x.Quit, err}
	})
}

// wroteBack remembers what the files say now.
func (a app) wroteBack(m wroteBackMsg) (app, tea.Cmd) {
	for _, p := range m.paths {
		a.out.said = append(a.out.said, "wrote "+model.Clean(p, 300))
	}
	if m.err != nil {
		return a.complain("nothing was written: " + model.Clean(m.err.Error(), 300)), nil
	}
	o := *a.opened
	o.said = m.said
	a.opened = &o
	if m.said.Equal(a.s.Document()) && a.file == "" {
		a.s = a.s.Saved()
	}
	if m.quit && !a.s.Dirty() {
		return a.quit(false)
	}
	names := make([]string, len(m.paths))
	for i, p := range m.paths {
		names[i] = filepath.Base(p)
	}
	return a.say("wrote to " + model.Clean(filepath.Dir(m.paths[0])+": "+strings.Join(names, ", "), 300)), nil
}

// saveWhere asks whether the configuration or the session is meant, where both could
// be.
func (a app) saveWhere(x contract.Save) *overlay.Choice {
	x.Ask = true
	return &overlay.Choice{
		Title: "What is to be written?", Text: "Both are possible; nothing is replaced without a look at it.", Final: true,
		Options: []overlay.Option{
			{Label: "the changes, back into " + a.opened.name, Leads: "the difference is shown first, and a copy is kept", Then: contract.WriteBack{Quit: x.Quit}},
			{Label: "this session, as a file of keeptune", Leads: "keeptune FILE opens it again", Then: x},
		},
	}
}
