package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/pane"
)

// mouseEvent turns the wheel into the arrow keys. A click selects a setting, a
// hop or a row and, where that is selected, opens it; a click on a key that is
// named with what it does presses it, screens and the ? of help among them.
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

// click finds out what was drawn under the mouse.
func (a app) click(x, y int) (app, tea.Cmd) {
	a.settle()
	c := a.context()
	lines := strings.Split(ansi.Strip(a.draw(a.w, a.h)), "\n")
	if y < 0 || y >= len(lines) {
		return a, nil
	}
	over := a.top()
	left, top, keysAt := 0, 1, []int{0, a.h - 3, a.h - 2, a.h - 1}
	if over != nil {
		block := strings.Split(a.over(c, over), "\n")
		left, top = corner(block, a.w, a.h)
		keysAt = []int{top + len(block) - 2, a.h - 1}
	}
	if slices.Contains(keysAt, y) {
		if key, ok := a.hintAt(a.scope(c), lines[y], x); ok {
			return a.key(key)
		}
	}
	if over == nil {
		if b, cmd, ok := a.clickFrame(c, lines[y], x, y); ok {
			return b, cmd
		}
	}
	target := any(over)
	if over == nil {
		target = a.panes[a.screen]
	}
	if o, ok := target.(contract.Clicker); ok {
		if action, hit := o.Click(c, x-left, y-top); hit {
			return a.perform(action)
		}
	}
	return a.walk(lines[y], y)
}

// clickFrame is a click on what stands around every screen: the leg that is
// worse, the test that runs, and the line that says why.
func (a app) clickFrame(c *contract.Context, line string, x, y int) (app, tea.Cmd, bool) {
	on := func(text string) bool {
		at := strings.Index(line, text)
		from := ansi.StringWidth(line[:max(0, at)])
		return text != "" && at >= 0 && x >= from && x < from+ansi.StringWidth(text)
	}
	var action contract.Action
	switch worse := pane.WorseLeg(c); {
	case y == 0 && worse != nil && on(pane.Worse(worse)):
		action = contract.GoLeg{By: worse.Index - c.Shown().Index}
	case y == 0 && on(pane.Chip(c)):
		action = contract.Show{Screen: contract.Test}
	case y == a.h-3 && a.h >= fullHeight && a.screen != contract.Why:
		action = contract.Show{Screen: contract.Why}
	default:
		return a, nil, false
	}
	b, cmd := a.perform(action)
	return b, cmd, true
}

// hintAt is the key whose hint stands in column x of a line. Hints stand apart
// by two spaces and begin with the key.
func (a app) hintAt(scope keymap.Scope, line string, x int) (tea.KeyMsg, bool) {
	line = strings.NewReplacer("[", " ", "]", " ").Replace(line) // around the screen that is shown
	frame := a.cfg.Theme.Glyphs.Vertical + " "
	from := 0
	for text := range strings.SplitSeq(line, "  ") {
		to := from + ansi.StringWidth(text)
		label, _, _ := strings.Cut(strings.Trim(text, frame), " ")
		if x >= from && x < to && label != "" {
			bindings := scope.Bindings
			if !scope.Over {
				bindings = slices.Concat(bindings, a.keys.Scope(keymap.ScopeGlobal).Bindings)
			}
			return bound(bindings, label)
		}
		from = to + 2
	}
	return tea.KeyMsg{}, false
}

// walk brings the selection of a list to the clicked row with the arrow keys,
// and on the selected row presses Enter. A row of several lines is clicked on
// any of them.
func (a app) walk(clicked string, y int) (app, tea.Cmd) {
	at, row := a.selected()
	if at < 0 {
		return a, nil
	}
	clicked = a.unmarked(clicked)
	arrow, by := tea.KeyDown, 1
	if y < at {
		arrow, by = tea.KeyUp, -1
	}
	var cmds []tea.Cmd
	moved := false
	for row != clicked {
		b, cmd := a.key(tea.KeyMsg{Type: arrow})
		next, text := b.selected()
		if next == at && text == row || next < 0 { // the end of the list
			break
		}
		if by > 0 && next > y && text != clicked { // the clicked line belonged to the row before
			b, back := b.key(tea.KeyMsg{Type: tea.KeyUp})
			if moved {
				return b, tea.Batch(append(cmds, cmd, back)...)
			}
			return b.key(tea.KeyMsg{Type: tea.KeyEnter})
		}
		a, at, row, moved = b, next, text, true
		cmds = append(cmds, cmd)
		if by < 0 && at <= y {
			break
		}
	}
	if moved {
		return a, tea.Batch(cmds...)
	}
	return a.key(tea.KeyMsg{Type: tea.KeyEnter})
}

// selected is where the selected row of a list is drawn, and its text.
func (a app) selected() (y int, text string) {
	mark := a.cfg.Theme.Glyphs.Selected + " "
	for y, line := range strings.Split(ansi.Strip(a.draw(a.w, a.h)), "\n") {
		if a.top() != nil {
			_, line, _ = strings.Cut(line, a.cfg.Theme.Glyphs.Vertical)
		}
		if strings.HasPrefix(strings.TrimPrefix(line, " "), mark) {
			return y, a.unmarked(line)
		}
	}
	return -1, ""
}

// unmarked is a drawn row without its frame and the mark of the selected one.
func (a app) unmarked(line string) string {
	g := a.cfg.Theme.Glyphs
	if a.top() != nil {
		if _, after, ok := strings.Cut(line, g.Vertical); ok {
			line, _, _ = strings.Cut(after, g.Vertical)
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), g.Selected+" "))
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
