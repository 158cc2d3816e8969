package livetest

import (
	"fmt"
	"slices"
	"time"
)

// A phase is when a part of a test ran, and when it saw connections closed.
type phase struct {
	from, to time.Duration
	ends     []time.Duration
}

// phase notes an event of the race or of held connections.
func (p *probeParts) phase(e Event) {
	if p.phases == nil {
		p.phases = map[ProbeRole]*phase{}
	}
	ran := p.phases[e.Role]
	if ran == nil {
		ran = &phase{from: e.At}
		p.phases[e.Role] = ran
	}
	ran.to = max(ran.to, e.At)
	if e.Kind == EventClosed {
		ran.ends = append(ran.ends, e.At)
	}
}

// endedWithin reports whether a close was seen in a span.
func (p *phase) endedWithin(from, to time.Duration) bool {
	return slices.ContainsFunc(p.ends, func(at time.Duration) bool { return at >= from && at <= to })
}

// disturbed says why the race or the held connections do not count, "" where they do. A race
// that stands still sends its requests too late; of held connections only the closes meet it.
func (s *ProbeSummary) disturbed(doubts []controlDoubt) string {
	for _, part := range []struct {
		role ProbeRole
		what string
	}{{ProbeRoleRace, "the race does not count"}, {ProbeRoleHold, "the held connections do not count"}} {
		ran := s.parts.phases[part.role]
		if ran == nil {
			continue
		}
		for _, e := range s.pauses {
			switch {
			case e.From >= ran.to || e.At <= ran.from:
			case e.Jump.Abs() >= clockTolerance:
				return fmt.Sprintf("%s: the clocks drifted apart by %v meanwhile (suspended, or the clock was set)", part.what, e.Jump.Round(time.Millisecond))
			case e.At-e.From >= suspended && (part.role == ProbeRoleRace || ran.endedWithin(e.From, e.At+sameTimer)):
				return fmt.Sprintf("%s: the test itself did not run for %v", part.what, (e.At - e.From).Round(time.Millisecond))
			}
		}
		for _, d := range doubts {
			if ran.endedWithin(d.from-controlReach, d.at+max(controlReach, d.at-d.from)) {
				return part.what + ": the control connection failed when they were closed: " + d.text
			}
		}
	}
	return ""
}
