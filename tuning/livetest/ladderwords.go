package livetest

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// Conclusions say in one sentence for each direction what the ladders amount to, as far as that
// is known yet.
func (r Result) Conclusions() []string {
	var texts []string
	for _, d := range []Direction{Outward, Inward} {
		if text := conclusion(r.Ladders, d); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// conclusion says in one sentence what the ladders of a result amount to; ""
// where nothing is known yet.
func conclusion(all []Ladder, d Direction) string {
	for _, l := range all {
		if l.Direction != d || l.Probes {
			continue
		}
		who := "An idle connection"
		if d == Inward {
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

// kinds say who ends a connection, by how it ends.
var kinds = map[CloseKind]string{
	CloseFIN: "it is closed with a FIN, by the server or a proxy in front of it", CloseRST: "it is reset, by the server or something on the path",
	CloseRSTOnSend: "the path has forgotten it and answers the next packet with a reset",
	CloseSilent:    "the path has forgotten it and drops what comes next without a word",
	Close408:       "the server answers 408 and closes",
}

func holding(all []Ladder, without Ladder) string {
	var same []Ladder
	for _, l := range all {
		if l.Direction == without.Direction {
			same = append(same, l)
		}
	}
	switch held, known := Held(same); {
	case known && held:
		return " TCP keep-alive holds it."
	case known:
		return " TCP keep-alive does not hold it."
	case without.Close == CloseFIN:
		return " TCP keep-alive does not touch such a timer."
	}
	return ""
}

// Title says who sends after the gaps of a ladder.
func (l Ladder) Title() string {
	text := map[Direction]string{Outward: "this end sends after the gap", Inward: "the far end sends after the gap"}[l.Direction]
	if l.Probes {
		text += ", TCP keep-alive on"
	}
	return text
}

// closeWords say how a connection was found dead.
var closeWords = map[CloseKind]string{
	CloseNone: "alive", CloseFIN: "closed (FIN)", CloseRST: "reset while silent",
	CloseRSTOnSend: "gone: reset on the next packet", CloseSilent: "gone: the next packet vanishes",
	Close408: "closed after bytes nobody asked for (408)", CloseGoAway: "closed with GOAWAY",
}

// Found says how a connection was found, that something was sent on or that was watched.
func (k CloseKind) Found() string { return closeWords[k] }

// bars are the gaps, each still silent, or with what was found. now is the time since the
// start of the run.
func (l Ladder) bars(now time.Duration) []Bar {
	bars := make([]Bar, 0, len(l.Rungs))
	for _, r := range l.Rungs {
		text, share := closeWords[r.Close], 1.0
		switch r.State {
		case SampleWatched:
			left := max(0, r.Gap-(now-r.Zero))
			text = "silent, " + model.HumanSpan(coarse(left)) + " left"
			if left == 0 {
				text = "silent, its answer is due"
			}
			share = 1 - float64(left)/float64(max(1, r.Gap))
		case SampleClosed:
			if r.After > 0 {
				text += " after " + model.HumanSpan(r.After.Round(time.Millisecond))
			}
		case SampleDiscarded, SampleFailed:
			text = "does not count: " + model.Clean(r.Why, 120)
		case SampleOpen, SampleConnecting:
		}
		bars = append(bars, Bar{model.HumanSpan(r.Gap.Round(time.Millisecond)), share, text})
	}
	return bars
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
