// Package explainpage writes what a time or a line of a log means as a page to be
// read, for the command line and for the screen.
package explainpage

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/explain"
	"example.com/keeptune/ui/widget"
)

// Options are how much is written, and how wide.
type Options struct {
	Width int
	Path  string // the path that was given, or empty
	When  string // what was answered: quiet or outage; empty where nothing was
	All   bool   // every answer, not only the first ones
	Shell bool   // written by a command: its flags are named
}

// Detailed are the answers that are told in full, Listed those that are named.
const (
	Detailed = 3
	Listed   = 8
)

// A page is written line by line.
type page struct {
	o     Options
	lines []string
}

// Lines is the page. table finds what the times in lines of a log mean.
func Lines(e *explain.Explained, table *explain.Table, o Options) []string {
	p := &page{o: o}
	for i := range e.Log.Lines {
		p.line(&e.Log.Lines[i], table)
	}
	switch {
	case len(e.Log.Lines) > 0 && e.Log.Unknown > 0:
		p.text("", "", fmt.Sprintf("%s of %d told of nothing that is known here.", count(e.Log.Unknown, "line", "lines"), e.Log.Read))
	case len(e.Log.Lines) == 0 && len(e.Times) == 0 && e.Log.Read > 1:
		p.text("", "", fmt.Sprintf("None of the %d lines tells of anything that is known here.", e.Log.Read))
	}
	for i := range e.Times {
		if i > 0 {
			p.lines = append(p.lines, "")
		}
		p.time(&e.Times[i])
	}
	p.question(e)
	for len(p.lines) > 0 && p.lines[len(p.lines)-1] == "" {
		p.lines = p.lines[:len(p.lines)-1]
	}
	return p.lines
}

// text writes words in lines of the page's width, the first one behind first, the
// others behind later.
func (p *page) text(first, later, words string) {
	lead := first
	for _, l := range widget.Wrap(words, max(20, p.o.Width-widget.Width(first))) {
		p.lines = append(p.lines, strings.TrimRight(lead+strings.TrimRight(l, " "), " "))
		lead = later
	}
}

// field is a label and what belongs to it.
func (p *page) field(label, words string) {
	first := "   " + label + strings.Repeat(" ", max(1, 8-len(label)))
	p.text(first, strings.Repeat(" ", len(first)), words)
}

func (p *page) time(t *explain.Time) {
	seen := t.Seen.Text
	if t.Seen.About {
		seen = "about " + seen
	}
	if len(t.Answers) == 0 {
		p.text(seen+"  ", "   ", "no setting and no kernel of the catalog gives this time.")
		p.missed(t)
		p.text("   ", "   ", "A setting that somebody changed does: check --path 'A > B' shows those of a path, and keeptune probe measures a server's.")
		return
	}
	p.lines = append(p.lines, strings.ToUpper(seen[:1])+seen[1:])
	p.missed(t)
	p.answers(t.Answers)
}

// missed tells of each system that was named and gives no such time which of its times
// come nearest: what somebody changed, or a system beside it, gives the one that was seen.
func (p *page) missed(t *explain.Time) {
	for i := range t.Missed {
		m := &t.Missed[i]
		var near []string
		for j := range m.Near {
			near = append(near, m.Near[j].Title())
		}
		p.text("   ", "   ", fmt.Sprintf("%s has no such time unless it was changed; nearest: %s.", m.System, strings.Join(near, "; ")))
	}
}

// answers tells the first ones in full and names the next.
func (p *page) answers(all []explain.Answer) {
	for i := range all {
		switch {
		case i < Detailed && (all[i].Fit == all[0].Fit || all[i].Named):
			p.answer(i+1, &all[i])
		case i < Listed || p.o.All:
			p.text(fmt.Sprintf("%2d ", i+1), "   ", headline(&all[i])+note(&all[i], &all[0]))
		}
	}
	if n := len(all) - Listed; n > 0 && !p.o.All {
		more := fmt.Sprintf("and %d more that fit", n)
		if p.o.Shell {
			more += "; --all names them. The name of a system in the question, or --path, sorts them."
		} else {
			more += "; the name of a system beside the time sorts them"
		}
		p.text("   ", "   ", more)
	}
}

func headline(a *explain.Answer) string {
	s := &a.Sign
	name := string(s.System.ID)
	if s.Endpoint != "" && string(s.Endpoint) != name {
		name = string(s.Endpoint)
	}
	if s.Face == "client" {
		name += " (as a client)"
	}
	if v := s.Versions(); v != "" {
		name += " " + v
	}
	return name + ": " + s.Title()
}

// note is what an answer has beside its setting, the best one given.
func note(a, best *explain.Answer) string {
	switch s := &a.Sign; {
	case s.Endpoint != "":
		return "  (on the path)"
	case a != best && (a.Fit != best.Fit || a.Fit != explain.Exact):
		return "  (" + model.HumanRange(s.Low, s.High) + ")"
	}
	return ""
}

func (p *page) answer(n int, a *explain.Answer) {
	s := &a.Sign
	p.text(fmt.Sprintf("%2d ", n), "   ", headline(a)+note(a, a))
	p.text("   ", "   ", s.Says()+".")
	if really := s.Really(); really != "" {
		p.field("really", really)
	}
	p.field("closes", s.Seen())
	for i, next := range s.Next(p.o.Path) {
		label := "next"
		if i > 0 {
			label = ""
		}
		p.field(label, next)
	}
}

func (p *page) line(l *explain.Line, table *explain.Table) {
	s := l.Shape
	p.text(l.String()+"  ", "   ", s.Program+": "+l.Excerpt)
	p.text("   ", "   ", s.Means+".")
	p.field("closed", s.Closed)
	for i, look := range s.Look {
		label := "look"
		if i > 0 {
			label = ""
		}
		p.field(label, look)
	}
	if s.Path != "" && !s.Harmless {
		p.field("next", "keeptune check --path '"+s.Path+"'")
	}
	if may, err := l.MayBe(table); err == nil && len(may) > 0 {
		p.field("time", l.Seen.Text+": "+headline(&may[0]))
	}
	p.field("source", s.Source)
	p.lines = append(p.lines, "")
}

// question is what has to be answered, or what follows from the answer.
func (p *page) question(e *explain.Explained) {
	if !e.Asks && p.o.When == "" {
		return
	}
	if len(p.lines) > 0 && p.lines[len(p.lines)-1] != "" {
		p.lines = append(p.lines, "")
	}
	if p.o.When == "" {
		p.text("", "", explain.Asked+" The remedies are opposite, so this is asked and not guessed.")
	}
	for _, c := range explain.Choices() {
		if p.o.When != "" && p.o.When != c.When {
			continue
		}
		label := c.When
		if p.o.Shell && p.o.When == "" {
			label = "--when " + c.When
		}
		p.text(label+"  ", "   ", c.Label+": "+c.Do+".")
		p.lines = append(p.lines, "   keeptune check --path '"+c.Path+"' \\", "     --set "+strings.Join(c.Assume, " --set "))
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
