package overlay

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/solve"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// columns of a row: what it is, and what is asked, is now and is proposed.
type goalColumns struct {
	name, cell int
	narrow     bool
}

func columnsIn(w int) goalColumns {
	cell := 9
	if w < narrowGoals {
		cell = 6
	}
	return goalColumns{max(8, w-3-3*(cell+1)), cell, w < narrowGoals}
}

// narrowGoals is the width below which goals go by their short names.
const narrowGoals = 60

func (k goalColumns) title(g model.Goal) string {
	if k.narrow {
		return string(g)
	}
	return g.Title()
}

func (k goalColumns) met(yes bool) string {
	switch {
	case yes:
		return "met"
	case k.narrow:
		return "no"
	}
	return "not met"
}

func (k goalColumns) line(c *contract.Context, cells ...string) string {
	fitted := make([]string, len(cells))
	for i, x := range cells {
		w := k.cell
		if i == 0 {
			w = k.name
		}
		fitted[i] = widget.FitLine(widget.Cut(x, w, c.Theme.Glyphs.Ellipsis), w)
	}
	return strings.Join(fitted, " ")
}

// draw draws the page over the whole screen: the rows, and below what the selected
// one is about.
func (o *Goals) draw(c *contract.Context, w, h int) string {
	iw, ih := widget.BoxInner(w, h-1)
	rows := o.all(c)
	o.sel = max(0, min(o.sel, len(rows)-1))
	k := columnsIn(iw)
	var lines []string
	selected := 0
	add := func(text string) { lines = append(lines, " "+widget.Cut(text, max(1, iw-1), c.Theme.Glyphs.Ellipsis)) }
	for i, r := range rows {
		switch {
		case i == 0:
			lines = append(lines, c.Theme.Muted.Render("  "+k.line(c, "goals", "asked", "now", "then")))
		case r.end != "" && rows[i-1].end == "":
			add("")
			add(c.Theme.Title.Render("may be changed"))
		case r.choice == 1 || r.wayOut == 1:
			add("")
			for _, l := range widget.Wrap(o.verdict(c), max(1, iw-3)) {
				add(c.Theme.Title.Render(strings.TrimRight(l, " ")))
			}
		}
		lead, line := "  ", o.line(c, k, r, i == o.sel)
		if i == o.sel {
			selected = len(lines)
			if o.field == nil {
				line = c.Theme.Selected.Render(line)
			}
			lead = c.Theme.Glyphs.Selected + " "
		}
		lines = append(lines, lead+line)
	}
	if last := rows[len(rows)-1]; last.choice == 0 && last.wayOut == 0 {
		add("")
		for _, l := range widget.Wrap(o.verdict(c), max(1, iw-3)) {
			add(c.Theme.Title.Render(strings.TrimRight(l, " ")))
		}
	}
	foot := o.foot(c, rows[o.sel], iw, max(5, ih/3))
	room := max(1, ih-len(foot))
	o.rows = room
	o.top = widget.Scroll(o.top, selected, len(lines), room)
	if o.sel == 0 {
		o.top = 0
	}
	if o.sel == len(rows)-1 {
		o.top = max(0, len(lines)-room)
	}
	body := widget.Window(lines, o.top, iw, room, c.Theme.Glyphs)
	if len(foot) > 0 {
		body += "\n" + strings.Join(foot, "\n")
	}
	hints := pad(o.hints(c, rows[o.sel]))
	return widget.Stack(w, h, widget.Box("goals of "+c.Session.Document().Path.String(), body, w, max(0, h-1), true, c.Theme), widget.Hints(hints, "", w, c.Theme))
}

// hints are the keys of the footer: what Enter does is said of the selected row.
func (o *Goals) hints(c *contract.Context, r goalRow) []keymap.Hint {
	scope := o.Keys(c)
	hints := scope.Footer(6)
	if o.field != nil || r.goal != "" {
		return hints
	}
	text := "switch"
	if r.end == "" {
		text = "take"
		hints = slices.DeleteFunc(hints, func(h keymap.Hint) bool { return h.Text == "take" })
		if o.take(c) == nil {
			return hints[1:]
		}
	}
	hints[0] = labelled(scope, keymap.Edit, text)
	return hints
}

// verdict is what became of the goals, in a sentence.
func (o *Goals) verdict(c *contract.Context) string {
	a := &c.Goals.Answer
	switch {
	case len(c.Session.Document().Goals.Wanted) == 0:
		return "Give a goal its number, and the settings that meet it are looked for."
	case c.Goals.Running:
		return "looking for settings that meet them" + c.Theme.Glyphs.Ellipsis
	case c.Goals.Err != "":
		return "! " + c.Goals.Err
	case !c.Goals.Ran:
		return ""
	case a.Proposal == nil:
		return "! impossible: " + a.Contradiction()
	case len(a.Proposal.Choices) == 0:
		return "all goals are met as it is"
	}
	return "proposal, " + contract.Count(len(a.Proposal.Choices), "change", "changes") + ": " + tuning.Leads(a.Before, a.Proposal.After)
}

// line is one row.
func (o *Goals) line(c *contract.Context, k goalColumns, r goalRow, selected bool) string {
	a, d := &c.Goals.Answer, c.Session.Document()
	switch {
	case r.goal != "":
		asked, now, then := "-", "", ""
		v, ok := d.Goals.Wanted[r.goal]
		if ok {
			asked = r.goal.Human(v)
		}
		if s := standing(a.Goals, r.goal); s != nil && c.Goals.Ran {
			now = k.met(s.Met)
		}
		if p := a.Proposal; p != nil && c.Goals.Ran {
			if s := standing(p.Goals, r.goal); s != nil {
				then = k.met(s.Met)
			}
		}
		if selected && o.field != nil {
			name := widget.FitLine(widget.Cut(k.title(r.goal), k.name, c.Theme.Glyphs.Ellipsis), k.name)
			return name + " " + o.field.View(2*k.cell+1, c.Theme)
		}
		return k.line(c, k.title(r.goal), asked, now, then)
	case r.end != "":
		may := "stays"
		if mayChange(d, r.end) {
			may = "yes"
		}
		return k.line(c, string(r.end), may, "", "")
	case r.choice > 0:
		x := &a.Proposal.Choices[r.choice-1]
		return k.line(c, x.Setting(), "", x.Was.Human(), x.Is.Human())
	}
	return widget.Cut(a.WaysOut[r.wayOut-1].Text, k.name+3*(k.cell+1), c.Theme.Glyphs.Ellipsis)
}

func standing(all []solve.Standing, goal model.Goal) *solve.Standing {
	for i := range all {
		if all[i].Goal == goal {
			return &all[i]
		}
	}
	return nil
}

// about says of each goal what exactly it asks, where its title does not.
var about = map[model.Goal]string{
	model.GoalDetect:       "Each side, on a quiet connection of every leg. It takes a time such as 60s.",
	model.GoalDetectClient: "The client of every leg, on a quiet connection. It takes a time such as 60s.",
	model.GoalDetectServer: "The server of every leg, on a quiet connection. It takes a time such as 60s.",
	model.GoalOutage:       "By both sides of every leg, quiet or with data in flight. It takes a time such as 3m.",
	model.GoalHold:         "Something passes every leg more often than that, or its pool is done with the connection before. It takes a time such as 300s.",
	model.GoalIdle:         "On each leg whose arrivals or connections are given. It takes a number such as 500.",
	model.GoalLost:         "Of those on reused connections, on every leg. It takes a share such as 0 or 0.1%.",
	model.GoalProbes:       "On each leg whose arrivals or connections are given. It takes a number such as 5.",
}

// foot is what the selected row is about, in at most so many lines.
func (o *Goals) foot(c *contract.Context, r goalRow, w, most int) []string {
	a := &c.Goals.Answer
	var text string
	switch {
	case o.note != "":
		text = "! " + o.note
	case o.field != nil:
		if _, err := o.typed(r.goal); err != nil {
			text = "! " + err.Error()
		} else {
			text = about[r.goal] + " Nothing drops it."
		}
	case r.goal != "":
		s := standing(a.Goals, r.goal)
		if s == nil || !c.Goals.Ran || s.Text == "" {
			text = about[r.goal]
			break
		}
		text = "now: " + s.Text
		if a.Proposal != nil && len(a.Proposal.Choices) > 0 {
			if x := standing(a.Proposal.Goals, r.goal); x != nil {
				text += "; proposed: " + x.Text
			}
		}
	case r.end != "":
		text = "Its settings stay as they are."
		if mayChange(c.Session.Document(), r.end) {
			text = "Its settings may be changed."
		}
		text += " " + c.Keys.Key(keymap.ScopeGoals, keymap.Toggle) + " changes that."
	case r.choice > 0:
		text = a.Proposal.Choices[r.choice-1].Why
	case r.wayOut > 0:
		text = a.WaysOut[r.wayOut-1].Text
	}
	if w < narrowGoals && o.field == nil { // the row has no room for the whole name
		switch {
		case r.goal != "":
			text = r.goal.Title() + ": " + text
		case r.choice > 0:
			x := &a.Proposal.Choices[r.choice-1]
			text = x.Setting() + ": " + text
		}
	}
	lines := []string{c.Theme.Muted.Render(strings.Repeat(c.Theme.Glyphs.Horizontal, w))}
	for _, l := range widget.Wrap(text, max(1, w-2)) {
		lines = append(lines, " "+strings.TrimRight(l, " "))
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = widget.Cut(lines[most-1]+strings.Repeat(" ", w), w-1, c.Theme.Glyphs.Ellipsis)
	}
	return lines
}
