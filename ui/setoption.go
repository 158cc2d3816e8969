package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/term"
)

// A keptMsg is that options were written into the configuration file, or why not.
type keptMsg struct {
	what string
	err  error
}

// nextStart are the options that hold from the next start on.
var nextStart = map[string]bool{"fps": true, "plain": true, "redact": true}

// setOption changes an option while the program runs, and does what it says at once where
// that can be.
func (a app) setOption(x contract.SetOption) (app, tea.Cmd) {
	next, err := a.cfg.Options.With(x.Name, x.Text)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	was, now := a.cfg.Options.Set.Text(x.Name), next.Set.Text(x.Name)
	a.cfg.Options = next
	if was == now {
		return a.say(x.Name + " is " + now + " already"), nil
	}
	var cmd tea.Cmd
	switch x.Name {
	case "theme", "ascii", "no-color":
		if a.cfg.Restyle != nil {
			a.cfg.Theme = a.cfg.Restyle(next)
			cmd = tea.ClearScreen
		}
	case "mouse":
		if next.Set.On("mouse") != a.mouse {
			a, cmd = a.toggleMouse()
		}
	case "timezone":
		zone, err := time.LoadLocation(now)
		if err != nil {
			return a.complain(err.Error()), nil
		}
		clock := a.cfg.Now
		a.cfg.Now = func() time.Time { return clock().In(zone) }
		a.now = a.cfg.Now()
	case "clipboard", "clipboard-wrap":
		c, err := term.ParseClipboard(next.Set.Text("clipboard"), next.Set.Text("clipboard-wrap"))
		if err != nil {
			return a.complain(err.Error()), nil
		}
		a.cfg.Clipboard = c
	}
	keep := a.keys.Key(keymap.ScopeOptions, keymap.Save)
	switch {
	case nextStart[x.Name]:
		return a.say(fmt.Sprintf("%s is %s at the next start, once %s has put it into the file", x.Name, now, keep)), cmd
	case x.Name == "format", x.Name == "fail-on":
		return a.say(fmt.Sprintf("%s is %s for commands, once %s has put it into the file", x.Name, now, keep)), cmd
	}
	return a.say(fmt.Sprintf("%s is %s until keeptune ends; %s puts it into the file", x.Name, now, keep)), cmd
}

// keepOptions writes what was changed into the configuration file.
func (a app) keepOptions() (app, tea.Cmd) {
	l, effects := a.cfg.Options, a.cfg.Effects
	switch {
	case len(l.Here())+len(l.KeysHere()) == 0:
		return a.say("nothing was changed here: the file and the flags say what holds"), nil
	case l.Path == "":
		return a.complain("no configuration file is read in this run (--config none), so none is written"), nil
	case effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	var what []string
	if n := len(l.Here()); n > 0 {
		what = append(what, contract.Count(n, "option", "options"))
	}
	if n := len(l.KeysHere()); n > 0 {
		what = append(what, contract.Count(n, "binding", "bindings"))
	}
	return a, a.effect(func(context.Context) tea.Msg { return keptMsg{strings.Join(what, " and "), effects.KeepOptions(l)} })
}

// kept takes the answer of keepOptions.
func (a app) kept(m keptMsg) app {
	if m.err != nil {
		return a.complain("not kept: " + model.Clean(m.err.Error(), 300))
	}
	a.cfg.Options = a.cfg.Options.Kept()
	return a.say(m.what + " put into " + model.Clean(a.cfg.Options.Path, 200))
}
