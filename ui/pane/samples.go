package pane

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

func hintText(h *model.ProbeHint, seen bool) string {
	switch {
	case !seen:
		return none
	case h == nil:
		return "no Keep-Alive header"
	}
	var words []string
	if h.Timeout != nil {
		words = append(words, fmt.Sprintf("timeout=%d", int64(*h.Timeout/time.Second)))
	}
	if h.Max != nil {
		words = append(words, fmt.Sprintf("max=%d", *h.Max))
	}
	if len(words) == 0 {
		return "an empty one"
	}
	return strings.Join(words, ", ")
}

// interval is a measured time: low, median, high and how it closed.
func interval(p model.ProbeIdle, limit time.Duration) string {
	switch {
	case p.Samples == 0 && p.Discarded > 0:
		return "no good sample"
	case p.Samples == 0:
		return none
	case p.Low == nil:
		return "open after " + part.Short(limit)
	}
	text := model.HumanSpan(p.Low.Round(time.Millisecond))
	if p.After != nil && p.High != nil && (*p.High-*p.Low) >= time.Millisecond {
		text += " / " + model.HumanSpan(p.After.Round(time.Millisecond)) + " / " + model.HumanSpan(p.High.Round(time.Millisecond))
	}
	if p.High == nil {
		text += fmt.Sprintf(" and later (%d still open)", p.Open)
	}
	return text + "  " + closeText(p.Close)
}

func closeText(k model.CloseKind) string {
	switch k {
	case model.CloseNone:
		return "stays open"
	case model.Close408:
		return "408, then FIN"
	case model.CloseSilent:
		return "no answer"
	case model.CloseFIN, model.CloseRST, model.CloseGoAway, model.CloseRSTOnSend:
	}
	return strings.ToUpper(string(k))
}

// sampleLines are the single connections.
func sampleLines(c *part.Context, w int) []string {
	var rows [][]string
	for _, s := range c.Test.Result.Samples {
		what := "after a request"
		if s.Role == model.ProbeRoleBeforeRequest {
			what = "before a request"
		}
		state := string(s.State)
		switch s.State {
		case model.SampleClosed:
			state = closeText(s.Close) + " after " + model.HumanSpan(s.After.Round(time.Millisecond))
		case model.SampleOpen:
			state = "open after " + model.HumanSpan(s.After.Round(time.Second))
		case model.SampleDiscarded, model.SampleFailed:
			state += ": " + model.Clean(s.Why, 200)
		case model.SampleConnecting, model.SampleWatched:
			if !c.Test.Running {
				state = "not waited for: the test was over"
			}
		}
		rows = append(rows, []string{fmt.Sprint(s.Conn), what, state})
	}
	if len(rows) == 0 {
		return nil
	}
	t := widget.Table{Selected: -1, Rows: rows, Columns: []widget.TableColumn{
		{Title: "#", Width: 3, Right: true}, {Title: "connection silent", Width: 17}, {Title: "what happened", Width: 10, Elastic: true},
	}}
	return strings.Split(t.View(w, len(rows)+1, c.Theme), "\n")
}
