package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
)

// mouseEvent turns the wheel into the arrow keys. A click selects a setting or
// a row and, where that is selected, opens it; a click on a key in the last
// line presses it.
func (a app) mouseEvent(msg tea.MouseMsg) (app, tea.Cmd) {
	switch msg.Button {
	case tea.MouseButtonLeft:
		if msg.Action == tea.MouseActionPress && !a.small() {
			return a.click(msg.X, msg.Y)
		}
		return a, nil
	case tea.MouseButtonWheelUp:
		return a.key(tea.KeyMsg{Type: tea.KeyUp})
	case tea.MouseButtonWheelDown:
		return a.key(tea.KeyMsg{Type: tea.KeyDown})
	default:
		return a, nil
	}
}

func (a app) click(x, y int) (app, tea.Cmd) {
	c := a.context()
	if y == a.h-1 {
		if key, ok := a.hintAt(a.scope(c), x); ok {
			return a.key(key)
		}
		return a, nil
	}
	over := a.top()
	if over == nil {
		if a.screen == part.Tune {
			a.tune.Click(c, x, y-1)
		}
		return a, nil
	}
	o, ok := over.(interface {
		Click(c *part.Context, x, y int) part.Action
	})
	if !ok {
		return a, nil
	}
	left, top := corner(strings.Split(a.over(c, over), "\n"), a.w, a.h)
	return a.perform(o.Click(c, x-left, y-top))
}

// hintAt is the key whose hint stands in column x of the last line. Hints
// stand apart by two spaces and begin with the key.
func (a app) hintAt(scope keymap.Scope, x int) (tea.KeyMsg, bool) {
	screen := a.draw(a.w, a.h)
	line := ansi.Strip(screen[strings.LastIndexByte(screen, '\n')+1:])
	from := 0
	for text := range strings.SplitSeq(line, "  ") {
		to := from + ansi.StringWidth(text)
		label, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		if x >= from && x < to && label != "" {
			return bound(append(scope.Bindings, a.keys.Scope(keymap.Global).Bindings...), label)
		}
		from = to + 2
	}
	return tea.KeyMsg{}, false
}

// bound is the first key of the binding that a label stands for.
func bound(bindings []keymap.Binding, label string) (tea.KeyMsg, bool) {
	for _, b := range bindings {
		if len(b.Keys) > 0 && keymap.Label(b.Keys[0]) == label {
			return pressed(b.Keys[0])
		}
	}
	return tea.KeyMsg{}, false
}

// pressed is the message of a key as a binding spells it.
func pressed(name string) (tea.KeyMsg, bool) {
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(name)}, true
	}
	if r := []rune(name); len(r) == 1 {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: r}, true
	}
	for t := tea.KeyType(-100); t < 128; t++ {
		if k := (tea.KeyMsg{Type: t}); k.String() == name && t != tea.KeyRunes {
			return k, true
		}
	}
	return tea.KeyMsg{}, false
}
