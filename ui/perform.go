package ui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/part"
)

// perform carries an action out. It only dispatches.
func (a app) perform(action part.Action) (app, tea.Cmd) {
	if a.cfg.Debug != nil && action != nil {
		a.cfg.Debug.Debug("action", "is", fmt.Sprintf("%T", action))
	}
	switch x := action.(type) {
	case nil:
		return a, nil
	case part.Edit:
		return a.edit(x)
	case part.Apply:
		return a.apply(x)
	case part.Fix:
		o := overlay.NewRemedies(a.s, x.Finding)
		if len(o.Options) == 0 {
			return a.say(x.Finding.Rule.ID + ": no setting here puts it right; 2 says why"), nil
		}
		return a.perform(part.Push{Overlay: o})
	case part.FixWhole:
		if o := overlay.NewWhole(a.s); o != nil {
			return a.perform(part.Push{Overlay: o})
		}
		return a.say(x.Else), nil
	case part.ChangePath:
		return a.changePath(x)
	case part.PickHop:
		return a.perform(part.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantHop(x))})
	case part.Preview:
		return a.previewed(x), nil
	case part.Undo:
		return a.undo()
	case part.Redo:
		return a.redo()
	case part.Show:
		return a.show(x.Screen), nil
	case part.Inspect:
		a.inspects = !a.inspects
		return a, nil
	case part.ShowEntry:
		s, err := a.s.Env().Catalog.System(x.System)
		if err != nil {
			return a.complain(err.Error()), nil
		}
		return a.perform(part.Push{Overlay: overlay.NewEntry(s, x.Version)})
	case part.Push:
		a.overlays = append(slices.Clip(a.overlays), x.Overlay)
		return a, nil
	case part.Close:
		if n := len(a.overlays); n > 0 {
			a.overlays = a.overlays[:n-1]
		}
		return a.perform(x.Then)
	case part.GoLeg:
		return a.goLeg(x.By), nil
	case part.Preset:
		return a.preset(x)
	case part.ChooseBoth:
		return a.perform(part.Pick{Then: part.Pick{Server: true}})
	case part.Choose:
		return a.choose(x)
	case part.Pick:
		return a.perform(part.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantEnd(x))})
	case part.PickOS:
		return a.perform(part.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantOS(x.Server))})
	case part.AskTarget:
		return a.perform(part.Push{Overlay: a.targetPrompt()})
	case part.StartTest:
		return a.startTest(x.Consented)
	case part.StopTest:
		return a.stopTest(), nil
	case part.Adopt:
		return a.adopt(x)
	case part.PlanTest:
		return a.planTest(x.Plan)
	case part.GoSetting:
		return a.goSetting(x.Ref), nil
	case part.SetTarget:
		return a.setTarget(x.Target)
	case part.Copy:
		return a, a.copyText(x)
	case part.Save:
		return a.save(x)
	case part.OpenFile:
		return a.open(x)
	case part.ImportFile:
		return a.importFile(x)
	case part.TakeWay:
		return a.takeWay(x)
	case part.PickNext:
		return a.perform(part.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantNext(x.From))})
	case part.WriteBack:
		return a.writeBack(x.Quit)
	case part.CommitBack:
		return a, a.commitBack(x)
	case part.PlanFiles:
		return a.say("looking at " + x.Dir), a.plan(x)
	case part.WriteFiles:
		return a, a.write(x)
	case part.Run:
		return a.run(x.Line)
	case part.PlainView:
		return a.perform(part.Push{Overlay: overlay.NewPlain(x.Text)})
	case part.AskFilter:
		return a.perform(part.Push{Overlay: filterPrompt()})
	case part.Filter:
		a.tune.Filter(x.Text)
		return a, nil
	case part.Say:
		a.note, a.bad = x.Text, x.Bad
		return a, nil
	case part.Quit:
		return a.quit(x.Discard)
	}
	return a, nil
}

func filterPrompt() *overlay.Prompt {
	p := &overlay.Prompt{
		Label: "/", Hint: "part of a name: Enter keeps, Esc ends",
		Done:   func(text string) part.Action { return part.Filter{Text: text} },
		Change: func(text string) part.Action { return part.Filter{Text: text} },
	}
	return p.Begin("")
}
