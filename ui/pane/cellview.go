package pane

import (
	"strings"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// A cellWidth divides a cell line: one for the cursor, name, value, one for the
// mark, origin.
type cellWidth struct{ name, value, origin int }

// widths are the usual ones in w cells.
func widths(w int, roomy bool) cellWidth {
	u := cellWidth{value: 9, origin: 8}
	if roomy {
		u.origin = 14
	}
	u.name = w - 2 - u.value - u.origin
	if u.name < 14 { // narrow: the origin gives way first
		u.origin = max(0, u.origin-(14-u.name))
		u.name = w - 2 - u.value - u.origin
	}
	u.name = max(0, min(u.name, 34))
	return u
}

// fit gives a name the room that its value leaves, and a value that of its origin;
// false where the line is too short for all three.
func (x *cell) fit(w int, roomy bool) (u cellWidth, ok bool) {
	u = widths(w, roomy)
	name, value, origin := widget.Width(x.label), widget.Width(x.value), widget.Width(x.origin)
	if origin > u.origin {
		u.value -= origin - u.origin
		u.origin = origin
	}
	if value > u.value {
		u.name -= value - u.value
		u.value = value
	}
	if name > u.name {
		u.value -= name - u.name
		u.name = name
	}
	apart := 1 // what stands between name and value
	if name == 0 || value == 0 {
		apart = 0
	}
	return u, u.name >= name && u.value >= value && name+apart+value <= u.name+u.value
}

// heads are the lines above a cell that carry its name, none where it has room
// beside the value.
func (x *cell) heads(w int, roomy bool) []*cell {
	if x == nil || x.label == "" {
		return nil
	}
	if _, ok := x.fit(w, roomy); ok {
		return nil
	}
	var out []*cell
	for _, l := range widget.Wrap(x.label, w-1) {
		out = append(out, &cell{label: strings.TrimRight(l, " "), of: x})
	}
	return out
}

// folded gives a name that has no room beside its value lines of its own, left and
// right being the widths of the columns.
func folded(lines []pair, left, right int, roomy bool) []pair {
	out := make([]pair, 0, len(lines))
	for _, p := range lines {
		heads := [2][]*cell{p[0].filled().heads(left, roomy), p[1].filled().heads(right, roomy)}
		from := len(out)
		for range max(len(heads[0]), len(heads[1])) + 1 {
			out = append(out, pair{})
		}
		rows := out[from:]
		for side, x := range p {
			for i, head := range heads[side] {
				rows[i][side] = head
			}
			if len(heads[side]) > 0 {
				bare := *x
				bare.label = ""
				x = &bare
			}
			rows[len(heads[side])][side] = x
		}
	}
	return out
}

// headOf is the first line of the cell at a line.
func headOf(lines []pair, at int, server bool) int {
	for at > 0 && lines[at-1][index(server)] != nil && lines[at-1][index(server)].of != nil {
		at--
	}
	return max(0, at)
}

// drawCell draws one cell in w cells: name, value with unit, a mark when it is not
// the default, origin.
func (t *Tune) drawCell(sb *strings.Builder, c *contract.Context, x *cell, w int, roomy, selected bool) {
	if x == nil || w <= 0 {
		widget.FitTo(sb, "", w)
		return
	}
	th := c.Theme
	lead := " "
	if selected && (x.of != nil || x.label != "") {
		lead = th.Glyphs.Selected
	}
	bar := th.Plain // under the whole of it
	if selected && t.edit == nil {
		bar = th.Selected
	}
	bar.Begin(sb)
	defer bar.End(sb)
	if x.of != nil {
		widget.FitTo(sb, lead+x.label, w)
		return
	}
	u, ok := x.fit(w, roomy)
	if !ok {
		u = widths(w, roomy)
	}
	sb.WriteString(lead)
	widget.FitTo(sb, widget.Cut(x.label, u.name, th.Glyphs.Ellipsis), u.name)
	if selected && t.edit != nil {
		sb.WriteByte(' ')
		sb.WriteString(t.edit.view(w-u.name-2, th))
		return
	}
	shown := widget.Cut(x.value, u.value, th.Glyphs.Ellipsis)
	widget.FitTo(sb, "", u.value-widget.Width(shown))
	mark, value, muted := " ", th.Plain, th.Muted
	if x.row != nil && x.row.Changed {
		mark, value = th.Glyphs.Changed, th.Changed
	}
	if selected {
		value, muted = th.Plain, th.Plain
	}
	value.Begin(sb)
	sb.WriteString(shown)
	sb.WriteString(mark)
	value.End(sb)
	room := max(0, w-1-u.name-u.value-1)
	origin := widget.Cut(widget.Cut(x.origin, u.origin, th.Glyphs.Ellipsis), room, "")
	if origin != "" {
		muted.Begin(sb)
		widget.FitTo(sb, origin, widget.Width(origin))
		muted.End(sb)
	}
	widget.FitTo(sb, "", room-widget.Width(origin))
}
