package pane

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// A pathBar draws the whole path on one line: the shown leg with a double
// line, the focused end or the selected hop in brackets, and each leg's
// verdict on its arrow.
type pathBar struct {
	c     *contract.Context
	boxes map[int]*tuning.Row // by place
	legs  map[int]int         // place to the leg that goes on from there
	ends  map[int]bool        // places behind which a leg's last arrow goes
	focus int
	words bool // verdicts in words, not in letters
	drawn []hopAt
}

// A hopAt is where a hop stands in the text: cells from x up to but not with end.
type hopAt struct{ place, x, end int }

// pathLine is the path in w cells.
func (t *Tune) pathLine(c *contract.Context, w int) string {
	b := newPathBar(c, c.Side(t.server).Place)
	defer func() { t.hops = b.drawn }()
	if t.path != nil {
		t.path.stand(c, t.path.hop)
		b.focus = t.path.hop
	}
	leg := c.Shown()
	at, hint := "", "p path "
	if n := len(c.Report.Legs); n > 1 {
		at = fmt.Sprintf("leg %d of %d ", leg.Index+1, n)
	}
	if t.path != nil {
		hint = ""
	}
	rights := []string{"  " + at + " " + hint, "  " + at}
	for _, b.words = range []bool{true, false} {
		for _, right := range rights {
			if text, cut := b.text(w-1-widget.Width(right), t.path != nil); !cut {
				return b.line(text, right, w)
			}
		}
	}
	text, _ := b.text(w-1-widget.Width(rights[1]), t.path != nil)
	return b.line(text, rights[1], w)
}

func (b *pathBar) line(text, right string, w int) string {
	return widget.Line(w, b.c.Theme.Glyphs.Ellipsis, widget.Elastic(" "+text, b.c.Theme.Plain),
		widget.Part{Text: right, Style: b.c.Theme.Muted, Keep: true})
}

func newPathBar(c *contract.Context, focus int) *pathBar {
	b := &pathBar{c: c, boxes: map[int]*tuning.Row{}, legs: map[int]int{}, ends: map[int]bool{}, focus: focus}
	for i := range c.Report.Legs {
		l := &c.Report.Legs[i]
		b.ends[l.Server.Place-1] = true
		for place := l.Client.Place; place < l.Server.Place; place++ {
			b.legs[place] = i
		}
		for j := range l.Boxes {
			b.boxes[l.Boxes[j].Place] = l.Boxes[j].Row
		}
	}
	return b
}

// hop is the text of the endpoint at a place.
func (b *pathBar) hop(i int) string {
	text := model.Clean(string(b.c.Session.Document().Path.Endpoints[i].ID), 60)
	if row := b.boxes[i]; row != nil {
		text += " " + boxText(row)
	}
	if i == b.focus {
		return b.c.Theme.Focus.Render("[" + text + "]")
	}
	return text
}

func boxText(row *tuning.Row) string {
	if row.Value.Kind == model.Unknown {
		return "?"
	}
	return strings.ReplaceAll(contract.Value(row), " ", "")
}

// arrow is what stands between a place and the next. The last arrow of a leg
// bears its verdict, where the path has more than one leg.
func (b *pathBar) arrow(i int) string {
	g := b.c.Theme.Glyphs
	leg := &b.c.Report.Legs[b.legs[i]]
	shown := leg.Index == b.c.Shown().Index
	text := g.Arrow
	if shown {
		text = g.Active
	}
	if len(b.c.Report.Legs) < 2 || !b.ends[i] {
		return " " + text + " "
	}
	text = verdictArrow(leg.Limit.Verdict, shown, b.words, g)
	return " " + b.c.Theme.Verdict(leg.Limit.Verdict).Render(text) + " "
}

// verdictArrow is an arrow that bears a verdict: ─RACE─→, or short ─R→; OK and
// RETRIED, by which no request is lost, have no letter.
func verdictArrow(v tuning.Verdict, shown, words bool, g theme.Glyphs) string {
	text := g.Arrow
	if shown {
		text = g.Active
	}
	parts := []rune(text)
	word := contract.VerdictWord(v)
	switch {
	case v == tuning.VerdictUnknown:
		word = "?"
	case words:
		return string(parts[0]) + word + string(parts[1:])
	case v == tuning.VerdictOK, v == tuning.VerdictRetried:
		return text
	default:
		word = word[:1]
	}
	return string(parts[0]) + word + string(parts[2])
}

// text joins as many hops around the shown leg as w cells hold, and says how
// many more there are on either side. cut says that some do not fit.
func (b *pathBar) text(w int, editing bool) (text string, cut bool) {
	n := len(b.c.Session.Document().Path.Endpoints)
	leg := b.c.Shown()
	first, last := leg.Client.Place, leg.Server.Place
	if editing {
		first, last = b.focus, b.focus
	}
	g := b.c.Theme.Glyphs
	used := 0
	for i := first; i <= last; i++ {
		used += widget.Width(b.hop(i))
		if i < last {
			used += widget.Width(b.arrow(i))
		}
	}
	marks := func(from, to int) int {
		m := 0
		if from > 0 {
			m += widget.Width(more(g.Left, from, true))
		}
		if to < n-1 {
			m += widget.Width(more(g.Right, n-1-to, false))
		}
		return m
	}
	for grown := true; grown; {
		grown = false
		if last < n-1 {
			if add := widget.Width(b.hop(last+1)) + widget.Width(b.arrow(last)); used+add+marks(first, last+1) <= w {
				last, used, grown = last+1, used+add, true
			}
		}
		if first > 0 {
			if add := widget.Width(b.hop(first-1)) + widget.Width(b.arrow(first-1)); used+add+marks(first-1, last) <= w {
				first, used, grown = first-1, used+add, true
			}
		}
	}
	var sb strings.Builder
	b.drawn = nil
	if first > 0 {
		sb.WriteString(more(g.Left, first, true))
	}
	for i := first; i <= last; i++ {
		x := widget.Width(sb.String())
		sb.WriteString(b.hop(i))
		b.drawn = append(b.drawn, hopAt{i, x, widget.Width(sb.String())})
		if i < last {
			sb.WriteString(b.arrow(i))
		}
	}
	if last < n-1 {
		sb.WriteString(more(g.Right, n-1-last, false))
	}
	return sb.String(), first > 0 || last < n-1 || used > w
}

// more says how many hops are out of view: "←2 ", " 3→".
func more(sign string, n int, left bool) string {
	if left {
		return sign + strconv.Itoa(n) + " "
	}
	return " " + strconv.Itoa(n) + sign
}

// WorseLeg is a leg with a worse verdict than the shown one, nil where there is
// none.
func WorseLeg(c *contract.Context) *tuning.Leg {
	worst := &c.Report.Legs[c.Report.Gravest()]
	if worst.Limit.Verdict.Severity() <= c.Shown().Limit.Verdict.Severity() {
		return nil
	}
	return worst
}

// Worse names a leg that is worse than the shown one.
func Worse(l *tuning.Leg) string {
	return fmt.Sprintf("leg %d is worse: %s", l.Index+1, contract.VerdictWord(l.Limit.Verdict))
}
