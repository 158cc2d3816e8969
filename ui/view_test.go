package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/ui/theme"
)

var sizes = []struct{ w, h int }{{40, 12}, {80, 24}, {100, 30}, {120, 40}, {160, 45}}

func unicode(c *Config) { c.Theme = theme.New(theme.Default, theme.Unicode()) }

func ascii(*Config) {}

func TestFirstScreenGoldens(t *testing.T) {
	for _, size := range sizes {
		for name, set := range map[string]func(*Config){"ascii": ascii, "unicode": unicode} {
			t.Run(fmt.Sprintf("%dx%d-%s", size.w, size.h, name), func(t *testing.T) {
				d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", size.w, size.h, set)
				golden(t, fmt.Sprintf("tune-%dx%d-%s", size.w, size.h, name), d.screen())
			})
		}
	}
}

func TestScreenGoldens(t *testing.T) {
	for name, keys := range map[string][]string{
		"why": {"2"}, "test": {"t"}, "journal": {"+", "5"}, "help": {"?"}, "picker": {"c", "internet e"}, "versions": {"c", "ie", "Enter"},
		"editing": {"=", "18"}, "inspector": {"i"}, "entry": {"i", "o"}, "versions-changed": {"s", "nginx", "Enter"},
	} {
		t.Run(name, func(t *testing.T) {
			d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24, aimed)
			d.fake.events = fiveSeconds()
			golden(t, name+"-80x24", d.press(keys...).screen())
		})
	}
}

// Whatever the terminal's size, the screen is exactly as large.
func TestExactSize(t *testing.T) {
	states := [][]string{
		{},
		{"=", "18"},
		{"i"},
		{"2"},
		{"3"},
		{"t"},
		{"3", "="},
		{"t", "l"},
		{"t", "c"},
		{"t", "d"},
		{"t", "h"},
		{"t", "p", "j", "j", " "},
		{"t", "a"},
		{"+", "x"},
		{"x", "Enter"},
		{"+", "x", "p"},
		{"5"},
		{"?"},
		{"c"},
		{"c", "ie", "Enter"},
		{":"},
		{"/", "zzz"},
		{"+", "q"},
		{"w"},
		{"G"},
		{"6"},
		{"p"},
		{"p", "a"},
		{"f"},
		{","},
		{"i", "o"},
		{"c", "Ctrl+o"},
		{"s", "Enter", "Ctrl+o", "Tab", "Tab", "Right"},
	}
	desks := make([]*desk, 0, 2*len(states))
	for _, path := range []string{"ie@11 > apache", "chrome > nginx > haproxy > node@22"} {
		for _, keys := range states {
			d := sit(t, path, 80, 24, unicode)
			d.fake.events = allMeasured()
			desks = append(desks, d.press(keys...))
		}
	}
	lawcheck.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom(desks).Draw(t, "state")
		w, h := rapid.IntRange(0, 240).Draw(t, "w"), rapid.IntRange(0, 80).Draw(t, "h")
		m, _ := d.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
		exactly(t, m.View(), w, h)
	})
}

func exactly(t rapid.TB, s string, w, h int) {
	t.Helper()
	if w <= 0 || h <= 0 {
		if s != "" {
			t.Fatalf("%dx%d shows %q", w, h, s)
		}
		return
	}
	lines := strings.Split(s, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d has %d lines:\n%s", w, h, len(lines), s)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			t.Fatalf("%dx%d: line %d is %d wide: %q", w, h, i, n, l)
		}
	}
}

func TestTooSmall(t *testing.T) {
	d := sit(t, "ie@11 > apache", 39, 12)
	d.shows("keeptune needs 40 columns").press("+")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.shows("LIMIT 5 s")
}

// A key changes few lines, since every changed line is sent whole.
func TestEditChangesFewLines(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24, unicode)
	d.press("+")
	before := strings.Split(d.screen(), "\n")
	after := strings.Split(d.press("+").screen(), "\n")
	changed, bytes := 0, 0
	for i := range before {
		if before[i] != after[i] {
			changed++
			bytes += len(after[i]) + 4
		}
	}
	if changed > 8 || bytes > 1400 {
		t.Errorf("an edit changes %d lines, %d bytes", changed, bytes)
	}
}

// drawn measures a key and the frame after it, the two keys in turn.
func drawn(b *testing.B, d *desk, keys []tea.KeyMsg) {
	b.Helper()
	var m tea.Model = d.app
	n := 0
	for b.Loop() {
		m, _ = m.Update(keys[n%2])
		n++
		if len(m.View()) == 0 {
			b.Fatal("nothing is shown")
		}
	}
}

func BenchmarkFrame200x50(b *testing.B) {
	d := sit(b, "chrome > nginx > node@22", 200, 50, unicode)
	keys := []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("+")}, {Type: tea.KeyRunes, Runes: []rune("-")}}
	b.ReportAllocs()
	drawn(b, d, keys)
}

// A path of ten hops and its editor are drawn as fast.
func BenchmarkFrameOfTenHops200x50(b *testing.B) {
	d := sit(b, "chrome > aws-alb"+strings.Repeat(" > nginx@1.30.0", 7)+" > node@22", 200, 50, unicode)
	d.press("p")
	keys := []tea.KeyMsg{{Type: tea.KeyRight}, {Type: tea.KeyLeft}}
	drawn(b, d, keys)
}

// A letter typed into the list of systems, and taken back.
func BenchmarkPicker80x24(b *testing.B) {
	d := sit(b, "chrome > nginx > node@22", 80, 24, unicode)
	d.press("s", "server k8")
	keys := []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("s")}, {Type: tea.KeyBackspace}}
	drawn(b, d, keys)
}

var _ Effects = (*fake)(nil)
