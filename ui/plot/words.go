package plot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// closeWords say how a connection was found dead.
var closeWords = map[livetest.CloseKind]string{
	livetest.CloseNone: "alive", livetest.CloseFIN: "closed (FIN)", livetest.CloseRST: "reset while silent",
	livetest.CloseRSTOnSend: "gone: reset on the next packet", livetest.CloseSilent: "gone: the next packet vanishes",
	livetest.Close408: "closed after bytes nobody asked for (408)", livetest.CloseGoAway: "closed with GOAWAY",
}

// Rungs are the lines of a ladder, by gap, one for each rung: still silent, or
// what was found. now is the time since the start of the run.
func Rungs(l livetest.Ladder, now time.Duration, w int, s Signs) []string {
	lines := make([]string, 0, len(l.Rungs))
	for _, r := range l.Rungs {
		text, share := closeWords[r.Close], 1.0
		switch r.State {
		case livetest.SampleWatched:
			left := max(0, r.Gap-(now-r.Zero))
			text = "silent, " + model.HumanSpan(coarse(left)) + " left"
			if left == 0 {
				text = "silent, its answer is due"
			}
			share = 1 - float64(left)/float64(max(1, r.Gap))
		case livetest.SampleClosed:
			if r.After > 0 {
				text += " after " + model.HumanSpan(r.After.Round(time.Millisecond))
			}
		case livetest.SampleDiscarded, livetest.SampleFailed:
			text = "does not count: " + model.Clean(r.Why, 120)
		case livetest.SampleOpen, livetest.SampleConnecting:
		}
		lines = append(lines, bar(model.HumanSpan(r.Gap.Round(time.Millisecond)), share, text, w, s))
	}
	return lines
}

// coarse is the time left in steps that grow with it: each change is sent as a
// whole line, and many rungs count down at once.
func coarse(left time.Duration) time.Duration {
	step := time.Second
	switch {
	case left > 10*time.Minute:
		step = 5 * time.Minute
	case left > time.Minute:
		step = 30 * time.Second
	case left > 10*time.Second:
		step = 5 * time.Second
	}
	return (left + step - 1).Truncate(step)
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

// Conclusion says in one sentence what the ladders of a result amount to; ""
// where nothing is known yet.
func Conclusion(all []livetest.Ladder, d livetest.Direction) string {
	for _, l := range all {
		if l.Direction != d || l.Probes {
			continue
		}
		who := "An idle connection"
		if d == livetest.Inward {
			who = "An idle connection on which the far end sends"
		}
		switch {
		case l.Alive == nil && l.Dead == nil:
			return ""
		case l.Dead == nil:
			return fmt.Sprintf("%s outlives %s.", who, model.HumanSpan(*l.Alive))
		}
		text := fmt.Sprintf("%s ends by %s", who, model.HumanSpan(l.Dead.Round(time.Millisecond)))
		if l.Alive != nil {
			text = fmt.Sprintf("%s ends between %s and %s", who, model.HumanSpan(l.Alive.Round(time.Millisecond)), model.HumanSpan(l.Dead.Round(time.Millisecond)))
		}
		return text + ": " + kinds[l.Close] + "." + holding(all, l)
	}
	return ""
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

// kinds say who ends a connection, by how it ends.
var kinds = map[livetest.CloseKind]string{
	livetest.CloseFIN: "it is closed with a FIN, by the server or a proxy in front of it", livetest.CloseRST: "it is reset, by the server or something on the path",
	livetest.CloseRSTOnSend: "the path has forgotten it and answers the next packet with a reset",
	livetest.CloseSilent:    "the path has forgotten it and drops what comes next without a word",
	livetest.Close408:       "the server answers 408 and closes",
}

func holding(all []livetest.Ladder, without livetest.Ladder) string {
	var same []livetest.Ladder
	for _, l := range all {
		if l.Direction == without.Direction {
			same = append(same, l)
		}
	}
	switch held, known := livetest.Held(same); {
	case known && held:
		return " TCP keep-alive holds it."
	case known:
		return " TCP keep-alive does not hold it."
	case without.Close == livetest.CloseFIN:
		return " TCP keep-alive does not touch such a timer."
	}
	return ""
}

// Race are the lines of a race's histogram, by offset and method: how many
// requests were lost of those sent, and how often the close was seen in time.
func Race(r livetest.Race, w int, s Signs) []string {
	var lines []string
	for _, step := range r.Steps {
		share := 0.0
		if step.Sent > 0 {
			share = float64(step.Failed) / float64(step.Sent)
		}
		label := fmt.Sprintf("%+.1f ms", float64(step.Offset)/float64(time.Millisecond))
		if r.Mode == livetest.RacePoisson {
			label = "all"
		}
		text := fmt.Sprintf("%-4s %d of %d lost", model.Clean(step.Method, 10), step.Failed, step.Sent)
		if step.Closed > 0 {
			text += fmt.Sprintf(", %d saw the close first", step.Closed)
		}
		lines = append(lines, bar(label, share, text, w, s))
	}
	return lines
}
