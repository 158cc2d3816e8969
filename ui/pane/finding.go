package pane

import (
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// Gravest is the finding that stands under the first screen: of what brought the user, or
// else the gravest; nil where there is none. more is how many others are above info.
func Gravest(c *contract.Context) (f *tuning.Finding, more int) {
	all := c.Findings()
	first := c.Foremost(all)
	if first < 0 {
		return nil, 0
	}
	for i, x := range all {
		if i != first && x.Severity > tuning.Info {
			more++
		}
	}
	return all[first], more
}

// Grave is how many findings above info the shown leg has.
func Grave(c *contract.Context) int {
	n := 0
	for _, f := range c.Findings() {
		if f.Severity > tuning.Info {
			n++
		}
	}
	return n
}

func severe(th theme.Theme, s tuning.Severity) theme.Style {
	switch s {
	case tuning.Error:
		return th.Bad
	case tuning.Warning:
		return th.Warn
	case tuning.Info:
	}
	return th.Info
}

// fix offers the remedies of a finding of the shown leg: of the one that is
// wanted, or of the one that stands under the screen. Where none stands there, it is
// about the whole path.
func fix(c *contract.Context, wanted *tuning.Finding) contract.Action {
	if wanted != nil {
		return contract.Fix{Finding: *wanted}
	}
	all := c.Advised()
	if i := c.Foremost(all); i >= 0 {
		return contract.Fix{Finding: *all[i]}
	}
	return contract.FixWhole{Calm: calm(all), Else: "nothing to fix: no rule has anything to say about this leg"}
}

// calm is the finding that is told where none is graver: the first that can be put right.
func calm(all []*tuning.Finding) *tuning.Finding {
	for _, f := range all {
		if len(f.Remedies) > 0 {
			return f
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

// findingLine is the gravest finding on one line.
func findingLine(c *contract.Context, f *tuning.Finding, more int, screen contract.Screen, w int) []string {
	th := c.Theme
	lead := " " + contract.Letter(f.Severity) + " " + f.Rule.ID + " "
	var hints []widget.Part
	hint := func(key, text string) {
		hints = append(hints, widget.Part{Text: "  " + key, Style: th.Key, Keep: true}, widget.Part{Text: " " + text, Style: th.Plain, Keep: true})
	}
	switch screen {
	case contract.Tune:
		if w >= besideFrom {
			hint(c.Keys.Key(keymap.ScopeTune, keymap.Why), "why")
		}
		hint(c.Keys.Key(keymap.ScopeTune, keymap.Fix), "fix ")
	case contract.Why:
	default:
		hint(c.Keys.Key(keymap.ScopeGlobal, keymap.Screen2), "why ")
	}
	rest := ""
	if more > 0 {
		rest = "  +" + strconv.Itoa(more) + " more"
		if w < besideFrom {
			rest = " +" + strconv.Itoa(more)
		}
	}
	mark := widget.Part{Text: lead, Style: severe(th, f.Severity), Keep: true}
	after := append([]widget.Part{{Text: rest, Style: th.Muted, Keep: true}}, hints...)
	room := w - widget.Width(lead)
	for _, p := range after {
		room -= widget.Width(p.Text)
	}
	dots := th.Glyphs.Ellipsis
	title := f.Rule.Title
	if widget.Width(title) > room && screen != contract.Tune { // there the lines of the body are dearer
		title = ""
	}
	if widget.Width(title) <= room {
		return []string{widget.Line(w, dots, append([]widget.Part{mark, widget.Elastic(title, th.Plain)}, after...)...)}
	}
	first := strings.TrimRight(widget.Wrap(title, w-widget.Width(lead))[0], " ")
	second := strings.TrimSpace(strings.TrimPrefix(title, first))
	return []string{
		widget.Line(w, dots, mark, widget.Elastic(first, th.Plain)),
		widget.Line(w, dots, append([]widget.Part{widget.Fixed(strings.Repeat(" ", widget.Width(lead)), th.Plain), widget.Elastic(second, th.Plain)}, after...)...),
	}
}

// findingLines explains the findings of the shown leg in full; starts are the
// lines on which each begins.
func findingLines(c *contract.Context, sel, w int) (lines []string, starts []int) {
	for i, f := range c.Advised() {
		if i > 0 {
			lines = append(lines, "")
		}
		starts = append(starts, len(lines))
		lead := "  "
		if i == sel {
			lead = c.Theme.Glyphs.Selected + " "
		}
		lines = append(append(lines, titleLines(c, f, lead, w)...), reasonLines(c, f, w)...)
	}
	return lines, starts
}

// explained is a finding in full.
func explained(c *contract.Context, f *tuning.Finding, w int) []string {
	lines := titleLines(c, f, " ", w)
	if len(f.At) > 0 {
		lines = append(lines, labelledLines("where", refList(&c.Report.Legs[f.Leg], f.At), w)...)
	}
	return append(lines, reasonLines(c, f, w)...)
}

// titleLines are a finding's severity, rule and title.
func titleLines(c *contract.Context, f *tuning.Finding, lead string, w int) (lines []string) {
	word := strings.ToUpper(f.Severity.String())
	for j, l := range widget.Wrap(word+" "+f.Rule.ID+"  "+model.Clean(f.Rule.Title, 300), max(1, w-3)) {
		if j > 0 {
			lead = strings.Repeat(" ", widget.Width(lead))
		}
		lines = append(lines, widget.FitLine(severe(c.Theme, f.Severity).Render(lead+l), w))
	}
	return lines
}

// reasonLines are what a finding rests on, what helps, and where that is wrong.
func reasonLines(c *contract.Context, f *tuning.Finding, w int) []string {
	lines := bullets(c, f.Because, w)
	if len(f.Assuming) > 0 {
		lines = append(lines, bullets(c, []string{"assuming " + refList(&c.Report.Legs[f.Leg], f.Assuming) + ": one step less grave for that"}, w)...)
	}
	lines = append(lines, labelledLines("", f.Rule.Why, w)...)
	for j, r := range f.Remedies {
		name := c.Keys.Key(keymap.ScopeFindings, keymap.Fix) + " fix"
		if j > 0 {
			name = ""
		}
		lines = append(lines, labelledLines(name, r.Label, w)...)
	}
	if f.Rule.WrongIf != "never" {
		lines = append(lines, labelledLines("wrong if", f.Rule.WrongIf, w)...)
	}
	return append(lines, labelledLines("source", f.Rule.Source, w)...)
}

// labelledLines is text behind a word in a column of its own.
func labelledLines(name, text string, w int) []string {
	const col = 13
	if text == "" {
		return nil
	}
	var out []string
	for i, l := range widget.Wrap(model.Clean(text, 1000), max(1, w-col-1)) {
		if i > 0 {
			name = ""
		}
		out = append(out, widget.FitLine(widget.FitLine("   "+name, col)+l, w))
	}
	return out
}
