// Package widget draws: pure functions from values and a size to text.
//
// Every function that takes a width w and a height h returns exactly h lines
// of exactly w cells, for any w and h; zero or less gives nothing. Widths are
// those of x/ansi and nothing else. Text may carry SGR
// colours; every other control character and escape sequence is taken out.
package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width returns the cells a line takes.
func Width(s string) int {
	if n, ok := simple(s); ok {
		return n
	}
	return ansi.StringWidth(s)
}

// Fit returns text as exactly h lines of exactly w cells, joined by newlines:
// cut where it is too large, filled with spaces where it is too small. For
// h <= 0 it returns "", for w <= 0 h empty lines.
func Fit(text string, w, h int) string { return Stack(w, h, text) }

// FitLine returns the first line of text as exactly w cells.
func FitLine(text string, w int) string {
	return exact(tidy(firstLine(text)), w, "")
}

// FitTo draws the first line of text as FitLine does.
func FitTo(sb *strings.Builder, text string, w int) {
	text = firstLine(text)
	if n, ok := simple(text); ok && n <= w {
		sb.WriteString(text)
		sb.WriteString(spaces(w - n))
		return
	}
	sb.WriteString(exact(tidy(text), w, ""))
}

// lines takes the lines off a text one by one; an empty text has none.
type lines struct {
	rest string
	more bool
}

func linesOf(text string) lines { return lines{text, text != ""} }

func (l *lines) next() (line string, ok bool) {
	if !l.more {
		return "", false
	}
	line, l.rest, l.more = strings.Cut(l.rest, "\n")
	return line, true
}

// Cut returns the first line of text in at most w cells, ended by mark where
// something was cut off. It does not fill up.
func Cut(text string, w int, mark string) string {
	text = tidy(firstLine(text))
	switch {
	case w <= 0:
		return ""
	case Width(text) <= w:
		return text
	case Width(mark) > w:
		mark = ""
	}
	return ansi.Truncate(text, w, mark)
}

// Middle is the first line of text in at most w cells, with mark in the place of what
// was cut out of its middle: the end of a name or an address tells as much as its begin.
func Middle(text string, w int, mark string) string {
	text = tidy(firstLine(text))
	room := w - Width(mark)
	if Width(text) <= w || room < 2 {
		return Cut(text, w, mark)
	}
	head := room - room/2
	tail := ansi.TruncateLeft(text, Width(text)-room/2, "")
	if Width(tail) > room/2 { // a character of two cells
		tail = ansi.TruncateLeft(text, Width(text)-room/2+1, "")
	}
	return ansi.Truncate(text, head, "") + mark + tail
}

// exact makes a tidy line w cells wide.
func exact(s string, w int, mark string) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	if n > w {
		if Width(mark) > w {
			mark = ""
		}
		s = ansi.Truncate(s, w, mark)
		n = Width(s)
	}
	out := s + spaces(w-n)
	if apart(out, w) {
		return out
	}
	return exact(plain(s), w, mark)
}

// apart says whether a line of w cells stays so with neighbours: nothing in
// front of it or behind joins its first or last cluster.
func apart(s string, w int) bool {
	if _, ok := simple(s); ok {
		return true
	}
	for _, before := range []string{"x", "\U0001f1e9", "\u1100"} { // letter, half a flag, half a syllable
		if ansi.StringWidth(before+s+"x") != ansi.StringWidth(before)+w+1 {
			return false
		}
	}
	return ansi.StringWidth(s) == w
}

// plain replaces what is not ASCII, so that widths add up.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, ansi.Strip(s))
}

const blank = "                                                                                                                                                                                                                                                                "

func spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blank):
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// tidy takes out everything that would move the cursor: control characters,
// escape sequences other than SGR, invalid bytes, and what has no width of its
// own but changes that of others. A tab becomes a space.
func tidy(s string) string {
	if _, ok := simple(s); ok {
		return s
	}
	var sb strings.Builder
	sb.Grow(len(s))
	for i := 0; i < len(s); {
		if n := sgr(s[i:]); n > 0 {
			sb.WriteString(s[i : i+n])
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\t':
			sb.WriteByte(' ')
		case r == utf8.RuneError && n <= 1:
			sb.WriteByte('?')
		case !unicode.IsGraphic(r) || r >= 0xfe00 && r <= 0xfe0f || r == 0x2028 || r == 0x2029:
		default:
			sb.WriteString(s[i : i+n])
		}
		i += n
	}
	return sb.String()
}

// sgr returns the length of the colour sequence s begins with, or 0.
func sgr(s string) int {
	if len(s) < 3 || s[0] != 0x1b || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case c >= '0' && c <= '9' || c == ';' || c == ':':
		default:
			return 0
		}
	}
	return 0
}

// simple counts the cells of a line that holds nothing but characters known
// to be one cell wide and to join nothing, and SGR sequences: nearly every
// line drawn here. It saves the cluster search of x/ansi.
func simple(s string) (cells int, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f {
			cells++
			i++
			continue
		}
		if c == 0x1b {
			n := sgr(s[i:])
			if n == 0 {
				return 0, false
			}
			i += n
			continue
		}
		if c < 0x80 {
			return 0, false
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !narrow(r) {
			return 0, false
		}
		cells++
		i += n
	}
	return cells, true
}

func narrow(r rune) bool {
	switch {
	case r >= 0x2500 && r <= 0x259f: // lines and blocks
		return true
	case r >= 0x2190 && r <= 0x2193: // arrows
		return true
	}
	switch r {
	case '…', '·', '•', '×', '≤', '≥', '–', '—', '“', '”', '’':
		return true
	}
	return false
}
