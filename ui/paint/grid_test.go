package paint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hinshun/vt10x"
	"pgregory.net/rapid"
)

// A pen is made of any other by what become sends, and no longer than from the start.
func TestPen(t *testing.T) {
	pens := rapid.Custom(func(t *rapid.T) pen {
		colours := rapid.SampledFrom([]colour{0, 1, 7, 8, 9, 16, 17, 256, direct, direct | 0x0a0b0c, direct | 0xffffff})
		return pen{fg: colours.Draw(t, "fg"), bg: colours.Draw(t, "bg"), attrs: rapid.Uint8().Draw(t, "attrs")}
	})
	rapid.Check(t, func(t *rapid.T) {
		from, to := pens.Draw(t, "from"), pens.Draw(t, "to")
		sent := string(to.become(nil, from))
		got := from
		if sent != "" {
			got.take(strings.TrimSuffix(strings.TrimPrefix(sent, "\x1b["), "m"))
		}
		if got != to || (sent == "") != (from == to) {
			t.Fatalf("%+v with %q is %+v, want %+v", from, sent, got, to)
		}
		if anew := "\x1b[0;" + strings.TrimPrefix(string(to.become(nil, pen{})), "\x1b["); len(sent) > len(anew) {
			t.Fatalf("%q is longer than %q", sent, anew)
		}
	})
}

func TestPenReadsSGR(t *testing.T) {
	for params, want := range map[string]pen{
		"":                    {},
		"1;31":                {fg: 2, attrs: bold},
		"1;2;22;3":            {attrs: italic},
		"7;94;103":            {fg: 13, bg: 12, attrs: reverse},
		"38;5;196;48;5;0":     {fg: 197, bg: 1},
		"38;2;1;2;3;4":        {fg: direct | 0x010203, attrs: underline},
		"31;0":                {},
		"31;":                 {},
		"4:3;1":               {attrs: underline | bold},
		"35;39;45;49;9;29;28": {},
		"99999999999999999;2": {attrs: faint},
	} {
		var got pen
		if got.take(params); got != want {
			t.Errorf("%q is %+v, want %+v", params, got, want)
		}
	}
}

// The first sixteen colours have numbers of their own, and what is switched off has one too.
func TestPenSendsTheShortest(t *testing.T) {
	for want, p := range map[string]pen{
		"\x1b[37m":                         {fg: 8},
		"\x1b[90m":                         {fg: 9},
		"\x1b[97m":                         {fg: 16},
		"\x1b[38;5;16m":                    {fg: 17},
		"\x1b[107m":                        {bg: 16},
		"\x1b[48;5;255m":                   {bg: 256},
		"\x1b[1;2;3;4;5;7;8;9;38;2;1;2;3m": {fg: direct | 0x010203, attrs: 0xff},
	} {
		if got := string(p.become(nil, pen{})); got != want {
			t.Errorf("%+v sends %q, want %q", p, got, want)
		}
	}
	for want, c := range map[string][2]pen{
		"\x1b[22m":    {{fg: 2}, {fg: 2, attrs: bold}},
		"\x1b[22;2m":  {{fg: 2, bg: 3, attrs: faint}, {fg: 2, bg: 3, attrs: bold}},
		"\x1b[39m":    {{attrs: blink}, {fg: 200, attrs: blink}},
		"\x1b[0;4m":   {{attrs: underline}, {fg: 200, attrs: bold | italic | reverse}},
		"\x1b[m":      {{}, {fg: 1, attrs: bold}},
		"\x1b[24;25m": {{attrs: 0xff &^ (underline | blink)}, {attrs: 0xff}},
	} {
		if got := string(c[0].become(nil, c[1])); got != want {
			t.Errorf("%+v to %+v sends %q, want %q", c[1], c[0], got, want)
		}
	}
}

// shows is a terminal with everything it was sent.
func shows(w, h int, sent ...string) vt10x.Terminal {
	vt := vt10x.New(vt10x.WithSize(w, h))
	for _, s := range sent {
		_, _ = vt.Write([]byte(s))
	}
	return vt
}

// cells are what a terminal shows, with colours and attributes.
func cells(vt vt10x.Terminal) string {
	var sb strings.Builder
	w, h := vt.Size()
	for y := range h {
		for x := range w {
			c := vt.Cell(x, y)
			if c.Char == 0 {
				c.Char = ' '
			}
			fmt.Fprintf(&sb, "%c/%d/%x/%x ", c.Char, c.Mode, c.FG, c.BG)
		}
		sb.WriteByte('\n')
	}
	return sb.String()
}

// Whatever is shown after whatever, the terminal has the cells that it would have
// if the whole of it were sent to a fresh one; and the second time nothing is sent.
func TestGridShowsTheView(t *testing.T) {
	const most = 14
	part := rapid.SampledFrom([]string{
		"", "a", "bc", " ", "     ", "─", "│x", "→", "\x1b[1m", "\x1b[7;31m", "\x1b[m", "\x1b[94;43m", "\x1b[4m", "\x1b[0m", "\x1b[22m", "\x1b[38;5;200m",
	})
	line := rapid.Custom(func(t *rapid.T) string {
		return "\x1b[m" + strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "parts"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, most).Draw(t, "w"), rapid.IntRange(1, 5).Draw(t, "h")
		var g grid
		g.resize(w, h)
		vt := shows(w, h, strings.Repeat("rubbish", 9)) // what stands there is not known
		lines := make([]string, h)
		for range rapid.IntRange(1, 5).Draw(t, "views") {
			for y := range lines {
				if rapid.Bool().Draw(t, "new") {
					lines[y] = line.Draw(t, "line")
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "forgets") == 0 {
				g.forget()
				_, _ = vt.Write([]byte("\x1b[2J"))
			}
			view := strings.Join(lines, "\n")
			_, _ = vt.Write(g.draw(view))
			var sent []string
			for y, l := range lines {
				sent = append(sent, fmt.Sprintf("\x1b[%dH", y+1), cutTo(l, w))
			}
			if got, want := cells(vt), cells(shows(w, h, sent...)); got != want {
				t.Fatalf("%q at %d by %d shows\n%s\nwant\n%s", view, w, h, got, want)
			}
			if again := g.draw(view); again != nil {
				t.Fatalf("the same view once more sends %q", again)
			}
		}
	})
}

// cutTo cuts a line with SGR to w characters.
func cutTo(l string, w int) string {
	var sb strings.Builder
	in := false
	for _, r := range l {
		switch {
		case r == '\x1b':
			in = true
		case in && r == 'm':
			in = false
		case in:
		case w == 0:
			continue
		default:
			w--
		}
		sb.WriteRune(r)
	}
	return sb.String()
}

// What is sent for a change, to the byte.
func TestGridSendsTheDifference(t *testing.T) {
	for name, tt := range map[string]struct{ before, after, want string }{
		"nothing":             {"abc", "abc", ""},
		"one cell":            {"abcdefghi\nx", "abcdefghi\ny", "\x1b[2Hy"},
		"in the middle":       {"limit 5 s", "limit 7 s", "\x1b[1;7H7"},
		"two near":            {"a-b-c", "A-b-C", "\x1b[HA-b-C"},
		"two apart":           {"a------c", "A------C", "\x1b[HA\x1b[6CC"},
		"two just near":       {"a----c", "A----C", "\x1b[HA----C"},
		"two just apart":      {"a-----c", "A-----C", "\x1b[HA\x1b[5CC"},
		"near, but wider":     {"a──c", "A──C", "\x1b[HA\x1b[2CC"},
		"next but one":        {"a─c", "A─C", "\x1b[HA─C"},
		"near, but in bold":   {"a\x1b[1m-\x1b[mc", "A\x1b[1m-\x1b[mC", "\x1b[HA\x1b[CC"},
		"two rows":            {"a\nb", "c\nd", "\x1b[Hc\r\nd"},
		"two rows, not next":  {"a\n\nb", "c\n\nd", "\x1b[Hc\x1b[3Hd"},
		"the last cell":       {"123456789a", "123456789b", "\x1b[1;10Hb"},
		"behind the last":     {"123456789a\nx", "123456789b\ny", "\x1b[1;10Hb\r\ny"},
		"shorter":             {"123456789", "123", "\x1b[1;4H\x1b[K"},
		"a little shorter":    {"1234", "123", "\x1b[1;4H "},
		"three shorter":       {"1234567", "1234", "\x1b[1;5H   "},
		"four shorter":        {"12345678", "1234", "\x1b[1;5H\x1b[K"},
		"shorter in colour":   {"12345678", "123\x1b[7m4\x1b[m", "\x1b[1;4H\x1b[7m4\x1b[m\x1b[K"},
		"blank in colour":     {"12345678", "1234\x1b[7m    \x1b[m", "\x1b[1;5H\x1b[7m    \x1b[m"},
		"a word in colour":    {"ok", "\x1b[1;31mno\x1b[m", "\x1b[H\x1b[1;31mno\x1b[m"},
		"colour ends":         {"\x1b[1;31mab\x1b[m", "\x1b[1;31ma\x1b[mb", "\x1b[1;2Hb"},
		"the same, otherwise": {"\x1b[1mab\x1b[m", "\x1b[1ma\x1b[0m\x1b[1mb\x1b[0m", ""},
		"an escape":           {"abc", "a\x1b[5;5Hb\x1b]0;title\ac", ""},
		"not quite SGR":       {"\x1b[1mabc", "\x1b[1ma\x1b[>4;2mb\x1b[?5mc", ""},
		"too many lines":      {"a", "a\n\n\nlost", ""},
		"too wide":            {"123456789a", "123456789abc", ""},
		"a wide one":          {"ab", "a世b", "\x1b[Ha世\x1b[1;4Hb\x1b[K"},
		"a wide one changes":  {"世b    x", "界b    x", "\x1b[H界\x1b[1;3Hb    x  "},
		"a wide one goes":     {"世b", "abb", "\x1b[Habb\x1b[K"},
		"no room for half":    {"123456789", "123456789世", ""},
		"joins a wide one":    {"世b", "世\u0301b", "\x1b[H世\u0301\x1b[1;3Hb\x1b[K"},
		"joins nothing":       {"b", "\u0301b", ""},
		"a joined one":        {"ab", "e\u0301b", "\x1b[He\u0301\x1b[1;2Hb\x1b[K"},
	} {
		t.Run(name, func(t *testing.T) {
			var g grid
			g.resize(10, 3)
			g.draw(tt.before)
			if got := string(g.draw(tt.after)); got != tt.want {
				t.Errorf("sends %q, want %q", got, tt.want)
			}
		})
	}
}

// A frame is held together, and nothing around it is sent where it is empty.
func TestGridFrames(t *testing.T) {
	g := grid{begin: syncOn, end: syncOff}
	g.resize(4, 1)
	if got := string(g.draw("ab")); got != "\x1b[?2026h\x1b[Hab  \x1b[?2026l" {
		t.Errorf("sends %q", got)
	}
	if got := g.draw("ab"); got != nil {
		t.Errorf("the same again sends %q", got)
	}
	g.resize(0, 0)
	if got := g.draw("ab"); got != nil {
		t.Errorf("to no screen it sends %q", got)
	}
	g.resize(-1, 3)
	if got := g.draw("ab"); got != nil {
		t.Errorf("to no columns it sends %q", got)
	}
}

func BenchmarkDraw200x50(b *testing.B) {
	for name, lines := range map[string]int{"one": 1, "all": 50} {
		b.Run(name, func(b *testing.B) {
			row := strings.Repeat("\x1b[1;31mRACE\x1b[m │ keepalive ─── ", 11)
			var views [2]string
			for i := range views {
				for y := range 50 {
					n := 0
					if y < lines {
						n = i
					}
					views[i] += fmt.Sprintf("%d%s\n", n, row)
				}
			}
			var g grid
			g.resize(200, 50)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				g.draw(views[i%2])
			}
		})
	}
}
