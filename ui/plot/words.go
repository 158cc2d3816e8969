package plot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// Bars are the lines of a chart, one for each bar.
func Bars(bars []livetest.Bar, w int, s Signs) []string {
	lines := make([]string, 0, len(bars))
	for _, b := range bars {
		lines = append(lines, bar(b.Label, b.Share, b.Text, w, s))
	}
	return lines
}

const barWidth = 12

// bar is a labelled bar with a text behind it.
func bar(label string, share float64, text string, w int, s Signs) string {
	full := int(share*barWidth + 0.5)
	line := fmt.Sprintf("%9s %s%s %s", label, strings.Repeat(s.Fill, full), strings.Repeat(" ", barWidth-full), text)
	return cut(line, w)
}

func cut(line string, w int) string {
	if r := []rune(line); len(r) > w {
		return string(r[:max(0, w)])
	}
	return line
}

// Bracket is between which gaps the path forgot a connection, by the shorter
// of its timers. What the target's own idle timer explains, or a clean close, is
// no middlebox's.
func Bracket(r livetest.Result) (low, high time.Duration, ok bool) {
	apart, farEnd := r.TimerAttribution(), r.Spec.Ladder != nil && r.Spec.Ladder.FarEnd != ""
	for _, p := range apart.Path {
		forgot := slices.Contains([]livetest.CloseKind{livetest.CloseRST, livetest.CloseRSTOnSend, livetest.CloseSilent}, p.Close)
		own := !farEnd && apart.Server != nil && *apart.Server <= p.Dead+tuning.Timing
		if !forgot || own || p.Alive == 0 || p.Alive >= p.Dead || ok && p.Dead >= high {
			continue
		}
		low, high, ok = p.Alive, p.Dead, true
	}
	return low, high, ok
}
