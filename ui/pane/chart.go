package pane

import (
	"math"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// chart draws the limit and the detection over the values, both on log axes:
// L the limit, D the dead peer, B both in one cell.
func (p *TradeOff) chart(c *contract.Context, w, h int) []string {
	g := c.Theme.Glyphs
	const axis = 5 // cells of the labels at the left
	cols, rows := w-axis-1, h-4
	if cols < 8 || rows < 4 || len(p.points) < 2 {
		return nil
	}
	low, high := time.Duration(math.MaxInt64), time.Duration(0)
	for _, x := range p.points {
		for _, d := range []time.Duration{x.Limit.Idle, x.Detection} {
			if d > 0 && d != model.Never {
				low, high = min(low, d), max(high, d)
			}
		}
	}
	if high <= low {
		high = low + 1
	}
	cells := make([][]string, rows)
	for i := range cells {
		cells[i] = make([]string, cols)
		for j := range cells[i] {
			cells[i][j] = " "
		}
	}
	at := func(i int) int { return i * (cols - 1) / (len(p.points) - 1) }
	put := func(i int, d time.Duration, letter string) {
		if d <= 0 || d == model.Never {
			return
		}
		share := math.Log(float64(d)/float64(low)) / math.Log(float64(high)/float64(low))
		y := rows - 1 - int(math.Round(min(1, max(0, share))*float64(rows-1)))
		if old := cells[y][at(i)]; old != " " && old != letter {
			letter = "B"
		}
		cells[y][at(i)] = letter
	}
	for i, x := range p.points {
		put(i, x.Detection, "D")
		put(i, x.Limit.Idle, "L")
	}
	out := []string{widget.FitLine(" L limit  D dead peer  B both", w)}
	for y := range cells {
		label := ""
		switch y {
		case 0:
			label = contract.Tight(high)
		case rows - 1:
			label = contract.Tight(low)
		}
		label = strings.Repeat(" ", max(0, axis-widget.Width(label))) + widget.Cut(label, axis, "")
		out = append(out, widget.FitLine(label+g.Vertical+strings.Join(cells[y], ""), w))
	}
	under := strings.Repeat(" ", axis+1+at(p.sel)) + g.Up
	first, last := contract.Tight(spanOf(p.points[0].Value)), contract.Tight(spanOf(p.points[len(p.points)-1].Value))
	gap := strings.Repeat(" ", max(1, cols-widget.Width(first)-widget.Width(last)))
	return append(out,
		widget.FitLine(strings.Repeat(" ", axis)+strings.Repeat(g.Horizontal, cols+1), w),
		widget.FitLine(under, w),
		widget.FitLine(strings.Repeat(" ", axis+1)+first+gap+last, w))
}

func spanOf(v model.Value) time.Duration {
	d, _ := v.Duration()
	return d
}
