package overlay

import (
	"cmp"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Choice offers several things to do, each with what it leads to.
type Choice struct {
	Title, Text string
	Options     []Option
	Does        string // what Enter does to the selected one; "do it" where it is empty
	Final       bool   // nothing of it is a step of undo, or undo need not be told
	sel         int
	down        int // lines below the selected row that were scrolled to
}

// An Option is one row of a Choice.
type Option struct {
	Label, Leads string
	More         []string // further sentences
	Then         contract.Action
}

var _ contract.Overlay = (*Choice)(nil)

// Keys is what works now.
func (o *Choice) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeRemedies) }

// Update takes a key.
func (o *Choice) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Accept:
		return contract.Close{Then: o.Options[o.sel].Then}
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Up:
		if o.down == 0 {
			o.sel = max(0, o.sel-1)
		}
		o.down = max(0, o.down-1)
	case keymap.Down:
		if o.sel == len(o.Options)-1 { // what it says may be longer than the screen
			o.down++
		}
		o.sel = min(len(o.Options)-1, o.sel+1)
	default:
	}
	return nil
}

// draw draws the list.
func (o *Choice) draw(c *contract.Context, w, h int) string {
	g, bw := c.Theme.Glyphs, min(w, 78)
	lines := wrapped(o.Text, bw)
	top := 0
	for i, r := range o.Options {
		lines = append(lines, "")
		if i == o.sel {
			top = len(lines)
		}
		for j, l := range widget.Wrap(model.Clean(r.Label, 600), max(1, bw-7)) {
			lead := "   "
			if i == o.sel && j == 0 {
				lead = " " + g.Selected + " "
			}
			l = lead + l + " "
			if i == o.sel {
				l = c.Theme.Selected.Render(l)
			}
			lines = append(lines, l)
		}
		for j, l := range widget.Wrap(r.Leads, max(1, bw-11)) {
			lead := "     " + g.Arrow + " "
			if j > 0 {
				lead = "         "
			}
			lines = append(lines, lead+l)
		}
		for _, text := range r.More {
			for _, l := range widget.Wrap(model.Clean(text, 600), max(1, bw-11)) {
				lines = append(lines, "         "+l)
			}
		}
	}
	start := max(0, top-(h-6))
	o.down = min(o.down, max(0, len(lines)-(h-3)-start))
	scope := o.Keys(c)
	keys := []keymap.Hint{labelled(scope, keymap.Accept, cmp.Or(o.Does, "do it"))}
	if !o.Final {
		keys = append(keys, keymap.Hint{Key: c.Keys.Key(keymap.ScopeGlobal, keymap.Undo), Text: "takes it back"})
	}
	keys = append(keys, labelled(scope, keymap.Back, "leave"))
	return frameAt(c, o.Title, lines, start+o.down, keys, w, h)
}
