package pane

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// A deadState is one state in which a peer can be lost: what really ends it,
// and what TCP alone does.
type deadState struct {
	short, long string
	end         tuning.End
	tcp         detect.Detection
	as          string // a state with the same detection, told before
}

func deadStates(e tuning.EndStates, d tuning.States) []deadState {
	return []deadState{
		{"idle", "idle (nothing owed)", e.Idle, d.Idle, ""},
		{"busy", "busy (data in flight)", e.InFlight, d.InFlight, ""},
		{"waiting", "waiting for an answer", e.Waiting, d.Waiting, "idle"},
		{"zero window", "zero window (peer full)", e.ZeroWindow, d.ZeroWindow, ""},
	}
}

// endTable is what really ends a dead connection in each state.
func endTable(c *contract.Context, w int) []string {
	leg := c.Shown()
	var rows [][]string
	for _, s := range []struct {
		name   string
		states []deadState
	}{{"client", deadStates(leg.Ends.Client, leg.Detection.Client)}, {"server", deadStates(leg.Ends.Server, leg.Detection.Server)}} {
		for _, x := range s.states {
			rows = append(rows, []string{s.name, x.long, endText(x.end, shortEnd), by(x.end), tcpText(x.tcp)})
		}
	}
	t := widget.Table{Selected: -1, Rows: rows, Columns: []widget.TableColumn{
		{Title: "side", Width: 6},
		{Title: "state", Width: 20, Elastic: true},
		{Title: "dead for up to", Width: 14},
		{Title: "by", Width: 16, Drop: 2},
		{Title: "TCP alone", Width: 11, Drop: 1},
	}}
	return t.Lines(w, c.Theme)
}

func tcpText(d detect.Detection) string {
	if !d.Known {
		return "?"
	}
	return contract.Short(d.High)
}

func by(e tuning.End) string {
	switch {
	case !e.Known:
		return "not documented"
	case e.By == "":
		return "nothing notices"
	}
	return e.By
}

// deadLines tells for each side and state how long a dead peer goes
// unnoticed, what ends it, and what TCP alone does with its steps.
func deadLines(c *contract.Context, w int) []string {
	leg := c.Shown()
	var out []string
	for _, s := range []struct {
		side   *tuning.Side
		word   string
		states []deadState
	}{
		{&leg.Client, "client", deadStates(leg.Ends.Client, leg.Detection.Client)},
		{&leg.Server, "server", deadStates(leg.Ends.Server, leg.Detection.Server)},
	} {
		for _, x := range s.states {
			head := s.word + " " + x.short + ": " + deadSentence(leg, x.end)
			for i, l := range widget.Wrap(head, max(1, w-3)) {
				lead := " "
				if i > 0 {
					lead = "   "
				}
				out = append(out, widget.FitLine(c.Theme.Title.Render(lead+l), w))
			}
			if x.end.By != "" && !kernel(x.end) {
				out = append(out, bullets(c, x.end.Because, w)...)
			}
			alone := "TCP alone: " + detected(x.tcp)
			if x.tcp.Known && x.tcp.Documented {
				alone += ", documented, not measured"
			}
			if x.as != "" {
				out = append(out, bullets(c, []string{alone + ", as when " + x.as + ": a peer that owes bytes leaves TCP idle"}, w)...)
				continue
			}
			out = append(out, bullets(c, []string{alone}, w)...)
			for _, step := range x.tcp.Because {
				if step != "documented, not measured" {
					out = append(out, bullets(c, []string{step}, w)...)
				}
			}
		}
	}
	return out
}

// kernel reports whether TCP itself ends the connection, not the program.
func kernel(e tuning.End) bool {
	return e.By == "TCP probes" || e.By == "retransmission" || e.By == "window probes"
}

// deadSentence is how long a dead peer goes unnoticed, and why.
func deadSentence(leg *tuning.Leg, e tuning.End) string {
	const own = "a timer of the program that is not known here may come first"
	switch {
	case e.High == model.Never && !e.Known:
		return "not known, because no rule is documented for this system"
	case e.High == model.Never && e.TimerNotKnown:
		return "TCP never notices; whether the program has a timer for it is not known"
	case e.High == model.Never:
		return "dead for ever, because nothing looks"
	}
	text := "dead for up to " + model.HumanSpan(e.High) + " because of "
	if kernel(e) {
		text += e.By
	} else {
		text += "the " + e.By + " (" + RefText(leg, e.Ref) + ")"
	}
	if e.TimerNotKnown {
		text += "; " + own
	}
	return text
}

// hiding is what keeps TCP from noticing, whatever its settings are.
var hiding = []string{
	"Data that is not acknowledged stops the probes: from then on retransmission decides, and TCP_USER_TIMEOUT where it is set.",
	"Each write and each segment from the peer begins the wait for the first probe anew: an application that writes often never sees a probe.",
	"A heartbeat in one direction tells only the side that hears it; the other needs probes, or an answer.",
}

// writingLines are the worst case of an application that writes by itself.
func writingLines(c *contract.Context, w int) []string {
	leg := c.Shown()
	s, ok := c.Session.Document().Path.Quantities(leg.Index).Quantity(model.QuantityWriteEvery)
	if leg.Writing == nil || !ok {
		return bullets(c, []string{"for an application that writes by itself give write_every, its longest pause: under THIS LEG on the first screen, or :set " + string(LegID(leg.Index)) + ":write_every=30s"}, w)
	}
	var out []string
	for _, x := range []struct {
		word string
		d    detect.Detection
	}{{"client", leg.Writing.Client}, {"server", leg.Writing.Server}} {
		out = append(out, bullets(c, []string{x.word + " writes at least every " + s.Value.Human() + ": a dead peer goes unnoticed for " + detected(x.d) + " at worst"}, w)...)
		out = append(out, bullets(c, x.d.Because, w)...)
	}
	return out
}
