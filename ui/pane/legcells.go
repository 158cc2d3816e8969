package pane

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// asked are the quantities of a leg, in the order in which they are shown,
// with what they are measured in and what they are for.
var asked = []struct {
	quantity model.Quantity
	unit     string
	text     string
}{
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
func legLines(c *contract.Context, s sieve) []pair {
	left := quantityCells(c, s)
	var right []*cell
	if s == (sieve{}) {
		left = append([]*cell{{label: "THIS LEG"}}, left...)
		right = append([]*cell{{label: "WHAT FOLLOWS"}}, figureCells(c)...)
	}
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

func quantityCells(c *contract.Context, s sieve) []*cell {
	leg := c.Shown()
	given := c.Session.Document().Path.Quantities(leg.Index)
	var out []*cell
	for _, a := range asked {
		x := &cell{row: quantityRow(given, a.quantity), endpoint: LegID(leg.Index), quantity: a.quantity, leg: leg.Index, label: string(a.quantity) + a.unit}
		x.value = notGiven
		switch {
		case x.row.Changed:
			x.value, x.origin = contract.Value(x.row), contract.Origin(x.row)
		case a.quantity == model.QuantityWindow:
			x.value, x.origin = contract.Short(leg.Window.Width), "assumed"
		}
		if s.passes(x) {
			out = append(out, x)
		}
	}
	return out
}

// quantityRow gives a quantity a row's clothes.
func quantityRow(given model.Quantities, q model.Quantity) *tuning.Row {
	s, ok := given.Quantity(q)
	return &tuning.Row{Param: q.Param(), Setting: s, Value: s.Value, Changed: ok}
}

// A figure is something that a leg costs; where a quantity is missing, it says
// which.
type figure struct {
	name    string
	value   string
	needs   model.Quantity
	because string
}

func figureCells(c *contract.Context) []*cell {
	var out []*cell
	for _, f := range figures(c) {
		x := &cell{label: f.name, value: f.value}
		if f.needs != "" {
			x.value, x.origin = "give", string(f.needs)
		}
		out = append(out, x)
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
func number(f float64) string {
	if f >= 1000 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return fmt.Sprintf("%.3g", f)
}

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
	for _, a := range asked {
		if a.quantity != q {
			continue
		}
		for _, l := range widget.Wrap(a.text, max(1, w-1)) {
			out = append(out, " "+l)
		}
		out = append(out, "")
		for _, l := range widget.Wrap("takes "+q.Param().Accepts()+"; d takes it away. No program knows it: it is yours to measure or to estimate.", max(1, w-1)) {
			out = append(out, " "+l)
		}
	}
	out = append(out, "", " What follows:")
	return append(out, figureLines(c, w)...)
}

// Quantities lists what can be said of a leg.
func Quantities() []model.Quantity {
	out := make([]model.Quantity, len(asked))
	for i, a := range asked {
		out[i] = a.quantity
	}
	return out
}
