package pane

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// verdictBlock is what never scrolls away, as many lines as h allows: a rule,
// limit, dead peer, time axis.
func verdictBlock(c *contract.Context, w, h int) []string {
	var limit, dead []string
	if w >= besideFrom {
		limit, dead = []string{LimitLine(c, w)}, []string{deadPeerLine(c, w)}
	} else {
		limit, dead = limitLines(c, w), deadPeerLines(c, w)
	}
	var out []string
	if h >= 12 {
		out = append(out, widget.Rule(graded(c), w, c.Theme))
	}
	out = append(out, limit...)
	if h >= 12 {
		out = append(out, dead...)
	}
	if h >= 14 {
		if line := outageLine(c, w); line != "" {
			out = append(out, line)
		}
		axis := axis(c, w)
		out = append(out, axis[0], axis[1])
	}
	return out[:min(len(out), h)]
}

// graded is the grade of the shown leg, and that of the path where it is another; where it
// is withheld, the key that says why.
func graded(c *contract.Context) string {
	leg, path := c.Report.LegGrade(c.Shown().Index), c.Report.PathGrade()
	switch {
	case leg.Grade == "":
		return "no grade: " + c.Keys.Key(keymap.ScopeGlobal, keymap.Screen2) + " says why"
	case path.Grade == "" || path.Grade == leg.Grade:
		return "grade " + string(leg.Grade)
	}
	return "grade " + string(leg.Grade) + ", path " + string(path.Grade)
}

// limitParts are the pieces of the limit line.
func limitParts(l *tuning.Limit) (limit, by, first, margin string) {
	limit = model.HumanSpan(l.Idle)
	by = string(l.Limiter.Ref.Endpoint) + " " + l.Limiter.Name
	switch {
	case !l.Reused:
		return "0 s", by + " is off", "nothing is reused", "no reuse"
	case l.Verdict == tuning.VerdictUnknown:
		return "?", by, "not known", "set or measure it"
	case l.Verdict == tuning.VerdictUnbounded:
		if l.Idle == model.Never {
			limit, by = "none", "no idle timer"
			if held := l.HeldBy(); held != "" {
				by = held
			}
		}
		return limit, by, "nobody surely closes", ""
	}
	first = "the " + string(l.First) + " closes first"
	switch {
	case l.HasMargin && l.Margin == 0:
		first = "both close together"
	case l.First != "" && l.First != l.Limiter.By: // the limit is the client's, which may also come later
		first = "the " + string(l.First) + " may be first"
	case l.First == tuning.ByMiddlebox && l.Verdict == tuning.VerdictStale:
		first = "the middlebox drops it first"
	case l.First == "":
		first = "nobody closes"
	}
	if l.HasMargin {
		margin = "margin " + model.HumanSpan(l.Margin)
	}
	return limit, by, first, margin
}

// LimitLine is the verdict on one line of w cells.
func LimitLine(c *contract.Context, w int) string {
	l := &c.Shown().Limit
	limit, by, first, margin := limitParts(l)
	word := contract.VerdictWord(l.Verdict)
	brief := briefly(first)
	long := contract.SystemName(systemOf(c, l)) + " " + strings.TrimPrefix(by, string(l.Limiter.Ref.Endpoint)+" ")
	if l.Limiter.Ref.Endpoint == "" || repeats(c, systemOf(c, l).ID) {
		long = by
	}
	fixed := widget.Width(" LIMIT " + limit + "  " + "   " + word + "  " + margin)
	middle := ""
	for _, m := range []string{long + "   " + first, by + "   " + first, by + "  " + strings.TrimPrefix(first, "the "), by + "  " + brief, by} {
		if middle = m; fixed+widget.Width(m) <= w {
			break
		}
	}
	return widget.Line(w, c.Theme.Glyphs.Ellipsis,
		widget.Fixed(" LIMIT "+limit+"  ", c.Theme.Title),
		widget.Part{Text: middle + "  ", Style: c.Theme.Plain},
		widget.Part{Text: " " + word, Style: c.Theme.Verdict(l.Verdict), Keep: true},
		widget.Fixed("  "+margin, c.Theme.Plain))
}

// systemOf is the system that a limit comes from.
func systemOf(c *contract.Context, l *tuning.Limit) *model.System {
	leg := c.Shown()
	if l.Limiter.Ref.Endpoint == leg.Server.Endpoint.ID {
		return leg.Server.System
	}
	for i := range leg.Boxes {
		if leg.Boxes[i].Endpoint.ID == l.Limiter.Ref.Endpoint {
			return leg.Boxes[i].System
		}
	}
	return leg.Client.System
}

// repeats says that several hops are of one system, so that only an endpoint's
// id tells which is meant.
func repeats(c *contract.Context, id model.SystemID) bool {
	n := 0
	for _, e := range c.Session.Document().Path.Endpoints {
		if e.System == id {
			n++
		}
	}
	return n > 1
}

func briefly(first string) string {
	return strings.Replace(strings.TrimPrefix(first, "the "), " closes first", " first", 1)
}

// ShortLimitLine is the verdict without who causes it.
func ShortLimitLine(c *contract.Context, w int) string { return limitLines(c, w)[0] }

// limitLines is the verdict on two lines, for narrow screens.
func limitLines(c *contract.Context, w int) []string {
	l := &c.Shown().Limit
	limit, by, first, margin := limitParts(l)
	word, brief := contract.VerdictWord(l.Verdict), briefly(first)
	return []string{
		widget.Line(w, c.Theme.Glyphs.Ellipsis,
			widget.Fixed(" LIMIT "+limit, c.Theme.Title),
			widget.Part{Text: "  " + word, Style: c.Theme.Verdict(l.Verdict), Keep: true}, widget.Fixed("  "+margin, c.Theme.Plain)),
		widget.Line(w, c.Theme.Glyphs.Ellipsis, widget.Elastic(" "+firstThatFits(w-1, by+", "+strings.TrimPrefix(first, "the "), by+", "+brief, by, l.Limiter.Name), c.Theme.Plain)),
	}
}

// endText is one end of a dead connection: when it is noticed at the latest.
// The question mark says that an application timer nobody knows of may be first.
func endText(e tuning.End, span func(tuning.End) string) string {
	text := span(e)
	if e.TimerNotKnown || !e.Known {
		text += "?"
	}
	return text
}

func shortEnd(e tuning.End) string { return contract.Short(e.High) }
func tightEnd(e tuning.End) string { return contract.Tight(e.High) }

func deadSide(name string, e tuning.EndStates, span func(tuning.End) string) string {
	return name + ": idle " + endText(e.Idle, span) + ", busy " + endText(e.InFlight, span)
}

// deadPeerLine is how long a dead peer goes unnoticed, on one line.
func deadPeerLine(c *contract.Context, w int) string {
	ends := c.Shown().Ends
	sep := " " + c.Theme.Glyphs.Vertical + " "
	text := func(span func(tuning.End) string) string {
		return "DEAD PEER  " + deadSide("client", ends.Client, span) + sep + deadSide("server", ends.Server, span)
	}
	tail := ""
	for _, e := range []tuning.End{ends.Client.Idle, ends.Client.InFlight, ends.Server.Idle, ends.Server.InFlight} {
		if e.TimerNotKnown || !e.Known {
			tail = "   ? an application timer may be first"
		}
	}
	line := firstThatFits(w-1, text(shortEnd)+tail, text(shortEnd), text(tightEnd))
	line = strings.TrimPrefix(line, "DEAD PEER")
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, widget.Fixed(" DEAD PEER", c.Theme.Title), widget.Elastic(line, c.Theme.Plain))
}

// deadPeerLines is the same on two lines.
func deadPeerLines(c *contract.Context, w int) []string {
	ends := c.Shown().Ends
	pick := func(name string, e tuning.EndStates) string {
		return firstThatFits(w-1, deadSide(name, e, shortEnd), deadSide(name, e, tightEnd))
	}
	mark := c.Theme.Glyphs.Ellipsis
	return []string{
		widget.Line(w, mark, widget.Elastic(" dead "+pick("client", ends.Client), c.Theme.Plain)),
		widget.Line(w, mark, widget.Elastic("      "+pick("server", ends.Server), c.Theme.Plain)),
	}
}

// axis is the picture of the limits: C when the client lets go, S when the
// server closes, M where a middlebox forgets, each numbered from the second
// on, L the limit.
func axis(c *contract.Context, w int) [2]string {
	l := &c.Shown().Limit
	var marks []widget.Mark
	for _, m := range []struct {
		by     tuning.By
		letter string
	}{{tuning.ByServer, "S"}, {tuning.ByClient, "C"}, {tuning.ByMiddlebox, "M"}} {
		var at []time.Duration
		for _, x := range l.All {
			if x.By == m.by && x.Known {
				at = append(at, x.Low)
			}
		}
		slices.Sort(at)
		at = slices.Compact(at)
		for i, d := range at[:min(len(at), 9)] {
			letter := m.letter
			if i > 0 {
				letter += strconv.Itoa(i + 1)
			}
			if i > 0 && d == model.Never {
				continue
			}
			marks = append(marks, widget.Mark{Letter: letter, At: d, Never: d == model.Never, Style: c.Theme.Title})
		}
	}
	if l.Verdict != tuning.VerdictUnknown && l.Idle != model.Never {
		marks = append(marks, widget.Mark{Letter: "L", At: l.Idle, Style: c.Theme.Verdict(l.Verdict)})
	}
	return widget.Axis(marks, w, c.Theme)
}
