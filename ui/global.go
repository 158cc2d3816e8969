package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/part"
)

// global does what a key means on every screen.
func (a app) global(id keymap.ID, key tea.KeyMsg) (app, tea.Cmd) {
	switch id {
	case keymap.ShowHelp:
		c := a.context()
		a.overlays = append(a.overlays, overlay.NewHelp(a.scope(c), a.keys.Scope(keymap.Global), a.keys.Scope(keymap.Field)))
	case keymap.Back:
		return a.back(key)
	case keymap.Quit:
		return a.perform(part.Quit{})
	case keymap.Test:
		a = a.show(part.Test)
		if a.test.view.Running {
			return a.say("the test is running; s stops it"), nil
		}
		return a.perform(part.StartTest{})
	case keymap.Ship:
		if a.screen == part.Test && a.test.view.Ran && len(a.cfg.Reports) > 0 { // what is shown is what is meant
			a.export.Choose(a.cfg.Reports[0].ID)
		}
		return a.show(part.Export), nil
	case keymap.Screen4:
		return a.show(part.Export), nil
	case keymap.Undo:
		return a.perform(part.Undo{})
	case keymap.Redo:
		return a.perform(part.Redo{})
	case keymap.Save:
		return a.perform(part.Save{})
	case keymap.Command:
		return a.command(), nil
	case keymap.Screen1:
		return a.show(part.Tune), nil
	case keymap.Screen2:
		return a.show(part.Why), nil
	case keymap.Screen3:
		return a.show(part.Test), nil
	case keymap.Screen5:
		return a.show(part.Journal), nil
	case keymap.Screen6:
		return a.show(part.TradeOff), nil
	case keymap.NextPane:
		if a.screen == part.Tune {
			return a.perform(part.Inspect{})
		}
	case keymap.Mouse:
		return a.toggleMouse()
	case keymap.Repaint:
		cmds := []tea.Cmd{tea.ExitAltScreen, tea.EnterAltScreen, tea.ClearScreen}
		if a.mouse {
			cmds = append(cmds, tea.EnableMouseCellMotion)
		}
		return a, tea.Sequence(cmds...)
	case keymap.Suspend:
		return a, tea.Suspend
	default:
	}
	return a, nil
}

// back goes one step back; only q leaves the program, so that Esc is harmless.
func (a app) back(key tea.KeyMsg) (app, tea.Cmd) {
	switch {
	case a.inspects && a.screen == part.Tune:
		a.inspects = false
	case a.screen != part.Tune:
		return a.show(part.Tune), nil
	case a.tune.Back():
	case key.Type == tea.KeyRunes:
		return a.perform(part.Quit{})
	default:
		return a.say("this is the first screen; q quits"), nil
	}
	return a, nil
}

func (a app) show(s part.Screen) app {
	if s == part.Export && a.screen != s {
		a.export.Enter()
	}
	a.screen, a.preview = s, nil
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
