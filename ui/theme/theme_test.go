package theme

import (
	"reflect"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"example.com/keeptune/tuning"
)

func TestGlyphWidths(t *testing.T) {
	wide := map[string]bool{"Arrow": true, "Active": true, "LessEqual": true, "GreaterEqual": true}
	for _, g := range []Glyphs{Unicode(), ASCII()} {
		v := reflect.ValueOf(g)
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Field(i).Kind() != reflect.String {
				continue
			}
			s := v.Field(i).String()
			if w := ansi.StringWidth(s); w < 1 || w > 1 && !wide[name] {
				t.Errorf("ascii=%v: %s = %q is %d cells wide", g.ASCII, name, s, w)
			}
			for _, r := range s {
				if g.ASCII && (r < 0x20 || r > 0x7e) {
					t.Errorf("%s = %q is not ASCII", name, s)
				}
			}
		}
		if ansi.StringWidth(g.Arrow) != ansi.StringWidth(g.Active) {
			t.Errorf("arrows %q and %q differ in width", g.Arrow, g.Active)
		}
	}
	if !Set(true).ASCII || Set(false).ASCII {
		t.Error("Set chooses the wrong set")
	}
}

func TestParseMode(t *testing.T) {
	for in, want := range map[string]Mode{"": Default, "default": Default, "light": Light, "dark": Dark} {
		if got, err := ParseMode(in); err != nil || got != want {
			t.Errorf("ParseMode(%q) = %v, %v", in, got, err)
		}
	}
	if _, err := ParseMode("solarized"); err == nil {
		t.Error("an unknown theme is accepted")
	}
}

func TestOnlyTheSixteenColours(t *testing.T) {
	lipgloss.SetColorProfile(termenv.ANSI)
	defer lipgloss.SetColorProfile(termenv.Ascii)
	for m := range palettes {
		th := New(m, ASCII())
		for _, s := range []Style{th.Good, th.Bad, th.Warn, th.Muted, th.Focus, th.Selected} {
			if got := s.Render("x"); got == "x" {
				t.Errorf("%s: a meaning has no style at all", m)
			}
		}
		if th.Good.Render("x") == th.Bad.Render("x") || th.Bad.Render("x") == th.Warn.Render("x") {
			t.Errorf("%s: good, bad and warn look alike", m)
		}
		for _, v := range []tuning.Verdict{tuning.VerdictOK, tuning.VerdictRace, tuning.VerdictStale, tuning.VerdictUnknown} {
			if word := string(v); ansi.Strip(th.Verdict(v).Render(word)) != word {
				t.Errorf("%s: verdict %s lost its word", m, word)
			}
		}
	}
}
