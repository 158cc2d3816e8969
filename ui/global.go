package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// global does what a key means on every screen.
func (a app) global(id keymap.ID, key tea.KeyMsg) (app, tea.Cmd) {
	switch id {
	case keymap.ShowHelp:
		c := a.context()
		a.overlays = append(a.overlays, overlay.NewHelp(a.scope(c), a.keys.Scope(keymap.ScopeGlobal), a.keys.Scope(keymap.ScopeField)))
	case keymap.Options:
		return a.perform(contract.Push{Overlay: overlay.NewOptions()})
	case keymap.Goals:
		return a.perform(contract.ShowGoals{})
	case keymap.Back:
		return a.back(key)
	case keymap.Quit:
		return a.perform(contract.Quit{})
	case keymap.Test:
		a = a.show(contract.Test)
		if a.test.view.Running {
			return a.say("the test is running; " + a.keys.Key(keymap.ScopeTest, keymap.StopTest) + " stops it"), nil
		}
		return a.perform(contract.StartTest{})
	case keymap.Export:
		if a.screen == contract.Test && a.test.view.Ran && len(a.cfg.Reports) > 0 { // what is shown is what is meant
			a.export.Choose(a.cfg.Reports[0].ID)
		}
		return a.show(contract.Export), nil
	case keymap.Screen4:
		return a.show(contract.Export), nil
	case keymap.Undo:
		return a.perform(contract.Undo{})
	case keymap.Redo:
		return a.perform(contract.Redo{})
	case keymap.Save:
		return a.perform(contract.Save{})
	case keymap.Command:
		return a.command(), nil
	case keymap.Screen1:
		return a.show(contract.Tune), nil
	case keymap.Screen2:
		return a.show(contract.Why), nil
	case keymap.Screen3:
		return a.show(contract.Test), nil
	case keymap.Screen5:
		return a.show(contract.Journal), nil
	case keymap.Screen6:
		return a.show(contract.TradeOff), nil
	case keymap.Screen7:
		return a.show(contract.Findings), nil
	case keymap.Compare:
		return a.perform(contract.Compare{})
	case keymap.Begin:
		return a.perform(contract.Welcome{})
	case keymap.Census:
		return a.perform(contract.OpenCensus{})
	case keymap.Wire:
		return a.perform(contract.OpenWire{})
	case keymap.TryHere:
		return a.perform(contract.TryHere{})
	case keymap.ReadHost:
		return a.perform(contract.AskHost{})
	case keymap.Explain:
		return a.perform(contract.AskExplain{})
	case keymap.NextPane:
		if a.screen == contract.Tune {
			return a.perform(contract.Inspect{})
		}
	case keymap.Mouse:
		return a.toggleMouse()
	case keymap.Repaint:
		return a, tea.ClearScreen
	case keymap.Suspend:
		return a, tea.Suspend
	default:
	}
	return a, nil
}

// back goes one step back; Esc and Backspace never leave the program.
func (a app) back(key tea.KeyMsg) (app, tea.Cmd) {
	switch {
	case a.inspects && a.screen == contract.Tune:
		a.inspects = false
	case a.screen == contract.Findings && a.unfiltered():
	case a.screen != contract.Tune:
		return a.show(contract.Tune), nil
	case a.tune.Back():
	case key.Type != tea.KeyEsc && key.Type != tea.KeyBackspace:
		return a.perform(contract.Quit{})
	default:
		return a.say("this is the first screen; " + a.keys.Key(keymap.ScopeGlobal, keymap.Back) + " quits"), nil
	}
	return a, nil
}

// unfiltered ends the filter of the shown list; false where there is none.
func (a app) unfiltered() bool {
	f, ok := a.panes[a.screen].(interface {
		contract.Filterer
		Filtered() bool
	})
	if !ok || !f.Filtered() {
		return false
	}
	f.Filter("")
	return true
}

func (a app) show(s contract.Screen) app {
	if s == contract.Export && a.screen != s {
		a.export.Enter()
	}
	a.screen, a.preview = s, nil
	if r := a.s.Report(); s == contract.Findings && len(r.Findings) > 0 && len(a.context().Findings()) == 0 {
		a.leg = r.Findings[0].Leg // what is selected there is about the leg that is shown
	}
	a.tune.Leave()
	a.tune.LeavePath()
	return a
}

func (a app) toggleMouse() (app, tea.Cmd) {
	a.mouse = !a.mouse
	if a.mouse {
		return a.say("mouse on: click what you see; hold Shift (Option on macOS) to select text"), tea.EnableMouseCellMotion
	}
	return a.say("mouse off"), tea.DisableMouse
}
