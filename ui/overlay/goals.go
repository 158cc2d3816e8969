package overlay

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/solve"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Goals is the page of what the path is to do: its goals, whose settings may be
// changed, and beside what is now what would meet them.
type Goals struct {
	sel, top, rows int
	field          *widget.Field // the number of the selected goal, while it is typed
	note           string        // why nothing was done, until the next key
}

var _ contract.Overlay = (*Goals)(nil)

// NewGoals begins with the first goal.
func NewGoals() *Goals { return &Goals{} }

// Full says that it covers the whole screen.
func (o *Goals) Full() {}

// Keys is what works now.
func (o *Goals) Keys(c *contract.Context) keymap.Scope {
	if o.field != nil {
		return c.Keys.Scope(keymap.ScopeField)
	}
	row := o.row(c)
	return c.Keys.Scope(keymap.ScopeGoals).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.TakeProposal:
			return o.take(c) != nil
		case keymap.Toggle:
			return row.end != ""
		case keymap.ToDefault:
			return row.goal != "" && c.Session.Document().Goals.Wanted[row.goal].IsSet()
		default:
			return true
		}
	})
}

// A goalRow is one row that can be selected.
type goalRow struct {
	goal   model.Goal
	end    model.EndpointID // whose settings may be changed or not
	choice int              // of the proposal, from 1 on
	wayOut int              // out of a contradiction, from 1 on
}

func (o *Goals) all(c *contract.Context) []goalRow {
	var rows []goalRow
	for _, goal := range model.AllGoals() {
		rows = append(rows, goalRow{goal: goal})
	}
	for _, e := range c.Session.Document().Path.Endpoints {
		rows = append(rows, goalRow{end: e.ID})
	}
	if p := c.Goals.Answer.Proposal; p != nil {
		for i := range p.Choices {
			rows = append(rows, goalRow{choice: i + 1})
		}
	}
	for i := range c.Goals.Answer.WaysOut {
		rows = append(rows, goalRow{wayOut: i + 1})
	}
	return rows
}

func (o *Goals) row(c *contract.Context) goalRow {
	rows := o.all(c)
	return rows[max(0, min(o.sel, len(rows)-1))]
}

// GoalEdit is the edit that gives a goal a number, or drops it with an unset one.
func GoalEdit(g model.Goals, goal model.Goal, v model.Value) contract.Edit {
	why := "goal dropped: " + string(goal)
	if v.IsSet() {
		why = "goal: " + goal.Title() + " " + goal.Human(v)
	}
	return contract.Edit{Why: why, Edits: []model.Edit{model.SetGoals{Goals: g.With(goal, v)}}, Seal: true}
}

// Update takes a key.
func (o *Goals) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	if o.field != nil {
		return o.typing(c, id, key)
	}
	row, goals := o.row(c), c.Session.Document().Goals
	o.note = ""
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Edit:
		switch {
		case row.goal != "":
			text := ""
			if v, ok := goals.Wanted[row.goal]; ok {
				text = row.goal.Text(v)
			}
			o.field = widget.NewField(text)
		case row.end != "":
			return o.toggle(c, row.end)
		default:
			return o.take(c)
		}
	case keymap.Toggle:
		return o.toggle(c, row.end)
	case keymap.ToDefault:
		return GoalEdit(goals, row.goal, model.ValueUnset)
	case keymap.TakeProposal:
		return o.take(c)
	case keymap.Undo:
		return contract.Undo{}
	case keymap.Redo:
		return contract.Redo{}
	case keymap.Copy:
		return contract.Copy{Text: o.text(c), What: "the goals and what meets them"}
	case keymap.ShowHelp:
		return contract.Push{Overlay: NewHelp(o.Keys(c), c.Keys.Scope(keymap.ScopeField))}
	default:
		by, _ := keymap.Move(id, o.rows)
		o.sel = max(0, min(o.sel+by, len(o.all(c))-1))
	}
	return nil
}

// typing takes a key for the open field.
func (o *Goals) typing(c *contract.Context, id keymap.ID, key tea.KeyMsg) contract.Action {
	goal := o.row(c).goal
	switch id {
	case keymap.Accept, keymap.AcceptNext:
		v, err := o.typed(goal)
		if err != nil {
			return nil // the line below says why
		}
		o.field = nil
		if id == keymap.AcceptNext {
			o.sel = min(o.sel+1, len(model.AllGoals())-1)
		}
		return GoalEdit(c.Session.Document().Goals, goal, v)
	case keymap.Cancel:
		o.field = nil
		return nil
	default:
	}
	if used := o.field.Update(key); !used && key.String() == "backspace" {
		o.field = nil
	}
	return nil
}

// typed is what the open field says; nothing drops the goal.
func (o *Goals) typed(goal model.Goal) (model.Value, error) {
	if strings.TrimSpace(o.field.Value()) == "" {
		return model.ValueUnset, nil
	}
	return goal.Parse(o.field.Value())
}

// toggle changes whether the settings of an end may be changed. All may where none is
// named; the last one stays, for then nothing could be done.
func (o *Goals) toggle(c *contract.Context, id model.EndpointID) contract.Action {
	d := c.Session.Document()
	var next []model.EndpointID
	for _, e := range d.Path.Endpoints {
		if may := mayChange(d, e.ID); may != (e.ID == id) {
			next = append(next, e.ID)
		}
	}
	why := string(id) + " may be changed for the goals"
	switch {
	case len(next) == 0:
		o.note = "one end has to be changed, or nothing could meet the goals"
		return nil
	case !slices.Contains(next, id):
		why = string(id) + " stays as it is for the goals"
	}
	if len(next) == len(d.Path.Endpoints) {
		next = nil
	}
	d.Goals.Change = next
	return contract.Edit{Why: why, Edits: []model.Edit{model.SetGoals{Goals: d.Goals}}, Seal: true}
}

// mayChange reports whether the goals let the settings of an end be changed.
func mayChange(d model.Document, id model.EndpointID) bool {
	return len(d.Goals.Change) == 0 || slices.ContainsFunc(d.Goals.Change, func(x model.EndpointID) bool {
		i := d.Path.Index(x)
		return i >= 0 && d.Path.Endpoints[i].ID == id
	})
}

// chosen is the proposal that would be taken: that of the selected way out, else the
// one that meets all goals; nil where there is none, or nothing to change.
func (o *Goals) chosen(c *contract.Context) (*solve.Proposal, string) {
	return proposed(c, o.row(c).wayOut)
}

// proposed is the proposal of a way out, from 1 on; 0 is the one that meets all goals.
func proposed(c *contract.Context, wayOut int) (*solve.Proposal, string) {
	p, why := c.Goals.Answer.Proposal, "the goals: "
	if wayOut > 0 {
		w := &c.Goals.Answer.WaysOut[wayOut-1]
		p, why = w.Proposal, "the goals but one: "
		if w.Goal == "" {
			why = "the goals: "
		}
	}
	if p == nil || len(p.Choices) == 0 {
		return nil, ""
	}
	return p, why
}

func (o *Goals) take(c *contract.Context) contract.Action {
	p, why := o.chosen(c)
	if p == nil {
		return nil
	}
	return contract.Close{Then: applied(p, why)}
}

func applied(p *solve.Proposal, why string) contract.Action {
	return contract.Apply{Why: why + p.Brief(), Edits: p.Edits()}
}

// text is goals and proposal to be pasted elsewhere.
func (o *Goals) text(c *contract.Context) string {
	var b strings.Builder
	for _, s := range c.Goals.Answer.Goals {
		fmt.Fprintf(&b, "%s %s: %s\n", s.Goal.Title(), s.Goal.Human(s.Asked), s.Text)
	}
	if p := c.Goals.Answer.Proposal; p != nil {
		for _, x := range p.Choices {
			fmt.Fprintf(&b, "%s: %s, now %s; %s\n", x.Setting(), x.Is.Human(), x.Was.Human(), x.Why)
		}
		fmt.Fprintf(&b, "verdict: %s\n", tuning.Leads(c.Goals.Answer.Before, p.After))
	}
	if text := c.Goals.Answer.Contradiction(); text != "" {
		b.WriteString(text + "\n")
	}
	for _, w := range c.Goals.Answer.WaysOut {
		b.WriteString("- " + w.Text + "\n")
	}
	return b.String()
}
