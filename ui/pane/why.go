package pane

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Why shows every step behind the verdict of the shown leg.
type Why struct {
	scroll   scroll
	leg      int
	symptom  tuning.Symptom
	selected int   // finding; below 0 the one to begin with
	starts   []int // lines on which findings begin, as last drawn
}

var _ contract.Pane = (*Why)(nil)

// NewWhy is the explanation of the verdict.
func NewWhy() *Why { return &Why{selected: -1} }

// Keys is what works now.
func (p *Why) Keys(c *contract.Context) keymap.Scope {
	n := len(c.Findings())
	return c.Keys.Scope(keymap.ScopeFindings).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.Fix, keymap.Suppress:
			return n > 0
		case keymap.ShowSuppressed:
			return len(c.Session.Document().Suppressed) > 0
		case keymap.NextFinding, keymap.PrevFinding:
			return n > 1
		default:
			return true
		}
	})
}

// Update takes a key.
func (p *Why) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	switch id {
	case keymap.Why:
		return contract.Show{Screen: contract.Tune}
	case keymap.PrevLeg:
		return contract.GoLeg{By: -1}
	case keymap.NextLeg:
		return contract.GoLeg{By: 1}
	case keymap.Fix:
		return p.fix(c)
	case keymap.Suppress:
		return p.suppress(c)
	case keymap.ShowSuppressed:
		return contract.ShowSuppressed{}
	case keymap.NextFinding, keymap.PrevFinding:
		p.selectFinding(c, id == keymap.NextFinding)
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(p.lines(c, 76), "\n") + "\n", What: "the explanation"}
	default:
		p.scroll.key(id)
	}
	return nil
}

// draw draws the steps.
func (p *Why) draw(c *contract.Context, w, h int) string {
	if p.leg != c.Leg || p.symptom != c.Symptom {
		p.leg, p.symptom, p.scroll, p.selected = c.Leg, c.Symptom, scroll{}, -1
	}
	return p.scroll.view(p.lines(c, w), w, h, c.Theme.Glyphs)
}

// fix offers the remedies of the selected finding.
func (p *Why) fix(c *contract.Context) contract.Action {
	if all := c.Advised(); len(all) > 0 {
		return fix(c, all[p.at(c)])
	}
	return fix(c, nil)
}

// suppress asks for the reason to suppress the selected finding.
func (p *Why) suppress(c *contract.Context) contract.Action {
	if all := c.Findings(); len(all) > 0 {
		return contract.Suppress{Finding: *all[p.at(c)]}
	}
	return nil
}

// at is the selected one of the shown leg's findings, 0 without any.
func (p *Why) at(c *contract.Context) int {
	all := c.Findings()
	if p.selected < 0 || p.leg != c.Leg || p.symptom != c.Symptom {
		return max(0, c.Foremost(all))
	}
	return max(0, min(p.selected, len(all)-1))
}

// selectFinding goes to the next finding, or the one before, and shows it.
func (p *Why) selectFinding(c *contract.Context, next bool) {
	n := len(c.Findings())
	if n == 0 {
		return
	}
	by := n - 1
	if next {
		by = 1
	}
	p.selected = (p.at(c) + by) % n
	p.leg, p.symptom = c.Leg, c.Symptom
	if p.selected < len(p.starts) {
		p.scroll.top = p.starts[p.selected] - 1
	}
}

func (p *Why) lines(c *contract.Context, w int) []string {
	leg := c.Shown()
	var out []string
	if why := leg.Excludes(c.Symptom); why != "" {
		out = bullets(c, []string{"no " + string(c.Symptom) + " from here: " + why}, w)
	}
	if all := c.Findings(); len(all) > 0 {
		out = append(out, heading(c, contract.Count(len(all), "finding", "findings")+" on this leg", w))
		var found []string
		found, p.starts = findingLines(c, p.at(c), w)
		for i := range p.starts {
			p.starts[i] += len(out)
		}
		out = append(append(out, found...), "")
	}
	if found := suppressedLines(c, w); len(found) > 0 {
		out = append(append(append(out, heading(c, "Suppressed", w)), found...), "")
	}
	out = append(out, heading(c, firstThatFits(w-4, fmt.Sprintf("The limit between %s and %s", leg.Client.Endpoint.ID, leg.Server.Endpoint.ID), "The limit of this leg"), w))
	out = append(out, bullets(c, []string{Reason(leg), gradeReason(c)}, w)...)
	if worst := &c.Report.Legs[c.Report.Shortest]; len(c.Report.Legs) > 1 && worst.Limit.Verdict != tuning.VerdictUnknown && worst.Limit.Idle != model.Never {
		known := ""
		if slices.ContainsFunc(c.Report.Legs, func(l tuning.Leg) bool { return l.Limit.Verdict == tuning.VerdictUnknown }) {
			known = "known "
		}
		out = append(out, bullets(c, []string{fmt.Sprintf("the smallest "+known+"limit of the path is %s, on leg %d", model.HumanSpan(worst.Limit.Idle), worst.Index+1)}, w)...)
	}
	out = append(out, "", heading(c, firstThatFits(w-4, "What can end the idle connection, and when", "What can end it, and when"), w))
	out = append(out, limiterLines(c, w)...)
	out = append(out, "", heading(c, "Step by step", w))
	out = append(out, bullets(c, leg.Limit.Because, w)...)
	out = append(out, bullets(c, otherLimits(leg), w)...)
	if refs := leg.Limit.Assuming; len(refs) > 0 {
		out = append(out, "", heading(c, "Assumed, because it is not known here", w))
		for _, r := range refs {
			out = append(out, bullets(c, []string{RefText(leg, r)}, w)...)
		}
	}
	out = append(out, "", heading(c, "How long a dead peer goes unnoticed", w))
	out = append(out, endTable(c, w)...)
	out = append(out, bullets(c, []string{"?: the program may have a timer of its own that is not known here and comes first"}, w)...)
	out = append(out, "", heading(c, "What ends it, step by step", w))
	out = append(out, deadLines(c, w)...)
	out = append(out, "", heading(c, "For an application that writes by itself", w))
	out = append(out, writingLines(c, w)...)
	out = append(out, "", heading(c, "What hides it", w))
	out = append(out, bullets(c, hiding, w)...)
	out = append(out, "", heading(c, "What this leg costs", w))
	out = append(out, figureLines(c, w)...)
	return out
}

// gradeReason is why the leg has its grade, or none.
func gradeReason(c *contract.Context) string {
	g := c.Report.LegGrade(c.Shown().Index)
	if g.Grade == "" {
		return "no grade is given: " + g.Text()
	}
	return "grade " + string(g.Grade) + ": " + g.Text()
}

func heading(c *contract.Context, text string, w int) string {
	return widget.Rule(text, w, c.Theme)
}

// limiterLines lists every limiter with the interval in which it acts.
func limiterLines(c *contract.Context, w int) []string {
	leg := c.Shown()
	var rows [][]string
	for _, x := range leg.Limit.All {
		mark := ""
		if x.Ref == leg.Limit.Limiter.Ref && x.By == leg.Limit.By {
			mark = "the limit"
		}
		for _, also := range leg.Limit.Also {
			if x.Ref == also {
				mark = "the limit too"
			}
		}
		rows = append(rows, []string{string(x.By), x.Name, between(x), mark})
	}
	for i := range leg.Boxes {
		if b := &leg.Boxes[i]; b.Refreshed && b.Row != nil {
			rows = append(rows, []string{"middlebox", string(b.Endpoint.ID) + " " + b.Row.Param.Name, "held open", ""})
		}
	}
	t := widget.Table{Selected: -1, Rows: rows, Columns: []widget.TableColumn{
		{Title: "side", Width: 9},
		{Title: "setting", Width: 16, Elastic: true},
		{Title: "closes after", Width: 22},
		{Title: "", Width: 13, Drop: 1},
	}}
	out := t.Lines(w, c.Theme)
	for i := range leg.Boxes {
		if b := &leg.Boxes[i]; b.Refreshed && b.Because != "" {
			out = append(out, bullets(c, []string{string(b.Endpoint.ID) + ": " + b.Because}, w)...)
		}
	}
	return out
}

func between(x tuning.Limiter) string {
	switch {
	case !x.Known:
		return "not known"
	case x.Low == x.High:
		return model.HumanSpan(x.Low)
	}
	return model.HumanSpan(x.Low) + " to " + model.HumanSpan(x.High)
}

// otherLimits are the limits that are not about idle time.
func otherLimits(leg *tuning.Leg) []string {
	var out []string
	window := "race window: " + model.HumanSpan(leg.Window.Width)
	if leg.Window.Assumed {
		window += " (assumed; :set leg" + fmt.Sprint(leg.Index+1) + ":window=20ms gives one)"
	}
	out = append(out, window)
	if r := leg.Limit.Requests; r != nil && leg.Limit.Reused {
		says := "without a word"
		if r.LastSaysClose {
			says = "and says so in the last answer"
		}
		out = append(out, fmt.Sprintf("requests: the connection ends after %d %s (%s)", r.Count, says, r.Text))
	}
	if a := leg.Limit.Age; a != nil {
		ends := "at once"
		if a.Ends == "next-request" {
			ends = "with the next request"
		}
		out = append(out, fmt.Sprintf("age: after %s it ends %s (%s)", model.HumanSpan(a.After), ends, RefText(leg, a.Ref)))
	}
	return out
}
