// Package overlay holds what lies over a screen for a moment: questions,
// lists to choose from, help.
package overlay

import (
	"strings"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// frame draws lines in a box that is as small as they allow, at most w by h,
// with the footer's keys in its last line.
func frame(c *contract.Context, title string, lines []string, keys []keymap.Hint, w, h int) string {
	return frameAt(c, title, lines, 0, keys, w, h)
}

// frameAt is frame with the lines from top on where they are too many.
func frameAt(c *contract.Context, title string, lines []string, top int, keys []keymap.Hint, w, h int) string {
	need := widget.Width(title) + 6
	for _, l := range lines {
		need = max(need, widget.Width(l))
	}
	for _, k := range keys {
		need = max(need, widget.Width(k.Key+k.Text)+6)
	}
	bw := min(w, max(need+2, min(60, w)))
	iw := max(0, bw-2)
	bh := min(h, len(lines)+2)
	if len(keys) > 0 {
		bh = min(h, len(lines)+3)
	}
	ih := max(0, bh-2)
	rows := ih
	if len(keys) > 0 && ih > 1 {
		rows--
	}
	body := widget.Window(lines, top, iw, rows, c.Theme.Glyphs)
	if len(keys) > 0 && ih > 1 {
		body += "\n" + widget.Hints(pad(keys), "", iw, c.Theme)
	}
	return widget.Box(title, body, bw, bh, true, c.Theme)
}

// pad sets the first hint off from the frame.
func pad(keys []keymap.Hint) []keymap.Hint {
	out := append([]keymap.Hint{}, keys...)
	out[0].Key = " " + out[0].Key
	return out
}

// wrapped is text in lines of at most w cells, each set off from the frame.
func wrapped(text string, w int) []string {
	var out []string
	for _, l := range widget.Wrap(text, max(1, w-4)) {
		out = append(out, " "+strings.TrimRight(l, " ")+" ")
	}
	return out
}
