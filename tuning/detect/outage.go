package detect

import (
	"time"

	"example.com/keeptune/model"
)

// Outlasts is the longest outage that data in flight survives, counted from its
// send: the moment of the last try that goes out before the connection is given
// up, or before until, at which something else ends it ([model.Never]: nothing
// does). What comes back after that try comes too late, for none follows it.
// It is the earliest such moment over all phases of the timers; false where no
// rule is documented.
func Outlasts(s Socket, until time.Duration) (time.Duration, bool) {
	switch {
	case s.Stack != model.StackLinux:
		return documentedTry(s, until)
	case until == model.Never:
		return InFlight(s).Try, true
	}
	c := newClock(s.HZ)
	limit := c.ceil(s.giveUp(c, s.Retries))
	d := s.chain(c)
	deadline := c.ceil(until)
	tried := int64(1) << 62
	ceiling := s.rtoMax(c)
	for i := range int64(phases) {
		_, last := s.run(phase(i, granule(ceiling)), d, ceiling, limit, limit, deadline)
		tried = min(tried, last)
	}
	return max(c.span(tried-1), 0), true
}

// ProbesOutlast is the longest outage that the probes of a quiet connection
// survive where it begins just before the first of them: the last probe that
// goes out before the connection is given up. It is [model.Never] where nothing
// is probed.
func ProbesOutlast(s Socket) (survived, given time.Duration) {
	switch {
	case !s.KeepAlive:
		return model.Never, model.Never
	case s.cutsOff():
		return 0, 0
	case s.Stack != model.StackLinux:
		if outlast := systems[s.Stack].outlast; outlast != nil {
			return outlast(s)
		}
		return countedProbes(s)
	}
	tries := max(s.Count, 1)
	if s.UserTimeout > 0 {
		c := newClock(s.HZ)
		idle, every := c.ceil(max(s.Idle, s.Every)), c.ceil(s.Every)
		tries = max((c.ceil(s.UserTimeout)-idle-granule(idle)+every+granule(every)-1)/(every+granule(every)), 1)
	}
	return time.Duration(tries-1) * s.Every, time.Duration(tries) * s.Every
}
