package cli

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// pad fills with spaces up to w cells.
func pad(s string, w int) string {
	return s + strings.Repeat(" ", max(0, w-ansi.StringWidth(s)))
}

// padLeft fills in front up to w cells.
func padLeft(s string, w int) string {
	return strings.Repeat(" ", max(0, w-ansi.StringWidth(s))) + s
}

// row is cells in columns, each folded where it is wider than its column.
func row(widths []int, cells ...string) []string {
	var lines []string
	for i, w := range widths {
		before := 0
		for _, o := range widths[:i] {
			before += o + 1
		}
		for j, l := range strings.Split(ansi.Wrap(cells[i], w, ""), "\n") {
			if j == len(lines) {
				lines = append(lines, "")
			}
			lines[j] = pad(lines[j], before) + strings.TrimRight(l, " ")
		}
	}
	return lines
}

// wrap breaks text into lines of at most w cells, the later ones less the
// indent that will stand before them, at spaces, never between a number and
// its unit. A longer word stays whole.
func wrap(text, indent string, w int) []string {
	var lines []string
	line, room := "", w
	for _, word := range glued(text) {
		switch {
		case line == "":
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) <= room:
			line += " " + word
		default:
			lines = append(lines, line)
			line, room = strings.TrimLeft(word, " "), w-ansi.StringWidth(indent)
		}
	}
	return append(lines, line)
}

// glued splits text at spaces; runs of more than one space stay in front of
// the word after them.
func glued(text string) []string {
	var words []string
	gap := ""
	for word := range strings.SplitSeq(text, " ") {
		switch n := len(words); {
		case word == "":
			gap += " "
			continue
		case n > 0 && isUnit(word) && endsInDigit(words[n-1]):
			words[n-1] += " " + word
		default:
			words = append(words, gap+word)
		}
		gap = ""
	}
	return words
}

func isUnit(word string) bool {
	switch strings.TrimRight(word, ".,;:)") {
	case "d", "h", "m", "s", "ms", "us":
		return true
	}
	return false
}

func endsInDigit(word string) bool {
	last := word[max(0, len(word)-1):]
	return last >= "0" && last <= "9"
}
