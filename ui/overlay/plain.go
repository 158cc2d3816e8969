package overlay

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Plain shows a text over the whole screen with nothing around it, so that the
// mouse can select it: no frame, no numbers, no marks. Only the last line is
// not part of the text.
type Plain struct {
	lines []string
	top   int
	rows  int
}

var _ contract.Overlay = (*Plain)(nil)

// NewPlain shows text.
func NewPlain(text string) *Plain {
	p := &Plain{}
	for l := range strings.Lines(text) {
		p.lines = append(p.lines, model.Clean(strings.TrimRight(l, "\n"), 2000))
	}
	return p
}

// Full says that it covers the whole screen.
func (o *Plain) Full() {}

// Keys is what works now.
func (o *Plain) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeHelp) }

// Update takes a key.
func (o *Plain) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	default:
		o.top = scrolled(id, o.top, len(o.lines), o.rows)
	}
	return nil
}

// draw draws the text.
func (o *Plain) draw(c *contract.Context, w, h int) string {
	o.rows = max(0, h-1)
	o.top = max(0, min(o.top, len(o.lines)-o.rows))
	shown := o.lines[min(o.top, len(o.lines)):min(len(o.lines), o.top+o.rows)]
	hint := c.Keys.Key(keymap.ScopeHelp, keymap.Back) + " back"
	if len(o.lines) > o.rows {
		hint += "   Up Down PgDn scroll"
	}
	if slices.ContainsFunc(shown, func(l string) bool { return widget.Width(l) > w }) {
		hint += "   long lines are cut here, not in the file"
	}
	return widget.Stack(w, h, widget.Fit(strings.Join(shown, "\n"), w, o.rows), widget.FitLine(c.Theme.Muted.Render(hint), w))
}
