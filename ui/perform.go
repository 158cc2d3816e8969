package ui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// perform carries an action out. It only dispatches.
func (a app) perform(action contract.Action) (app, tea.Cmd) {
	if a.cfg.Debug != nil && action != nil {
		a.cfg.Debug.Debug("action", "is", fmt.Sprintf("%T", action))
	}
	switch x := action.(type) {
	case nil:
		return a, nil
	case contract.Edit:
		return a.edit(x)
	case contract.Apply:
		return a.apply(x)
	case contract.Fix:
		o := overlay.NewRemedies(a.s, x.Finding)
		if len(o.Options) == 0 {
			return a.say(x.Finding.Rule.ID + ": no setting here puts it right; " + a.keys.Key(keymap.ScopeGlobal, keymap.Screen2) + " says why"), nil
		}
		return a.perform(contract.Push{Overlay: o})
	case contract.FixWhole:
		if o := overlay.NewWhole(a.s); o != nil {
			return a.perform(contract.Push{Overlay: o})
		}
		if x.Calm != nil {
			return a.perform(contract.Fix{Finding: *x.Calm})
		}
		return a.say(x.Else), nil
	case contract.TryHere:
		return a.tryHere(x)
	case contract.StartTrial:
		return a.startTrial()
	case contract.EndTrial:
		return a.endTrial(x.Keep)
	case contract.EndLeft:
		return a.endLeft()
	case contract.ShowGoals:
		return a.showGoals()
	case contract.Suppress:
		return a.suppress(x)
	case contract.Unsuppress:
		return a.unsuppress(x)
	case contract.ShowSuppressed:
		return a.showSuppressed()
	case contract.ChangePath:
		return a.changePath(x)
	case contract.PickHop:
		return a.perform(contract.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantHop(x))})
	case contract.Preview:
		return a.previewed(x), nil
	case contract.Undo:
		return a.undo()
	case contract.Redo:
		return a.redo()
	case contract.Show:
		return a.show(x.Screen), nil
	case contract.Inspect:
		a.inspects = !a.inspects
		return a, nil
	case contract.ShowSystem:
		s, err := a.s.Env().Catalog.System(x.System)
		if err != nil {
			return a.complain(err.Error()), nil
		}
		return a.perform(contract.Push{Overlay: overlay.NewSystemPage(s, x.Version)})
	case contract.Push:
		a.overlays = append(slices.Clip(a.overlays), x.Overlay)
		return a, nil
	case contract.Close:
		if n := len(a.overlays); n > 0 {
			a.overlays = a.overlays[:n-1]
		}
		return a.perform(x.Then)
	case contract.GoLeg:
		return a.goLeg(x.By), nil
	case contract.Preset:
		return a.preset(x)
	case contract.Compare:
		return a.compare(x.File)
	case contract.AskCompare:
		return a.perform(contract.Push{Overlay: a.comparePrompt()})
	case contract.Welcome:
		return a.perform(contract.Push{Overlay: overlay.NewWelcome()})
	case contract.OpenCensus:
		return a.openCensus(x.Filter)
	case contract.Recount:
		return a.recount()
	case contract.CensusRate:
		return a.censusRate()
	case contract.CensusFilter:
		return a.censusFilter()
	case contract.AskSockets:
		return a.askSockets()
	case contract.PlanSockets:
		return a.planSockets(x.Text)
	case contract.AdoptFlow:
		return a.adoptFlow()
	case contract.AskNamespace:
		return a.askNamespace(x)
	case contract.ChooseNamespace:
		return a.chooseNamespace(x)
	case contract.EndCensus:
		return a.endCensus(), nil
	case contract.OpenWire:
		return a.openWire()
	case contract.ExportWire:
		return a.exportWire(x.Format)
	case contract.StopWatch:
		return a.stopWatch(), nil
	case contract.ShowConnections:
		return a.showConnections(x.Server)
	case contract.ShowPackets:
		return a.showPackets(x.Connection)
	case contract.AskPlace:
		return a.askPlace(x.Addr)
	case contract.PlaceAt:
		return a.placeAt(x.Place)
	case contract.AdoptSeen:
		return a.adoptSeen(x)
	case contract.AskHost:
		return a.askHost()
	case contract.ReadHost:
		return a.readHost()
	case contract.PickHostPath:
		return a.pickHostPath()
	case contract.OpenHostPath:
		return a.openHostPath(x.At)
	case contract.ShowLog:
		return a.showLog()
	case contract.AskExplain:
		return a.perform(contract.Push{Overlay: explainPrompt()})
	case contract.ChooseBoth:
		return a.perform(contract.Pick{Then: contract.Pick{Server: true}})
	case contract.Choose:
		return a.choose(x)
	case contract.Pick:
		return a.perform(contract.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantEnd(x))})
	case contract.PickOS:
		return a.perform(contract.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantOS(x.Server))})
	case contract.AskTarget:
		return a.perform(contract.Push{Overlay: a.targetPrompt()})
	case contract.StartTest:
		return a.startTest(x.Consented)
	case contract.RunAgain:
		return a.perform(contract.Push{Overlay: &overlay.Confirm{
			Title: "Run the test again?", Text: []string{"Its result takes the place of the one that is shown; " + a.keys.Key(keymap.ScopeTest, keymap.Adopt) + " takes over what was measured first."},
			Yes: "run it", No: "keep the result", OnYes: contract.StartTest{},
		}})
	case contract.StopTest:
		return a.stopTest(), nil
	case contract.Adopt:
		return a.adopt(x)
	case contract.PlanTest:
		return a.planTest(x.Plan)
	case contract.GoSetting:
		return a.goSetting(x.Ref), nil
	case contract.SetTarget:
		a.cfg.Redact.Given(x.Target)
		return a.setTarget(x.Target)
	case contract.Copy:
		return a, a.copyText(x)
	case contract.Save:
		a.cfg.Redact.Path(x.Path)
		return a.save(x)
	case contract.OpenFile:
		return a.open(x)
	case contract.ImportFile:
		return a.importFile(x)
	case contract.TakeAlternative:
		return a.takeAlternative(x)
	case contract.PickNext:
		return a.perform(contract.Push{Overlay: overlay.NewPicker(a.s.Env().Catalog, a.wantNext(x.From))})
	case contract.WriteBack:
		return a.writeBack(x.Quit)
	case contract.CommitBack:
		return a, a.commitBack(x)
	case contract.PlanFiles:
		a.cfg.Redact.Path(x.Dir)
		return a.say("looking at " + x.Dir), a.plan(x)
	case contract.WriteFiles:
		return a, a.write(x)
	case contract.Run:
		return a.run(x.Line)
	case contract.PlainView:
		return a.perform(contract.Push{Overlay: overlay.NewPlain(x.Text)})
	case contract.AskFilter:
		return a.perform(contract.Push{Overlay: filterPrompt(a.screen)})
	case contract.Filter:
		if f, ok := a.panes[a.screen].(contract.Filterer); ok {
			f.Filter(x.Text)
		}
		return a, nil
	case contract.Say:
		a.note, a.bad = x.Text, x.Bad
		return a, nil
	case contract.SetOption:
		return a.setOption(x)
	case contract.ShowKeys:
		return a.perform(contract.Push{Overlay: overlay.NewKeys(x.Place, x.Filter)})
	case contract.SetKeys:
		return a.setKeys(x)
	case contract.UndoKeys:
		return a.undoKeys(x.Redo), nil
	case contract.KeepOptions:
		return a.keepOptions()
	case contract.Quit:
		return a.quit(x.Discard)
	}
	return a, nil
}

func explainPrompt() *overlay.Prompt {
	p := &overlay.Prompt{
		Label: "explain: ", Does: "explain", Hint: "a time or a line of a log: hangs for 7875 s; nginx: 504 after 60 s",
		Done: func(text string) contract.Action { return contract.Run{Line: "explain " + text} },
	}
	return p.Begin("")
}

func filterPrompt(s contract.Screen) *overlay.Prompt {
	hint := "part of a name"
	if s == contract.Findings {
		hint = "words of a finding, such as error, leg 2, nginx"
	}
	p := &overlay.Prompt{
		Label: "/", Does: "keep", Leaves: "show all", Hint: hint,
		Done:   func(text string) contract.Action { return contract.Filter{Text: text} },
		Change: func(text string) contract.Action { return contract.Filter{Text: text} },
	}
	return p.Begin("")
}
