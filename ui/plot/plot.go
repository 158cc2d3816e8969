// Package plot draws what a live test measured: as lines of text for a
// terminal, and as SVG for a ticket. It is pure: values in, text out.
package plot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// A Mark is a time that belongs on an axis: what is configured, what is
// advertised, what was measured.
type Mark struct {
	Letter rune // one letter, named in the legend
	Name   string
	At     time.Duration
}

// Signs are the characters that text is drawn with.
type Signs struct{ Fill, Half, Line, Corner, Bar string }

// Unicode and ASCII are the two sets of signs, each one cell wide.
var (
	Unicode = Signs{Fill: "█", Half: "▄", Line: "─", Corner: "└", Bar: "│"}
	ASCII   = Signs{Fill: "#", Half: "_", Line: "-", Corner: "+", Bar: "|"}
)

const (
	leftMargin = 7 // "  500 │"
	minWidth   = leftMargin + 10
	minHeight  = 3
)

// A Curve is a survival curve: how many of a number of idle connections are
// still open after how much silence.
type Curve struct {
	Points []livetest.SurvivalPoint
	Total  int
	Marks  []Mark
	Until  time.Duration // the right end; 0 means a little beyond the last point and mark
	Known  time.Duration // until when silence was watched, where some are still open; 0 where none is
}

// CurveOf is the curve of a result: of the held connections, or of the idle
// samples. It is empty where nothing was opened.
func CurveOf(r livetest.Result, marks ...Mark) Curve {
	c := Curve{Marks: marks}
	if r.Hold != nil && r.Hold.Opened > 0 {
		c.Points, c.Total = r.Hold.Survival(), r.Hold.Opened
		if r.Hold.Open > 0 {
			c.Until, c.Known = r.Spec.IdleLimit, r.Watched()
		}
		return c
	}
	var closed []time.Duration
	watched := livetest.RoleIdle
	if r.Spec.Target.Plain() && !r.Spec.Target.Asks() { // which is asked nothing
		watched = livetest.RoleBeforeRequest
	}
	for _, s := range r.Samples {
		if s.Role != watched {
			continue
		}
		switch s.State {
		case livetest.SampleClosed:
			closed = append(closed, s.After)
			c.Total++
		case livetest.SampleOpen:
			c.Total++
			c.Until, c.Known = r.Spec.IdleLimit, r.Watched()
		case livetest.SampleWatched:
			c.Total++
			c.Known = r.Watched()
		case livetest.SampleConnecting, livetest.SampleDiscarded, livetest.SampleFailed:
		}
	}
	slices.Sort(closed)
	if c.Total > 0 {
		c.Points = livetest.Survival(closed, c.Total)
	}
	return c
}

// MarksOf are the times to mark on a result's curve: advertised, and measured
// lowest and highest. configured is marked where it is known.
func MarksOf(r livetest.Result, configured *time.Duration) []Mark {
	var marks []Mark
	if configured != nil && *configured != model.Never {
		marks = append(marks, Mark{'C', "configured", *configured})
	}
	if h := r.HTTP.Asked; h != nil && h.Timeout != nil {
		marks = append(marks, Mark{'A', "advertised", *h.Timeout})
	}
	if r.Idle.Low != nil {
		marks = append(marks, Mark{'M', "measured, lowest", *r.Idle.Low})
	}
	return marks
}

// end is the right end of the time axis.
func (c Curve) end() time.Duration {
	end := c.Until
	for _, p := range c.Points {
		end = max(end, p.After+p.After/10)
	}
	for _, m := range c.Marks {
		end = max(end, m.At+m.At/10)
	}
	return max(end, time.Second)
}

// openAt is how many are open after a silence.
func (c Curve) openAt(d time.Duration) int {
	open := c.Total
	for _, p := range c.Points {
		if p.After > d {
			break
		}
		open = p.Open
	}
	return open
}

// Text draws the curve in w columns and h lines, axis, marks and legend
// included. It is nil where there is nothing to draw or no room.
func (c Curve) Text(w, h int, s Signs) []string {
	rows := h - 3 // axis, its times, the legend
	if len(c.Points) == 0 || w < minWidth || rows < minHeight {
		return nil
	}
	cols := w - leftMargin
	end := c.end()
	at := func(col int) time.Duration { return end * time.Duration(col) / time.Duration(cols) }
	lines := make([]string, 0, h)
	for row := range rows {
		var b strings.Builder
		b.WriteString(c.label(row, rows) + s.Bar)
		for col := range cols {
			// In half cells, so that few connections still make steps.
			halves := 2 * rows * c.openAt(at(col)) / c.Total
			level := 2 * (rows - row)
			unknown := c.Known > 0 && at(col) > c.Known
			switch {
			case unknown && (halves == level || halves == level-1):
				b.WriteString(s.Line) // so many were open when nobody watched any more
			case unknown:
				b.WriteString(" ")
			case halves >= level:
				b.WriteString(s.Fill)
			case halves == level-1:
				b.WriteString(s.Half)
			default:
				b.WriteString(" ")
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	lines = append(lines, strings.Repeat(" ", leftMargin-1)+s.Corner+marked(cols, end, c.Marks, s.Line))
	lines = append(lines, axisTimes(cols, end))
	return append(lines, legend(c.Marks, w))
}

// Text draws the whole result: curve, ladders and race, as far as they were
// measured, in w columns; the curve takes h lines.
func Text(r livetest.Result, marks []Mark, w, h int, s Signs) []string {
	lines := CurveOf(r, marks...).Text(w, h, s)
	section := func(title string, body []string) {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(append(lines, title), body...)
	}
	for _, m := range livetest.AllMeasurements() {
		for _, chart := range m.Charts(r, r.Elapsed) {
			section(chart.What+":", Bars(chart.Bars, w, s))
		}
	}
	return lines
}

// label is the number of connections at the left of a row: all, half, none.
func (c Curve) label(row, rows int) string {
	switch row {
	case 0:
		return fmt.Sprintf("%*d ", leftMargin-2, c.Total)
	case rows / 2:
		return fmt.Sprintf("%*d ", leftMargin-2, c.Total*(rows-row)/rows)
	}
	return strings.Repeat(" ", leftMargin-1)
}

// marked is the time axis with the letters of the marks; of two that fall
// together the first stands.
func marked(cols int, end time.Duration, marks []Mark, line string) string {
	cells := make([]string, cols)
	for i := range cells {
		cells[i] = line
	}
	taken := map[int]bool{}
	for _, m := range marks {
		col := min(cols-1, int(int64(cols)*int64(m.At)/int64(end)))
		for taken[col] && col+1 < cols {
			col++
		}
		taken[col] = true
		cells[col] = string(m.Letter)
	}
	return strings.Join(cells, "")
}

// axisTimes is the line of times under an axis: its ends and its middle.
func axisTimes(cols int, end time.Duration) string {
	left, middle, right := "0", model.HumanSpan(round(end/2)), model.HumanSpan(round(end))
	line := strings.Repeat(" ", leftMargin) + left
	line += strings.Repeat(" ", max(1, leftMargin+cols/2-len(middle)/2-len(line))) + middle
	return line + strings.Repeat(" ", max(1, leftMargin+cols-len(right)-len(line))) + right
}

// round keeps about three digits of a time.
func round(d time.Duration) time.Duration {
	for _, step := range []time.Duration{time.Minute, time.Second, 100 * time.Millisecond, 10 * time.Millisecond} {
		if d >= 100*step {
			return d.Round(step)
		}
	}
	return d.Round(time.Millisecond)
}

// legend names the letters, as many as fit.
func legend(marks []Mark, w int) string {
	line := strings.Repeat(" ", leftMargin-1)
	for _, m := range marks {
		text := fmt.Sprintf(" %c %s %s ", m.Letter, m.Name, model.HumanSpan(m.At.Round(time.Millisecond)))
		if len(line)+len(text) > w {
			break
		}
		line += text
	}
	return strings.TrimRight(line, " ")
}
