package widget

import (
	"strings"

	"example.com/keeptune/ui/theme"
)

// A Part is a piece of a line.
type Part struct {
	Text    string
	Style   theme.Style
	Elastic bool // takes what the others leave; at most one part of a line
	Right   bool // with Elastic: the text stands at the right end of its room
	Keep    bool // is cut last when even the fixed parts do not fit
}

// Fixed is a part as wide as its text.
func Fixed(text string, st theme.Style) Part { return Part{Text: text, Style: st} }

// Elastic is the part that takes the remaining width.
func Elastic(text string, st theme.Style) Part {
	return Part{Text: text, Style: st, Elastic: true}
}

// Line draws parts in exactly w cells. The elastic part is cut with mark or
// filled; when there is none, the line is filled at its end. When the fixed
// parts alone are too wide, those without Keep are dropped from the last to
// the first, then the line is cut.
func Line(w int, mark string, parts ...Part) string {
	if w <= 0 {
		return ""
	}
	var few [8]Part // nearly all lines have fewer
	var widths [8]int
	parts, wide := append(few[:0], parts...), append(widths[:0], make([]int, len(parts))...)
	fixed, elastic := 0, -1
	for i := range parts {
		parts[i].Text = tidy(firstLine(parts[i].Text))
		if parts[i].Elastic && elastic < 0 {
			elastic = i
			continue
		}
		wide[i] = Width(parts[i].Text)
		fixed += wide[i]
	}
	for i := len(parts) - 1; i >= 0 && fixed > w; i-- {
		if i != elastic && !parts[i].Keep {
			fixed -= wide[i]
			wide[i] = -1
		}
	}
	var sb strings.Builder
	sb.Grow(w + 24*len(parts)) // with what colours take
	for i, p := range parts {
		room := wide[i]
		if i == elastic {
			room = w - fixed
		}
		if room <= 0 {
			continue
		}
		p.Style.Begin(&sb)
		text := p.Text
		if i == elastic {
			if text = Cut(text, room, mark); p.Right {
				lead := room - Width(text)
				sb.WriteString(spaces(lead))
				room -= lead
			}
		}
		FitTo(&sb, text, room)
		p.Style.End(&sb)
	}
	if elastic < 0 {
		sb.WriteString(spaces(w - fixed))
	}
	return exact(sb.String(), w, mark)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// A Column is a block of text with its width.
type Column struct {
	View  string
	Width int
}

// Columns draws columns side by side in h lines, gap between each two. The
// result is as wide as the sum of the widths and gaps.
func Columns(h int, gap string, cols ...Column) string {
	if h <= 0 {
		return ""
	}
	gap = tidy(firstLine(gap))
	size, blocks := 0, make([]lines, len(cols))
	for i, c := range cols {
		blocks[i] = linesOf(c.View)
		size += len(c.View) + h*len(gap)
	}
	var sb strings.Builder
	sb.Grow(size + h)
	for y := range h {
		if y > 0 {
			sb.WriteByte('\n')
		}
		for i, c := range cols {
			if i > 0 {
				sb.WriteString(gap)
			}
			line, _ := blocks[i].next()
			FitTo(&sb, line, c.Width)
		}
	}
	return sb.String()
}

// Stack joins blocks from top to bottom and fits the result to w by h. An empty
// block is none.
func Stack(w, h int, blocks ...string) string {
	if h <= 0 {
		return ""
	}
	size := 0
	for _, b := range blocks {
		size += len(b) + 1
	}
	var sb strings.Builder
	sb.Grow(max(size, h*(max(0, w)+1)))
	y := 0
	put := func(line string) {
		if y > 0 {
			sb.WriteByte('\n')
		}
		FitTo(&sb, line, w)
		y++
	}
	for _, b := range blocks {
		for l := linesOf(b); y < h; {
			line, ok := l.next()
			if !ok {
				break
			}
			put(line)
		}
	}
	for y < h {
		put("")
	}
	return sb.String()
}
