package widget

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/ui/theme"
)

func TestMain(m *testing.M) {
	lipgloss.SetColorProfile(termenv.Ascii)
	m.Run()
}

var (
	wGen = rapid.IntRange(-3, 240)
	hGen = rapid.IntRange(-3, 80)
)

// textGen makes what a foreign server, a file or a careless caller may hand
// in: wide and joining characters, colours, broken escapes, control bytes.
func textGen() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.StringMatching(`[ -~]{0,30}`),
		rapid.String(),
		rapid.SampledFrom([]string{
			"\x1b[31mred\x1b[0m", "\x1b[", "\x1b]8;;http://x\x07", "\x1bP", "\x9b31m", "\r\n", "\n", "\t", "世界", "e\u0301", "\u200d", "👩‍👩‍👧", "⚠️",
			"\u0600", "\u202e", "🇩🇪", "─│┌", "\x00\x07\x08", "\xff\xfe", "keepalive_timeout 75s", "\u115f\u1160", "ก็", "\ufe0f", "\u2028",
		}),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 12), func(s []string) string { return strings.Join(s, "") })
}

// checkSize reports a block that is not exactly h lines of w cells or that
// holds anything a terminal would obey beside colours.
func checkSize(t *rapid.T, what, out string, w, h int) {
	t.Helper()
	if h <= 0 {
		if out != "" {
			t.Fatalf("%s: %q for height %d", what, out, h)
		}
		return
	}
	lines := strings.Split(out, "\n")
	if len(lines) != h {
		t.Fatalf("%s: %d lines, want %d", what, len(lines), h)
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got != max(0, w) {
			t.Fatalf("%s: line %d is %d cells, want %d: %q", what, i, got, w, l)
		}
		if plain := ansi.Strip(l); strings.ContainsFunc(plain, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }) {
			t.Fatalf("%s: line %d holds control characters: %q", what, i, l)
		}
	}
}

func themes(t *rapid.T) theme.Theme {
	return theme.New(theme.Default, theme.Set(rapid.Bool().Draw(t, "ascii")))
}

func TestExactSize(t *testing.T) {
	text, small := textGen(), rapid.IntRange(-5, 50)
	lawcheck.Check(t, func(t *rapid.T) {
		w, h, th := wGen.Draw(t, "w"), hGen.Draw(t, "h"), themes(t)
		s, name := text.Draw(t, "text"), text.Draw(t, "name")
		lines := strings.Split(s, "\n")
		checkSize(t, "Fit", Fit(s, w, h), w, h)
		checkSize(t, "FitLine", FitLine(s, w), w, 1)
		checkSize(t, "Box", Box(name, s, w, h, rapid.Bool().Draw(t, "focused"), th), w, h)
		checkSize(t, "Rule", Rule(name, w, th), w, 1)
		checkSize(t, "Stack", Stack(w, h, s, name), w, h)
		checkSize(t, "Paragraph", Paragraph(s, w, h, th.Glyphs), w, h)
		checkSize(t, "Window", Window(lines, small.Draw(t, "top"), w, h, th.Glyphs), w, h)
		checkSize(t, "Tabs", Tabs(lines, small.Draw(t, "active"), w, th), w, 1)
		checkSize(t, "Hints", Hints([]Hint{{Key: "?", Text: "help"}, {Key: name, Text: s}, {Key: "q", Text: "quit"}}, "?", w, th), w, 1)
		checkSize(t, "Field", NewField(s).View(w, th), w, 1)
		checkSize(t, "Line", Line(w, th.Glyphs.Ellipsis, Fixed(name, th.Title), Elastic(s, th.Plain), Fixed("end", th.Key)), w, 1)
		l := max(0, w) / 2
		r := max(0, w-1-l)
		if w > 0 {
			checkSize(t, "Columns", Columns(h, "|", Column{s, l}, Column{name, r}), w, h)
		}
	})
}

func TestExactSizeOfTables(t *testing.T) {
	cells := rapid.SliceOfN(textGen(), 0, 6)
	lawcheck.Check(t, func(t *rapid.T) {
		w, h := wGen.Draw(t, "w"), hGen.Draw(t, "h")
		tab := Table{Selected: rapid.IntRange(-2, 40).Draw(t, "selected"), Top: rapid.IntRange(-2, 40).Draw(t, "top")}
		for range rapid.IntRange(0, 6).Draw(t, "columns") {
			tab.Columns = append(tab.Columns, TableColumn{
				Title: textGen().Draw(t, "title"), Width: rapid.IntRange(-2, 40).Draw(t, "width"),
				Elastic: rapid.Bool().Draw(t, "elastic"), Right: rapid.Bool().Draw(t, "right"), Drop: rapid.IntRange(0, 3).Draw(t, "drop"),
			})
		}
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			tab.Rows = append(tab.Rows, cells.Draw(t, "cells"))
		}
		checkSize(t, "Table", tab.View(w, h, themes(t)), w, h)
	})
}

func TestExactSizeOfTheAxis(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		w, th := wGen.Draw(t, "w"), themes(t)
		var marks []Mark
		for _, l := range []string{"S", "C", "L", "世", "\x1b["} {
			if rapid.Bool().Draw(t, "has "+l) {
				marks = append(marks, Mark{Letter: l, At: time.Duration(rapid.Int64Range(-1, int64(400*time.Hour)).Draw(t, "at")), Never: rapid.Bool().Draw(t, "never")})
			}
		}
		out := Axis(marks, w, th)
		checkSize(t, "axis labels", out[0], w, 1)
		checkSize(t, "axis line", out[1], w, 1)
		for _, m := range marks {
			if m.Letter < "Z" && len(marks) <= w && w > 0 && m.Letter[0] >= 'A' && strings.Count(out[1], m.Letter) != 1 {
				t.Fatalf("mark %s is not there once: %q", m.Letter, out[1])
			}
		}
	})
}

// The short way of measuring agrees with x/ansi.
func TestWidthAgrees(t *testing.T) {
	text := textGen()
	lawcheck.Check(t, func(t *rapid.T) {
		s := tidy(firstLine(text.Draw(t, "text")))
		if got, want := Width(s), ansi.StringWidth(s); got != want {
			t.Fatalf("Width(%q) = %d, x/ansi says %d", s, got, want)
		}
	})
	for _, g := range []theme.Glyphs{theme.Unicode(), theme.ASCII()} {
		for _, s := range []string{g.Arrow, g.Active, g.Ellipsis, g.Cursor, g.Up, g.Bullet, g.LessEqual, g.Times, g.Dash} {
			if _, ok := simple(s); !ok {
				t.Errorf("glyph %q is not known to be narrow", s)
			}
			if Width(s) != ansi.StringWidth(s) {
				t.Errorf("glyph %q: %d cells, x/ansi says %d", s, Width(s), ansi.StringWidth(s))
			}
		}
	}
}

func TestScrollShowsTheSelected(t *testing.T) {
	g := theme.ASCII()
	lawcheck.Check(t, func(t *rapid.T) {
		n, h := rapid.IntRange(1, 60).Draw(t, "n"), rapid.IntRange(1, 30).Draw(t, "h")
		sel := rapid.IntRange(0, n-1).Draw(t, "sel")
		lines := make([]string, n)
		for i := range lines {
			lines[i] = "row"
		}
		lines[sel] = "HERE"
		top := Scroll(rapid.IntRange(-5, 80).Draw(t, "top"), sel, n, h)
		if out := Window(lines, top, 20, h, g); !strings.Contains(out, "HERE") {
			t.Fatalf("row %d of %d is not in view from %d:\n%s", sel, n, top, out)
		}
	})
}

func BenchmarkFit200x50(b *testing.B) {
	th := theme.New(theme.Default, theme.Unicode())
	line := th.Border.Render("│") + strings.Repeat("keepalive_timeout  75 s ", 8) + th.Good.Render("OK")
	text := strings.Repeat(line+"\n", 50)
	for b.Loop() {
		Fit(text, 200, 50)
	}
}
