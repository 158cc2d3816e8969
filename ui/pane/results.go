package pane

import (
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
	rows := [][]string{idleRow(c), beforeRow(c), midHeaderRow(c), requestsRow(c), hintRow(c, true), hintRow(c, false), http10Row(c), headRow(c)}
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
		return append(append(out, ""), bullets(c, []string{"Nothing was measured yet: p chooses what to measure, r runs the test."}, w)...)
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
	if r.Reason != "" && !c.Test.Running {
		say("", r.Reason)
	}
	for _, x := range []struct {
		title string
		of    *livetest.Idle
	}{{"TICKS  ", &r.Idle}, {"TICKS BEFORE A REQUEST  ", r.BeforeRequest}, {"TICKS INSIDE A HEADER  ", r.MidHeader}} {
		if x.of != nil && x.of.Ticks != nil {
			say(x.title, plot.Ticks(*x.of))
		}
	}
	if r.Second != nil {
		say("SECOND ROUND  ", plot.Second(*r.Second))
	}
	for _, text := range advice(c) {
		say("", text)
	}
	for _, d := range []livetest.Direction{livetest.Outward, livetest.Inward} {
		if text := plot.Conclusion(r.Ladders, d); text != "" {
			say("LADDER  ", text)
		}
	}
	if text := plot.Apart(r); text != "" {
		say("TELL APART  ", text)
	}
	if r.Hold != nil {
		say("HELD  ", plot.Hold(*r.Hold, r.Watched()))
	}
	if r.Race != nil {
		say("RACE  ", plot.RaceRatio(*r.Race, r))
	}
	if r.HTTP2 != nil {
		say("HTTP/2  ", plot.HTTP2(*r.HTTP2, r.Spec.IdleLimit))
	}
	if r.ReuseSaving != nil && !c.Test.Running { // it would change with each reply of the control connection
		say("WORTH  ", plot.Worth(*r.ReuseSaving))
	}
	if r.TCP.Connect != nil {
		say("NETWORK  ", plot.Network(r.TCP))
	}
	if r.Socket != nil {
		say("OUR SOCKETS  ", plot.Socket(*r.Socket))
	}
	return texts
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

func idleRow(c *contract.Context) []string {
	r := c.Test.Result
	hint := none
	if h := r.HTTP.Asked; h != nil && h.Timeout != nil {
		hint = contract.Short(*h.Timeout)
	}
	return []string{"idle timeout", configuredIdle(c), hint, interval(r.Idle, r.Spec.IdleLimit)}
}

// timerRow is a timer beside the idle timeout; the first role that the server
// has is what is configured.
func timerRow(c *contract.Context, name string, measured *livetest.Idle, roles ...model.Role) []string {
	configured, seen := none, none
	for _, role := range roles {
		if row := c.Shown().Server.First(role); row != nil {
			configured = contract.Value(row)
			break
		}
	}
	if measured != nil {
		seen = interval(*measured, c.Test.Result.Spec.IdleLimit)
	}
	return []string{name, configured, none, seen}
}

func beforeRow(c *contract.Context) []string {
	return timerRow(c, "before a request", c.Test.Result.BeforeRequest, model.RoleFirstByte, model.RoleHeader)
}

func midHeaderRow(c *contract.Context) []string {
	return timerRow(c, "inside a header", c.Test.Result.MidHeader, model.RoleHeader)
}

func requestsRow(c *contract.Context) []string {
	configured, advertised, measured := "no limit", none, none
	switch l := &c.Shown().Limit; {
	case !l.Reused:
		configured = "1"
	case l.Requests != nil && l.Requests.Ref.Endpoint == c.Shown().Server.Endpoint.ID:
		configured = fmt.Sprint(l.Requests.Count)
	}
	if h := c.Test.Result.HTTP.Asked; h != nil && h.Max != nil {
		advertised = fmt.Sprintf("max=%d", *h.Max)
	}
	if r := c.Test.Result.Requests; r != nil {
		switch {
		case r.Limit != nil && r.LastSaysClose:
			measured = fmt.Sprintf("%d, the last one says close", *r.Limit)
		case r.Limit != nil:
			measured = fmt.Sprintf("%d, closed without a word", *r.Limit)
		case r.Done:
			measured = fmt.Sprintf("no limit found in %d", r.Counted)
		default:
			measured = fmt.Sprintf("%d so far", r.Counted)
		}
	}
	return []string{"requests", configured, advertised, measured}
}

func hintRow(c *contract.Context, asked bool) []string {
	name, seen, h := "hint when not asked", c.Test.Result.HTTP.UnaskedSeen, c.Test.Result.HTTP.Unasked
	configured := none
	if asked {
		name, seen, h = "hint when asked", c.Test.Result.HTTP.AskedSeen, c.Test.Result.HTTP.Asked
		if c.Shown().Limit.Reused {
			configured = sentHint(&c.Shown().Server)
		}
	}
	return []string{name, configured, none, hintText(h, seen)}
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

func http10Row(c *contract.Context) []string { return keptRow("HTTP/1.0", c.Test.Result.HTTP10) }

func headRow(c *contract.Context) []string { return keptRow("HEAD", c.Test.Result.Head) }

// keptRow is whether a connection is kept after something.
func keptRow(name string, kept *bool) []string {
	measured := none
	if kept != nil {
		measured = "closed after one answer"
		if *kept {
			measured = "kept alive"
		}
	}
	return []string{name, none, none, measured}
}
