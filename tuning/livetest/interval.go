package livetest

import (
	"fmt"
	"slices"
	"time"
)

// An interval is when a part of a test ran, and when it saw connections closed.
type interval struct {
	from, to time.Duration
	ends     []time.Duration
}

// interval notes an event of the race or of held connections.
func (s *Summary) interval(e Event) {
	if s.intervals == nil {
		s.intervals = map[Role]*interval{}
	}
	ran := s.intervals[e.Role]
	if ran == nil {
		ran = &interval{from: e.At}
		s.intervals[e.Role] = ran
	}
	ran.to = max(ran.to, e.At)
	if e.Kind == EventClosed {
		ran.ends = append(ran.ends, e.At)
	}
}

// endedWithin reports whether a close was seen in a span.
func (p *interval) endedWithin(from, to time.Duration) bool {
	return slices.ContainsFunc(p.ends, func(at time.Duration) bool { return at >= from && at <= to })
}

// disturbed says why the race or the held connections do not count, "" where they do. A race
// that stands still sends its requests too late; of held connections only the closes meet it.
func (s *Summary) disturbed(ends []controlEnd) string {
	for _, q := range questions {
		t := q.is()
		ran := s.intervals[Role(t.name)]
		if ran == nil {
			continue
		}
		for _, e := range s.pauses {
			switch {
			case e.From >= ran.to || e.At <= ran.from:
			case e.Jump.Abs() >= clockTolerance:
				return fmt.Sprintf("%s: the clocks drifted apart by %v meanwhile (suspended, or the clock was set)", t.doubt, e.Jump.Round(time.Millisecond))
			case e.At-e.From >= suspended && (t.paced || ran.endedWithin(e.From, e.At+sameTimer)):
				return fmt.Sprintf("%s: the test itself did not run for %v", t.doubt, (e.At - e.From).Round(time.Millisecond))
			}
		}
		for _, d := range ends {
			if ran.endedWithin(d.from-controlReach, d.at+max(controlReach, d.at-d.from)) {
				return t.doubt + ": the control connection failed when they were closed: " + d.text
			}
		}
	}
	return ""
}
