package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

// A comparedMsg is the session file that is before.
type comparedMsg struct {
	file string
	doc  model.Document
	err  error
}

// compare shows before and now side by side; a file is read first.
func (a app) compare(file string) (app, tea.Cmd) {
	switch {
	case file == "":
		return a.sideBySide(), nil
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	effects := a.cfg.Effects
	return a, a.effect(func(context.Context) tea.Msg {
		doc, err := effects.LoadSession(file)
		return comparedMsg{file, doc, err}
	})
}

func (a app) compared(m comparedMsg) (app, tea.Cmd) {
	name := model.Clean(m.file, 100)
	if errors.Is(m.err, contract.ErrConfig) {
		return a.complain(name + " is a configuration; :open it and save it as a session to compare with it"), nil
	}
	if m.err != nil {
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	}
	b, err := a.baseline("as in "+name, m.doc)
	if err != nil {
		return a.complain(name + ": " + model.Clean(err.Error(), 300)), nil
	}
	return a.sideBySide(b), nil
}

// sideBySide lays the comparison over the screen; what is before is chosen there among
// first, what was opened, saved and measured.
func (a app) sideBySide(first ...overlay.Baseline) app {
	c := a.context()
	opened, saved := c.Before, a.s.LastSaved()
	all := first
	add := func(name string, doc model.Document) {
		if b, err := a.baseline(name, doc); err == nil { // it was analysed before
			all = append(all, b)
		}
	}
	add("as opened", opened)
	if !saved.Equal(opened) {
		add("as saved", saved)
	}
	if seen := a.s.Seen(); len(seen) > 0 {
		doc, err := opened, error(nil)
		for _, x := range seen {
			if doc, err = doc.With(x, a.s.Env().Catalog); err != nil {
				break
			}
		}
		if err == nil {
			add("as measured", doc)
		}
	}
	o := overlay.NewCompare(all, a.s.Report(), a.s.Document().Path.String())
	a, _ = a.perform(contract.Push{Overlay: o})
	return a
}

func (a app) baseline(name string, doc model.Document) (overlay.Baseline, error) {
	r, err := tuning.Analyze(doc, a.s.Env())
	return overlay.Baseline{Name: name, Path: doc.Path.String(), Report: r}, err
}

func (a app) comparePrompt() *overlay.Prompt {
	p := &overlay.Prompt{
		Label: "compare with: ", Does: "compare", Hint: "a session file; nothing is the session as opened",
		Complete: func(text string) []string {
			var out []string
			for _, w := range a.completions("compare " + text) {
				out = append(out, w[len("compare "):])
			}
			return out
		},
		Done: func(text string) contract.Action { return contract.Run{Line: "compare " + text} },
	}
	return p.Begin("")
}
