package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// illumos counts neither probes nor retransmissions: time limits end both
// (usr/src/uts/common/inet/tcp/tcp_timers.c).
var illumos = system{
	defaults: func(s *Socket) {
		s.RTOMin, s.RTOMax = 400*time.Millisecond, time.Minute // _rexmit_interval_min, _rexmit_interval_max
		s.ProbeAbort = 8 * time.Minute                         // _keepalive_abort_interval
		s.DataAbort = 5 * time.Minute                          // _ip_abort_interval
	},
	idle: illumosIdle, flight: illumosFlight, lastTry: illumosTry, outlast: illumosProbes,
	connect: func(Socket) Detection { return exactly(180*time.Second, 0, "the connect abort interval is 180 s") },
}

// limited reports whether a limit ends anything.
func limited(d time.Duration) bool { return d > 0 && d < endless }

func illumosIdle(s Socket) Detection {
	if !limited(s.ProbeAbort) {
		return never("_keepalive_abort_interval is 0: probes go on for ever")
	}
	return exactly(model.Add(s.Idle, s.ProbeAbort), s.RTOMax, fmt.Sprintf("probes back off from the RTO to %s; given up at the first one that comes %s after the first",
		model.HumanSpan(s.RTOMax), model.HumanSpan(s.ProbeAbort)))
}

func illumosProbes(s Socket) (survived, given time.Duration) {
	if !limited(s.ProbeAbort) {
		return model.Never, model.Never
	}
	return max(s.ProbeAbort-s.RTOMax, 0), s.ProbeAbort
}

// illumosTry is the last retransmission before a moment.
func illumosTry(s Socket, until time.Duration) time.Duration {
	if limited(s.DataAbort) {
		until = min(until, s.DataAbort+1)
	}
	last, _ := illumosTimers(s, until)
	return last
}

// illumosTimers are the last retransmission timer before a moment, and the next.
func illumosTimers(s Socket, until time.Duration) (last, next time.Duration) {
	rto, ceiling := max(s.RTOMin, s.RTT, time.Millisecond), max(s.RTOMax, time.Millisecond)
	if until == model.Never {
		return model.Never, model.Never
	}
	for rto = min(rto, ceiling); next < until; rto = min(2*rto, ceiling) {
		if last = next; rto == ceiling { // from here on they are evenly apart
			last += max(until-last-1, 0) / ceiling * ceiling
			return last, last + ceiling
		}
		next += rto
	}
	return last, next
}

func illumosFlight(s Socket) Detection {
	if !limited(s.DataAbort) {
		return never("_ip_abort_interval is 0: what was sent is sent again for ever")
	}
	_, end := illumosTimers(s, s.DataAbort+1)
	return exactly(end, 0, fmt.Sprintf("given up when the retransmission timeouts add up to more than %s", model.HumanSpan(s.DataAbort)))
}
