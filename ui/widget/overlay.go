package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Overlay lays box over base, its upper left corner at column x of line y, and
// returns w by h. The box is as wide as its first line; what reaches outside
// is cut off.
func Overlay(base, box string, x, y, w, h int) string {
	if h <= 0 {
		return ""
	}
	lines := fitLines(split(base), w, h)
	top := split(box)
	if len(top) == 0 || w <= 0 {
		return strings.Join(lines, "\n")
	}
	x = max(0, min(x, w))
	bw := min(Width(tidy(top[0])), w-x)
	for i, l := range top {
		at := y + i
		if at < 0 || at >= h {
			continue
		}
		left := exact(ansi.Truncate(lines[at], x, ""), x, "")
		right := exact(ansi.TruncateLeft(lines[at], x+bw, ""), w-x-bw, "")
		lines[at] = left + exact(tidy(l), bw, "") + right
	}
	return strings.Join(lines, "\n")
}

// OverlayCentre lays box over the middle of base.
func OverlayCentre(base, box string, w, h int) string {
	return Overlay(base, box, (w-Width(tidy(firstLine(box))))/2, (h-Height(box))/2, w, h)
}
