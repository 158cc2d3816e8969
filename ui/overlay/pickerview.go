package overlay

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/systempage"
	"example.com/keeptune/ui/widget"
)

// firstRow is the line of the drawn box with the titles: after the frame and the
// field.
const firstRow = 2

// draw draws the list, or the versions.
func (p *Picker) draw(c *contract.Context, w, h int) string {
	if p.versions != nil {
		return p.versions.view(c, p.Keys(c), w, h)
	}
	bw := min(w, 78)
	list := p.list(c)
	p.begin(list)
	detail := p.detail(list, bw-4, h)
	rows := max(1, min(h-5-len(detail), 16))
	p.rows = rows
	t := p.table(c, list, bw)
	p.drawn = t.Scroll(bw-2, rows+1, c.Theme)
	p.top = t.Top
	lines := []string{" type to filter: " + p.field.View(max(0, bw-20), c.Theme)}
	drawn := strings.Split(t.View(bw-2, rows+1, c.Theme), "\n")
	if len(list) == 0 {
		copy(drawn[1:], widget.Wrap("  "+p.nothing(c), bw-4))
	}
	lines = append(lines, drawn...)
	for _, l := range detail {
		lines = append(lines, " "+c.Theme.Muted.Render(widget.Cut(l, bw-4, c.Theme.Glyphs.Ellipsis)))
	}
	scope := p.Keys(c)
	keys := []keymap.Hint{
		labelled(scope, keymap.Accept, "choose"), labelled(scope, keymap.ShowSystem, "all about it"),
		labelled(scope, keymap.NextChoice, "other version"), labelled(scope, keymap.Cancel, "leave"),
	}
	return frame(c, "which "+p.want.What+"?"+p.place(list), lines, keys, bw, h)
}

// nothing says that nothing fits, and what does of those that may not stand there.
func (p *Picker) nothing(c *contract.Context) string {
	text := "nothing fits; Ctrl+u empties it"
	if other := matches(p.others, c.Recent, p.field.Value()); len(other) > 0 {
		text = model.Clean(other[0].Name, 100) + " cannot stand here as the " + p.want.What + "; Ctrl+u empties it"
	}
	return text
}

// table is the list with what tells systems apart. Below 60 columns the
// version and the name give way.
func (p *Picker) table(c *contract.Context, list []*model.Entry, bw int) widget.Table {
	first := 20
	if bw < 60 {
		first = 14
	}
	t := widget.Table{Selected: p.sel, Top: p.top, Columns: []widget.TableColumn{
		{Title: "system", Width: first},
		{Title: "version", Width: 8, Drop: 2},
		{Title: "kind", Width: 10},
		{Title: "proof", Width: 10},
		{Title: "name", Width: 12, Elastic: true, Drop: 1},
	}}
	for _, e := range list {
		name := model.Clean(e.Name, 100)
		if p.field.Empty() && slices.Contains(c.Recent, e.ID) {
			name = "(recent) " + name
		}
		t.Rows = append(t.Rows, []string{model.Clean(string(e.ID), 60), model.Clean(string(p.versionOf(e)), 20), e.Kind, systempage.Proved(e), name})
	}
	if len(list) == 0 {
		t.Selected = -1
	}
	return t
}

// detail is what the row has no room for: what the system is, where it comes
// from, what was run of it, and which of the user's files cannot be read. On a
// screen of few lines only the last is told.
func (p *Picker) detail(list []*model.Entry, w, h int) []string {
	var out []string
	if h >= leastDetailed {
		out = p.about(list, w)
	}
	if p.err != "" {
		out = append(out, widget.Wrap(model.Clean(p.err, 300), w)...)
	}
	return out
}

// leastDetailed is the height from which the selected system is told about, in as
// many lines for each.
const (
	leastDetailed = 14
	aboutLines    = 3
)

func (p *Picker) about(list []*model.Entry, w int) []string {
	var out []string
	if p.sel < len(list) {
		e := list[p.sel]
		text, last := model.Clean(e.Text, 300), proofs(e, w)
		if e.Origin != "" {
			text = "from " + model.Clean(e.Origin, 300) + ": " + text
		}
		if lies := p.notKnown(e); lies != "" {
			text, last = lies, ""
		}
		out = told(text, w, aboutLines-1)
		out = append(out, last)
	}
	for len(out) < aboutLines {
		out = append(out, "")
	}
	return out
}

// told is as many sentences of a text as n lines of w cells hold.
func told(text string, w, n int) []string {
	for room := n * w; room > 0; room-- {
		if lines := widget.Wrap(sentences(text, room), w); len(lines) <= n {
			return lines
		}
	}
	return nil
}

// sentences are as many of a text as w cells hold, or the clause it begins with.
func sentences(text string, w int) string {
	for _, end := range []string{". ", "; ", ", ", " ("} {
		for rest := text; widget.Width(rest) > w; {
			at := strings.LastIndex(rest, end)
			if at < 0 {
				break
			}
			if rest = rest[:at]; widget.Width(rest) < w {
				return rest + "."
			}
		}
	}
	return text
}

// notKnown says where a version lies that is not known, "" for one that is.
func (p *Picker) notKnown(e *model.Entry) string {
	s, err := p.catalog.System(e.ID)
	if err != nil || p.meant.System != e.ID {
		return ""
	}
	return s.NotKnown(model.Endpoint{System: e.ID, Version: p.versionOf(e)}.VersionOf(s))
}

// place says which of the known versions of the selected system is shown.
func (p *Picker) place(list []*model.Entry) string {
	if p.sel >= len(list) {
		return ""
	}
	e := list[p.sel]
	i := slices.Index(newestFirst(e.Known), p.versionOf(e))
	if text := versionPlace(i, len(e.Known)); text != "" && i >= 0 {
		return " " + text
	}
	return ""
}

// versionPlace is the place of the i-th of n versions, the newest being the first.
func versionPlace(i, n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("version %d of %d", i+1, n)
}

// proofs is what was run of a system, in one line.
func proofs(e *model.Entry, w int) string {
	if len(e.Proved) == 0 {
		return model.Unproved
	}
	var words []string
	for i := range e.Proved {
		words = append(words, string(e.Proved[i].Face)+" "+e.Proved[i].Human())
	}
	for _, side := range []model.FaceKind{model.FaceServer, model.FaceClient} {
		if e.Has(side) && !proved(e, side) {
			words = append(words, string(side)+" documented only")
		}
	}
	text := strings.Join(words, "; ")
	if widget.Width(text) <= w {
		return text
	}
	for i := range e.Proved { // without what was measured, which the page says
		words[i] = string(e.Proved[i].Face) + " run at " + model.Clean(string(e.Proved[i].Version), 30)
	}
	return strings.Join(words, "; ")
}

func proved(e *model.Entry, side model.FaceKind) bool {
	for _, p := range e.Proved {
		if p.Face == side {
			return true
		}
	}
	return false
}
