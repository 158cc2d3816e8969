package pane

import (
	"cmp"
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

// Findings lists what the rules say about the whole path, and explains the selected
// finding. The leg of that is the shown one.
type Findings struct {
	order  int // of orders
	filter string
	chosen faultID // the selected one, as long as it is in the list
	detail scroll
}

// A faultID is one finding of a report.
type faultID struct {
	rule string
	leg  int
	at   string
}

// orders are how the list can be sorted, each with its words.
var orders = []struct {
	name string
	by   func(a, b *tuning.Finding) int
}{
	{"the gravest first", func(a, b *tuning.Finding) int { return cmp.Compare(b.Severity, a.Severity) }},
	{"leg by leg", func(a, b *tuning.Finding) int { return cmp.Compare(a.Leg, b.Leg) }},
	{"rule by rule", func(a, b *tuning.Finding) int { return compareRules(a.Rule.ID, b.Rule.ID) }},
}

var _ contract.Pane = (*Findings)(nil)

// NewFindings is the list of findings.
func NewFindings() *Findings { return &Findings{} }

// Filter shows only findings that have every word of the text.
func (p *Findings) Filter(text string) { p.filter, p.detail = text, scroll{} }

// Filtered reports whether a filter is in force.
func (p *Findings) Filtered() bool { return p.filter != "" }

// list is the findings that are shown, in their order.
func (p *Findings) list(c *contract.Context) []*tuning.Finding {
	var all []*tuning.Finding
	words := strings.Fields(strings.ToLower(p.filter))
	for i := range c.Report.Findings {
		if f := &c.Report.Findings[i]; has(c, f, words) {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b *tuning.Finding) int {
		return cmp.Or(orders[p.order].by(a, b), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Leg, b.Leg), compareRules(a.Rule.ID, b.Rule.ID))
	})
	return all
}

// compareRules sorts KA-9 before KA-10.
func compareRules(a, b string) int {
	group, n, _ := strings.Cut(a, "-")
	other, m, _ := strings.Cut(b, "-")
	return cmp.Or(cmp.Compare(group, other), cmp.Compare(len(strings.TrimRight(n, "ab")), len(strings.TrimRight(m, "ab"))), cmp.Compare(n, m))
}

// has reports whether each word stands in what is told of a finding.
func has(c *contract.Context, f *tuning.Finding, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := []string{f.Severity.String(), f.Rule.ID, f.Rule.Title, fmt.Sprintf("leg %d", f.Leg+1), refList(&c.Report.Legs[f.Leg], f.At)}
	told := strings.ToLower(strings.Join(append(text, f.Because...), " "))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(told, w) })
}

func identity(f *tuning.Finding) faultID {
	id := faultID{rule: f.Rule.ID, leg: f.Leg}
	if len(f.At) > 0 {
		id.at = string(f.At[0].Endpoint) + " " + string(f.At[0].Param)
	}
	return id
}

// at is the place of the selected finding, -1 in an empty list: the one that was chosen,
// while its leg is shown, or else the one that stands under the first screen.
func (p *Findings) at(c *contract.Context, all []*tuning.Finding) int {
	leg := c.Shown().Index
	if i := slices.IndexFunc(all, func(f *tuning.Finding) bool { return identity(f) == p.chosen }); i >= 0 && all[i].Leg == leg {
		return i
	}
	here := c.Findings()
	if i := c.Foremost(here); i >= 0 {
		if j := slices.Index(all, here[i]); j >= 0 {
			return j
		}
	}
	if i := slices.IndexFunc(all, func(f *tuning.Finding) bool { return f.Leg == leg }); i >= 0 {
		return i
	}
	return min(0, len(all)-1)
}

// selected is the finding that is selected, with its remedies; nil in an empty list.
func (p *Findings) selected(c *contract.Context) *tuning.Finding {
	all := p.list(c)
	i := p.at(c, all)
	if i < 0 {
		return nil
	}
	if !c.Preview {
		for _, f := range c.Session.Advice(all[i].Leg) {
			if identity(&f) == identity(all[i]) {
				return &f
			}
		}
	}
	return all[i]
}

// Keys is what works now.
func (p *Findings) Keys(c *contract.Context) keymap.Scope {
	some := len(p.list(c)) > 0
	return c.Keys.Scope(keymap.ScopeList).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.Fix, keymap.Suppress, keymap.Why, keymap.GoTo:
			return some
		case keymap.Order, keymap.Filter:
			return len(c.Report.Findings) > 1
		case keymap.ShowSuppressed:
			return len(c.Session.Document().Suppressed) > 0
		default:
			return true
		}
	})
}

// Update takes a key.
func (p *Findings) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	all := p.list(c)
	switch id {
	case keymap.Order:
		if f := p.selected(c); f != nil {
			p.chosen = identity(f)
		}
		p.order = (p.order + 1) % len(orders)
	case keymap.Filter:
		return contract.AskFilter{}
	case keymap.Fix:
		return contract.Fix{Finding: *p.selected(c)}
	case keymap.Suppress:
		return contract.Suppress{Finding: *p.selected(c)}
	case keymap.ShowSuppressed:
		return contract.ShowSuppressed{}
	case keymap.Why:
		return contract.Show{Screen: contract.Why}
	case keymap.GoTo:
		if f := p.selected(c); len(f.At) > 0 {
			return contract.GoSetting{Ref: f.At[0]}
		}
		return contract.Show{Screen: contract.Tune}
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(p.text(c), "\n") + "\n", What: "the findings"}
	case keymap.PageUp, keymap.PageDown:
		p.detail.key(id)
	default:
		if by, ok := keymap.Move(id, len(all)); ok && len(all) > 0 {
			return p.choose(c, all[max(0, min(p.at(c, all)+by, len(all)-1))])
		}
	}
	return nil
}

// choose selects a finding, and with it its leg.
func (p *Findings) choose(c *contract.Context, f *tuning.Finding) contract.Action {
	if p.chosen != identity(f) {
		p.chosen, p.detail = identity(f), scroll{}
	}
	if by := f.Leg - c.Shown().Index; by != 0 {
		return contract.GoLeg{By: by}
	}
	return nil
}

// most is how many rows the list takes of h lines where it is long.
func most(h int) int { return max(1, h/3) }

// draw draws the list, and under it the selected finding.
func (p *Findings) draw(c *contract.Context, w, h int) string {
	all := p.list(c)
	head := widget.FitLine(" "+p.head(c, all), w)
	if len(all) == 0 {
		return widget.Stack(w, h, head)
	}
	at := p.at(c, all)
	rows := p.rows(c, all, at, w)
	n := min(len(rows), max(most(h), min(len(rows), 3)))
	list := widget.Window(rows, widget.Scroll(0, at, len(rows), n), w, n, c.Theme.Glyphs)
	if n < 3 { // no room for marks
		from := max(0, min(at, len(rows)-n))
		list = strings.Join(rows[from:from+n], "\n")
	}
	f := p.selected(c)
	rule := heading(c, firstThatFits(w-4, f.Rule.ID+" on leg "+fmt.Sprint(f.Leg+1)+", "+legName(c, f.Leg), f.Rule.ID+" on leg "+fmt.Sprint(f.Leg+1)), w)
	rest := max(0, h-2-n)
	return widget.Stack(w, h, head, list, rule, p.detail.view(explained(c, f, w), w, rest, c.Theme.Glyphs))
}

// head says how many there are, and what is not shown.
func (p *Findings) head(c *contract.Context, all []*tuning.Finding) string {
	n := len(c.Report.Findings)
	order := c.Keys.Key(keymap.ScopeList, keymap.Order)
	hidden, apart := len(c.Report.Suppressed), ""
	if hidden > 0 {
		apart = fmt.Sprintf("; %s lists %d suppressed", c.Keys.Key(keymap.ScopeList, keymap.ShowSuppressed), hidden)
	}
	switch {
	case n == 0 && hidden > 0:
		return "No finding counts" + apart
	case n == 0:
		return "No rule has anything to say about this path."
	case p.filter != "" && len(all) == 0:
		return fmt.Sprintf("none of %d has %q; %s changes the filter, %s shows all", n, model.Clean(p.filter, 30), c.Keys.Key(keymap.ScopeList, keymap.Filter), back(c))
	case p.filter != "":
		return fmt.Sprintf("%d of %s with %q, %s", len(all), contract.Count(n, "finding", "findings"), model.Clean(p.filter, 30), orders[p.order].name)
	case n == 1:
		return "1 finding" + apart
	}
	return contract.Count(n, "finding", "findings") + ", " + orders[p.order].name + "; " + order + " sorts" + apart
}

func legName(c *contract.Context, leg int) string {
	l := &c.Report.Legs[leg]
	return model.Clean(string(l.Client.Endpoint.ID), 40) + " to " + model.Clean(string(l.Server.Endpoint.ID), 40)
}

// rows are the findings, one line each.
func (p *Findings) rows(c *contract.Context, all []*tuning.Finding, at, w int) []string {
	widest := 0
	for _, f := range all {
		widest = max(widest, widget.Width(f.Rule.ID))
	}
	lines := make([]string, len(all))
	for i, f := range all {
		mark := "   "
		if i == at {
			mark = " " + c.Theme.Glyphs.Selected + " "
		}
		leg := ""
		if len(c.Report.Legs) > 1 {
			leg = fmt.Sprintf("leg %d  ", f.Leg+1)
			if w < besideFrom {
				leg = fmt.Sprintf("%d ", f.Leg+1)
			}
		}
		text := leg + widget.FitLine(f.Rule.ID, widest) + "  " + model.Clean(f.Rule.Title, 300)
		word := widget.FitLine(strings.ToUpper(f.Severity.String()), 7) + "  "
		if w < besideFrom {
			word = contract.Letter(f.Severity) + " "
		}
		text = widget.Cut(text, max(1, w-widget.Width(mark+word)), c.Theme.Glyphs.Ellipsis)
		if i == at {
			text = c.Theme.Selected.Render(text)
		}
		lines[i] = widget.FitLine(mark+severe(c.Theme, f.Severity).Render(word)+text, w)
	}
	return lines
}

// text is the list and each finding in full, to be pasted elsewhere.
func (p *Findings) text(c *contract.Context) []string {
	const w = 76
	all := p.list(c)
	out := p.rows(c, all, -1, w)
	for _, f := range all {
		out = append(out, "", f.Rule.ID+" on leg "+fmt.Sprint(f.Leg+1)+", "+legName(c, f.Leg))
		out = append(out, explained(c, f, w)...)
	}
	for i, l := range out {
		out[i] = strings.TrimRight(l, " ")
	}
	return out
}
