package widget

import (
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"example.com/keeptune/ui/theme"
)

// Wrap breaks text into lines of at most w cells, at spaces where it can.
// Newlines stay. For w <= 0 it returns nothing.
func Wrap(text string, w int) []string { return Hang(nil, "", "", text, w) }

// Hang appends text to lines as [Wrap] breaks it, behind lead in its first line and behind
// indent in those below, which are not counted in w.
func Hang(lines []string, lead, indent, text string, w int) []string {
	if w <= 0 || text == "" {
		return lines
	}
	for raw := range strings.SplitSeq(text, "\n") {
		line := tidy(raw)
		if Width(line) <= w {
			lines, lead = append(lines, lead+line), indent
			continue
		}
		wrapped := wordWrap(line, w)
		lines = slices.Grow(lines, strings.Count(wrapped, "\n")+1)
		for l := range strings.SplitSeq(wrapped, "\n") {
			lines, lead = append(lines, lead+Cut(l, w, "")), indent
		}
	}
	return lines
}

// unbroken stands for the sign of a number or a flag while lines are broken, which
// would be broken behind it.
const unbroken = "\uE000"

// wordWrap breaks a line at spaces and behind hyphens, but not behind those with which
// a word begins: "-5 s" and "--theme" stay whole.
func wordWrap(line string, w int) string {
	if !strings.Contains(line, " -") || strings.Contains(line, unbroken) {
		return ansi.Wrap(line, w, "")
	}
	for _, sign := range []string{"--", "-"} {
		line = strings.ReplaceAll(line, " "+sign, " "+strings.Repeat(unbroken, len(sign)))
	}
	return strings.ReplaceAll(ansi.Wrap(line, w, ""), unbroken, "-")
}

// Fold breaks a line of a file into lines of at most w cells. Those after the first
// begin as it does, with its indent and its sign of a comment, and a little further in.
func Fold(line string, w int) []string {
	line = strings.TrimRight(tidy(firstLine(line)), " ")
	lead := line[:len(line)-len(strings.TrimLeft(line, " "))]
	for _, sign := range []string{"#", "//", ";"} {
		if rest := line[len(lead):]; strings.HasPrefix(rest, sign) {
			lead += rest[:len(rest)-len(strings.TrimLeft(rest, sign+" "))]
			break
		}
	}
	lead += "  "
	switch {
	case Width(line) <= w:
		return []string{line}
	case Width(lead) >= w:
		return Wrap(line, w)
	}
	first, _, _ := strings.Cut(ansi.Wrap(line, w, ""), "\n")
	if len(first) < len(lead)-1 { // the first word is too long for the line
		first = ansi.Truncate(line, w, "")
	}
	out, rest := []string{strings.TrimRight(first, " ")}, strings.TrimLeft(line[len(first):], " ")
	for _, l := range Wrap(rest, w-Width(lead)) {
		out = append(out, lead+strings.TrimRight(l, " "))
	}
	return out
}

// Paragraph wraps text into w by h. When it is longer, the last line ends
// with the ellipsis.
func Paragraph(text string, w, h int, g theme.Glyphs) string {
	if h <= 0 {
		return ""
	}
	lines := Wrap(text, w)
	if len(lines) > h {
		last := Cut(lines[h-1], max(0, w-1), "") + g.Ellipsis
		lines = append(lines[:h-1:h-1], last)
	}
	return Stack(w, h, strings.Join(lines, "\n"))
}

// Window draws the part of lines that begins at top, w by h. The first and the
// last row are given to marks ("3 more") when there is more above or below and
// h is at least 3. Scroll keeps the selected line clear of them.
func Window(lines []string, top, w, h int, g theme.Glyphs) string {
	if h <= 0 {
		return ""
	}
	top = clampTop(top, len(lines), h)
	var sb strings.Builder
	sb.Grow(h * (max(0, w) + 8))
	for y := range h {
		if y > 0 {
			sb.WriteByte('\n')
		}
		line := ""
		switch rest := len(lines) - top - h; {
		case h >= 3 && y == 0 && top > 0:
			line = g.Up + " " + strconv.Itoa(top+1) + " more"
		case h >= 3 && y == h-1 && rest > 0:
			line = g.Down + " " + strconv.Itoa(rest+1) + " more"
		case top+y < len(lines):
			line = lines[top+y]
		}
		FitTo(&sb, line, w)
	}
	return sb.String()
}

// Scroll returns the top line for Window nearest to top that shows line sel of
// n in h rows, not hidden by a mark.
func Scroll(top, sel, n, h int) int {
	if h <= 0 || n <= h {
		return 0
	}
	edge := 0
	if h >= 3 {
		edge = 1
	}
	sel = max(0, min(sel, n-1))
	if sel < top+edge {
		top = sel - edge
	}
	if sel > top+h-1-edge {
		top = sel - h + 1 + edge
	}
	return clampTop(top, n, h)
}

func clampTop(top, n, h int) int { return max(0, min(top, n-h)) }
