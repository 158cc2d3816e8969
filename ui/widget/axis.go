package widget

import (
	"math"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/ui/theme"
)

// The span of the time axis. What lies outside is shown at its ends beside an
// arrow.
const (
	AxisLow  = 500 * time.Millisecond
	AxisHigh = 4 * time.Hour
)

// A Mark is a letter on the time axis: S for the server's limit, C for the
// client's, L for the limit in force.
type Mark struct {
	Letter string        // S, C2: as wide as the room allows, at least one cell
	At     time.Duration // zero and less stand at the low end
	Never  bool          // no limit: at the high end
	Style  theme.Style
}

// ticks in the order in which they get room.
var ticks = []struct {
	text string
	at   time.Duration
}{
	{"1s", time.Second},
	{"1m", time.Minute},
	{"1h", time.Hour},
	{"10s", 10 * time.Second},
	{"5m", 5 * time.Minute},
	{"5s", 5 * time.Second},
	{"15m", 15 * time.Minute},
	{"2h", 2 * time.Hour},
	{"30s", 30 * time.Second},
	{"30m", 30 * time.Minute},
	{"2m", 2 * time.Minute},
	{"2s", 2 * time.Second},
}

// Axis draws marks on one logarithmic time axis: a line of labels and a line
// of ticks and letters, each exactly w cells. Letters never hide each other:
// one that finds its cell taken moves to the next free one, keeping the order
// of the times. A zero stands in the first cell, never in the last; times off
// the range stand next to an arrow at the end.
func Axis(marks []Mark, w int, th theme.Theme) [2]string {
	if w <= 0 {
		return [2]string{}
	}
	g := th.Glyphs
	labels := slices.Repeat([]string{" "}, w)
	line := slices.Repeat([]string{g.AxisLine}, w)
	placed := place(marks, w)
	taken := func(from, to int) bool {
		for i := max(0, from); i < min(w, to); i++ {
			if labels[i] != " " {
				return true
			}
		}
		return false
	}
	put := func(text string, at int) {
		at = max(0, min(at, w-len(text)))
		if len(text) > w || taken(at-1, at+len(text)+1) {
			return
		}
		for i := range len(text) {
			labels[at+i] = text[i : i+1]
		}
	}
	for i, m := range marks {
		switch {
		case m.Never:
			put("never", w)
		case m.At <= 0:
			put("0", 0)
		case m.At < AxisLow && placed[i] > 0:
			line[0] = g.Left
		case m.At > AxisHigh && placed[i] < w-1:
			line[w-1] = g.Right
		}
	}
	for _, t := range ticks {
		at := column(t.at, w)
		from := max(0, min(at-(len(t.text)-1)/2, w-len(t.text)))
		if len(t.text) > w || taken(from-1, from+len(t.text)+1) {
			continue
		}
		put(t.text, from)
		line[at] = g.Tick
	}
	letters := map[int]string{}
	for i, m := range marks {
		if placed[i] < 0 {
			continue
		}
		cells := []rune(tidy(firstLine(m.Letter)))
		for j := range size(m) {
			at := placed[i] + j
			if j > 0 && (at >= w || slices.Contains(placed, at)) {
				break
			}
			letters[at] = m.Style.Render(exact(string(cells[j:min(j+1, len(cells))]), 1, ""))
		}
	}
	return [2]string{th.Muted.Render(strings.Join(labels, "")), between(line, letters, th)}
}

// between paints the line in as few spans as the letters in it allow: every
// span is sent to the terminal with each change.
func between(line []string, letters map[int]string, th theme.Theme) string {
	var out strings.Builder
	out.Grow(4 * len(line))
	drawn := false // the line, not a letter
	for i, l := range line {
		letter, ok := letters[i]
		switch {
		case ok && drawn:
			th.Border.End(&out)
		case !ok && !drawn:
			th.Border.Begin(&out)
		}
		if drawn = !ok; ok {
			l = letter
		}
		out.WriteString(l)
	}
	if drawn {
		th.Border.End(&out)
	}
	return out.String()
}

// AxisCell is the cell of a time on an axis of w cells.
func AxisCell(d time.Duration, w int) int { return column(d, w) }

// column returns the cell of a time, leaving the first and the last to zero,
// never and the arrows.
func column(d time.Duration, w int) int {
	if w < 3 {
		return 0
	}
	lo, hi := math.Log(AxisLow.Seconds()), math.Log(AxisHigh.Seconds())
	x := (math.Log(d.Seconds()) - lo) / (hi - lo)
	return 1 + int(math.Round(min(1, max(0, x))*float64(w-3)))
}

// size is the cells that a mark would like to have.
func size(m Mark) int { return max(1, min(2, len([]rune(tidy(firstLine(m.Letter)))))) }

// place gives each mark a cell of its own, -1 when there are more than cells.
func place(marks []Mark, w int) []int {
	order := make([]int, len(marks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case marks[a].Never && marks[b].Never:
			return 0
		case marks[a].Never:
			return 1
		case marks[b].Never:
			return -1
		case marks[a].At < marks[b].At:
			return -1
		case marks[a].At > marks[b].At:
			return 1
		}
		return 0
	})
	at := make([]int, len(marks))
	next := 0
	for _, i := range order {
		want := 0
		switch {
		case marks[i].Never:
			want = w - 1
		case marks[i].At > 0:
			want = column(marks[i].At, w)
		}
		at[i] = max(want, next)
		next = at[i] + size(marks[i])
	}
	limit := w - 1 // push back what ran over the end
	for _, i := range slices.Backward(order) {
		at[i] = min(at[i], limit)
		limit = at[i] - 1
		if at[i] < 0 {
			at[i] = -1
		}
	}
	return at
}
