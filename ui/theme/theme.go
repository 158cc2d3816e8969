// Package theme names the looks of keeptune by meaning: styles over the
// terminal's own sixteen colours and two sets of narrow glyphs.
//
// A style is never the only carrier of a meaning: under
// NO_COLOR and on a dumb terminal lipgloss drops every attribute, so whoever
// draws focus, selection, severity or change draws a word or a glyph as well.
package theme

import (
	"fmt"

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

// A Theme is one style for each meaning, and the glyphs to draw with.
type Theme struct {
	Plain    lipgloss.Style // ordinary text
	Title    lipgloss.Style // names of screens, panes and columns
	Muted    lipgloss.Style // what may be overlooked: defaults, units, rules
	Focus    lipgloss.Style // the focused pane's title and frame
	Selected lipgloss.Style // the selected row, beside Glyphs.Selected
	Field    lipgloss.Style // text in an open field
	Cursor   lipgloss.Style // the cell under the cursor of an open field
	Key      lipgloss.Style // a key's name in footer and help
	Good     lipgloss.Style // OK
	Bad      lipgloss.Style // RACE, errors
	Warn     lipgloss.Style // STALE, warnings
	Info     lipgloss.Style // ?, advice, running
	Changed  lipgloss.Style // a value changed here, beside Glyphs.Changed
	Measured lipgloss.Style // a value seen in a live test
	Border   lipgloss.Style // frames and rules

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

// New returns the theme of a mode drawn with the glyphs g. An unknown mode
// counts as Default.
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
		Plain:    lipgloss.NewStyle(),
		Title:    lipgloss.NewStyle().Bold(true),
		Muted:    muted,
		Focus:    fore(p.focus).Bold(true),
		Selected: lipgloss.NewStyle().Reverse(true),
		Field:    lipgloss.NewStyle().Underline(true),
		Cursor:   lipgloss.NewStyle().Reverse(true),
		Key:      fore(p.key).Bold(true),
		Good:     fore(p.good).Bold(true),
		Bad:      fore(p.bad).Bold(true),
		Warn:     fore(p.warn).Bold(true),
		Info:     fore(p.info),
		Changed:  fore(p.changed).Bold(true),
		Measured: fore(p.measured),
		Border:   muted,
		Glyphs:   g,
	}
}

// Verdict returns the style of a verdict.
func (t Theme) Verdict(v tuning.Verdict) lipgloss.Style {
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
