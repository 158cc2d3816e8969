package pane

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

const none = "-"

// lines are the results: configured, advertised and measured beside each other,
// then the samples.
func (p *Test) lines(c *part.Context, w int) []string {
	rows := [][]string{idleRow(c), beforeRow(c), requestsRow(c), hintRow(c, true), hintRow(c, false), http10Row(c)}
	server := string(c.Shown().Server.Endpoint.ID)
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
	out := strings.Split(t.View(w, len(rows)+1, c.Theme), "\n")
	if !c.Test.Ran && !c.Test.Running {
		return append(append(out, ""), intro(c, w)...)
	}
	if why := c.Test.Result.Reason; why != "" && !c.Test.Running {
		out = append(out, "")
		out = append(out, bullets(c, []string{why}, w)...)
	}
	if v := adviceLine(c); v != "" {
		out = append(out, "")
		out = append(out, bullets(c, []string{v}, w)...)
	}
	return append(append(out, ""), sampleLines(c, w)...)
}

func intro(c *part.Context, w int) []string {
	spec := model.NewProbeSpec(model.ProbeTarget{})
	return bullets(c, []string{
		fmt.Sprintf("Opens up to %d connections, asks once on each and watches how long the server keeps them when nothing is sent.", spec.Sockets()),
		fmt.Sprintf("Counts the requests one connection is given (it stops at %d), reads the Keep-Alive header, and tries HTTP/1.0.", model.DefaultRequestCount),
		"Measured and configured values stand beside each other; a takes the measured idle timeout over.",
	}, w)
}

func configuredIdle(c *part.Context) string {
	side := &c.Shown().Server
	for _, x := range c.Shown().Limit.All {
		if x.By == tuning.ByServer && x.Ref.Endpoint == side.Endpoint.ID {
			if !x.Known {
				return "not known"
			}
			return part.Short(x.Low)
		}
	}
	if !c.Shown().Limit.Reused {
		return "off"
	}
	return none
}

func idleRow(c *part.Context) []string {
	r := c.Test.Result
	hint := none
	if h := r.HTTP.Asked; h != nil && h.Timeout != nil {
		hint = part.Short(*h.Timeout)
	}
	return []string{"idle timeout", configuredIdle(c), hint, interval(r.Idle, r.Spec.IdleLimit)}
}

func beforeRow(c *part.Context) []string {
	configured := none
	side := &c.Shown().Server
	for _, role := range []model.Role{model.RoleFirstByte, model.RoleHeader} {
		if row := side.First(role); row != nil {
			configured = part.Value(row)
			break
		}
	}
	measured := none
	if b := c.Test.Result.BeforeRequest; b != nil {
		measured = interval(*b, c.Test.Result.Spec.IdleLimit)
	}
	return []string{"before a request", configured, none, measured}
}

func requestsRow(c *part.Context) []string {
	configured, advertised, measured := "no limit", none, none
	if l := c.Shown().Limit.Requests; l != nil && l.Ref.Endpoint == c.Shown().Server.Endpoint.ID {
		configured = fmt.Sprint(l.Count)
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

func hintRow(c *part.Context, asked bool) []string {
	name, seen, h := "hint when not asked", c.Test.Result.HTTP.UnaskedSeen, c.Test.Result.HTTP.Unasked
	configured := none
	if asked {
		name, seen, h = "hint when asked", c.Test.Result.HTTP.AskedSeen, c.Test.Result.HTTP.Asked
		configured = sentHint(&c.Shown().Server)
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

func http10Row(c *part.Context) []string {
	measured := none
	if yes := c.Test.Result.HTTP10; yes != nil {
		measured = "closed after one answer"
		if *yes {
			measured = "kept alive"
		}
	}
	return []string{"HTTP/1.0", none, none, measured}
}

// adviceLine says what the measurement means for the configuration.
func adviceLine(c *part.Context) string {
	r := c.Test.Result
	if r.Outcome != model.OutcomeMeasured || r.Idle.Low == nil {
		return ""
	}
	if c.Test.Adopted {
		return "The measured idle timeout is part of the session now; u takes it back."
	}
	for _, x := range c.Shown().Limit.All {
		if x.By != tuning.ByServer || !x.Known {
			continue
		}
		slack := max(250*time.Millisecond, x.Low/50)
		if *r.Idle.Low >= x.Low-slack && *r.Idle.Low <= model.Add(x.High, slack) {
			return "The measurement agrees with what is configured."
		}
		return "Measured and configured differ: a takes the measured " + part.Short(*r.Idle.Low) + " over."
	}
	return "a takes the measured " + part.Short(*r.Idle.Low) + " over."
}
