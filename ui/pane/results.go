package pane

import (
	"cmp"
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/plot"
	"example.com/keeptune/ui/widget"
)

const none = "-"

// resultLines are the results: configured, advertised and measured beside each
// other, what follows from them, and the curve where there is room.
func resultLines(c *contract.Context, w, h int) []string {
	var rows [][]string
	for _, m := range livetest.AllMeasurements() {
		for i, row := range m.Rows(c.Test.Result) {
			rows = append(rows, []string{row.Name, cmp.Or(configured(c, m, i, row.Roles), none), advertised(row), happened(c, row)})
		}
	}
	server := string(c.Shown().Server.Endpoint.ID)
	if c.Elsewhere() {
		server = "built-in server"
		for _, row := range rows {
			row[1] = none
		}
	}
	t := widget.Table{Selected: -1, Rows: rows, Columns: []widget.TableColumn{
		{Title: server, Width: 19},
		{Title: "configured", Width: 11},
		{Title: "advertised", Width: 10},
		{Title: "measured", Width: 14, Elastic: true},
	}}
	if w < 60 {
		t.Columns[0].Width, t.Columns[1].Width, t.Columns[2].Width = 12, 10, 0
		t.Columns[2].Drop = 1
	}
	out := t.Lines(w, c.Theme)
	if !c.Test.Ran && !c.Test.Running {
		return append(append(out, ""), bullets(c, []string{nothingMeasured(c)}, w)...)
	}
	if texts := said(c); len(texts) > 0 {
		out = append(append(out, ""), bullets(c, texts, w)...)
	}
	if room := h - len(out) - 1; room >= 8 && w >= 60 {
		out = append(append(out, ""), chart(c, w, room)...)
	}
	return out
}

// said is what the results amount to, sentence by sentence; the words are those
// of keeptune probe.
func said(c *contract.Context) []string {
	r := c.Test.Result
	var texts []string
	say := func(title, text string) { texts = append(texts, title+text) }
	remarks := func(which func(m livetest.Measurement) bool) {
		for _, m := range livetest.AllMeasurements() {
			if which(m) {
				for _, l := range m.Remarks(r) {
					say(l.Title+"  ", l.Text)
				}
			}
		}
	}
	tabled := func(m livetest.Measurement) bool { return m.Rows(r) != nil }
	if r.Reason != "" && !c.Test.Running {
		say("", r.Reason)
	}
	remarks(tabled)
	if r.Second != nil {
		say("SECOND ROUND  ", r.Second.Text())
	}
	for _, text := range advice(c) {
		say("", text)
	}
	remarks(livetest.Measurement.Alone)
	remarks(func(m livetest.Measurement) bool { return !m.Alone() && !tabled(m) })
	if r.ReuseSaving != nil && !c.Test.Running { // it would change with each reply of the control connection
		say("WORTH  ", plot.ReuseSaving(*r.ReuseSaving))
	}
	if r.TCP.Connect != nil {
		say("NETWORK  ", plot.Network(r.TCP))
	}
	if r.Socket != nil {
		say("OUR SOCKETS  ", plot.Socket(*r.Socket))
	}
	return texts
}

// configured is what the path says about the i-th row of a measurement, "" for nothing: the
// first of some settings that the server has, or what follows from several.
func configured(c *contract.Context, m livetest.Measurement, i int, roles []model.Role) string {
	switch {
	case m == livetest.MeasureIdle:
		return configuredIdle(c)
	case m == livetest.MeasureRequests:
		return configuredRequests(c)
	case m == livetest.MeasureHint && i == 0 && c.Shown().Limit.Reused:
		return sentHint(&c.Shown().Server)
	}
	for _, role := range roles {
		if row := c.Shown().Server.First(role); row != nil {
			return contract.Value(row)
		}
	}
	return ""
}

// advertised is what a reply promised.
func advertised(row livetest.Row) string {
	if row.Promised != nil {
		return contract.Short(*row.Promised)
	}
	return cmp.Or(row.Advertised, none)
}

// happened is what was measured.
func happened(c *contract.Context, row livetest.Row) string {
	if row.Silence != nil {
		return interval(*row.Silence, c.Test.Result.Spec.IdleLimit)
	}
	return cmp.Or(row.Measured, none)
}

func configuredIdle(c *contract.Context) string {
	side := &c.Shown().Server
	for _, x := range c.Shown().Limit.All {
		if x.By == tuning.ByServer && x.Ref.Endpoint == side.Endpoint.ID {
			if !x.Known {
				return "not known"
			}
			return contract.Short(x.Low)
		}
	}
	if !c.Shown().Limit.Reused {
		return "off"
	}
	return none
}

func configuredRequests(c *contract.Context) string {
	switch l := &c.Shown().Limit; {
	case !l.Reused:
		return "1"
	case l.Requests != nil && l.Requests.Ref.Endpoint == c.Shown().Server.Endpoint.ID:
		return fmt.Sprint(l.Requests.Count)
	}
	return "no limit"
}

// sentHint is what a server's configuration makes it advertise to a request
// that asks, as the live test's does.
func sentHint(server *tuning.Side) string {
	d, ok := tuning.HintOf(&tuning.Side{Face: &model.Face{Asks: "yes"}}, server)
	if !ok {
		return none
	}
	return fmt.Sprintf("timeout=%d", int64(d/time.Second))
}
