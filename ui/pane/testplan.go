package pane

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/plot"
	"example.com/keeptune/ui/widget"
)

// planKey moves in the plan and changes what is selected.
func (p *Test) planKey(c *contract.Context, id keymap.ID) contract.Action {
	row := planRows[p.row]
	switch id {
	case keymap.Toggle, keymap.Edit:
		if row.toggle == nil || id == keymap.Edit && row.text != nil {
			p.openField(c)
			return nil
		}
		plan := c.Plan
		row.toggle(&plan)
		return contract.PlanTest{Plan: plan}
	default:
		by, _ := keymap.Move(id, len(planRows)+2) // a page is all of it
		p.row = max(0, min(p.row+by, len(planRows)-1))
	}
	return nil
}

// openField opens the selected row to be typed.
func (p *Test) openField(c *contract.Context) {
	text := c.Session.Document().Target
	if row := planRows[p.row]; row.text != nil {
		text = row.text(c.Plan)
	}
	p.view = viewPlan
	p.field = widget.NewField(text)
	p.field.Limit = 2000
}

// planHint is what may be typed, or what is wrong with what is.
func (p *Test) planHint(c *contract.Context) (text string, bad bool) {
	if _, err := p.typed(c); err != nil {
		return err.Error(), true
	}
	if row := planRows[p.row]; row.format != "" {
		return row.format + ".  " + taken(c, "keeps what was"), false
	}
	return "URL or HOST:PORT; empty is the built-in server.  " + taken(c, "keeps "+targetName(c)), false
}

// typed is what taking the open field would do.
func (p *Test) typed(c *contract.Context) (contract.Action, error) {
	text := strings.TrimSpace(p.field.Value())
	if row := planRows[p.row]; row.take != nil {
		plan := c.Plan
		err := row.take(&plan, text)
		if err == nil {
			err = plan.Socket.Validate()
		}
		return contract.PlanTest{Plan: plan}, err
	}
	if text != "" {
		if _, err := livetest.ParseTarget(text); err != nil {
			return nil, err
		}
	}
	return contract.SetTarget{Target: text}, nil
}

func (p *Test) typeValue(c *contract.Context, id keymap.ID, key tea.KeyMsg) contract.Action {
	switch id {
	case keymap.Accept, keymap.AcceptNext:
		action, err := p.typed(c)
		if err != nil {
			return nil // the note says why
		}
		p.field = nil
		return action
	case keymap.Cancel:
		p.old, p.field = p.field.Value(), nil
		return nil
	case keymap.Older:
		if p.old != "" {
			p.field.Set(p.old)
		}
		return nil
	default:
	}
	if used := p.field.Update(key); !used && key.String() == "backspace" {
		p.field = nil
	}
	return nil
}

// planView draws what is chosen, what each part costs, and all of it together.
func (p *Test) planView(c *contract.Context, w, h int) string {
	rows := make([][]string, len(planRows))
	target, limit := c.TestTarget(), c.IdleLimit()
	for i, r := range planRows {
		value, connections, longest := targetName(c), "", ""
		if r.value != nil {
			value = r.value(c.Plan)
		}
		if r.alone != nil {
			n, d := r.alone(c.Plan).Cost(target, limit)
			if n == 0 {
				value = "not for " + target.Scheme + "://"
			} else {
				connections, longest = strconv.Itoa(n), contract.Short(d)
			}
		}
		if r.more != nil {
			if spec, ok := c.NextTest(); ok && r.more(spec) > 0 {
				connections, longest = strconv.Itoa(spec.Connections), contract.Short(r.more(spec))
			}
		}
		if i == p.row && p.field != nil {
			value = p.field.View(max(10, w-20), c.Theme)
			connections, longest = "", ""
		}
		rows[i] = []string{r.name, value, connections, longest}
	}
	t := widget.Table{Selected: p.row, Top: p.top, Rows: rows, Columns: []widget.TableColumn{
		{Title: "", Width: 16},
		{Title: "measured next", Width: 12, Elastic: true},
		{Title: "conns", Width: 5, Right: true, Drop: 1},
		{Title: "at most", Width: 10, Right: true, Drop: 2},
	}}
	if p.field != nil {
		t.Columns = t.Columns[:2]
	}
	foot := p.planFoot(c, w)
	room := max(2, h-len(foot))
	t.Scroll(w, room, c.Theme)
	p.top = t.Top
	return widget.Stack(w, h, append([]string{t.View(w, room, c.Theme)}, foot...)...)
}

// planFoot says what the whole test costs, and what the kernel made of the
// socket options.
func (p *Test) planFoot(c *contract.Context, w int) []string {
	var texts []string
	spec, ok := c.NextTest()
	switch err := spec.Validate(); {
	case !ok:
		texts = append(texts, "Nothing is chosen that can be measured of this target.")
	case err != nil:
		texts = append(texts, "It cannot run: "+err.Error())
	default:
		text := fmt.Sprintf("Together up to %s at once, at most %s", contract.Count(spec.AllSockets(), "connection", "connections"), contract.Short(spec.Longest()))
		if d := spec.SecondRound(); d > 0 {
			text += ", second round " + contract.Short(d)
		}
		texts = append(texts, text+".")
	}
	if o := c.Test.Result.Socket; o != nil {
		texts = append(texts, "OUR SOCKETS  "+plot.Socket(*o))
	}
	return bullets(c, texts, w)
}
