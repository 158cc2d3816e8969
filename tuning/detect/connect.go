package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// Connect is how long a connect() to a silent peer takes to fail, from the
// first SYN: rule R5 (tcp_write_timeout(), tcp_model_timeout() from a base of 1 s).
func Connect(s Socket) Detection {
	if s.Stack != model.StackLinux {
		return documentedConnect(s)
	}
	c := newClock(s.HZ)
	limit := s.UserTimeout
	if limit == 0 {
		limit = modelTimeout(s.SynRetries, time.Second, c.span(s.rtoMax(c)))
	}
	until, second := c.ceil(limit), c.ceil(time.Second)
	low, high := int64(1)<<62, int64(0)
	for i := range int64(phases) {
		end := s.syn(phase(i, granule(s.rtoMax(c))), second, until, s.rtoMax(c), fire)
		low, high = min(low, end), max(high, end)
	}
	ideal := s.syn(0, second, until, s.rtoMax(c), func(now, j int64) int64 { return now + j })
	return bounded(s, c.span(ideal), c.span(low-1), c.span(high+2), []string{
		fmt.Sprintf("SYNs at 1 s intervals, doubling after %d; given up after %d retransmissions or %s, whichever a SYN timer meets first",
			s.SynLinear, s.SynRetries+s.SynLinear, model.HumanSpan(limit)),
	})
}

// syn runs the SYN timers from a phase: jiffies from the first SYN to the failure.
func (s Socket) syn(start, second, until, ceiling int64, fire func(now, j int64) int64) int64 {
	now, rto := start, second
	for n := int64(0); ; n++ {
		wait := rto
		if s.UserTimeout > 0 && n > 0 {
			wait = max(min(rto, until-(now-start)), 1)
		}
		now = fire(now, wait)
		if n >= s.SynRetries+s.SynLinear || n >= 1 && now-start >= until {
			return now - start
		}
		if n >= s.SynLinear {
			rto = min(rto*2, ceiling)
		}
	}
}
