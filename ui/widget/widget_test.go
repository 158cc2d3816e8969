package widget

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/ui/theme"
)

var ascii = theme.New(theme.Default, theme.ASCII())

func want(t *testing.T, got string, lines ...string) {
	t.Helper()
	if d := cmp.Diff(strings.Join(lines, "\n"), got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestAxisOfTheFirstScreen(t *testing.T) {
	out := Axis([]Mark{{Letter: "S", At: 5 * time.Second}, {Letter: "C", At: time.Minute}, {Letter: "L", At: 5 * time.Second}}, 78, ascii)
	want(t, out[0]+"\n"+out[1],
		"      1s   2s     5s  10s     30s   1m   2m     5m     15m  30m   1h   2h     ",
		"------|----|------SL---|-------|----C----|------|-------|----|----|----|------")
	for _, w := range []int{1, 2, 3, 10, 40, 78} {
		for _, l := range []string{"S", "C", "L"} {
			out := Axis([]Mark{{Letter: "S", At: 5 * time.Second}, {Letter: "C", At: time.Minute}, {Letter: "L", At: 5 * time.Second}}, w, ascii)
			if w >= 3 && strings.Count(out[1], l) != 1 {
				t.Errorf("w=%d: %s missing in %q", w, l, out[1])
			}
		}
	}
}

func TestAxisEnds(t *testing.T) {
	out := Axis([]Mark{{Letter: "S"}, {Letter: "C", Never: true}}, 40, ascii)
	if !strings.HasPrefix(out[0], "0 ") || !strings.HasSuffix(out[0], " never") {
		t.Errorf("labels %q", out[0])
	}
	if out[1][0] != 'S' || out[1][39] != 'C' {
		t.Errorf("line %q", out[1])
	}
	out = Axis([]Mark{{Letter: "S", At: time.Millisecond}, {Letter: "C", At: 48 * time.Hour}}, 40, ascii)
	if !strings.HasPrefix(out[1], "<S-") || !strings.HasSuffix(out[1], "-C>") {
		t.Errorf("off the range: %q", out[1])
	}
}

func TestBox(t *testing.T) {
	want(t, Box("CLIENT", "curl\nlinux 6.1 and more", 14, 4, true, ascii),
		"+- > CLIENT --+"[:14-1]+"+",
		"|curl        |",
		"|linux 6.1 an|",
		"+------------+")
}

func TestLineCutsTheElasticPartOnly(t *testing.T) {
	p := ascii.Plain
	want(t, Line(20, "~", Fixed("LIMIT ", p), Elastic("apache KeepAliveTimeout", p), Fixed(" RACE", p)), "LIMIT apache K~ RACE")
	want(t, Line(20, "~", Fixed("a", p), Elastic("b", p), Fixed("c", p)), "ab                 c")
	want(t, Line(12, "~", Fixed("a", p), Part{Text: "b", Elastic: true, Right: true}, Fixed("c", p)), "a         bc")
	want(t, Line(6, "~", Part{Text: "keep", Keep: true}, Fixed("dropped", p), Elastic("e", p)), "keepe ")
}

func TestWindowMarks(t *testing.T) {
	lines := strings.Split("a b c d e f g h", " ")
	want(t, Window(lines, 2, 8, 4, ascii.Glyphs), "^ 3 more", "d       ", "e       ", "v 3 more")
	want(t, Window(lines, 0, 8, 2, ascii.Glyphs), "a       ", "b       ")
}

func TestParagraph(t *testing.T) {
	want(t, Paragraph("the server closes before its pooling client", 16, 2, ascii.Glyphs), "the server      ", "closes before   "[:13]+"~  ")
	want(t, strings.Join(Wrap("one two\nthree", 5), "|"), "one|two|three")
}

func TestTableDropsTheLeastImportant(t *testing.T) {
	tab := Table{
		Columns: []TableColumn{
			{Title: "id", Width: 6, Elastic: true},
			{Title: "value", Width: 5, Right: true},
			{Title: "origin", Width: 8, Drop: 2},
			{Title: "seen", Width: 4, Drop: 1},
		},
		Rows:     [][]string{{"nginx.keepalive_timeout", "75 s", "default", "now"}, {"short"}},
		Selected: 1,
	}
	want(t, tab.View(26, 5, ascii),
		"  id            value seen",
		"                        +1",
		"  nginx.keepali  75 s now ",
		"  ve_timeout              ",
		"> short                   ")
	// A row is in view with all its lines, and each of them is its.
	tab.Selected, tab.Top = 0, 2
	if at := tab.Scroll(26, 5, ascii); !slices.Equal(at, []int{-1, -1, 0, 0, 1}) || tab.Top != 0 {
		t.Errorf("lines of rows %v from line %d", at, tab.Top)
	}
}

func press(s string) tea.KeyMsg {
	switch s {
	case "left":
		return tea.KeyMsg{Type: tea.KeyLeft}
	case "home":
		return tea.KeyMsg{Type: tea.KeyHome}
	case "backspace":
		return tea.KeyMsg{Type: tea.KeyBackspace}
	case "ctrl+u":
		return tea.KeyMsg{Type: tea.KeyCtrlU}
	case "ctrl+w":
		return tea.KeyMsg{Type: tea.KeyCtrlW}
	case "enter":
		return tea.KeyMsg{Type: tea.KeyEnter}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)}
}

func TestFieldEdits(t *testing.T) {
	f := NewField("60s")
	for _, k := range []string{"backspace", "m", "left", "left", "1", "home", "2"} {
		if !f.Update(press(k)) {
			t.Errorf("%s is not used", k)
		}
	}
	if f.Value() != "2610m" {
		t.Errorf("value %q", f.Value())
	}
	want(t, f.View(8, ascii), "2_610m  ")
	if f.Update(press("enter")) {
		t.Error("enter belongs to whoever opened the field")
	}
	f.Update(press("ctrl+u"))
	if !f.Empty() || f.Update(press("backspace")) {
		t.Error("backspace in an empty field must be left to the caller")
	}
	f.Set("one two")
	f.Update(press("ctrl+w"))
	if f.Value() != "one " {
		t.Errorf("after ctrl+w: %q", f.Value())
	}
}

func TestFieldPaste(t *testing.T) {
	f := &Field{}
	f.Update(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("\r\na\x1b[31mb\u202e\x07 c\nsecond")})
	if f.Value() != "ab c" {
		t.Errorf("pasted %q", f.Value())
	}
	f = &Field{Limit: 3}
	f.Update(press("12345"))
	if f.Value() != "123" {
		t.Errorf("limited to %q", f.Value())
	}
	long := NewField(strings.Repeat("x", 50))
	want(t, long.View(10, ascii), "<xxxxxxx_ ")
}

func TestTabsAndHints(t *testing.T) {
	want(t, Tabs([]string{"tune", "findings", "test"}, 0, 30, ascii), "[1 tune] 2 findings  3 test   ")
	hints := []Hint{{"Enter", "edit"}, {"+", "more"}, {"?", "help"}}
	want(t, Hints(hints, "?", 30, ascii), "Enter edit  + more  ? help    ")
	want(t, Hints(hints, "?", 20, ascii), "Enter edit  ? help  ")
}

func TestFold(t *testing.T) {
	for _, x := range []struct {
		line string
		w    int
		want []string
	}{
		{"# short", 10, []string{"# short"}},
		{"# one two three", 10, []string{"# one two", "#   three"}},
		{"    keep 10 two;", 12, []string{"    keep 10", "      two;"}},
		{"// one two", 8, []string{"// one", "//   two"}},
		{"; one two", 8, []string{"; one", ";   two"}},
		{"# abcdefghijkl", 8, []string{"# abcdef", "#   ghij", "#   kl"}},
		{"# k: abcdefghijkl", 8, []string{"# k:", "#   abcd", "#   efgh", "#   ijkl"}},
		{"", 8, []string{""}},
		{"####", 2, []string{"##", "##"}},
	} {
		if got := Fold(x.line, x.w); !slices.Equal(got, x.want) {
			t.Errorf("%q in %d: %q, want %q", x.line, x.w, got, x.want)
		}
	}
}

// Of what is too long both ends are left, in exactly the room there is.
func TestMiddle(t *testing.T) {
	for _, x := range []struct {
		text string
		w    int
		want string
	}{
		{"shop-eu-west-3.example", 22, "shop-eu-west-3.example"},
		{"shop-eu-west-3.example", 21, "shop-eu-we~t-3.example"[:10] + "~" + "-3.example"},
		{"shop-eu-west-3.example", 3, "s~e"},
		{"shop-eu-west-3.example", 2, "s~"},
		{"shop-eu-west-3.example", 0, ""},
		{"漢字漢字漢字", 7, "漢~字"},
		{"漢字漢字漢字", 8, "漢字~字"},
		{"漢字漢字漢字", 9, "漢字~漢字"},
		{"", 5, ""},
	} {
		if got := Middle(x.text, x.w, "~"); got != x.want || Width(got) > x.w {
			t.Errorf("Middle(%q, %d) = %q, want %q", x.text, x.w, got, x.want)
		}
	}
}

// A number keeps its sign, and a flag its hyphens; other words break behind theirs.
func TestWrapKeepsSigns(t *testing.T) {
	for text, want := range map[string]string{
		"margin -225 s":           "margin|-225 s",
		"or --theme":              "or --theme",
		"set by --theme":          "set by|--theme",
		"a keep-alive connection": "a keep-|alive|connection",
		"now - then":              "now - then",
	} {
		if got := strings.Join(Wrap(text, 10), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
