// Package theme names the looks of keeptune by meaning: styles over the
// terminal's own sixteen colours and two sets of narrow glyphs.
//
// A style is never the only carrier of a meaning: under
// NO_COLOR and on a dumb terminal lipgloss drops every attribute, so whoever
// draws focus, selection, severity or change draws a word or a glyph as well.
package theme

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"example.com/keeptune/tuning"
)

// A Mode says which palette a theme uses. The background is never asked from
// the terminal, so the user says so
// where Default is not legible.
type Mode string

// The modes of --theme.
const (
	Default Mode = "default" // plain foreground and colours legible on light and dark
	Light   Mode = "light"   // dark colours for a light background
	Dark    Mode = "dark"    // bright colours for a dark background
)

// ParseMode reads the argument of --theme; "" is Default.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Default, Light, Dark:
		return m, nil
	case "":
		return Default, nil
	default:
		return Default, fmt.Errorf("unknown theme %q: use default, light or dark", s)
	}
}

// A Style is what the terminal is sent before a text and after it. The zero Style is
// plain.
type Style struct{ on, off string }

// Render draws a text of one line.
func (s Style) Render(text string) string {
	if text == "" || s.on == "" {
		return text
	}
	return s.on + text + s.off
}

// Begin and End draw what stands before and after a text of one line that is not empty.
func (s Style) Begin(sb *strings.Builder) { sb.WriteString(s.on) }

// End is Begin's counterpart.
func (s Style) End(sb *strings.Builder) { sb.WriteString(s.off) }

// style takes a style as lipgloss draws it with the colours that it has now.
func style(st lipgloss.Style) Style {
	on, off, _ := strings.Cut(st.UnderlineSpaces(false).Render("x"), "x")
	return Style{on, off}
}

// A Theme is one style for each meaning, and the glyphs to draw with.
type Theme struct {
	Plain    Style // ordinary text
	Title    Style // names of screens, panes and columns
	Muted    Style // what may be overlooked: defaults, units, rules
	Focus    Style // the focused pane's title and frame
	Selected Style // the selected row, beside Glyphs.Selected
	Field    Style // text in an open field
	Cursor   Style // the cell under the cursor of an open field
	Key      Style // a key's name in footer and help
	Good     Style // OK
	Bad      Style // RACE, errors
	Warn     Style // STALE, warnings
	Info     Style // ?, advice, running
	Changed  Style // a value changed here, beside Glyphs.Changed
	Measured Style // a value seen in a live test
	Border   Style // frames and rules

	Glyphs Glyphs
}

// palette holds colour numbers 0 to 15; "" keeps the terminal's foreground.
type palette struct{ good, bad, warn, info, changed, measured, muted, focus, key string }

// Good against bad lies on the blue to yellow or blue to red axis, which the
// common colour blindnesses keep apart; green against red is not used.
var palettes = map[Mode]palette{
	Default: {good: "6", bad: "1", warn: "5", info: "", changed: "5", measured: "6", focus: "6"},
	Light:   {good: "4", bad: "1", warn: "5", info: "4", changed: "5", measured: "4", muted: "8", focus: "4"},
	Dark:    {good: "14", bad: "11", warn: "13", info: "12", changed: "11", measured: "14", muted: "7", focus: "14", key: "12"},
}

// New returns the theme of a mode drawn with the glyphs g and the colours that the
// terminal has (term.Caps.Apply, before this). An unknown mode counts as Default.
func New(m Mode, g Glyphs) Theme {
	p, ok := palettes[m]
	if !ok {
		p = palettes[Default]
	}
	muted := fore(p.muted)
	if p.muted == "" {
		muted = muted.Faint(true)
	}
	return Theme{
		Title:    style(lipgloss.NewStyle().Bold(true)),
		Muted:    style(muted),
		Focus:    style(fore(p.focus).Bold(true)),
		Selected: style(lipgloss.NewStyle().Reverse(true)),
		Field:    style(lipgloss.NewStyle().Underline(true)),
		Cursor:   style(lipgloss.NewStyle().Reverse(true)),
		Key:      style(fore(p.key).Bold(true)),
		Good:     style(fore(p.good).Bold(true)),
		Bad:      style(fore(p.bad).Bold(true)),
		Warn:     style(fore(p.warn).Bold(true)),
		Info:     style(fore(p.info)),
		Changed:  style(fore(p.changed).Bold(true)),
		Measured: style(fore(p.measured)),
		Border:   style(muted),
		Glyphs:   g,
	}
}

// Verdict returns the style of a verdict.
func (t Theme) Verdict(v tuning.Verdict) Style {
	switch v {
	case tuning.VerdictOK, tuning.VerdictRetried:
		return t.Good
	case tuning.VerdictRace:
		return t.Bad
	case tuning.VerdictStale:
		return t.Warn
	case tuning.VerdictUnbounded, tuning.VerdictUnknown:
	}
	return t.Info
}

func fore(c string) lipgloss.Style {
	if c == "" {
		return lipgloss.NewStyle()
	}
	return lipgloss.NewStyle().Foreground(lipgloss.Color(c))
}
