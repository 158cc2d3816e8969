package pane

import (
	"strings"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// Widths at which the first screen changes its shape.
const (
	besideFrom    = 76  // both sides beside each other
	inspectorFrom = 120 // and the inspector beside them
	roomyFrom     = 100 // origins are written out
)

// drawCell draws the path, both sides and the verdict.
func (t *Tune) draw(c *contract.Context, w, h int) string {
	if w <= 0 || h <= 0 {
		return widget.Fit("", w, h)
	}
	foot := verdictBlock(c, w, h)
	room := h - len(foot)
	var head []string
	if room >= 8 || t.path != nil {
		head = append(head, t.pathLine(c, w))
		room--
	}
	var body string
	switch {
	case c.Inspects && w < inspectorFrom:
		body = t.inspector.Box(c, w, room)
	case w < besideFrom:
		body = t.stacked(c, w, len(head), room)
	case w >= inspectorFrom:
		left := max(80, w*6/10)
		right := w - left - 1
		body = widget.Columns(room, " ",
			widget.Column{View: t.beside(c, left, len(head), room), Width: left},
			widget.Column{View: t.inspector.Box(c, right, room), Width: right})
	default:
		body = t.beside(c, w, len(head), room)
	}
	return widget.Stack(w, h, append(append(head, body), foot...)...)
}

// beside draws both sides in columns, and below them the reasons where there
// is room.
func (t *Tune) beside(c *contract.Context, w, y, h int) string {
	left := (w + 1) / 2
	right := w - left - 1
	sep := c.Theme.Border.Render(c.Theme.Glyphs.Vertical)
	roomy := w >= roomyFrom
	lines := folded(grid(c, t.sieve, figureCells(c, t.sieve)), left, right, roomy)
	at := t.cursor(lines, c)
	rows := max(0, h-1)
	t.page = rows
	t.top = widget.Scroll(t.top, max(0, at), len(lines), rows)
	t.top = widget.Scroll(t.top, headOf(lines, at, t.server), len(lines), rows)
	more := marks(len(lines), t.top, rows)
	last := min(len(lines), t.top+rows)
	var sb strings.Builder
	sb.Grow(h * (w + 64)) // with what colours take
	sb.WriteString(t.heading(c, false, left))
	sb.WriteString(sep)
	sb.WriteString(t.heading(c, true, right))
	for i := t.top; i < last; i++ {
		sb.WriteByte('\n')
		if more[i-t.top] != 0 {
			sb.WriteString(moreLine(c.Theme, more[i-t.top], left))
			sb.WriteString(sep)
			continue
		}
		on := at >= 0 && headOf(lines, at, t.server) <= i && i <= at
		row := y + 1 + i - t.top
		t.drawn(lines[i][0], row, 0, left)
		t.drawn(lines[i][1], row, left+1, w)
		t.drawCell(&sb, c, lines[i][0], left, roomy, on && !t.server)
		sb.WriteString(sep)
		t.drawCell(&sb, c, lines[i][1], right, roomy, on && t.server)
	}
	if extra := h - 1 - (last - t.top); extra >= 4 {
		sb.WriteByte('\n')
		sb.WriteString(c.Theme.Muted.Render(" because"))
		for _, l := range reasons(c, w, extra-1) {
			sb.WriteByte('\n')
			sb.WriteString(l)
		}
	}
	return widget.Fit(sb.String(), w, h)
}

// stacked draws one side above the other; the focused one gets the odd line.
func (t *Tune) stacked(c *contract.Context, w, y, h int) string {
	half := h / 2
	heights := [2]int{half, half}
	var need [2]int
	for i := range need {
		lines, _ := t.standing(c, i == 1, w)
		need[i] = len(lines) + 1
	}
	heights[index(t.server)] = h - half
	for i, o := range []int{1, 0} { // what one does not need goes to the other
		if spare := heights[i] - need[i]; spare > 0 {
			heights[i] -= spare
			heights[o] += spare
		}
	}
	focused, other := index(t.server), index(!t.server)
	if need := t.least(c, !t.server, w); heights[other] < need && heights[focused]+heights[other]-need >= t.least(c, t.server, w) {
		heights[focused] -= need - heights[other]
		heights[other] = need
	}
	return widget.Stack(w, h, t.single(c, false, w, y, heights[0]), t.single(c, true, w, y+heights[0], heights[1]))
}

// standing is one side alone, and the line on which it is shown first.
func (t *Tune) standing(c *contract.Context, server bool, w int) (lines []pair, at int) {
	lines = folded(column(c, server, t.sieve), w, w, w >= roomyFrom/2)
	place := contract.Place{Server: server, Param: firstIdle(c.Side(server))}
	if server == t.server {
		place = t.At(c)
	}
	return lines, find(lines, place, 0)
}

// least is the height in which a side shows one setting whole.
func (t *Tune) least(c *contract.Context, server bool, w int) int {
	lines, at := t.standing(c, server, w)
	return 2 + max(0, at) - headOf(lines, at, server)
}

// single draws one side alone.
func (t *Tune) single(c *contract.Context, server bool, w, y, h int) string {
	roomy := w >= roomyFrom/2
	lines, at := t.standing(c, server, w)
	rows := max(0, h-1)
	if server == t.server {
		t.page = rows
	}
	from := headOf(lines, at, server)
	top := widget.Scroll(widget.Scroll(0, max(0, at), len(lines), rows), from, len(lines), rows)
	if rows < 3 { // no marks here: the selected line alone counts
		top = max(0, min(max(from, at-rows+1), len(lines)-rows))
	}
	more := marks(len(lines), top, rows)
	var sb strings.Builder
	sb.WriteString(t.heading(c, server, w))
	for i := top; i < min(len(lines), top+rows); i++ {
		sb.WriteByte('\n')
		if more[i-top] != 0 {
			sb.WriteString(moreLine(c.Theme, more[i-top], w))
			continue
		}
		t.drawn(lines[i][index(server)], y+1+i-top, 0, w)
		t.drawCell(&sb, c, lines[i][index(server)], w, roomy, from <= i && i <= at && server == t.server)
	}
	return widget.Fit(sb.String(), w, h)
}

// marks says for each visible line how many lines it stands for: positive for
// lines below, negative for lines above, 0 for itself.
func marks(n, top, rows int) []int {
	out := make([]int, max(0, rows))
	if rows < 3 {
		return out
	}
	if top > 0 {
		out[0] = -(top + 1)
	}
	if rest := n - top - rows; rest > 0 {
		out[rows-1] = rest + 1
	}
	return out
}

func moreLine(th theme.Theme, n, w int) string {
	sign, text := th.Glyphs.Down, "more below"
	if n < 0 {
		sign, text, n = th.Glyphs.Up, "more above", -n
	}
	return widget.FitLine(th.Muted.Render(" "+sign+" "+contract.Count(n, "line", "lines")+" "+text), w)
}

// heading names a side.
func (t *Tune) heading(c *contract.Context, server bool, w int) string {
	word, st := " CLIENT ", c.Theme.Title
	if server {
		word = " SERVER "
	}
	if server == t.server {
		st = c.Theme.Focus
	}
	side := c.Side(server)
	title := firstThatFits(w-len(word), contract.Title(side), contract.ShortTitle(side))
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, widget.Fixed(word, st), widget.Elastic(title, c.Theme.Plain))
}

// firstThatFits is the first text of at most w cells, or the last.
func firstThatFits(w int, texts ...string) string {
	for _, s := range texts {
		if widget.Width(s) <= w {
			return s
		}
	}
	return texts[len(texts)-1]
}
