// Package pane holds the screens of keeptune: what fills the body and can
// have focus.
package pane

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// Tune is the first screen: both sides of a leg, to be changed in place.
type Tune struct {
	server    bool
	at        [2]contract.Place
	line      int // where the cursor stood, for columns that lack the setting
	top       int
	sieve     sieve
	edit      *editor
	typed     map[model.ParamID][]string
	page      int   // rows in view, as last drawn
	settles   bool  // what is drawn is kept in hits
	hits      []hit // what is where, as last settled
	hops      []hopAt
	inspector *Inspector
	path      *pathEditor // nil while the settings have the keys
}

var _ contract.Pane = (*Tune)(nil)

// NewTune is the first screen, on the server's first idle limit.
func NewTune() *Tune { return &Tune{typed: map[model.ParamID][]string{}, inspector: NewInspector()} }

// At is the selected setting.
func (t *Tune) At(c *contract.Context) contract.Place {
	if cell := t.cell(c); cell != nil {
		return cell.at()
	}
	return contract.Place{Server: t.server}
}

// Stand puts the cursor on the first setting with a role.
func (t *Tune) Stand(c *contract.Context, server bool, role model.Role) {
	t.server, t.edit, t.sieve = server, nil, sieve{}
	side := c.Side(server)
	for i := range side.Rows {
		if row := &side.Rows[i]; row.Param.Role == role && !hidden(side, row) {
			t.at[index(server)] = contract.Place{Server: server, Param: row.Param.ID}
			return
		}
	}
}

// StandOn puts the cursor on a setting.
func (t *Tune) StandOn(at contract.Place) {
	t.server = at.Server
	t.at[index(at.Server)] = at
}

// Inspector is the pane that explains the selected setting.
func (t *Tune) Inspector() *Inspector { return t.inspector }

// Leave closes an open value; what was typed can be recalled.
func (t *Tune) Leave() {
	if t.edit != nil {
		t.remember(t.edit)
		t.edit = nil
	}
}

// Filter shows only settings whose name contains the text.
func (t *Tune) Filter(text string) { t.sieve.text = text }

// Keys is what works now.
func (t *Tune) Keys(c *contract.Context) keymap.Scope {
	if t.edit != nil {
		return c.Keys.Scope(keymap.ScopeField)
	}
	if t.path != nil {
		return c.Keys.Scope(keymap.ScopePathBar)
	}
	return c.Keys.Scope(keymap.ScopeTune)
}

// Note is what the line under the screen says.
func (t *Tune) Note(c *contract.Context) (text string, bad bool) {
	switch {
	case t.edit != nil:
		text, bad := t.edit.note(c)
		if !bad {
			text += elsewhere(c)
		}
		return text, bad
	case t.path != nil:
		return t.path.note(c), false
	case t.sieve.text != "" && t.cell(c) == nil:
		return "no setting has \"" + t.sieve.text + "\" in its name; " + c.Keys.Key(keymap.ScopeTune, keymap.Filter) + " changes the filter, " + back(c) + " shows all", false
	case t.sieve.text != "":
		return "only settings with \"" + t.sieve.text + "\" in the name; " + back(c) + " shows all", false
	case t.sieve.changed:
		return "only settings that are not at their default; " + c.Keys.Key(keymap.ScopeTune, keymap.OnlyChanged) + " shows all", false
	}
	return "", false
}

// elsewhere is what the value that is being typed makes of other legs.
func elsewhere(c *contract.Context) string {
	if !c.Preview {
		return ""
	}
	var text strings.Builder
	before := c.Session.Report()
	for i := range c.Report.Legs {
		is := c.Report.Legs[i].Limit.Verdict
		if i == c.Leg || i >= len(before.Legs) || before.Legs[i].Limit.Verdict == is {
			continue
		}
		fmt.Fprintf(&text, "; leg %d %s to %s", i+1, contract.VerdictWord(before.Legs[i].Limit.Verdict), contract.VerdictWord(is))
	}
	return text.String()
}

// Back leaves the path or undoes a filter; false when there is neither.
func (t *Tune) Back() bool {
	if t.path != nil {
		t.path = nil
		return true
	}
	had := t.sieve != sieve{}
	t.sieve = sieve{}
	return had
}

// lines are what the cursor can stand on, with what is between.
func (t *Tune) lines(c *contract.Context) []pair { return grid(c, t.sieve, nil) }

// cursor is the line of the selected setting in the grid, or -1.
func (t *Tune) cursor(lines []pair, c *contract.Context) int {
	at := t.at[index(t.server)]
	if at.Param == "" {
		at = contract.Place{Server: t.server, Param: firstIdle(c.Side(t.server))}
	}
	return find(lines, at, t.line)
}

func (t *Tune) cell(c *contract.Context) *cell {
	lines := t.lines(c)
	if i := t.cursor(lines, c); i >= 0 {
		return lines[i][index(t.server)]
	}
	return nil
}
