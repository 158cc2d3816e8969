package overlay

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// A Baseline is what the present session is compared with.
type Baseline struct {
	Name, Path string
	Report     tuning.Report
}

// Compare shows before and now side by side, only what differs first.
type Compare struct {
	before []Baseline
	at     int
	now    tuning.Report
	path   string
	all    bool // what is the same, too
	top    int
	lines  int
	rows   int
}

var _ contract.Overlay = (*Compare)(nil)

// NewCompare compares a report on a path with baselines, the first of them first.
func NewCompare(before []Baseline, now tuning.Report, path string) *Compare {
	return &Compare{before: before, now: now, path: path}
}

// Full says that it covers the whole screen.
func (o *Compare) Full() {}

// Keys is what works now.
func (o *Compare) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeCompare).Only(func(id keymap.ID) bool { return id != keymap.Baseline || len(o.before) > 1 })
}

// Update takes a key.
func (o *Compare) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Baseline:
		o.at, o.top = turned(o.at, 1, len(o.before)), 0
	case keymap.OnlyChanged:
		o.all, o.top = !o.all, 0
	case keymap.Copy:
		return contract.Copy{Text: o.Markdown(), What: "the comparison"}
	case keymap.Open:
		return contract.Close{Then: contract.AskCompare{}}
	case keymap.ShowHelp:
		return contract.Push{Overlay: NewHelp(o.Keys(c))}
	default:
		o.top = scrolled(id, o.top, o.lines, o.rows)
	}
	return nil
}

// draw draws the comparison over the whole screen.
func (o *Compare) draw(c *contract.Context, w, h int) string {
	iw, ih := widget.BoxInner(w, h-1)
	lines := o.page(c.Theme, iw)
	o.lines, o.rows = len(lines), ih
	o.top = max(0, min(o.top, len(lines)-ih))
	title := "before: " + o.before[o.at].Name
	body := widget.Window(lines, o.top, iw, ih, c.Theme.Glyphs)
	return widget.Stack(w, h, widget.Box(title, body, w, max(0, h-1), true, c.Theme), widget.Hints(pad(o.Keys(c).Footer(7)), "", w, c.Theme))
}

// page is the comparison in lines of w cells.
func (o *Compare) page(th theme.Theme, w int) []string {
	var out []string
	legs, settings, same := o.tables()
	if was := o.before[o.at].Path; was != o.path {
		for _, l := range []string{"path before: " + was, "path now: " + o.path} {
			for _, l := range widget.Wrap(model.Clean(l, 400), max(1, w-2)) {
				out = append(out, " "+l)
			}
		}
	}
	table := func(first string, rows [][]string) {
		t := widget.Table{Selected: -1, Rows: rows, Columns: []widget.TableColumn{
			{Title: first, Width: min(14, max(8, w/3)), Elastic: true}, {Title: "before", Width: max(8, (w-8)/3)}, {Title: "now", Width: max(8, (w-8)/3)},
		}}
		out = append(out, t.Lines(w, th)...)
	}
	table("leg", legs)
	for _, l := range o.findings() {
		for i, l := range widget.Wrap(l, max(1, w-4)) {
			lead := " " + th.Glyphs.Bullet + " "
			if i > 0 {
				lead = "   "
			}
			out = append(out, lead+l)
		}
	}
	out = append(out, "")
	if len(settings) > 0 {
		table("setting", settings)
	}
	switch {
	case len(settings) == 0:
		out = append(out, " No setting differs.")
	case same > 0:
		out = append(out, "", " "+contract.Count(same, "other is the same", "others are the same"))
	}
	return out
}

// tables are the legs, the settings, and how many of these are left out.
func (o *Compare) tables() (legs, settings [][]string, same int) {
	was := &o.before[o.at].Report
	for i := range max(len(was.Legs), len(o.now.Legs)) {
		from, to := judged(was, i), judged(&o.now, i)
		if from == to && !o.all {
			to = "the same"
		}
		legs = append(legs, []string{legName(was, &o.now, i), from, to})
	}
	for _, d := range tuning.Differences(*was, o.now) {
		if d.Same() && !o.all {
			same++
			continue
		}
		settings = append(settings, []string{model.Clean(string(d.At.Endpoint), 40) + " " + model.Clean(d.Name, 80), shown(d.Was, d.Before), shown(d.Is, d.Now)})
	}
	return legs, settings, same
}

func legName(was, now *tuning.Report, i int) string {
	r := now
	if i >= len(now.Legs) {
		r = was
	}
	l := &r.Legs[i]
	return fmt.Sprintf("%d %s to %s", i+1, model.Clean(string(l.Client.Endpoint.ID), 40), model.Clean(string(l.Server.Endpoint.ID), 40))
}

// judged is the verdict of a leg with its limit.
func judged(r *tuning.Report, i int) string {
	if i >= len(r.Legs) {
		return "not there"
	}
	l := &r.Legs[i].Limit
	text := contract.Judged(l)
	if l.Reused && l.Verdict != tuning.VerdictUnknown && l.Idle != model.Never {
		text += ", limit " + model.HumanSpan(l.Idle)
	}
	return text
}

// shown is a value with where it comes from.
func shown(row *tuning.Row, v model.Value) string {
	switch {
	case row != nil:
		return contract.Value(row) + " " + contract.Origin(row)
	case v.IsSet():
		return v.Human()
	}
	return "not given"
}

// findings are what is gone and what is new, in sentences.
func (o *Compare) findings() []string {
	was, is := above(&o.before[o.at].Report), above(&o.now)
	var out []string
	for _, x := range []struct {
		word       string
		from, then []string
	}{{"gone: ", was, is}, {"new: ", is, was}} {
		var list []string
		for _, f := range x.from {
			if !slices.Contains(x.then, f) {
				list = append(list, f)
			}
		}
		if len(list) > 0 {
			out = append(out, x.word+strings.Join(list, "; "))
		}
	}
	return out
}

// above are a report's findings above info, each in words.
func above(r *tuning.Report) []string {
	var out []string
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity > tuning.Info {
			out = append(out, fmt.Sprintf("%s %s on leg %d, %s", f.Severity, f.Rule.ID, f.Leg+1, f.Rule.Title))
		}
	}
	return out
}

// Markdown is the comparison for a ticket.
func (o *Compare) Markdown() string {
	var b strings.Builder
	legs, settings, same := o.tables()
	fmt.Fprintf(&b, "## Keep-alive of `%s`: before (%s) and now\n", o.path, o.before[o.at].Name)
	if was := o.before[o.at].Path; was != o.path {
		fmt.Fprintf(&b, "\nThe path before: `%s`\n", was)
	}
	table := func(first string, rows [][]string) {
		fmt.Fprintf(&b, "\n| %s | before | now |\n|---|---|---|\n", first)
		for _, r := range rows {
			for i, cell := range r {
				r[i] = strings.ReplaceAll(cell, "|", `\|`)
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(r, " | "))
		}
	}
	table("leg", legs)
	if len(settings) > 0 {
		table("setting", settings)
	}
	for i, l := range o.findings() {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + l + "\n")
	}
	switch {
	case len(settings) == 0:
		b.WriteString("\nNo setting differs.\n")
	case same > 0:
		b.WriteString("\n" + contract.Count(same, "other is the same", "others are the same") + ".\n")
	}
	return b.String()
}
