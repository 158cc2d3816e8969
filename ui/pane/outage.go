package pane

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// outageLine is what becomes of the shown leg in the outage that it should
// survive; "" where nobody said how long that is.
func outageLine(c *contract.Context, w int) string {
	asked, ok := c.Shown().Outage()
	if !ok {
		return ""
	}
	all := c.Survives()
	text := func(state string, a, b tuning.Survival, names bool) string {
		if shorter(b, a) {
			a = b
		}
		switch {
		case !a.Known:
			return state + " not known"
		case a.For >= asked:
			return state + " survived"
		case !names:
			return state + " ends at " + contract.Short(a.Ends)
		}
		return state + " ends at " + contract.Short(a.Ends) + " (" + a.Name + ")"
	}
	line := func(names bool) string {
		return text("busy", all.Client.Busy, all.Server.Busy, names) + " " + c.Theme.Glyphs.Vertical + " " + text("quiet", all.Client.Idle, all.Server.Idle, names)
	}
	lead := "  of " + contract.Short(asked) + "  "
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, widget.Fixed(" OUTAGE", c.Theme.Title),
		widget.Elastic(firstThatFits(w-8, lead+line(true), lead+line(false)), c.Theme.Plain))
}

// shorter reports whether a survives less than b; what is not known may.
func shorter(a, b tuning.Survival) bool { return b.Known && (!a.Known || a.For < b.For) }

// survivalFigure is the longest outage that both sides survive in one state.
func survivalFigure(name string, client, server tuning.Survival) figure {
	x := client
	if shorter(server, client) {
		x = server
	}
	switch {
	case !x.Known:
		return figure{name: name, value: "?", because: "no rule is documented for one of the systems"}
	case x.For == model.Never:
		return figure{name: name, value: "any", because: "nothing is sent that could go unanswered"}
	}
	return figure{name: name, value: contract.Short(x.For), because: string(x.Ref.Endpoint) + " " + x.Name + ": " + x.Text}
}
