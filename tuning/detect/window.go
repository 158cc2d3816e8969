package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// ZeroWindow is how long a peer that closed its window and fell silent is
// probed, counted from its last segment: rule R4 (tcp_probe_timer()). A death
// [AfterData] is one right after the window was closed, one [AfterProbe] one
// whose probes are fully backed off; [AtAnyTime] is anything between. With
// TCP_USER_TIMEOUT it counts from the closing of the window, and even a living
// peer is given up.
func ZeroWindow(s Socket) Detection {
	if s.Stack != model.StackLinux {
		return Detection{Documented: true, Because: []string{"no rule for a closed window is documented for this system"}}
	}
	c := newClock(s.HZ)
	base := max(s.rto(c), c.ceil(rtoUnit))
	if s.UserTimeout > 0 {
		return s.windowUserTimeout(c, base) // a multipath socket has none
	}
	fresh, earliest, freshLatest := s.windowProbes(c, base, 0)
	backed, backedEarliest, latest := s.windowProbes(c, base, s.Retries)
	after := backed
	switch s.Death {
	case AfterData:
		after, latest = fresh, freshLatest
	case AfterProbe:
		earliest = backedEarliest
	case AtAnyTime:
	}
	return s.multipath(bounded(s, after, earliest, latest, []string{
		fmt.Sprintf("tcp_retries2 = %d window probes go unanswered, doubling up to %s: %s from a fresh window, %s once they are backed off",
			s.Retries, model.HumanSpan(s.RTOMax), model.HumanSpan(fresh), model.HumanSpan(backed)),
	}))
}

// windowProbes sums the waits of probes 0 to R after b were already sent: with
// ideal timers, and the earliest and latest that real ones take.
func (s Socket) windowProbes(c clock, base, b int64) (ideal, earliest, latest time.Duration) {
	ceiling := s.rtoMax(c)
	sum, r := int64(0), interval{0, 0, 1}
	for k := range s.Retries + 1 {
		j := min(base<<min(b+k, s.Retries, 10), ceiling)
		sum += j
		r = r.then(j)
	}
	return c.span(sum), c.span(r.min - 1), c.span(r.max + 1)
}

// windowUserTimeout is the end of a closed window with TCP_USER_TIMEOUT, which
// counts from the first probe (icsk_probes_tstamp). The number of unanswered
// probes still counts too, so a peer that died may be given up sooner.
func (s Socket) windowUserTimeout(c clock, base int64) Detection {
	ceiling, until := s.rtoMax(c), c.ceil(s.UserTimeout)
	low, high := int64(1)<<62, int64(0)
	for i := range int64(phases) {
		start := phase(i, granule(ceiling))
		low = min(low, s.probeWindow(start, base, ceiling, until, true))
		high = max(high, s.probeWindow(start, base, ceiling, until, false))
	}
	return bounded(s, model.Add(c.span(base), s.UserTimeout), c.span(low-1), c.span(high+2), []string{
		fmt.Sprintf("TCP_USER_TIMEOUT of %s counts from the first window probe, answered or not: a peer that does not read for so long is cut off", model.HumanSpan(s.UserTimeout)),
	})
}

// probeWindow runs the window probes of a peer, dead or alive, from a phase:
// jiffies from the closed window to the abort (tcp_probe_timer(),
// tcp_clamp_probe0_to_user_timeout()).
func (s Socket) probeWindow(start, base, ceiling, until int64, dead bool) int64 {
	const shortest = 2 // TCP_TIMEOUT_MIN
	now := fire(start, base)
	first := now
	for n := int64(0); ; {
		if n > 0 && now-first >= until || dead && n >= s.Retries {
			return now - start
		}
		n++
		steps := min(n, s.Retries, 10)
		wait := min(base<<steps, ceiling)
		left := max(until-(now-first), shortest)
		now = fire(now, min(wait, left))
		if !dead && wait < left && (steps < n || wait == ceiling) {
			now += skip(until-(now-first), wait)
		}
	}
}
