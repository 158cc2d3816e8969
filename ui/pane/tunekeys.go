package pane

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// Update takes a key.
func (t *Tune) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	if t.edit != nil {
		return t.typeValue(c, key)
	}
	if t.path != nil {
		return t.editPath(c, key)
	}
	id, ok := t.Keys(c).Find(key)
	if !ok {
		if key.Type == tea.KeyRunes && len(key.Runes) > 0 && key.Runes[0] >= '0' && key.Runes[0] <= '9' {
			return contract.Say{Text: c.Keys.Key(keymap.ScopeTune, keymap.Edit) + " opens the value; then type the number"}
		}
		return nil
	}
	if by, ok := keymap.Move(id, t.page); ok {
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
		return contract.GoLeg{By: -1}
	case keymap.NextLeg:
		return contract.GoLeg{By: 1}
	case keymap.ChooseClient, keymap.ChooseServer:
		return contract.Pick{Server: id == keymap.ChooseServer}
	case keymap.ClientOS, keymap.ServerOS:
		return contract.PickOS{Server: id == keymap.ServerOS}
	case keymap.AskTarget:
		return contract.AskTarget{}
	case keymap.OnlyChanged:
		t.sieve.changed = !t.sieve.changed
	case keymap.Why:
		return contract.Show{Screen: contract.Why}
	case keymap.Fix:
		return fix(c, nil)
	case keymap.TradeOff:
		if cell := t.cell(c); cell == nil || cell.quantity != "" || cell.row.Param.Shape() != model.ShapeSpan {
			return contract.Say{Text: "the trade-off is shown for a time: select one, such as an idle timeout"}
		}
		return contract.Show{Screen: contract.TradeOff}
	case keymap.EditPath:
		t.path = &pathEditor{}
		t.path.stand(c, c.Side(t.server).Place)
	case keymap.Inspect:
		return contract.Inspect{}
	case keymap.ShowSystem:
		return entry(c)
	case keymap.Adopt:
		return contract.Adopt{}
	case keymap.Filter:
		return contract.AskFilter{}
	default:
		if cell := t.cell(c); cell != nil {
			return t.change(c, id, cell)
		}
		return contract.Say{Text: "nothing is selected"}
	}
	return nil
}

// change does what a key means to the selected setting.
func (t *Tune) change(c *contract.Context, id keymap.ID, cell *cell) contract.Action {
	p := cell.row.Param
	switch id {
	case keymap.Toggle, keymap.Edit:
		if p.Shape() == model.ShapeSwitch {
			return set(cell, model.Switch(cell.row.Value != model.ValueOn))
		}
		if id == keymap.Edit {
			t.edit = openEditor(cell, t.typed[p.ID])
		}
	case keymap.Raise, keymap.RaiseMore, keymap.Lower, keymap.LowerMore:
		up := id == keymap.Raise || id == keymap.RaiseMore
		v, ok := stepped(cell.row, up, id == keymap.RaiseMore || id == keymap.LowerMore)
		if !ok {
			return contract.Say{Text: cell.name() + " is " + cell.filled().value + ": " + c.Keys.Key(keymap.ScopeTune, keymap.Edit) + " opens it to type one; it takes " + p.Accepts()}
		}
		return set(cell, v)
	case keymap.ToDefault:
		switch cell.row.Setting.Origin.Kind {
		case model.FromDefault, model.FromAssumed:
			if cell.quantity != "" {
				return contract.Say{Text: cell.name() + " is not given"}
			}
			return contract.Say{Text: p.Name + " is at its default"}
		default:
		}
		return set(cell, model.ValueUnset)
	default:
	}
	return nil
}

func set(c *cell, v model.Value) contract.Action {
	why := string(c.endpoint) + " " + c.name() + " = " + v.Human()
	switch {
	case v.IsSet():
	case c.quantity != "":
		why = string(c.endpoint) + " " + c.name() + " not given"
	default:
		why = string(c.endpoint) + " " + c.name() + " back to default"
	}
	return contract.Edit{Why: why, Edits: []model.Edit{c.edit(v)}}
}

// typeValue gives a key to the open value.
func (t *Tune) typeValue(c *contract.Context, key tea.KeyMsg) contract.Action {
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
		return contract.Preview{}
	}
	if e.field.Empty() {
		return contract.Preview{}
	}
	action, _ := set(e.cell, e.value).(contract.Edit)
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

func (t *Tune) move(c *contract.Context, by int) {
	lines := t.lines(c)
	at := step(lines, t.server, t.cursor(lines, c), by)
	if at >= 0 {
		t.line = at
		t.at[index(t.server)] = lines[at][index(t.server)].at()
	}
}

// side goes to a column, on the line where the cursor is if it has one there.
func (t *Tune) side(c *contract.Context, server bool) {
	if server == t.server {
		return
	}
	lines := t.lines(c)
	from := t.cursor(lines, c)
	t.server = server
	at := find(lines, contract.Place{Server: server}, from)
	if at >= 0 {
		t.line = at
		t.at[index(server)] = lines[at][index(server)].at()
	}
}
