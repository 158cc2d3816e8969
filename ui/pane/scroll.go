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
	page := max(1, s.rows-2)
	switch id {
	case keymap.Up:
		s.top--
	case keymap.Down:
		s.top++
	case keymap.PageUp:
		s.top -= page
	case keymap.PageDown:
		s.top += page
	case keymap.Top:
		s.top = 0
	case keymap.Bottom:
		s.top = s.lines
	default:
	}
	s.top = max(0, min(s.top, s.lines-s.rows))
}

// view draws the lines from top on, w by h, with marks where there are more.
func (s *scroll) view(lines []string, w, h int, g theme.Glyphs) string {
	s.lines, s.rows = len(lines), h
	s.top = max(0, min(s.top, len(lines)-h))
	return widget.Window(lines, s.top, w, h, g)
}
