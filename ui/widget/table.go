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

// A Table is rows of cells. Rows may be longer or shorter than the columns; a
// cell that is wider than its column goes on in the lines below it.
type Table struct {
	Columns  []TableColumn
	Rows     [][]string
	Selected int // -1 for none
	Top      int // first line shown below the titles
}

// gutter is the room of the selection sign before each row.
const gutter = 2

// View draws the table w by h: the titles, then rows. The selected row has the
// selection sign in front, in a column of its own, and is in view. Columns that
// do not fit are dropped by their Drop rank, and the titles end in a sign and their
// number ("+2").
func (t Table) View(w, h int, th theme.Theme) string {
	if h <= 0 {
		return ""
	}
	head, body := t.draw(w, th)
	head = head[:min(len(head), h)]
	view := []string{Fit(strings.Join(head, "\n"), w, len(head))}
	if rows := h - len(head); rows > 0 {
		view = append(view, Window(t.lines(body), t.scrolled(body, rows), w, rows, th.Glyphs))
	}
	return strings.Join(view, "\n")
}

// Lines is the whole table, titles first.
func (t Table) Lines(w int, th theme.Theme) []string {
	head, body := t.draw(w, th)
	return append(head, t.lines(body)...)
}

// Scroll moves the table, drawn w by h, so that the selected row is in view. It
// returns the row that each of the h lines belongs to: -1 for a title or none.
func (t *Table) Scroll(w, h int, th theme.Theme) []int {
	head, body := t.draw(w, th)
	t.Top = t.scrolled(body, h-len(head))
	at := make([]int, max(0, h))
	for i := range at {
		at[i] = -1
	}
	y := len(head) - t.Top
	for i, row := range body {
		for range row {
			if y >= len(head) && y < h {
				at[y] = i
			}
			y++
		}
	}
	return at
}

// scrolled is the first of rows lines in view, with all of the selected row if
// it has room.
func (t Table) scrolled(body [][]string, rows int) int {
	if t.Selected < 0 {
		return t.Top
	}
	from, last, n := 0, 0, 0
	for i, row := range body {
		if i == min(t.Selected, len(body)-1) {
			from, last = n, n+len(row)-1
		}
		n += len(row)
	}
	return Scroll(Scroll(t.Top, last, n, rows), from, n, rows)
}

func (t Table) lines(body [][]string) []string {
	var all []string
	for _, row := range body {
		all = append(all, row...)
	}
	return all
}

// draw draws the titles and each row.
func (t Table) draw(w int, th theme.Theme) (head []string, body [][]string) {
	show, hidden, widths := t.layout(w - gutter)
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = c.Title
	}
	head = t.row(titles, show, widths)
	for i, l := range head {
		head[i] = spaces(gutter) + l
	}
	if hidden > 0 {
		mark := " +" + strconv.Itoa(hidden)
		if room := max(0, w-Width(mark)); Width(strings.TrimRight(head[0], " ")) <= room {
			head[0] = exact(head[0], room, "") + mark
		} else { // a title stands there
			head = append(head, spaces(room)+mark)
		}
	}
	for i, l := range head {
		head[i] = th.Muted.Render(exact(l, w, ""))
	}
	for i, r := range t.Rows {
		lead := spaces(gutter)
		if i == t.Selected {
			lead = th.Glyphs.Selected + " "
		}
		lines := t.row(r, show, widths)
		for j, l := range lines {
			lines[j] = exact(lead+l, w, "")
			if i == t.Selected {
				lines[j] = th.Selected.Render(lines[j])
			}
			lead = spaces(gutter)
		}
		body = append(body, lines)
	}
	return head, body
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
	spare := w - need()
	for _, i := range show {
		widths[i] = max(0, t.Columns[i].Width)
		if t.Columns[i].Elastic && spare > 0 {
			widths[i] += spare
			spare = 0
		}
	}
	for ; spare < 0 && len(show) > 0; spare++ { // the widest gives way; its cells are folded
		widest := show[0]
		for _, i := range show {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		widths[widest] = max(0, widths[widest]-1)
	}
	return show, hidden, widths
}

// row is a row in as many lines as its longest cell needs.
func (t Table) row(cells []string, show, widths []int) []string {
	folded := make([][]string, len(show))
	height := 1
	for k, i := range show {
		if i < len(cells) {
			for _, l := range Wrap(firstLine(cells[i]), widths[i]) {
				folded[k] = append(folded[k], strings.TrimRight(l, " "))
			}
			height = max(height, len(folded[k]))
		}
	}
	lines := make([]string, height)
	for y := range lines {
		out := make([]string, 0, len(show))
		for k, i := range show {
			text := ""
			if y < len(folded[k]) {
				text = folded[k][y]
			}
			if t.Columns[i].Right {
				text = spaces(widths[i]-Width(text)) + text
			}
			out = append(out, exact(text, widths[i], ""))
		}
		lines[y] = strings.Join(out, " ")
	}
	return lines
}
