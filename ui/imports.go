package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/widget"
)

// An importedMsg is a configuration that was read.
type importedMsg struct {
	imported contract.Imported
	err      error
}

// opened is what configurations were read from, and what they said.
type opened struct {
	from  contract.ImportFile // with the contexts that were taken
	name  string
	said  model.Document
	depth int // the steps of undo with which they came
}

// importFile lays configurations over the session.
func (a app) importFile(x contract.ImportFile) (app, tea.Cmd) {
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	effects, doc := a.cfg.Effects, a.s.Document()
	return a, a.effect(func(context.Context) tea.Msg {
		im, err := effects.Import(x, doc)
		return importedMsg{im, err}
	})
}

// imported takes configurations of one context, and asks which is meant where
// there are several.
func (a app) imported(m importedMsg) (app, tea.Cmd) {
	if q, ok := errors.AsType[*contract.Question](m.err); ok {
		return a.perform(contract.Push{Overlay: answerChoice(q)})
	}
	if m.err != nil {
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	}
	im := m.imported
	a.unused = im.Unused
	if len(im.Alternatives) == 1 {
		return a.takeAlternative(contract.TakeAlternative{File: model.Clean(im.File, 100), From: im.From, Alternative: im.Alternatives[0], Beyond: im.Beyond})
	}
	return a.perform(contract.Push{Overlay: alternativesChoice(im)})
}

// answerChoice asks what has to be said before configurations can be read.
func answerChoice(q *contract.Question) *overlay.Choice {
	o := &overlay.Choice{Title: q.Title, Text: model.Clean(q.Text, 300)}
	for _, x := range q.Answers {
		o.Options = append(o.Options, overlay.Option{Label: x.Label, Leads: x.Leads, Then: x.Then})
	}
	return o
}

// alternativesChoice asks which of the contexts of a configuration is meant.
func alternativesChoice(im contract.Imported) *overlay.Choice {
	file := model.Clean(im.File, 100)
	o := &overlay.Choice{
		Title: "which part of " + file + "?",
		Text:  fmt.Sprintf("There are %d contexts that differ on this path. The worst stands first.", len(im.Alternatives)),
	}
	for _, w := range im.Alternatives {
		o.Options = append(o.Options, overlay.Option{Label: w.Label, Leads: w.Leads, Then: contract.TakeAlternative{File: file, From: im.From, Alternative: w, Beyond: im.Beyond}})
	}
	return o
}

// takeAlternative makes the document of a context the present one, as a step of undo.
func (a app) takeAlternative(x contract.TakeAlternative) (app, tea.Cmd) {
	w, why := x.Alternative, "import "+x.File
	if w.Label != "" {
		why += ", " + model.Clean(w.Label, 100)
	}
	path := a.s.Document().Path.String()
	fresh := a.file == "" && !a.s.Dirty()
	a, cmd := a.edit(contract.Edit{Why: why, Edits: []model.Edit{model.Replace{Document: w.Document}}, Seal: true})
	if a.bad {
		return a, cmd
	}
	if fresh { // it is the beginning, not a change
		a.s = a.s.Saved()
	}
	if a.opened = newOpened(x.From, x.File, w); a.opened != nil {
		a.opened.depth, _ = a.s.Depth()
	}
	a = a.show(contract.Tune)
	a.leg = a.s.Report().Shortest
	a.tune.Stand(a.context(), true, model.RoleIdle)
	text := "read " + x.File
	if w.Label != "" {
		text += ", " + model.Clean(w.Label, 100)
	}
	if w.Document.Path.String() != path {
		text += "; the path follows from it"
	}
	if n := len(a.unused); n > 0 {
		text += "; " + contract.Count(n, "line was not used (:unused shows it)", "lines were not used (:unused shows them)")
	}
	a = a.say(text)
	if x.Beyond == "" || len(x.From.Paths) == 0 {
		return a, cmd
	}
	a, more := a.perform(contract.Push{Overlay: beyondChoice(x, a.opened.from)})
	return a, tea.Batch(cmd, more)
}

// beyondChoice asks for the server behind a hop whose configuration says how it speaks
// to its servers.
func beyondChoice(x contract.TakeAlternative, from contract.ImportFile) *overlay.Choice {
	hop := model.Clean(string(x.Beyond), 60)
	from.Path = x.Alternative.Document.Path.String()
	return &overlay.Choice{
		Title: "What is behind " + hop + "?",
		Text:  fmt.Sprintf("What was opened also says how %s speaks to its servers, and the path ends at %s.", hop, hop),
		Options: []overlay.Option{
			{Label: "choose the server", Leads: "both sides of " + hop + " are judged", Then: contract.PickNext{From: from}},
			{Label: "leave it", Leads: "only what clients of " + hop + " see is judged", Then: nil},
		},
	}
}

// wantNext asks for the server behind the last hop of a path.
func (a app) wantNext(from contract.ImportFile) overlay.Wanted {
	path := from.Path
	return overlay.Wanted{
		What: "server", Fits: func(e *model.Entry) bool { return e.Server },
		Chosen: func(e model.Endpoint) contract.Action {
			from.Path = path + " > " + e.String()
			return from
		},
	}
}

// newOpened remembers files to be written back to; nil where there are none.
func newOpened(from contract.ImportFile, name string, w contract.Alternative) *opened {
	if len(from.Paths) == 0 {
		return nil
	}
	from.Where = w.Where
	return &opened{from: from, name: name, said: w.Document}
}

// showUnused lists the lines of the last configuration that were not used.
func (a app) showUnused() (app, tea.Cmd) {
	if len(a.unused) == 0 {
		return a.say("no line of a configuration was left unused"), nil
	}
	return a.perform(contract.PlainView{Text: unusedLines(a.unused, a.w)})
}

// unusedLines lists lines of configurations, each with its reason, w wide.
func unusedLines(lines []native.Line, w int) string {
	const indent = "    "
	out := widget.Wrap("Lines that bear on connections and were not used", w)
	for _, l := range lines {
		out = append(out, "")
		for i, part := range widget.Wrap(fmt.Sprintf("%s:%d: %s", l.File, l.Line, l.Text), w-len(indent)) {
			if i > 0 {
				part = indent + part
			}
			out = append(out, part)
		}
		for _, part := range widget.Wrap(l.Why, w-len(indent)) {
			out = append(out, indent+part)
		}
	}
	return strings.Join(out, "\n") + "\n"
}
