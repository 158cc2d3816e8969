// Package pane holds the screens of keeptune: what fills the body and can
// have focus.
package pane

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
)

// Tune is the first screen: both sides of a leg, to be changed in place.
type Tune struct {
	server    bool
	at        [2]model.ParamID
	line      int // where the cursor stood, for columns that lack the setting
	top       int
	sieve     sieve
	edit      *editor
	typed     map[model.ParamID][]string
	page      int   // rows in view, as last drawn
	hits      []hit // what is where, as last drawn
	inspector *Inspector
}

var _ part.Pane = (*Tune)(nil)

// NewTune is the first screen, on the server's first idle limit.
func NewTune() *Tune { return &Tune{typed: map[model.ParamID][]string{}, inspector: NewInspector()} }

// At is the selected setting.
func (t *Tune) At(c *part.Context) part.Place {
	place := part.Place{Server: t.server}
	if cell := t.cell(c); cell != nil {
		place.Param = cell.row.Param.ID
	}
	return place
}

// Stand puts the cursor on the first setting with a role.
func (t *Tune) Stand(c *part.Context, server bool, role model.Role) {
	t.server, t.edit, t.sieve = server, nil, sieve{}
	if row := c.Side(server).First(role); row != nil {
		t.at[index(server)] = row.Param.ID
	}
}

// StandOn puts the cursor on a setting.
func (t *Tune) StandOn(server bool, id model.ParamID) {
	t.server = server
	t.at[index(server)] = id
}

// Inspector is the pane that explains the selected setting.
func (t *Tune) Inspector() *Inspector { return t.inspector }

// Typing reports whether a value is open.
func (t *Tune) Typing() bool { return t.edit != nil }

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
func (t *Tune) Keys(c *part.Context) keymap.Scope {
	if t.edit != nil {
		return c.Keys.Scope(keymap.Field)
	}
	return c.Keys.Scope(keymap.Tune)
}

// Note is what the line under the screen says.
func (t *Tune) Note(c *part.Context) (text string, bad bool) {
	switch {
	case t.edit != nil:
		return t.edit.note()
	case t.sieve.text != "" && t.cell(c) == nil:
		return "no setting has \"" + t.sieve.text + "\" in its name; / changes the filter, Esc shows all", false
	case t.sieve.text != "":
		return "only settings with \"" + t.sieve.text + "\" in the name; Esc shows all", false
	case t.sieve.changed:
		return "only settings that are not at their default; n shows all", false
	}
	return "", false
}

// Back undoes a filter; false when there is none.
func (t *Tune) Back() bool {
	had := t.sieve != sieve{}
	t.sieve = sieve{}
	return had
}

func (t *Tune) lines(c *part.Context) []pair { return grid(c.Shown(), t.sieve) }

// cursor is the line of the selected setting in the grid, or -1.
func (t *Tune) cursor(lines []pair, c *part.Context) int {
	at := t.at[index(t.server)]
	if at == "" {
		if row := c.Side(t.server).First(model.RoleIdle); row != nil {
			at = row.Param.ID
		}
	}
	return find(lines, t.server, at, t.line)
}

func (t *Tune) cell(c *part.Context) *cell {
	lines := t.lines(c)
	if i := t.cursor(lines, c); i >= 0 {
		return lines[i][index(t.server)]
	}
	return nil
}

// Update takes a key.
func (t *Tune) Update(c *part.Context, key tea.KeyMsg) part.Action {
	if t.edit != nil {
		return t.typeValue(c, key)
	}
	id, ok := t.Keys(c).Find(key)
	if !ok {
		if key.Type == tea.KeyRunes && len(key.Runes) > 0 && key.Runes[0] >= '0' && key.Runes[0] <= '9' {
			return part.Say{Text: "Enter or = opens the value; then type the number"}
		}
		return nil
	}
	if by, ok := t.moves(id); ok {
		t.move(c, by)
		return nil
	}
	switch id {
	case keymap.NextColumn:
		t.side(c, !t.server)
	case keymap.Left:
		t.side(c, false)
	case keymap.Right:
		t.side(c, true)
	case keymap.PrevLeg:
		return part.GoLeg{By: -1}
	case keymap.NextLeg:
		return part.GoLeg{By: 1}
	case keymap.ChooseClient, keymap.ChooseServer:
		return part.Pick{Server: id == keymap.ChooseServer}
	case keymap.OnlyChanged:
		t.sieve.changed = !t.sieve.changed
	case keymap.Why:
		return part.Show{Screen: part.Why}
	case keymap.Inspect:
		return part.Inspect{}
	case keymap.Adopt:
		return part.Adopt{}
	case keymap.Filter:
		return part.AskFilter{}
	default:
		if cell := t.cell(c); cell != nil {
			return t.change(c, id, cell)
		}
		return part.Say{Text: "nothing is selected"}
	}
	return nil
}

// change does what a key means to the selected setting.
func (t *Tune) change(c *part.Context, id keymap.ID, cell *cell) part.Action {
	side, p := c.Side(t.server), cell.row.Param
	switch id {
	case keymap.Toggle, keymap.Edit:
		if p.Shape() == model.ShapeSwitch {
			return set(side, p, model.Switch(cell.row.Value != model.ValueOn))
		}
		if id == keymap.Edit {
			t.edit = openEditor(side.Endpoint.ID, cell, t.typed[p.ID])
		}
	case keymap.Raise, keymap.RaiseMore, keymap.Lower, keymap.LowerMore:
		up := id == keymap.Raise || id == keymap.RaiseMore
		v, ok := stepped(cell.row, up, id == keymap.RaiseMore || id == keymap.LowerMore)
		if !ok {
			return part.Say{Text: p.Name + " is " + cell.value + ": press Enter and type one; it takes " + p.Accepts()}
		}
		return set(side, p, v)
	case keymap.ToDefault:
		if _, given := side.Endpoint.Settings[p.ID]; !given {
			return part.Say{Text: p.Name + " is at its default"}
		}
		return set(side, p, model.ValueUnset)
	default:
	}
	return nil
}

func set(side *tuning.Side, p *model.Param, v model.Value) part.Action {
	why := string(side.Endpoint.ID) + " " + p.Name + " = " + v.Human()
	if !v.IsSet() {
		why = string(side.Endpoint.ID) + " " + p.Name + " back to default"
	}
	return part.Edit{Why: why, Edits: []model.Edit{
		model.Set{Endpoint: side.Endpoint.ID, Param: p.ID, Setting: model.Typed(v)},
	}}
}

// typeValue gives a key to the open value.
func (t *Tune) typeValue(c *part.Context, key tea.KeyMsg) part.Action {
	e := t.edit
	id, done := e.update(t.Keys(c), key)
	if !done {
		return e.preview()
	}
	t.Leave()
	if id == keymap.Cancel || e.fresh {
		if id == keymap.AcceptNext {
			t.move(c, 1)
		}
		return part.Preview{}
	}
	side := c.Side(t.server)
	v := e.value
	if e.field.Empty() {
		return part.Preview{}
	}
	action, _ := set(side, e.param, v).(part.Edit)
	action.Seal = true
	if id == keymap.AcceptNext {
		t.move(c, 1)
	}
	return action
}

// remember keeps what was typed for the key that brings it back.
func (t *Tune) remember(e *editor) {
	text := e.field.Value()
	if e.fresh || text == "" {
		return
	}
	t.typed[e.param.ID] = append(t.typed[e.param.ID], text)
}

func (t *Tune) moves(id keymap.ID) (int, bool) {
	const far = 1 << 16
	switch id {
	case keymap.Up:
		return -1, true
	case keymap.Down:
		return 1, true
	case keymap.PageUp:
		return -max(1, t.page-2), true
	case keymap.PageDown:
		return max(1, t.page-2), true
	case keymap.Top:
		return -far, true
	case keymap.Bottom:
		return far, true
	default:
		return 0, false
	}
}

func (t *Tune) move(c *part.Context, by int) {
	lines := t.lines(c)
	at := step(lines, t.server, t.cursor(lines, c), by)
	if at >= 0 {
		t.line = at
		t.at[index(t.server)] = lines[at][index(t.server)].row.Param.ID
	}
}

// side goes to a column, on the line where the cursor is if it has one there.
func (t *Tune) side(c *part.Context, server bool) {
	if server == t.server {
		return
	}
	lines := t.lines(c)
	from := t.cursor(lines, c)
	t.server = server
	at := find(lines, server, "", from)
	if at >= 0 {
		t.line = at
		t.at[index(server)] = lines[at][index(server)].row.Param.ID
	}
}
