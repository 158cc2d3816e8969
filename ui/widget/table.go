package widget

import (
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/ui/theme"
)

// A TableColumn is a column of a table.
type TableColumn struct {
	Title   string
	Width   int  // cells; with Elastic the least it can do with
	Elastic bool // takes what the others leave; the first one that says so
	Right   bool // numbers stand at the right
	Drop    int  // 0 is never dropped; among the rest the highest goes first
}

// A Table is rows of cells. Rows may be longer or shorter than the columns.
type Table struct {
	Columns  []TableColumn
	Rows     [][]string
	Selected int // -1 for none
	Top      int // first row shown, for Scroll
}

// View draws the table w by h: a title line, then rows. The selected row has
// the selection sign in front, in a column of its own. Columns that do not
// fit are dropped by their Drop rank, and the title line ends in a sign and
// their number ("+2").
func (t Table) View(w, h int, th theme.Theme) string {
	if h <= 0 {
		return ""
	}
	gutter := 2
	show, hidden, widths := t.layout(w - gutter)
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = c.Title
	}
	head := spaces(gutter) + t.row(titles, show, widths, th)
	if hidden > 0 {
		mark := " +" + strconv.Itoa(hidden)
		head = exact(head, max(0, w-Width(mark)), "") + mark
	}
	lines := []string{paint(th.Muted, exact(head, w, ""))}
	if h == 1 {
		return lines[0]
	}
	body := make([]string, len(t.Rows))
	for i, r := range t.Rows {
		lead, st := spaces(gutter), th.Plain
		if i == t.Selected {
			lead, st = th.Glyphs.Selected+" ", th.Selected
		}
		line := exact(lead+t.row(r, show, widths, th), w, "")
		if i == t.Selected {
			line = paint(st, line)
		}
		body[i] = line
	}
	top := t.Top
	if t.Selected >= 0 {
		top = Scroll(t.Top, t.Selected, len(t.Rows), h-1)
	}
	return lines[0] + "\n" + Window(body, top, w, h-1, th.Glyphs)
}

// layout decides which columns are shown in w cells and how wide they are.
func (t Table) layout(w int) (show []int, hidden int, widths []int) {
	for i := range t.Columns {
		show = append(show, i)
	}
	need := func() int {
		n := max(0, len(show)-1)
		for _, i := range show {
			n += max(0, t.Columns[i].Width)
		}
		return n
	}
	for need() > w {
		worst := -1
		for p, i := range show {
			if d := t.Columns[i].Drop; d > 0 && (worst < 0 || d >= t.Columns[show[worst]].Drop) {
				worst = p
			}
		}
		if worst < 0 {
			break
		}
		show = slices.Delete(show, worst, worst+1)
		hidden++
	}
	widths = make([]int, len(t.Columns))
	spare := max(0, w-need())
	for _, i := range show {
		widths[i] = max(0, t.Columns[i].Width)
		if t.Columns[i].Elastic {
			widths[i] += spare
			spare = 0
		}
	}
	return show, hidden, widths
}

func (t Table) row(cells []string, show, widths []int, th theme.Theme) string {
	out := make([]string, 0, len(show))
	for _, i := range show {
		text := ""
		if i < len(cells) {
			text = Cut(cells[i], widths[i], th.Glyphs.Ellipsis)
		}
		if t.Columns[i].Right {
			text = spaces(widths[i]-Width(text)) + text
		}
		out = append(out, exact(text, widths[i], ""))
	}
	return strings.Join(out, " ")
}
