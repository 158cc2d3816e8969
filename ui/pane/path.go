package pane

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// pathLine is the whole path on one line, the shown leg marked and the focused
// end in brackets.
func pathLine(c *part.Context, server bool, w int) string {
	leg := c.Shown()
	right := ""
	if n := len(c.Report.Legs); n > 1 {
		right = fmt.Sprintf("  leg %d of %d ", leg.Index+1, n)
	}
	hops := hopTexts(c, leg, server)
	text := " " + around(hops, leg.Client.Place, leg.Server.Place, w-1-widget.Width(right), leg, c.Theme.Glyphs)
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, widget.Elastic(text, c.Theme.Plain), widget.Part{Text: right, Style: c.Theme.Muted, Keep: true})
}

// hopTexts are the endpoints of the path as it shows them.
func hopTexts(c *part.Context, leg *tuning.Leg, server bool) []string {
	eps := c.Session.Document().Path.Endpoints
	out := make([]string, len(eps))
	for i, e := range eps {
		out[i] = string(e.ID)
		for _, l := range c.Report.Legs {
			for _, b := range l.Boxes {
				if b.Place == i && b.Row != nil {
					out[i] += " " + boxText(b.Row)
				}
			}
		}
		focus := leg.Client.Place
		if server {
			focus = leg.Server.Place
		}
		if i == focus {
			out[i] = "[" + out[i] + "]"
		}
	}
	return out
}

func boxText(row *tuning.Row) string {
	if row.Value.Kind == model.Unknown {
		return "?"
	}
	return part.Value(row)
}

// around joins hops with arrows; where they are too long, hops far from the
// shown leg give way to an ellipsis.
func around(hops []string, from, to, w int, leg *tuning.Leg, g theme.Glyphs) string {
	first, last := 0, len(hops)-1
	for {
		text := joined(hops, first, last, leg, g)
		if widget.Width(text) <= w || first >= from && last <= to {
			return text
		}
		if last-to > from-first {
			last--
		} else {
			first++
		}
	}
}

func joined(hops []string, first, last int, leg *tuning.Leg, g theme.Glyphs) string {
	var sb strings.Builder
	if first > 0 {
		sb.WriteString(g.Ellipsis + " " + g.Arrow + " ")
	}
	for i := first; i <= last; i++ {
		sb.WriteString(model.Clean(hops[i], 80))
		if i == len(hops)-1 {
			break
		}
		arrow := g.Arrow
		if i >= leg.Client.Place && i < leg.Server.Place {
			arrow = g.Active
		}
		sb.WriteString(" " + arrow + " ")
	}
	if last < len(hops)-1 {
		sb.WriteString(g.Ellipsis)
	}
	return sb.String()
}
