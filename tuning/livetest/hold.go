package livetest

import (
	"maps"
	"slices"
	"time"
)

// A Hold is what became of many idle connections held at once.
type Hold struct {
	Asked   int
	Opened  int // answered one request and then kept silent
	Refused int // could not be opened, or gave no answer
	Why     string
	Open    int             // still open, now or at the limit
	Closed  []time.Duration // idle time at each close, ascending
	Kinds   map[CloseKind]int
	Limited string // why fewer were opened than asked for; "" if not
}

// A SurvivalPoint is a step of a survival curve: from After on, Open of the
// connections are still there.
type SurvivalPoint struct {
	After time.Duration
	Open  int
}

// Survival is the share of connections open after an idle time, as steps; it
// begins with all of them at 0.
func Survival(closed []time.Duration, total int) []SurvivalPoint {
	points := make([]SurvivalPoint, 1, len(closed)+1)
	points[0].Open = total
	left := total
	for i, at := range closed {
		left--
		if i+1 < len(closed) && closed[i+1] == at {
			continue
		}
		points = append(points, SurvivalPoint{at, left})
	}
	return points
}

// Survival is the curve of the held connections.
func (h Hold) Survival() []SurvivalPoint { return Survival(h.Closed, h.Opened) }

func (h *Hold) take(e Event) {
	switch e.Kind {
	case EventResponse:
		h.Opened++
		h.Open++
	case EventClosed:
		h.Open--
		(*ascending)(&h.Closed).insert(e.After)
		if h.Kinds == nil {
			h.Kinds = map[CloseKind]int{}
		}
		h.Kinds[e.Close]++
	case EventFailed:
		h.Refused++
		if h.Why == "" {
			h.Why = e.Text
		}
	case EventLimited:
		h.Limited = e.Text
	default:
	}
}

func (h Hold) clone() *Hold {
	h.Closed = slices.Clone(h.Closed)
	h.Kinds = maps.Clone(h.Kinds)
	return &h
}

// Watched is how long silence has been watched at most: the limit, or what there was of the
// run where that was less.
func (r Result) Watched() time.Duration { return min(r.Spec.IdleLimit, r.Elapsed) }
