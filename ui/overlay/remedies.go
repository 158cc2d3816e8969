package overlay

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

// Remedies offers the ways out of a finding, each with the verdict that it
// leads to.
type Remedies struct {
	finding tuning.Finding
	leads   []string
	sel     int
}

var _ part.Overlay = (*Remedies)(nil)

// NewRemedies judges the document after each remedy of a finding.
func NewRemedies(s session.Session, f tuning.Finding) *Remedies {
	o := &Remedies{finding: f, leads: make([]string, len(f.Remedies))}
	for i, r := range f.Remedies {
		next, err := s.Do(time.Time{}, "", r.Edits...)
		if err != nil {
			o.leads[i] = "refused: " + model.Clean(err.Error(), 200)
			continue
		}
		o.leads[i] = leadsTo(next.Report(), &f)
	}
	return o
}

// leadsTo is the verdict of a finding's leg and what is left to find there.
func leadsTo(r tuning.Report, f *tuning.Finding) string {
	if f.Leg >= len(r.Legs) {
		return ""
	}
	text := part.Judged(&r.Legs[f.Leg].Limit)
	left, stays := 0, false
	for i := range r.Findings {
		x := &r.Findings[i]
		if x.Leg != f.Leg || x.Severity == tuning.Info {
			continue
		}
		left++
		stays = stays || x.Rule == f.Rule
	}
	switch {
	case stays:
		return text + ", but " + f.Rule.ID + " stays"
	case left > 0:
		return text + ", " + f.Rule.ID + " gone, " + part.Count(left, "finding", "findings") + " left"
	}
	return text
}

// Keys is what works now.
func (o *Remedies) Keys(c *part.Context) keymap.Scope { return c.Keys.Scope(keymap.Remedies) }

// Update takes a key.
func (o *Remedies) Update(c *part.Context, key tea.KeyMsg) part.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Accept:
		r := o.finding.Remedies[o.sel]
		return part.Close{Then: part.Apply{Why: o.finding.Rule.ID + ": " + r.Label, Edits: r.Edits}}
	case keymap.Back:
		return part.Close{}
	case keymap.Quit:
		return part.Close{Then: part.Quit{}}
	case keymap.Up:
		o.sel = max(0, o.sel-1)
	case keymap.Down:
		o.sel = min(len(o.finding.Remedies)-1, o.sel+1)
	default:
	}
	return nil
}

// View draws the list.
func (o *Remedies) View(c *part.Context, w, h int) string {
	g, bw := c.Theme.Glyphs, min(w, 78)
	lines := wrapped(o.finding.Rule.Title, bw)
	top := 0
	for i, r := range o.finding.Remedies {
		lines = append(lines, "")
		if i == o.sel {
			top = len(lines)
		}
		for j, l := range widget.Wrap(model.Clean(r.Label, 200), max(1, bw-7)) {
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
		for j, l := range widget.Wrap(o.leads[i], max(1, bw-11)) {
			lead := "     " + g.Arrow + " "
			if j > 0 {
				lead = "         "
			}
			lines = append(lines, lead+l)
		}
	}
	scope := o.Keys(c)
	keys := []keymap.Hint{labelled(scope, keymap.Accept, "do it"), {Key: "u", Text: "takes it back"}, labelled(scope, keymap.Back, "leave")}
	return frameAt(c, "what would put "+o.finding.Rule.ID+" right", lines, max(0, top-(h-6)), keys, w, h)
}
