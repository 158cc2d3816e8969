package livetest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"example.com/keeptune/model"
)

// MeasureHold measures how many idle connections are kept, and how long.
const (
	MeasureHold Measurement = "hold"
	RoleHold                = Role(MeasureHold)
)

const maxHold = 20_000

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

// A holdFold gathers what the held connections saw.
type holdFold struct{ found Hold }

func (f *holdFold) take(e Event) {
	h := &f.found
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

func (f *holdFold) conclude(r *Result, _ doubts) {
	r.Hold = f.found.clone()
	r.Hold.Asked = r.Spec.Hold
}

type holdQuestion struct{ *traits }

var hold = holdQuestion{&traits{
	name: MeasureHold, stage: alone, counted: true, doubt: "the held connections do not count",
	choice: &Choice{
		Name: "hold", About: "so many idle connections at once, and how long each is kept: a survival curve", Place: 4,
		Values: []string{"100"}, Format: "how many connections; nothing is none", Unit: "connection", Units: "connections",
	},
}}

func (q holdQuestion) opens(s Spec) int { return s.Hold + 1 }

func (q holdQuestion) longest(s Spec) time.Duration { return s.IdleLimit }

func (q holdQuestion) check(s Spec) error {
	if s.Measures(MeasureHold) && (s.Hold < 1 || s.Hold > maxHold) {
		return fmt.Errorf("%d held connections are out of range: give 1 to %d", s.Hold, maxHold)
	}
	return nil
}

func (q holdQuestion) choose(s *Spec, value string) { s.Hold, _ = strconv.Atoi(value) }

func (q holdQuestion) fold() fold { return &holdFold{} }

func (q holdQuestion) answered(r Result) bool { return r.Hold != nil && r.Hold.Opened > 0 }

func (q holdQuestion) lines(r Result) []Line {
	if r.Hold == nil {
		return nil
	}
	return []Line{{"HELD", r.Hold.Text(r.Watched())}}
}

// Text says what became of the connections that were held; limit is how long.
func (h Hold) Text(limit time.Duration) string {
	text := fmt.Sprintf("%d of %d connections opened", h.Opened, h.Asked)
	if h.Limited != "" {
		text += " (" + h.Limited + ")"
	}
	if h.Refused > 0 {
		text += fmt.Sprintf(", %d gave no answer: %s", h.Refused, h.Why)
	}
	if n := len(h.Closed); n > 0 {
		text += fmt.Sprintf("; %d closed after %s", n, model.HumanRange(h.Closed[0].Round(time.Millisecond), h.Closed[n-1].Round(time.Millisecond)))
	}
	if h.Open > 0 {
		text += fmt.Sprintf("; %d still open after %s", h.Open, model.HumanSpan(limit.Round(time.Millisecond)))
	}
	return text
}
