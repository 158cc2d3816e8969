package widget

import (
	"strings"

	"example.com/keeptune/ui/theme"
)

// BoxInner returns the room inside a box of w by h.
func BoxInner(w, h int) (iw, ih int) { return max(0, w-2), max(0, h-2) }

// Box draws body in a frame of w by h with a title in the top line. A focused
// box has its title in the focus style and the selection sign before it, so
// that focus shows without colour. Below 2 by 2 there is only body.
func Box(title, body string, w, h int, focused bool, th theme.Theme) string {
	if w < 2 || h < 2 {
		return Fit(body, w, h)
	}
	g := th.Glyphs
	iw, ih := BoxInner(w, h)
	var sb strings.Builder
	sb.Grow(len(body) + h*(w+16))
	sb.WriteString(topLine(title, w, focused, th))
	side := th.Border.Render(g.Vertical)
	for l, y := linesOf(body), 0; y < ih; y++ {
		line, _ := l.next()
		sb.WriteByte('\n')
		sb.WriteString(side)
		FitTo(&sb, line, iw)
		sb.WriteString(side)
	}
	sb.WriteByte('\n')
	sb.WriteString(th.Border.Render(g.BottomLeft + strings.Repeat(g.Horizontal, iw) + g.BottomRight))
	return sb.String()
}

func topLine(title string, w int, focused bool, th theme.Theme) string {
	g, iw := th.Glyphs, w-2
	st, text := th.Title, tidy(firstLine(title))
	if text != "" {
		text = " " + text + " "
		if focused {
			st, text = th.Focus, " "+g.Selected+text
		}
	}
	text = Cut(text, max(0, iw-1), g.Ellipsis)
	lead := ""
	if iw > 0 {
		lead = g.Horizontal
	}
	rest := max(0, iw-Width(lead)-Width(text))
	return exact(th.Border.Render(g.TopLeft+lead)+st.Render(text)+
		th.Border.Render(strings.Repeat(g.Horizontal, rest)+g.TopRight), w, "")
}

// Rule draws a horizontal line of w cells with an optional title in it.
func Rule(title string, w int, th theme.Theme) string {
	if w <= 0 {
		return ""
	}
	h := th.Glyphs.Horizontal
	text := ""
	if t := tidy(firstLine(title)); t != "" && w > 6 {
		text = Cut(" "+t+" ", w-2, th.Glyphs.Ellipsis)
	}
	if text == "" {
		return th.Border.Render(strings.Repeat(h, w))
	}
	rest := max(0, w-1-Width(text))
	return exact(th.Border.Render(h)+th.Title.Render(text)+th.Border.Render(strings.Repeat(h, rest)), w, "")
}
