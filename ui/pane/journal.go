package pane

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Journal shows what was done, when and why, the latest last.
type Journal struct {
	scroll scroll
	seen   int
}

var _ contract.Pane = (*Journal)(nil)

// NewJournal is the journal's screen.
func NewJournal() *Journal { return &Journal{} }

// Keys is what works now.
func (p *Journal) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeJournal) }

// Update takes a key.
func (p *Journal) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	if id == keymap.Copy {
		return contract.Copy{Text: strings.Join(entries(c), "\n") + "\n", What: "the journal"}
	}
	p.scroll.key(id)
	return nil
}

// draw draws the entries.
func (p *Journal) draw(c *contract.Context, w, h int) string {
	undo, redo := c.Session.Depth()
	head := widget.FitLine(fmt.Sprintf(" %s to undo (%s), %s to redo (%s)",
		contract.Count(undo, "step", "steps"), c.Keys.Key(keymap.ScopeGlobal, keymap.Undo), contract.Count(redo, "step", "steps"), c.Keys.Key(keymap.ScopeGlobal, keymap.Redo)), w)
	lines := entries(c)
	if len(lines) == 0 {
		lines = []string{" Nothing was changed yet."}
	}
	if n := len(lines); n != p.seen { // follow the end
		p.seen, p.scroll.top = n, n
	}
	return widget.Stack(w, h, head, widget.Rule("", w, c.Theme), p.scroll.view(lines, w, max(0, h-2), c.Theme.Glyphs))
}

func entries(c *contract.Context) []string {
	var out []string
	for _, e := range c.Session.Journal() {
		out = append(out, " "+c.Clock(e.At)+"  "+model.Clean(e.Why, 300))
	}
	return out
}
