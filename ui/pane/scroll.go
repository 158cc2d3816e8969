package pane

import (
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// A scroll is a text that is longer than its room.
type scroll struct {
	top, lines, rows int // lines and rows as last drawn
}

// key moves the text, if the key means that.
func (s *scroll) key(id keymap.ID) {
	by, _ := keymap.Move(id, s.rows)
	s.top = max(0, min(s.top+by, s.lines-s.rows))
}

// view draws the lines from top on, w by h, with marks where there are more.
func (s *scroll) view(lines []string, w, h int, g theme.Glyphs) string {
	s.lines, s.rows = len(lines), h
	s.top = max(0, min(s.top, len(lines)-h))
	return widget.Window(lines, s.top, w, h, g)
}
