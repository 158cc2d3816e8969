package tracepage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// barSigns are what closes of the server and of clients are drawn with.
func barSigns(g theme.Glyphs) (server, client string) {
	if g.ASCII {
		return "#", "o"
	}
	return "█", "░"
}

// label is the room for a number at the left of a histogram.
const label = 6

// marks are the times that belong on the axis: configured, or measured before where that is
// not known; advertised, measured.
func marks(s *trace.Server, held []seen.Held) (on []widget.Mark, legend []string) {
	add := func(letter, name string, at time.Duration) {
		on = append(on, widget.Mark{Letter: letter, At: at, Never: at == model.Never})
		legend = append(legend, fmt.Sprintf("%s %s %s", letter, name, model.HumanSpan(at)))
	}
	for _, h := range held {
		switch {
		case h.Side != trace.TheServer:
		case h.Measured:
			add("B", "measured before", h.Low.Round(time.Millisecond))
		default:
			add("C", "configured", h.Low)
		}
	}
	if s.Hint.N > 0 {
		add("A", "advertised", s.Hint.Low)
	}
	if c := seen.Closed(s, trace.TheServer); c != nil {
		add("M", "measured", c.Low.Round(time.Millisecond))
	}
	return on, legend
}

// Histogram draws the silences after which idle connections of a server were closed, on the
// time axis of the first screen, in lines of w cells of which rows are bars; none where none
// was closed.
func Histogram(s *trace.Server, held []seen.Held, w, rows int, th theme.Theme) []string {
	cols := w - label
	server, client := &s.Sides[trace.TheServer].Silences, &s.Sides[trace.Client].Silences
	if server.N+client.N == 0 || cols < 12 || rows < 1 {
		return nil
	}
	counts := make([][2]int, cols)
	most := 0
	for side, of := range [...]*trace.Spans{server, client} {
		for _, b := range of.Bars() {
			at := &counts[min(cols-1, widget.AxisCell(b.Low, cols))]
			at[side] += b.N
			most = max(most, at[0]+at[1])
		}
	}
	own, others := barSigns(th.Glyphs)
	title := fmt.Sprintf("%s server %d  %s clients %d", own, server.N, others, client.N)
	if long := "SILENCE, ENDED BY  " + title; len(long) <= w {
		title = long
	}
	lines := []string{title}
	for row := range rows {
		var sb strings.Builder
		if row == 0 {
			fmt.Fprintf(&sb, "%*d%s", label-1, most, th.Glyphs.Vertical)
		} else {
			sb.WriteString(strings.Repeat(" ", label-1) + th.Glyphs.Vertical)
		}
		level := rows - row // of a bar, from 1; each that is not empty has one
		for _, n := range counts {
			all := (n[0] + n[1]) * rows
			switch height := (all + most - 1) / most; {
			case level > height:
				sb.WriteString(" ")
			case level <= (n[0]*rows+most-1)/most:
				sb.WriteString(own)
			default:
				sb.WriteString(others)
			}
		}
		lines = append(lines, strings.TrimRight(sb.String(), " "))
	}
	on, legend := marks(s, held)
	axis := widget.Axis(on, cols, th)
	pad := strings.Repeat(" ", label)
	lines = append(lines, strings.Repeat(" ", label-1)+th.Glyphs.BottomLeft+axis[1], pad+axis[0])
	line := ""
	for _, x := range legend {
		if line != "" && widget.Width(pad+line+"   "+x) > w {
			lines, line = append(lines, pad+line), ""
		}
		if line != "" {
			line += "   "
		}
		line += x
	}
	if line != "" {
		lines = append(lines, widget.Cut(pad+line, w, th.Glyphs.Ellipsis))
	}
	return lines
}

// Closes is a table of how connections of a server ended, by side and kind, in lines.
func Closes(s *trace.Server) []string {
	var lines []string
	for _, k := range trace.Kinds() {
		n, m := &s.Sides[trace.TheServer], &s.Sides[trace.Client]
		if n.Closed[k]+m.Closed[k] == 0 {
			continue
		}
		reset := ""
		if r := n.Reset[k] + m.Reset[k]; r > 0 {
			reset = fmt.Sprintf("  %d by reset", r)
		}
		lines = append(lines, fmt.Sprintf("  %-14s %7d %7d%s", words[k], n.Closed[k], m.Closed[k], reset))
	}
	if len(lines) > 0 {
		lines = append([]string{fmt.Sprintf("%-16s %7s %7s", "CLOSED BY", "server", "client")}, lines...)
	}
	return lines
}

// words are the kinds of a close, to be read in at most 14 letters.
var words = map[trace.Kind]string{
	trace.Open: "open", trace.Idle: "idle", trace.AfterAnswer: "after answer", trace.BeforeRequest: "before request", trace.Waiting: "unanswered",
	trace.Switched: "switched", trace.GaveUp: "peer dead", trace.Foreign: "foreign reset", trace.MetReset: "forgotten", trace.Unsure: "unsure",
}

// About is all that is shown of one server: its closes drawn and counted, and what follows.
func About(s *trace.Server, held []seen.Held, o Options, th theme.Theme) []string {
	p := &page{o: o}
	p.text("", "", Of(s)+".")
	for i := range held {
		p.text("", "  ", held[i].String()+".")
	}
	if chart := Histogram(s, held, o.Width, 5, th); chart != nil {
		p.add("")
		p.add(chart...)
	}
	if closes := Closes(s); len(closes) > 0 {
		p.add("")
		p.add(closes...)
	}
	p.add("")
	p.conclusions(s)
	return p.lines
}

// Ends says in a few words how a connection ended.
func Ends(c *trace.Connection) string {
	if c.Kind == trace.Open {
		return "open"
	}
	word := words[c.Kind]
	if c.Known {
		word = c.By.String() + ", " + word
	}
	if c.Reset && c.Kind != trace.Foreign {
		word += ", RST"
	}
	return word
}

// Trouble says in a few words what went wrong on a connection, "" for nothing.
func Trouble(c *trace.Connection) string {
	var all []string
	add := func(n int, one, more string) {
		switch {
		case n == 1:
			all = append(all, one)
		case n > 1:
			all = append(all, fmt.Sprintf("%d %s", n, more))
		}
	}
	if c.Raced {
		all = append(all, "RACE")
	}
	add(c.Probes[0]+c.Probes[1], "1 probe", "probes")
	add(c.Retransmitted[0]+c.Retransmitted[1], "1 again", "again")
	add(c.ZeroWindows[0]+c.ZeroWindows[1], "window 0", "x window 0")
	return strings.Join(all, ", ")
}

// Orders are the ways in which connections can be sorted.
var Orders = []string{"by time", "what went wrong first", "the longest silence first"}

// Sorted are connections in an order of Orders.
func Sorted(all []trace.Connection, order int) []trace.Connection {
	out := slices.Clone(all)
	switch order {
	case 1:
		slices.SortStableFunc(out, func(a, b trace.Connection) int { return cmp.Compare(bad(&b), bad(&a)) })
	case 2:
		slices.SortStableFunc(out, func(a, b trace.Connection) int { return cmp.Compare(b.Silence, a.Silence) })
	}
	return out
}

// bad is how much went wrong.
func bad(c *trace.Connection) int {
	switch {
	case c.Raced:
		return 3
	case c.Wrong():
		return 2
	case Trouble(c) != "":
		return 1
	}
	return 0
}
