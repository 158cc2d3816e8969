package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// ZeroWindow is how long a peer that closed its window and fell silent is
// probed, counted from its last segment: rule R4 (tcp_probe_timer()). Low is a
// window that has just closed, High one whose probes are fully backed off. With
// TCP_USER_TIMEOUT even a living peer is given up.
func ZeroWindow(s Socket) Detection {
	if s.Stack != model.StackLinux {
		return Detection{Documented: true, Because: []string{"no rule for a closed window is documented for this system"}}
	}
	c := newClock(s.HZ)
	base := max(s.rto(c), c.ceil(rtoUnit))
	if s.UserTimeout > 0 {
		first, user := fireReach(base), c.ceil(s.UserTimeout)
		after := c.span(base) + s.UserTimeout
		return bounded(s, after, c.span(first.min+user-1), c.span(first.max+user+granule(user)+2), []string{
			fmt.Sprintf("TCP_USER_TIMEOUT of %s counts from the first window probe, answered or not: a peer that does not read for so long is cut off", model.HumanSpan(s.UserTimeout)),
		})
	}
	fresh, _ := s.windowProbes(c, base, 0)
	backed, slowest := s.windowProbes(c, base, s.Retries)
	return bounded(s, backed, fresh, slowest, []string{
		fmt.Sprintf("tcp_retries2 = %d window probes go unanswered, doubling up to %s: %s from a fresh window, %s once they are backed off",
			s.Retries, model.HumanSpan(s.RTOMax), model.HumanSpan(fresh), model.HumanSpan(backed)),
	})
}

func fireReach(j int64) reach { return reach{0, 0, 1}.then(j) }

// windowProbes sums the waits of probes 0 to R after b were already sent, with
// ideal timers and with the latest ones.
func (s Socket) windowProbes(c clock, base, b int64) (ideal, latest time.Duration) {
	ceiling := s.rtoMax(c)
	for k := range s.Retries + 1 {
		j := min(base<<min(b+k, s.Retries, 10), ceiling)
		ideal = model.Add(ideal, c.span(j))
		latest = model.Add(latest, c.span(j+granule(j)))
	}
	return ideal, latest
}
