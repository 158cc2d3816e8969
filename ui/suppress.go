package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// suppress suppresses a finding, or asks why.
func (a app) suppress(x contract.Suppress) (app, tea.Cmd) {
	if strings.TrimSpace(x.Reason) == "" {
		return a.perform(contract.Push{Overlay: suppressPrompt(x.Finding)})
	}
	r := a.s.Report()
	return a.suppressed(r.Suppression(&x.Finding, x.Reason))
}

func (a app) suppressed(s model.Suppression) (app, tea.Cmd) {
	a, cmd := a.edit(contract.Edit{Why: "suppress " + s.Rule + ": " + s.Reason, Edits: []model.Edit{model.Suppress{Suppression: s}}, Seal: true})
	if a.bad {
		return a, cmd
	}
	return a.say(s.Rule + " is suppressed: it is listed apart and does not count" + a.undoes()), cmd
}

// undoes names the key that takes the last step back.
func (a app) undoes() string {
	return "   " + a.keys.Key(keymap.ScopeGlobal, keymap.Undo) + " undoes"
}

// suppressPrompt asks for the reason.
func suppressPrompt(f tuning.Finding) *overlay.Prompt {
	p := &overlay.Prompt{
		Label: "suppress " + f.Rule.ID + " because: ", Does: "suppress",
		Hint: "Why this is no fault here. It hides this one fault, as " + f.Severity.String() + " and no graver.",
		Done: func(text string) contract.Action {
			if text == "" {
				return contract.Say{Text: f.Rule.ID + " needs a reason to be suppressed", Bad: true}
			}
			return contract.Suppress{Finding: f, Reason: text}
		},
	}
	return p.Begin("")
}

// suppressLine is :suppress, with the words of --suppress.
func (a app) suppressLine(text string) (app, tea.Cmd) {
	if text == "" {
		return a.showSuppressed()
	}
	d := a.s.Document()
	bare := d
	bare.Suppressed = nil
	env := a.s.Env()
	r, err := tuning.Analyze(bare, env)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	s, err := tuning.ParseSuppression(text, d, r, env.Catalog)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	return a.suppressed(s)
}

// unsuppress makes a finding count again.
func (a app) unsuppress(x contract.Unsuppress) (app, tea.Cmd) {
	s := x.Suppression
	a, cmd := a.edit(contract.Edit{Why: "suppress " + s.Rule + " no more", Edits: []model.Edit{model.Unsuppress{Suppression: s}}, Seal: true})
	if a.bad {
		return a, cmd
	}
	return a.say(s.Rule + " counts again" + a.undoes()), cmd
}

// showSuppressed lists what is suppressed.
func (a app) showSuppressed() (app, tea.Cmd) {
	if o := overlay.NewSuppressed(a.s.Report()); o != nil {
		return a.perform(contract.Push{Overlay: o})
	}
	return a.say("nothing is suppressed; on 2 why, s suppresses the selected finding"), nil
}
