package detect

import (
	"fmt"
	"math/bits"
	"time"

	"example.com/keeptune/model"
)

// phases is how many phases of the timer wheel a chain of timers is run
// through: all of them up to HZ 250, an even spread of them above.
const phases = 512

// phase is the i-th phase to try for a chain whose longest timer has this granule.
func phase(i, granule int64) int64 {
	step := max(granule/phases, 1)
	return i*step + i*7/3%step
}

// InFlight is how long after the send of the first unacknowledged byte a
// silent peer is given up: rule R3 for Linux (tcp_retransmit_timer(),
// retransmits_timed_out(), tcp_clamp_rto_to_user_timeout()). Keep-alive makes
// no difference: probes do not run while data is unacknowledged.
func InFlight(s Socket) Detection {
	if s.Stack != model.StackLinux {
		return documentedFlight(s)
	}
	c := newClock(s.HZ)
	limit := s.giveUp(c, s.Retries)
	d := s.retransmit(c, limit, limit)
	because := []string{d.start(c)}
	if s.UserTimeout > 0 {
		because = append(because, fmt.Sprintf("TCP_USER_TIMEOUT of %s counts from the first retransmission, not from the send; tcp_retries2 is not looked at",
			model.HumanSpan(s.UserTimeout)))
	} else {
		because = append(because, fmt.Sprintf("tcp_retries2 = %d stands for %s from the first retransmission; given up at the first timer after that", s.Retries, model.HumanSpan(limit)))
	}
	found := bounded(s, d.after, d.low, d.high, because)
	found.Try = d.tried
	return s.multipath(found)
}

// Orphan is how long a socket that was closed, and whose FIN is not acknowledged,
// stays in the kernel, counted from the close: rule R8 (tcp_orphan_retries()).
// Unless several segments are known to be in flight, the FIN may be alone or
// beside data, which makes a tail loss probe of difference. A count of 0 means 8
// only while the timeout is below its ceiling: the first timer that waited for
// the ceiling itself is the last.
func Orphan(s Socket) Detection {
	if s.Stack != model.StackLinux {
		return undocumented()
	}
	c := newClock(s.HZ)
	limit := s.giveUp(c, s.Orphans)
	ceiling := limit
	because := fmt.Sprintf("closed by the application: tcp_orphan_retries = %d stands for %s", s.Orphans, model.HumanSpan(limit))
	if s.Orphans == 0 && s.UserTimeout == 0 {
		limit = s.giveUp(c, 8)
		because = fmt.Sprintf("closed by the application: tcp_orphan_retries = 0 stands for 8, that is %s, or for the first timer of %s, the ceiling of the timeout",
			model.HumanSpan(limit), model.HumanSpan(s.RTOMax))
	}
	d := s.retransmit(c, limit, ceiling)
	start := d.start(c)
	soonest, latest, answers := OrphanUnreachable(s)
	if !s.Several {
		start += "; where the FIN follows data, that probe goes out at once"
		s.Several = true
		low := s.retransmit(c, limit, ceiling)
		d.low = min(d.low, low.low)
	}
	found := bounded(s, d.after, d.low, d.high, []string{start, because})
	if answers {
		found.Because = append(found.Because, fmt.Sprintf("where ICMP unreachable answers, from this host itself too if its link is down or its neighbour gone, it is %s instead",
			model.HumanRange(soonest, latest)))
	}
	return found
}

// OrphanUnreachable is how long such a socket stays, from the close, where ICMP
// unreachable answers its segments: from a router, or from this host itself once
// it finds no neighbour (tcp_ld_RTO_revert(), tcp_orphan_retries()). Each one takes
// the last doubling of the timeout back, so the limit is met sooner or the
// ceiling never; at the ceiling one of them is enough. ok is false where that
// makes no difference.
func OrphanUnreachable(s Socket) (low, high time.Duration, ok bool) {
	if s.Stack != model.StackLinux || s.UserTimeout > 0 {
		return 0, 0, false
	}
	c := newClock(s.HZ)
	index := s.Orphans
	if index == 0 {
		index = 8
	}
	limit := s.giveUp(c, index)
	first := s.chain(c)
	last := min(max(c.ceil(limit), first.rto), s.rtoMax(c))
	high = max(s.retransmit(c, limit, limit).high, model.Add(limit, c.span(first.tail+first.rto+last+granule(last)+3)))
	s.Several = true // the soonest
	sooner := s.retransmit(c, limit, 0)
	soon := s.chain(c)
	return min(sooner.low, model.Add(limit, c.span(soon.tail+soon.rto))), high, true
}

// WriteAt is when a peer that fell silent is given up, counted from its last
// segment, if the application writes w later: rule R6. A write on a connection
// that is already dead starts the retransmissions and stops the probes.
func WriteAt(s Socket, w time.Duration) Detection {
	idle := Idle(s)
	if idle.Known && w >= idle.High {
		return idle
	}
	d := InFlight(s)
	if !d.Known {
		return d
	}
	d.After, d.Low, d.High = model.Add(w, d.After), model.Add(w, d.Low), model.Add(w, d.High)
	d.Because = append([]string{fmt.Sprintf("the write after %s stops the probes; from then on the retransmissions decide", model.HumanSpan(w))}, d.Because...)
	return d
}

// giveUp is the time after the first retransmission at which unacknowledged
// data is given up: U, or the model of tcp_model_timeout() for an index into it.
func (s Socket) giveUp(c clock, index int64) time.Duration {
	if s.UserTimeout > 0 {
		return s.UserTimeout
	}
	return modelTimeout(index, rtoUnit, c.span(s.rtoMax(c)))
}

// modelTimeout is tcp_model_timeout(): a doubling from a base up to the
// ceiling, and the ceiling for every step after it.
func modelTimeout(index int64, base, ceiling time.Duration) time.Duration {
	steps := max(int64(bits.Len64(uint64(max(ceiling/base, 1)))-1), 0)
	if index <= steps {
		return base * time.Duration(int64(1)<<(index+1)-1)
	}
	return model.Add(base*time.Duration(int64(1)<<(steps+1)-1), time.Duration(index-steps)*ceiling)
}

// A chain is the outcome of a retransmission chain over all phases.
type chain struct {
	after, low, high time.Duration
	tried            time.Duration // the last try, at the earliest
	tail             int64         // jiffies of the tail loss probe, 0 without
	rto              int64
}

func (d chain) start(c clock) string {
	if d.tail == 0 {
		return fmt.Sprintf("first retransmission after one RTO of %s", model.HumanSpan(c.span(d.rto)))
	}
	return fmt.Sprintf("first retransmission after a tail loss probe (%s) and one RTO (%s)",
		model.HumanSpan(c.span(d.tail)), model.HumanSpan(c.span(d.rto)))
}

// retransmit runs the chain: tail loss probe, first RTO, doubling RTOs, until
// limit has passed since the first RTO, or atCeiling once the RTO is at its
// ceiling.
func (s Socket) retransmit(c clock, limit, atCeiling time.Duration) chain {
	d := s.chain(c)
	timers := int64(2)
	if d.tail > 0 {
		timers++
	}
	ceiling := s.rtoMax(c)
	until, last := c.ceil(limit), c.ceil(atCeiling)
	d.after = c.span(d.tail+d.rto) + s.ideal(c, d.rto, ceiling, limit, atCeiling)
	low, high, tried := int64(1)<<62, int64(0), int64(1)<<62
	for i := range int64(phases) {
		end, try := s.run(phase(i, granule(ceiling)), d, ceiling, until, last, int64(1)<<62)
		low, high, tried = min(low, end), max(high, end), min(tried, try)
	}
	d.tried = max(c.span(tried-1), 0)
	d.low, d.high = c.span(low-1), c.span(high+timers)
	return d
}

// chain is the beginning of a retransmission chain.
func (s Socket) chain(c clock) chain {
	d := chain{rto: min(s.rto(c), s.rtoMax(c))}
	if s.TailLossProbe {
		d.tail = s.tail(c, d.rto)
	}
	return d
}

// tail is the wait for the tail loss probe (tcp_schedule_loss_probe()).
func (s Socket) tail(c clock, rto int64) int64 {
	wait := 2*s.RTT + s.RTOMin
	if s.Several {
		wait = 2*s.RTT + 2*time.Millisecond
	}
	return min(c.ceil(wait), rto)
}

// run is one chain that starts at a phase: jiffies from the send to the abort,
// or to a deadline that comes first, and to the last try before it.
func (s Socket) run(start int64, d chain, ceiling, until, last, deadline int64) (end, tried int64) {
	now := start
	if d.tail > 0 {
		now = fire(now, d.tail)
	}
	if now-start < deadline {
		tried = now - start
	}
	now = fire(now, d.rto)
	first, rto := now, d.rto
	for n := 1; now-start < deadline; n++ {
		tried = now - start
		rto = s.next(rto, ceiling, n)
		if rto == ceiling {
			until = min(until, last)
		}
		wait := rto
		if s.UserTimeout > 0 && !s.Unclamped {
			wait = max(min(rto, until-(now-first)), 1)
		}
		now = fire(now, wait)
		if now-first >= until {
			return now - start, tried
		}
		if rto == ceiling && wait == ceiling {
			now += skip(min(until-(now-first), deadline-(now-start)), ceiling)
		}
	}
	return deadline, tried
}

// skip is how far a chain of equal timers can be advanced at once and still
// stay two timers short of the limit, so that a limit of weeks costs no more
// than one of minutes.
func skip(left, j int64) int64 {
	every := fire(0, j)
	return max(left/every-2, 0) * every
}

// next doubles the RTO; a thin stream keeps it for the first six timeouts.
func (s Socket) next(rto, ceiling int64, n int) int64 {
	if s.Thin && n < 6 {
		return min(rto, ceiling)
	}
	return min(rto*2, ceiling)
}

// ideal is the time from the first RTO to the abort with timers that are exact.
func (s Socket) ideal(c clock, rto, ceiling int64, limit, atCeiling time.Duration) time.Duration {
	if s.UserTimeout > 0 && !s.Unclamped {
		return limit
	}
	sum := time.Duration(0)
	for n := 1; sum < limit || n == 1; n++ {
		rto = s.next(rto, ceiling, n)
		if rto == ceiling {
			limit = min(limit, atCeiling)
			return model.Add(sum, max((limit-sum+c.span(rto)-1)/c.span(rto), 1)*c.span(rto))
		}
		sum = model.Add(sum, c.span(rto))
	}
	return sum
}

// Writing is how long a peer that fell silent can go unnoticed by an
// application that writes at least every p: until the next write, or until the
// probes have given up if that is sooner, and from a write on until the
// retransmissions give up (rule R6 over all write times). A write more often
// than every T keeps the probes from ever running: sent data that nobody
// acknowledges looks like activity, so heartbeats alone detect nothing that the
// retransmissions do not.
func Writing(s Socket, p time.Duration) Detection {
	d, idle := InFlight(s), Idle(s)
	if !d.Known || !idle.Known {
		return Detection{Documented: true, Because: d.Because}
	}
	first := fmt.Sprintf("dead right after a write, the next one comes after %s at the latest", model.HumanSpan(p))
	if idle.High < p {
		first = fmt.Sprintf("the probes would take %s; a write just before that starts the retransmissions instead", model.HumanSpan(idle.High))
	}
	d.After = model.Add(min(p, idle.After), d.After)
	d.High = model.Add(min(p, idle.High), d.High)
	d.Because = append([]string{first}, d.Because...)
	if s.KeepAlive && p < s.Idle {
		d.Because = append(d.Because, fmt.Sprintf("a write every %s keeps the probes (%s) from running at all", model.HumanSpan(p), model.HumanSpan(s.Idle)))
	}
	return d
}
