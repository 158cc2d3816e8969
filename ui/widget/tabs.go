package widget

import (
	"strings"

	"example.com/keeptune/ui/theme"
)

// A Hint is a key and what it does; keymap.Hint is the same type.
type Hint = struct{ Key, Text string }

// Tabs draws numbered screens on one line of w cells, the active one in
// brackets. What does not fit is dropped from the end, never the active one.
func Tabs(names []string, active, w int, th theme.Theme) string {
	if w <= 0 {
		return ""
	}
	items := make([]string, len(names))
	total := 0
	for i, n := range names {
		text := digit(i+1) + " " + tidy(firstLine(n))
		if i == active {
			items[i] = th.Focus.Render("[" + text + "]")
		} else {
			items[i] = th.Muted.Render(" " + text + " ")
		}
		total += Width(items[i])
	}
	for i := len(items) - 1; i >= 0 && total > w; i-- {
		if i != active {
			total -= Width(items[i])
			items[i] = ""
		}
	}
	return exact(strings.Join(items, ""), w, th.Glyphs.Ellipsis)
}

func digit(n int) string { return string(rune('0' + n%10)) }

// Hints draws key hints on one line of w cells: as many as fit, the first
// ones first. The hint named last (by its key, for example "?") is kept in
// any case; "" names none.
func Hints(hints []Hint, last string, w int, th theme.Theme) string {
	if w <= 0 {
		return ""
	}
	tail, tailText := "", ""
	for _, h := range hints {
		if last != "" && h.Key == last {
			tail, tailText = hint(h, th)
		}
	}
	var sb strings.Builder
	used := 0
	for _, h := range hints {
		if last != "" && h.Key == last {
			continue
		}
		text, raw := hint(h, th)
		need := Width(raw)
		if used > 0 {
			need += 2
		}
		room := w - used
		if tail != "" {
			room -= Width(tailText) + 2
		}
		if need > room {
			break
		}
		if used > 0 {
			sb.WriteString("  ")
		}
		sb.WriteString(text)
		used += need
	}
	if tail != "" {
		if used > 0 {
			sb.WriteString("  ")
		}
		sb.WriteString(tail)
	}
	return exact(sb.String(), w, th.Glyphs.Ellipsis)
}

func hint(h Hint, th theme.Theme) (styled, raw string) {
	key, text := tidy(firstLine(h.Key)), tidy(firstLine(h.Text))
	return th.Key.Render(key) + " " + text, key + " " + text
}
