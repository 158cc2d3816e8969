package pane

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// A question is a quantity of a leg, with what it is measured in and what it is for.
type question struct {
	quantity model.Quantity
	unit     string
	text     string
}

// asked are the quantities that every leg is asked for, in the order in which they
// are shown.
var asked = []question{
	{model.QuantityRTT, ", the round trip", "The round trip between both ends. It sets the first retransmission and, above 10 ms, widens the assumed race window."},
	{model.QuantityWindow, " of race", "The race window W: how long before a close a request may be on its way already. Where none is given, 50 ms is assumed, and 300 ms where the round trip is above 10 ms."},
	{model.QuantityRate, ", requests/s", "Requests per second on one connection, such as 0.25. With it: how many requests meet the close, and how many need a new connection."},
	{model.QuantityArrivals, ", new/s", "New connections per second on this leg. With it: idle connections held (arrivals times the limit), TIME_WAIT, probes, workers."},
	{model.QuantityConnections, " open", "Connections open at once, where that is known. It takes the place of arrivals times the limit."},
	{model.QuantityVanish, ", peers/s", "Peers that vanish without a word, per second: phones, crashed hosts, pulled cables. With it: dead connections held."},
	{model.QuantityWriteEvery, "", "The longest pause of an application that writes by itself. With it: how long a dead peer goes unnoticed at worst, whenever it dies between two writes."},
	{model.QuantityOutage, " to survive", "The longest outage of the network that connections should survive, such as 60s. With it: whether either end gives up before the network is back, and which setting decides. The last try counts, not the giving up: what comes back after it comes too late."},
}

const notGiven = "not given"

// LegID names a leg as :set does: leg1.
func LegID(index int) model.EndpointID { return model.EndpointID("leg" + strconv.Itoa(index+1)) }

// legLines are what is known of the shown leg beside what follows from it.
func legLines(c *contract.Context, s sieve, right []*cell) []pair {
	left := quantityCells(c, s)
	out := make([]pair, max(len(left), len(right)))
	for i := range out {
		if i < len(left) {
			out[i][0] = left[i]
		}
		if i < len(right) {
			out[i][1] = right[i]
		}
	}
	return out
}

// quantityCells are the quantities of the shown leg, under a title where nothing is
// sifted.
func quantityCells(c *contract.Context, s sieve) []*cell {
	leg := c.Shown()
	given, id := c.Session.Document().Path.Quantities(leg.Index), LegID(leg.Index)
	all, rows := make([]cell, len(questions)), make([]tuning.Row, len(questions))
	out := make([]*cell, 0, len(asked)+1)
	if s == (sieve{}) {
		out = append(out, &cell{label: "THIS LEG"})
	}
	for i, a := range questions {
		x := &all[i]
		set, ok := given.Quantity(a.quantity)
		if i >= len(asked) && !ok && s == (sieve{}) {
			continue
		}
		rows[i] = tuning.Row{Param: a.quantity.Param(), Setting: set, Value: set.Value, Changed: ok} // a row's clothes
		*x = cell{row: &rows[i], endpoint: id, quantity: a.quantity, leg: leg, label: askedLabels[i]}
		if s.passes(x) {
			out = append(out, x)
		}
	}
	return out
}

// askedLabels are the names of what is asked for, with their units.
var askedLabels = func() []string {
	out := make([]string, len(questions))
	for i, a := range questions {
		out[i] = string(a.quantity) + a.unit
	}
	return out
}()

// A figure is something that a leg costs; where a quantity is missing, it says
// which.
type figure struct {
	name    string
	value   string
	needs   model.Quantity
	because string
}

// figureCells are what follows, under a title; nothing where settings are sifted.
func figureCells(c *contract.Context, s sieve) []*cell {
	if s != (sieve{}) {
		return nil
	}
	all := figures(c)
	cells, out := make([]cell, len(all)+1), make([]*cell, len(all)+1)
	cells[0].label = "WHAT FOLLOWS"
	for i, f := range all {
		cells[i+1] = cell{label: f.name, value: f.value}
		if f.needs != "" {
			cells[i+1].value, cells[i+1].origin = "give", string(f.needs)
		}
	}
	for i := range cells {
		out[i] = &cells[i]
	}
	return out
}

// figures are what follows from the quantities of the shown leg.
func figures(c *contract.Context) []figure {
	leg := c.Shown()
	l, load, given := &leg.Limit, &leg.Load, c.Session.Document().Path.Quantities(leg.Index)
	has := func(q model.Quantity) bool { _, ok := given.Quantity(q); return ok }
	limit := model.HumanSpan(l.Idle)
	out := []figure{{name: "race, at worst", value: oneIn(leg.Window.Worst), because: "of the requests on a reused connection, at the request rate that is worst for it, with a window of " + model.HumanSpan(leg.Window.Width)}}
	if l.Verdict == tuning.VerdictUnknown {
		out[0].value, out[0].because = "?", "the limit is not known"
	}
	add := func(name string, v *float64, format func(float64) string, because string, needs ...model.Quantity) {
		f := figure{name: name, because: because}
		for _, q := range needs {
			if f.needs == "" && !has(q) && (q != model.QuantityArrivals || !has(model.QuantityConnections)) {
				f.needs = q
			}
		}
		switch {
		case v != nil:
			f.value, f.needs = format(*v), ""
		case f.needs == "":
			f.value, f.because = "?", "it cannot be computed: "+unbounded(l)
		}
		out = append(out, f)
	}
	add("race at this rate", load.RaceProbability, oneIn, "of the requests on a reused connection", model.QuantityRate)
	add("failures an hour", load.FailuresPerHour, number, "chance times rate times idle connections", model.QuantityRate, model.QuantityArrivals)
	held := "arrivals times the limit of " + limit + " (Little's law)"
	if has(model.QuantityConnections) {
		held = "as given"
	}
	add("idle connections", load.IdleConnections, number, held, model.QuantityArrivals)
	add("TIME_WAIT sockets", load.TimeWait, number, "closes per second times 60 s, on the side that closes first", model.QuantityArrivals)
	add("probe packets/s", load.ProbePacketsPerSecond, number, "of both sides, with their answers", model.QuantityArrivals)
	add("probe bytes/s", load.ProbeBytesPerSecond, number, "66 bytes a packet", model.QuantityArrivals)
	all := c.Survives()
	out = append(out, survivalFigure("survived, busy", all.Client.Busy, all.Server.Busy), survivalFigure("survived, quiet", all.Client.Idle, all.Server.Idle))
	add("dead at client", load.ZombiesClient, number, "vanishing peers times what ends a dead connection there", model.QuantityVanish)
	add("dead at server", load.ZombiesServer, number, "vanishing peers times what ends a dead connection there", model.QuantityVanish)
	if row := leg.Server.First(model.RolePins); row != nil && row.Value == model.ValueOn {
		add("workers held", load.WorkersHeld, percent, "each idle connection occupies one", model.QuantityArrivals)
	}
	return out
}

// unbounded is why a figure that has its quantities cannot be computed.
func unbounded(l *tuning.Limit) string {
	switch {
	case l.Verdict == tuning.VerdictUnknown:
		return "the limit is not known"
	case l.Idle == model.Never:
		return "nothing ends an idle connection: their number has no bound"
	}
	return "how long it takes to notice a dead peer is not known or has no end"
}

// number is a figure to three digits.
func number(f float64) string { return model.Figures(f, 3) }

// fitting is a number in at most w cells: one that is cut would read as a
// smaller one.
func fitting(f float64, w int) string {
	text := number(f)
	if len(text) > w {
		text = fmt.Sprintf("%.3g", f)
	}
	return text
}

func percent(f float64) string { return number(f*100) + " %" }

// oneIn is a small probability as a person reads it.
func oneIn(p float64) string {
	switch {
	case p <= 0:
		return "none"
	case p >= 0.1:
		return percent(p)
	case p < 1e-9:
		return "< 1e-9"
	case 1/p >= 1e7:
		return fmt.Sprintf("1 in %.0f M", 1e-6/p)
	case 1/p >= 1e4:
		return fmt.Sprintf("1 in %.0f k", 1e-3/p)
	}
	return "1 in " + number(1/p)
}

// figureLines tells what a leg costs, each with its reason.
func figureLines(c *contract.Context, w int) []string {
	var out []string
	missing := map[model.Quantity][]string{}
	var order []model.Quantity
	for _, f := range figures(c) {
		if f.needs != "" {
			if missing[f.needs] == nil {
				order = append(order, f.needs)
			}
			missing[f.needs] = append(missing[f.needs], f.name)
			continue
		}
		out = append(out, bullets(c, []string{f.name + " " + f.value + ": " + f.because}, w)...)
	}
	for _, q := range order {
		text := fmt.Sprintf("for %s give %s: under THIS LEG on the first screen, or :set %s:%s=", strings.Join(missing[q], ", "), q, LegID(c.Shown().Index), q)
		out = append(out, bullets(c, []string{text}, w)...)
	}
	return out
}

// quantityAt is the selected quantity of the leg, "" where something else is
// selected.
func quantityAt(c *contract.Context) model.Quantity {
	if c.At.Middlebox == LegID(c.Shown().Index) {
		return model.Quantity(c.At.Param)
	}
	return ""
}

// quantityLines explains a quantity.
func quantityLines(c *contract.Context, q model.Quantity, w int) []string {
	var out []string
	for _, a := range questions {
		if a.quantity != q {
			continue
		}
		for _, l := range widget.Wrap(a.text, max(1, w-1)) {
			out = append(out, " "+l)
		}
		out = append(out, "")
		for _, l := range widget.Wrap("takes "+q.Param().Accepts()+"; "+c.Keys.Key(keymap.ScopeTune, keymap.ToDefault)+" takes it away. No program knows it: it is yours to measure or to estimate.", max(1, w-1)) {
			out = append(out, " "+l)
		}
	}
	out = append(out, "", " What follows:")
	return append(out, figureLines(c, w)...)
}

// Quantities lists what can be said of a leg.
func Quantities() []model.Quantity {
	out := make([]model.Quantity, len(questions))
	for i, a := range questions {
		out[i] = a.quantity
	}
	return out
}
