package pane

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// interval is a measured time: low, median, high and how it closed.
func interval(p livetest.Idle, limit time.Duration) string {
	switch {
	case p.Samples == 0 && p.Discarded > 0:
		return "no good sample"
	case p.Samples == 0:
		return none
	case p.Low == nil:
		return "open after " + contract.Short(limit)
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

func closeText(k livetest.CloseKind) string {
	switch k {
	case livetest.CloseNone:
		return "stays open"
	case livetest.Close408:
		return "408, then FIN"
	case livetest.CloseSilent:
		return "no answer"
	case livetest.CloseFIN, livetest.CloseRST, livetest.CloseGoAway, livetest.CloseRSTOnSend:
	}
	return strings.ToUpper(string(k))
}

// sampleLines are the single connections, with what TCP says of each.
func sampleLines(c *contract.Context, w int) []string {
	r := c.Test.Result
	rows := make([][]string, 0, len(r.Samples))
	for _, s := range r.Samples {
		row := []string{fmt.Sprint(s.Conn), s.Role.Silence(), sampleState(c, s), none, none, none, none}
		if s.RTT > 0 {
			row = append(row[:3], livetest.Short(s.RTT), livetest.Short(s.RTO), fmt.Sprint(s.Resent), fmt.Sprint(s.Unacked))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 && r.Hold == nil {
		return missing(c, w, livetest.MeasureIdle, "single connections")
	}
	t := widget.Table{Selected: -1, Rows: rows, Columns: []widget.TableColumn{
		{Title: "#", Width: 4, Right: true},
		{Title: "silent", Width: 16},
		{Title: "what happened", Width: 26, Elastic: true},
		{Title: "RTT", Width: 7, Right: true, Drop: 2},
		{Title: "RTO", Width: 7, Right: true, Drop: 3},
		{Title: "resent", Width: 6, Right: true, Drop: 1},
		{Title: "unansw", Width: 6, Right: true, Drop: 1},
	}}
	if w < 60 {
		t.Columns[1].Width, t.Columns[2].Width = 11, 18
	}
	out := t.Lines(w, c.Theme)
	if whys := doubts(r.Samples); len(whys) > 0 {
		out = append(append(out, ""), bullets(c, whys, w)...)
	}
	if r.Hold != nil {
		out = append(append(out, ""), bullets(c, []string{"HELD  " + r.Hold.Text(r.Watched()), heldKinds(*r.Hold)}, w)...)
	}
	return out
}

// doubts are the reasons why samples do not count, each once.
func doubts(samples []livetest.Sample) []string {
	var whys []string
	for _, s := range samples {
		if s.Why != "" && !slices.Contains(whys, s.Why) {
			whys = append(whys, s.Why)
		}
	}
	return whys
}

// heldKinds counts how the held connections ended.
func heldKinds(h livetest.Hold) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(h.Kinds)) {
		parts = append(parts, fmt.Sprintf("%s %d", closeText(k), h.Kinds[k]))
	}
	return strings.Join(append(parts, fmt.Sprintf("open %d", h.Open)), ", ")
}

func sampleState(c *contract.Context, s livetest.Sample) string {
	switch s.State {
	case livetest.SampleClosed:
		text := closeText(s.Close) + " after " + model.HumanSpan(s.After.Round(time.Millisecond))
		if s.Notified {
			text += ", TLS said goodbye"
		}
		return text
	case livetest.SampleOpen:
		return "open after " + model.HumanSpan(s.After.Round(time.Second))
	case livetest.SampleDiscarded, livetest.SampleFailed:
		return string(s.State) + ", see below"
	case livetest.SampleConnecting, livetest.SampleWatched:
		if !c.Test.Running {
			return "not waited for"
		}
	}
	return string(s.State)
}
