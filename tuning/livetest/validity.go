package livetest

import (
	"fmt"
	"slices"
	"time"
)

const (
	// controlReach is how far a failure of the control connection casts doubt around it.
	controlReach = time.Second
	// controlSilence is how old the control connection's last reply may be, beside the time
	// that its replies take, to show that the path works.
	controlSilence = 2 * time.Second
	// controlHole is the same between two replies where a moment between them matters.
	controlHole = 1500 * time.Millisecond
	// clockTolerance is the difference of the clocks that counts as a jump.
	clockTolerance = 100 * time.Millisecond
	// timerNoise is how late a timer may be without a remark.
	timerNoise = 20 * time.Millisecond
	// suspended is the pause from which even samples with kernel time are not believed.
	suspended = time.Second
	// sameTimer is how far two closes by one timer may lie apart.
	sameTimer = 100 * time.Millisecond
)

// unexplained drops ends of the control connection that are the server's own habit: at its
// request limit, or by an idle timer shorter than the control's gap.
func (s *Summary) unexplained(samples []Sample) []controlEnd {
	var kept []controlEnd
	ends := map[int]int{} // closes after so many requests
	for _, d := range s.controlEnds {
		ends[d.request]++
	}
	for _, d := range s.controlEnds {
		habit := d.request > 0 && ends[d.request] > 1
		if r := s.res.Requests; r != nil && r.Limit != nil && *r.Limit == d.request {
			habit = true
		}
		for _, p := range samples {
			near := p.State == SampleClosed && (p.After-d.idle).Abs() <= sameTimer
			habit = habit || d.request > 0 && p.Role == RoleIdle && near
		}
		if !habit {
			kept = append(kept, d)
		}
	}
	return kept
}

// invalid says why a sample is not to be believed, "" when it is.
func (s *Summary) invalid(p Sample, ends []controlEnd, off bool) string {
	if p.State != SampleClosed && p.State != SampleOpen {
		return ""
	}
	end := p.Zero + p.After
	for _, e := range s.pauses {
		switch {
		case e.Jump.Abs() >= clockTolerance && e.From < end && e.At > p.Zero:
			return fmt.Sprintf("the clocks drifted apart by %v during the wait (suspended, or the clock was set)", e.Jump.Round(time.Millisecond))
		case (e.At-e.From >= suspended || !p.Exact) && (within(end, e) || within(p.Zero, e)):
			return fmt.Sprintf("the test itself did not run for %v", (e.At - e.From).Round(time.Millisecond))
		}
	}
	if p.State == SampleOpen {
		// A dead path is as silent as an open connection: the FIN may be lost on it.
		if (len(s.alive) > 0 || len(ends) > 0) && !s.aliveAt(end) {
			return "the control connection had no reply at the end of the wait"
		}
		return ""
	}
	for _, d := range ends {
		// A FIN sent into an outage is sent again after up to as long a time once more.
		if end >= d.from-controlReach && end <= d.at+max(controlReach, d.at-d.from) {
			return "the control connection failed at that moment: " + d.text
		}
	}
	if s.said[p.Conn] && !off {
		return "the reply announced the close"
	}
	return ""
}

// within reports whether something was seen in a pause or right after it.
func within(at time.Duration, pause Event) bool {
	return at >= pause.From && at <= pause.At+sameTimer
}

// aliveAt reports whether the control connection had a reply around a moment.
func (s *Summary) aliveAt(at time.Duration) bool {
	since := at - controlSilence - 2*s.slowest
	return slices.ContainsFunc(s.alive, func(reply time.Duration) bool {
		return reply >= since && reply <= at+controlReach
	})
}

// unanswered says why it proves nothing that what was sent after a rung's silence found the
// connection dead: the test did not run, or nobody else was answered either. In an outage the
// packet is lost, and sent again when the gap is longer than the one that was asked for.
func (s *Summary) unanswered(g Rung) string {
	sent, found := g.Zero+max(g.Gap, g.Kept), g.Found
	pauses := s.pauses
	if g.Close != CloseSilent {
		pauses = nil // a reset is an answer
	}
	for _, e := range pauses {
		// An answer that came in a short pause is read after it, unless the wait is over.
		if e.From < found && e.At+sameTimer > sent && (e.At-e.From >= suspended || within(found, e)) {
			return fmt.Sprintf("the test itself did not run for %v", (e.At - e.From).Round(time.Millisecond))
		}
	}
	if len(s.alive) == 0 && len(s.controlEnds) == 0 {
		return ""
	}
	hole, last := controlHole, time.Duration(0)
	if n := len(s.replies); n > 0 {
		hole += 2 * s.replies[n/2]
	}
	i, _ := slices.BinarySearch(s.alive, sent)
	if i > 0 {
		last = s.alive[i-1]
	}
	for ; last < found; i++ {
		next := found
		if i < len(s.alive) {
			next = min(next, s.alive[i])
		}
		if next-last > hole {
			return "the control connection had no reply either while the answer was waited for"
		}
		last = next
	}
	return ""
}
